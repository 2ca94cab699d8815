"""The mirror's page: the camera's picture turns into the visitor's emoji, which moves as they do.

What stands beside the video follows it by fragments that run by themselves, so that the video goes on undisturbed.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from core import Recipe, SelfmojiError
from core.live.views import View
from core.recipe.choices import FIELDS
from core.recipe.expressions import showing
from pages.parts import keys
from pages.parts.camera import FACINGS, PROBLEMS, SIZES, Camera
from pages.parts.connection import ConnectionSettingsError
from pages.parts.editor import describe, picture
from pages.parts.language import N_, _, told
from pages.parts.live_panel import show_panel
from pages.parts.notices import hint, problem
from pages.parts.reader import start_loading
from pages.parts.recorder import follow_recording, show_recorder, show_takes
from pages.parts.session import current_session

VIEWS = {
    View.beside: N_(":material/splitscreen_right: Beside me"),
    View.over: N_(":material/face: Over my face"),
    View.only: N_(":material/mood: Emoji only"),
}
SIZE_LABELS = {
    "small": N_("Small, for slow networks"),
    "medium": N_("Medium"),
    "large": N_("Large, for fast computers"),
}

EXAMPLE = Recipe(
    skin_tone="medium",
    hair="curly_top",
    hairline="curls",
    hair_color="dark_brown",
    glasses="round",
    clothes_color="blue",
)
"""Whom the welcome shows to visitors who have no emoji yet."""
MOODS = (
    ("neutral", "mild"),
    ("surprise", "strong"),
    ("happy", "strong"),
    ("sad", "mild"),
    ("happy", "mild"),
)
"""(emotion, strength) that the welcome shows."""

FREE = ("mouth", "eyes", "brows")
"""What a face does rather than has: a choice for these is kept on request alone, since the emoji would hold still."""

PRIVACY = N_(
    "The camera's picture goes to the computer that runs this app, is looked at in its memory, and is let go at once: "
    "nothing is saved there. In the view “Emoji only” nothing but the emoji comes back."
)

session = current_session()
glass = session.glass


def main() -> None:
    st.title(_("The mirror"))
    camera = glass.camera
    view, flip, mine = _choose_look(camera)
    kept = {} if mine else _choose_kept()
    try:
        if camera.status in ("open", "closing"):
            _show_mirror(camera, view, flip, kept, mine)
        else:
            _invite(camera)
            show_takes()
    except ConnectionSettingsError as error:
        problem(told(error), _("The video connection of this server is set up wrongly."))
    except SelfmojiError as error:
        problem(told(error), _("The mirror does not work on this server."))
    start_loading()


def _choose_look(camera: Camera) -> tuple[View, bool, Recipe | None]:
    """View, flip, and the visitor's emoji if it is to play."""
    # At once, in the language of this run.
    views = {view: _(label) for view, label in VIEWS.items()}
    sizes = {name: f"{_(SIZE_LABELS[name])} ({width}x{height})" for name, (width, height) in SIZES.items()}
    facings = {name: _(label) for name, label in FACINGS.items()}
    # What is chosen goes in as defaults, not by way of the state (docs/decisions.md, "Browsers may be slow").
    with st.container(horizontal=True, vertical_alignment="center", key="mirror-look"):
        view = st.segmented_control(
            _("What to show"), list(VIEWS), default=glass.view or View.beside, format_func=views.__getitem__,
            key=keys.VIEW, required=True, label_visibility="collapsed",
        )  # fmt: skip
        glass.view = view = View(view)
        glass.flip = st.toggle(
            _("As a mirror"), glass.flip, key=keys.FLIP, help=_("Left is left, as in a mirror")
        )
        if session.draft is not None:
            glass.mine = st.toggle(
                _("My emoji plays"),
                glass.mine,
                key=keys.MINE,
                help=_(
                    "The one of the page “Your emoji”, with all your changes; else one of whom the camera sees"
                ),
            )
        with st.popover(_("Camera"), icon=":material/tune:"):
            st.selectbox(
                _("Size of the picture"),
                list(SIZES),
                list(SIZES).index(camera.size),
                format_func=sizes.__getitem__,
                key=keys.SIZE,
                on_change=_choose_camera,
                args=(camera,),
            )
            st.radio(
                _("On a phone"),
                list(FACINGS),
                list(FACINGS).index(camera.facing),
                format_func=facings.__getitem__,
                key=keys.FACING,
                on_change=_choose_camera,
                args=(camera,),
            )
            st.caption(
                _("A computer with several cameras: choose one beside the page's address in your browser.")
            )
    mine = session.draft.recipe if session.draft is not None and glass.mine else None
    return view, glass.flip, mine


def _choose_camera(camera: Camera) -> None:
    camera.size, camera.facing = st.session_state[keys.SIZE], st.session_state[keys.FACING]
    if camera.status == "open":
        camera.open()


def _choose_kept() -> dict[str, object]:
    """What the visitor changed on the photo page, to be kept or not; {field: value}."""
    if session.draft is None:
        return {}
    recipe, start = session.draft.recipe, session.draft.start
    changed = {
        name: getattr(recipe, name) for name in FIELDS if getattr(recipe, name) != getattr(start, name)
    }
    if not changed:
        return {}
    labels = {
        name: f"{_(FIELDS[name].label)}: {_(FIELDS[name].label_of(value))}" for name, value in changed.items()
    }
    chosen = st.pills(
        _("Kept from your emoji"),
        list(changed),
        selection_mode="multi",
        default=[name for name in changed if name not in FREE],
        format_func=labels.__getitem__,
        key=keys.kept(recipe.to_code()),
        help=_("You changed these on the page “Your emoji”. Click one to leave it to the mirror."),
    )
    return {name: changed[name] for name in chosen}


def _invite(camera: Camera) -> None:
    """What the page shows while there is no video: what it does, and what went wrong before, if anything did."""
    if reason := PROBLEMS.get(camera.status):
        what, todo = reason
        problem(_(todo), _(what))
    person = session.draft.recipe if session.draft else EXAMPLE
    pictures = "".join(
        f'<img src="{picture(recipe)}" alt="{escape(describe(recipe))}">'
        for recipe in (showing(person, *mood) for mood in MOODS)
    )
    lead = _(
        "Turn on the camera and look into it: you become an emoji that blinks, smiles and turns its head when you do."
    )
    st.html(f'<div class="showcase">{pictures}</div><p class="lead">{lead}</p>')
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            _("Try again") if reason else _("Turn on the camera"),
            icon=":material/videocam:",
            type="primary",
            key="camera_on",
            on_click=camera.open,
        )
    st.html(f'<p class="lead small">{_(PRIVACY)}</p>')


def _show_mirror(
    camera: Camera, view: View, flip: bool, kept: dict[str, object], mine: Recipe | None
) -> None:
    # Not at the top: these bring torch, which an invitation must not wait for.
    with st.spinner(_("Waking up the mirror …"), show_time=False):
        from core.live.mirror import Settings
        from pages.parts.video import show_video

    settings = Settings(view, flip, kept, mine, glass.taught)
    left, right = st.columns([5, 3] if view is View.beside else [3, 2], gap="medium")
    with left, st.container(key="stage-column"):
        with st.container(key="stage"):
            context = show_video(camera, settings)
            if context is None:
                hint(_("Your browser asks whether this page may use the camera: allow it."))
        with st.container(horizontal=True, key="stage-buttons"):
            show_recorder(context)
            st.button(
                _("Turn off"),
                icon=":material/videocam_off:",
                key="camera_off",
                on_click=camera.close,
                type="tertiary",
            )
        follow_recording(context)
        show_takes()
    with right:
        show_panel(camera, context)


main()
