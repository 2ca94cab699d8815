"""Photo page: a selfie, a snapshot or the sample goes in; the emoji, its editor and what the models saw come out.

Each face becomes a draft of the visitor's session. Photos are let go as soon as their faces are cut out.
"""

from __future__ import annotations

from functools import partial
from html import escape
from logging import getLogger
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core import Recipe
from pages.parts import bars, keys
from pages.parts.address import address_of_session, write_address
from pages.parts.camera import PROBLEMS, Camera
from pages.parts.data_uri import data_uri
from pages.parts.editor import describe, portrait, show_editor, show_tools
from pages.parts.language import N_, _, told
from pages.parts.notices import UNREADABLE, hint, problem
from pages.parts.observing import a_photo
from pages.parts.opener import find_camera
from pages.parts.queue import Turn
from pages.parts.reader import photos, reader, start_loading
from pages.parts.session import Draft, DraftName, current_session
from pages.parts.share import show_share
from pages.parts.shelf import show_shelf
from pages.parts.starts import show_starts
from pages.parts.suggestions import show_suggestions
from pages.parts.tiles import tiles
from pages.parts.uploads import take_out

if TYPE_CHECKING:
    from core import Face, Reading

MOST_FACES = 12
"""Faces offered of a group photo: the largest."""

BLURRY = 0.5
"""Least probability of CelebA's "Blurry" at which the page says so."""

CUT_OFF = 0.4
"""Least share of the rows that show hair, missing from the photo, at which the page says so."""

SPARKS = 12
"""Bits of confetti around a new emoji."""

SHOWCASE = (
    Recipe(skin_tone="dark", hair="afro", hairline="curls_high", hair_color="brown_black", lashes=True, mouth="teeth",
           lipstick="rose", earrings="hoop", clothes="halter", clothes_color="yellow", background="circle",
           background_color="mint"),
    Recipe(skin_tone="light", hair="quiff", hairline="temples", hair_color="copper", glasses="round", beard="short",
           mouth="smile", clothes="shirt", clothes_color="denim", background="circle", background_color="pink"),
    Recipe(skin_tone="medium_light", hair="layers", hairline="curtain", hair_color="chestnut", lashes=True, blush=True,
           mouth="smile", necklace="pendant", clothes="scoop", clothes_color="teal", background="circle",
           background_color="yellow"),
    Recipe(skin_tone="medium_dark", headwear="turban", headwear_color="salmon", hair_color="black", beard="full",
           mouth="teeth", clothes="suit_open", clothes_color="navy", background="circle", background_color="sky"),
    Recipe(skin_tone="pale", hair="tight", hairline="back", tied="bun_top", hair_color="silver", glasses="cat",
           frame_color="purple", eyes="joy", smile_lines=True, mouth="grin", lipstick="coral", clothes="cardigan",
           clothes_color="lilac", background="circle", background_color="lime"),
)  # fmt: skip
"""Made-up people for first-time visitors."""

LEAD = N_(
    "Give it a photo, or try the sample: small models guess hair, glasses, expression and so on, and put an OpenMoji "
    "together from it. They guess, you decide: every choice can be changed."
)

_LOG = getLogger(__name__)

session = current_session()
desk = session.desk


def main() -> None:
    # One block, so that the emoji below it keeps its place on the page.
    with st.container():
        from_link = session.shown == DraftName()
        st.title(_("An emoji for you") if from_link else _("Your selfie as an emoji"))
        if session.draft is None:
            _offer_sources()
        else:
            # A new key makes a new one, which is folded.
            with st.expander(
                _("Make yours") if from_link else _("New photo"),
                icon=":material/add_a_photo:",
                key=f"new-photo-{desk.uploads}",
            ):
                _offer_sources()
        if desk.incoming is not None:
            _queue_photo(desk.incoming)
        if desk.turn is not None:
            with st.spinner(_("Looking at the photo …")):
                _await_photo(desk.turn)
            # The menu and the address go with the new emoji, and a new uploader knows nothing of the last photo.
            st.rerun()
        if desk.problem is not None:
            problem(desk.problem)
            desk.problem = None
        _choose_face()
    if session.draft is None:
        _welcome()
    else:
        _show_emoji(session.draft)
        if session.draft.reading:
            _show_reading(session.draft.reading)
    show_shelf(session.draft.recipe if session.draft else None)
    start_loading()


def _offer_sources() -> None:
    upload, others = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with upload:
        key = keys.upload(desk.uploads)
        st.file_uploader(
            _("A photo with your face (JPEG, PNG, WebP, HEIC or AVIF)"),
            key=key,
            on_change=_keep,
            args=(key,),
            max_upload_size=15,
        )
    with others, st.container(key="sources", gap="xsmall"):
        st.button(
            _("Close the camera") if desk.camera.status == "open" else _("Take a photo"),
            icon=":material/photo_camera:",
            key="camera_toggle",
            on_click=_toggle_camera,
            width="stretch",
        )
        st.button(
            _("Try a sample"),
            icon=":material/person:",
            key="sample",
            on_click=_keep_sample,
            width="stretch",
            help=_("A portrait of astronaut Eileen Collins by NASA, in the public domain"),
        )
    st.caption(
        _(
            "Your photo goes to the computer that runs this page, is looked at in its memory and let go at once: never "
            "saved, never sent on."
        )
    )
    _show_camera(desk.camera)


def _show_camera(camera: Camera) -> None:
    """The camera's preview with its shutter, or why there is none."""
    if reason := PROBLEMS.get(camera.status):
        what, todo = reason
        problem(_(todo), _(what))
    if camera.status != "open":
        return
    found = find_camera(camera, {"facingMode": "user"})
    if found is None:
        hint(_("Your browser asks whether this page may use the camera: allow it."))
    elif found != "ready":
        camera.fail(found)
        st.rerun()
    else:
        st.camera_input(
            _("Look at the camera"), key=keys.SNAPSHOT, on_change=_keep, args=(keys.SNAPSHOT,), width=480
        )


def _keep(key: str) -> None:
    if (file := st.session_state[key]) is not None:
        desk.incoming = take_out(file)


def _keep_sample() -> None:
    desk.incoming = "sample"


def _toggle_camera() -> None:
    if desk.camera.status == "open":
        desk.camera.switch_off()
    else:
        desk.camera.open()


def _queue_photo(data: bytes | Literal["sample"]) -> None:
    """Gives what came in a place in the queue, instead of what waits there for this visitor."""
    desk.give_up_turn()
    desk.turn = photos().submit(partial(_drafts_of, data))
    desk.incoming = None
    desk.uploads += 1
    desk.editing = False
    desk.camera.switch_off()


def _await_photo(turn: Turn[list[Draft]]) -> None:
    """Keeps the drafts of a photo when its turn has come; what goes wrong is told and changes nothing."""
    from core import FaceError, PhotoError, WeightsError

    notice = st.empty()

    def tell(place: int) -> None:
        with notice.container():
            if place:
                hint(
                    _(
                        "It is busy here: you are number {place} in the queue. Your photo keeps its place."
                    ).format(place=place)
                )

    try:
        drafts = turn.result(tell)
    except (PhotoError, FaceError, WeightsError) as error:
        desk.problem = told(error)
    except Exception:  # noqa: BLE001 - one photo's trouble must not end its visitor's session
        _LOG.exception("A photo could not be read.")
        desk.problem = _(UNREADABLE)
    else:
        session.add(drafts)
    desk.turn = None


def _drafts_of(data: bytes | Literal["sample"]) -> list[Draft]:
    """One for each face, the largest first. Runs on the queue's thread, where st.* does not work."""
    # Not at the top: these bring torch, which the first page must not wait for.
    from core import find_faces, read_photo, sample_photo

    with a_photo():
        photo = sample_photo() if data == "sample" else read_photo(data)
        faces = find_faces(photo)[:MOST_FACES]
        readings = reader().read([face.crop for face in faces])
        return [_first_draft(*seen) for seen in zip(faces, readings, strict=True)]


def _first_draft(face: Face, reading: Reading) -> Draft:
    import cv2

    from core.recipe.suggestions import suggestions

    offered = tuple((suggestion.label, suggestion.recipe) for suggestion in suggestions(reading))
    recipe = Recipe.from_reading(reading)
    _, jpeg = cv2.imencode(".jpg", face.crop[..., ::-1])
    cut_off = face.missing_above >= CUT_OFF
    return Draft(recipe, recipe, reading, jpeg.tobytes(), offered, cut_off, fresh=True)


def _welcome() -> None:
    pictures = "".join(
        f'<img src="{portrait(recipe)}" alt="{escape(describe(recipe))}">' for recipe in SHOWCASE
    )
    st.html(f'<div class="showcase">{pictures}</div><p class="lead">{escape(_(LEAD))}</p>')


def _choose_face() -> None:
    faces = session.faces
    if len(faces) < 2:
        return
    st.markdown(_("**{count} faces found.** Whose emoji shall it be?").format(count=len(faces)))
    st.session_state[keys.FACE] = session.shown
    tiles(
        _("Face"),
        {name: f"url({_face_picture(draft)})" for name, draft in faces.items()},
        key=keys.FACE,
        shape="photo",
        format_func=lambda name: _("Face {number}").format(number=name.face + 1),
        on_change=_show_face,
    )


def _show_face() -> None:
    name: DraftName = st.session_state[keys.FACE]
    session.show(name)
    write_address()


def _show_emoji(draft: Draft) -> None:
    left, right = st.columns([3, 5], gap="large")
    with left, st.container(key="result"):
        with st.container(key="preview"):
            _show_portrait(draft)
            if desk.editing:
                show_tools(draft)
        with st.container(key="starts"):
            show_starts(draft.suggested)
        _show_ways_on(draft.recipe)
        if draft.cut_off:
            hint(
                _(
                    "The hair is cut off in the picture, so much of it is guessed. A photo that shows it all may help."
                )
            )
        if draft.reading and draft.reading.attributes["Blurry"] >= BLURRY:
            hint(
                _(
                    "The photo looks blurry to the models, so more of this may be wrong. A sharper one may help."
                )
            )
    if desk.editing:
        with right, st.container(key="editor"):
            st.header(_("Make it yours"), anchor=False)
            show_editor(draft)


def _show_portrait(draft: Draft) -> None:
    images = f'<img class="emoji" src="{portrait(draft.recipe)}" alt="{escape(describe(draft.recipe))}">'
    if draft.photo is not None:
        words = _("The face in the photo")
        images += f'<img class="crop" src="{_face_picture(draft)}" alt="{escape(words)}">'
    if draft.fresh:
        images += "".join(f'<i class="spark" style="--n: {number}"></i>' for number in range(SPARKS))
    st.html(f'<figure class="portrait{" reveal" if draft.fresh else ""}">{images}</figure>')
    draft.fresh = False


def _show_ways_on(recipe: Recipe) -> None:
    with st.container(horizontal=True, key="ways-on", gap="small"):
        with st.popover(
            _("Share"), icon=":material/ios_share:", key="share", type="primary", width="stretch"
        ):
            show_share(recipe)
        st.button(
            _("Done") if desk.editing else _("Edit"),
            icon=":material/check:" if desk.editing else ":material/edit:",
            key="edit",
            on_click=_toggle_editor,
            width="stretch",
        )
        for page, label, icon in (
            ("stickers", _("Stickers"), ":material/sticky_note_2:"),
            ("live", _("Mirror"), ":material/videocam:"),
        ):
            st.page_link(
                f"pages/{page}.py",
                label=label,
                icon=icon,
                query_params=address_of_session(),
                width="stretch",
            )


def _toggle_editor() -> None:
    desk.editing = not desk.editing


def _show_reading(reading: Reading) -> None:
    with st.expander(_("Emojis that fit your expression"), icon=":material/add_reaction:"):
        show_suggestions(reading)
    with st.expander(_("What the models saw"), icon=":material/query_stats:"):
        st.caption(
            _(
                "Probabilities, not facts: small models, trained on photos of celebrities, look at pixels and guess."
            )
        )
        st.html(bars.feature_cards(reading.emotion, reading.skin_tone, reading.attributes))
        st.html(bars.look_cards(reading.look))


def _face_picture(draft: Draft) -> str:
    return data_uri(draft.photo or b"", "image/jpeg")


main()
