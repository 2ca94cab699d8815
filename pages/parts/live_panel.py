"""Beside the video: how the connection is, what the mirror sees, and where to take the emoji."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.recipe.choices import FIELDS
from core.recipe.expressions import LIVE_FIELDS
from core.recipe.recipe import Recipe
from pages.parts import bars, keys
from pages.parts.address import address_of
from pages.parts.camera import PROBLEMS, Camera
from pages.parts.language import N_, _
from pages.parts.notices import warning
from pages.parts.session import Draft, current_session
from pages.parts.suggestions import suggestion_row
from pages.parts.teacher import show_teacher
from pages.parts.watcher import video_moves

if TYPE_CHECKING:
    from streamlit_webrtc import WebRtcStreamerContext

    from core.live.arrivals import Arrival
    from core.live.mirror import Seen, Settings
    from pages.parts.video import Viewer

REFRESH = 0.5
"""Seconds between two looks at the mirror."""
SUGGESTIONS = 4
FRAME = ".st-key-stage iframe"
"""CSS of the frame in which the video stands."""


@st.fragment(run_every=REFRESH)
def show_panel(camera: Camera, context: WebRtcStreamerContext | None) -> None:
    """Follows the video by itself, without the page being run again."""
    from pages.parts.video import trouble

    viewer: Viewer | None = context.video_processor if context and context.state.playing else None
    seen = None if viewer is None else viewer.mirror.seen
    moves = video_moves(FRAME)
    arrival = "none" if viewer is None else viewer.arrivals.state(time.monotonic())
    _show_status(
        status_of(context is not None, arrival, moves), 0.0 if seen is None else seen.updates_per_second
    )
    if problem := trouble(camera, context):
        what, todo = PROBLEMS[problem]
        warning(_(todo), _(what))
        if st.button(_("Try again"), icon=":material/refresh:", key="camera_again"):
            camera.open()
            st.rerun()
    if viewer is None or seen is None:
        return
    # The page must know the video's shape (another view, a camera held upright) and whether a snapshot can be had.
    glass = current_session().glass
    now = (viewer.shape or glass.shape, seen.recipe is not None)
    if now != (glass.shape, glass.known):
        glass.shape, glass.known = now
        st.rerun()
    st.html(f'<p class="live-message" role="status">{escape(_message(seen))}</p>')
    glass.rest = viewer.mirror.rest
    if seen.relaxed is not None:
        st.progress(seen.relaxed, _("Look straight, relax …"))
    with st.container(horizontal=True, vertical_alignment="center", key="panel-buttons"):
        st.button(
            _("Look again"),
            icon=":material/visibility:",
            key="look_again",
            on_click=viewer.mirror.look_again,
            help=_("Forgets how you look and looks anew"),
        )
        if seen.relaxed is None:
            st.button(
                _("Set my rest"),
                icon=":material/self_improvement:",
                key="relax",
                on_click=viewer.mirror.relax,
                disabled=seen.recipe is None,
                help=_("Look straight and relax for two seconds: your emoji rests when you do"),
            )
        else:
            st.button(
                _("Skip"), icon=":material/skip_next:", key="relax_skip", on_click=viewer.mirror.stop_relaxing
            )
        # A link, since the browser, which goes there itself, ends this fragment's timer first: a switch from here could
        # be undone by a look at the mirror that is under way.
        st.page_link(
            "pages/photo.py",
            label=_("Edit this one"),
            icon=":material/edit:",
            disabled=seen.recipe is None,
            help=_("Opens this emoji on the page “Your emoji”"),
            query_params=_offer(seen, viewer.mirror.settings),
        )
    # Where there is little room they are folded away, by style.css: this server does not know how wide a window is.
    with st.container(key="figures-switch"):
        st.toggle(_("Show what the mirror reads"), key=keys.FIGURES)
    with st.container(key="figures"):
        _show_seen(seen)
        _show_units(seen)
    show_teacher(viewer.mirror)


STATUS = {
    "waiting": N_("Waiting for the camera …"),
    "none": N_("Connecting …"),
    "late": N_("No picture comes from your camera."),
    "dark": N_("Your camera's picture is black. Is it covered?"),
    "still": N_("Your camera's picture stands still."),
    "unseen": N_("Your browser does not show the mirror's picture yet …"),
}
"""{what is to be said of a video that is not live: for people}."""


def status_of(connecting: bool, arrival: Arrival, moves: bool) -> str:
    """ "live", or a key of `STATUS`.

    connecting: whether the camera is open; arrival: what comes from it; moves: whether the browser shows a video that
    moves on.
    """
    if not connecting:
        return "waiting"
    if arrival != "live":
        return arrival
    return "live" if moves else "unseen"


def _show_status(status: str, pace: float) -> None:
    """pace: updates a second."""
    if status != "live":
        st.html(
            f'<p class="live-status" role="status"><span class="dot waiting"></span>{_(STATUS[status])}</p>'
        )
        return
    words = _("Live · {count} updates a second").format(count=f"{pace:.0f}") if pace else _("Live")
    st.html(f'<p class="live-status"><span class="dot on"></span>{words}</p>')


def _show_seen(seen: Seen) -> None:
    if seen.emotion is None or seen.reading is None:
        return
    glass = current_session().glass
    st.html(f'<div class="live-bars">{bars.emotion_card(seen.emotion, glass.emotion)}</div>')
    glass.emotion = dict(seen.emotion)
    label = _("Fits your expression")
    st.html(f'<p class="live-label">{label}</p>{suggestion_row(seen.reading, SUGGESTIONS)}')


def _message(seen: Seen) -> str:
    """What the mirror says of what it sees, in the visitor's language."""
    # Not at the top: this brings torch, which an invitation must not wait for.
    from core.live.mirror import SEVERAL

    if seen.message == SEVERAL.format(seen.faces):
        return _(SEVERAL).format(seen.faces)
    return _(seen.message or "That's you. Smile, wink, turn your head!")


def _show_units(seen: Seen) -> None:
    if seen.units is None:
        return
    glass = current_session().glass
    with st.expander(_("Action units"), icon=":material/sentiment_calm:"):
        st.caption(
            _(
                "What the muscles of a face do, by the names of the Facial Action Coding System (Ekman and Friesen, "
                "1978)."
            )
        )
        st.html(f'<div class="live-units">{bars.unit_card(seen.units, glass.units)}</div>')
    glass.units = dict(seen.units)


def _offer(seen: Seen, settings: Settings) -> dict[str, str]:
    """Keeps the mirror's emoji and what the models saw at hand; its address, for a link to the photo page.

    The start is without the visitor's own choices, so that they stay recognizable as such.
    """
    if seen.recipe is None or seen.reading is None:
        return {}
    seen_alone = Recipe.from_reading(seen.reading)
    chosen = settings.overrides if settings.person is None else FIELDS.keys() - LIVE_FIELDS
    unchosen = {name: getattr(seen_alone, name) for name in chosen}
    draft = Draft(seen.recipe.replace(**unchosen), seen.recipe, seen.reading)
    return address_of(current_session().make_offer(draft), draft)
