"""Photo page: a selfie, a snapshot or the sample goes in; the emoji, its editor and what the models saw come out.

Each face becomes a draft of the visitor's session. Photos are let go as soon as their faces are cut out.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core import Recipe, draw_png, draw_svg
from core.recipe.names import SUBJECTIVE_REASON
from pages.parts import bars, keys
from pages.parts.address import write_address
from pages.parts.camera import PROBLEMS, Camera
from pages.parts.data_uri import SVG, data_uri
from pages.parts.editor import describe, portrait, show_editor
from pages.parts.notices import hint, problem
from pages.parts.opener import find_camera
from pages.parts.reader import reader, start_loading
from pages.parts.session import Draft, DraftName, current_session
from pages.parts.starts import show_starts
from pages.parts.suggestions import show_suggestions
from pages.parts.tiles import tiles
from pages.parts.uploads import take_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core import Reading

MOST_FACES = 12
"""Faces offered of a group photo: the largest."""

BLURRY = 0.5
"""Least probability of CelebA's "Blurry" at which the page says so."""

PNG_SIZES = {512: "Download PNG (512 px)", 72: "72 px", 1024: "1024 px"}
"""{side in pixels: its button}; the first is the one for most uses."""

SHOWCASE = (
    Recipe(skin_tone="medium_light", hair="long_wavy", hair_color="red", expression="happy", lashes=True,
           earrings="stud", clothes="dress", clothes_color="dark_green", lipstick="coral"),
    Recipe(skin_tone="dark", hair="afro", hair_color="black", glasses="round", facial_hair="beard",
           expression="happy", clothes="suit", clothes_color="navy", necktie="red"),
    Recipe(skin_tone="light", hair="bun", hair_color="white", wrinkles=True, eyes="smiling", expression="happy",
           glasses="rectangular", necklace="beads", clothes_color="purple"),
    Recipe(skin_tone="medium", hair="short_curly", hair_color="darkbrown", headwear="beanie", headwear_color="orange",
           facial_hair="stubble", clothes="hoodie", clothes_color="blue"),
    Recipe(skin_tone="medium_dark", hair="braids", hair_color="black", fringe=True, expression="surprise",
           earrings="hoop", clothes="tank_top", clothes_color="yellow"),
)  # fmt: skip
"""Made-up people for first-time visitors."""

session = current_session()
desk = session.desk


def main() -> None:
    # One block, so that the emoji below it keeps its place on the page.
    with st.container():
        _offer_sources()
        if desk.incoming is not None:
            with st.spinner("Looking at the photo …"):
                _take_photo(desk.incoming)
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
            show_suggestions(session.draft.reading)
            _show_reading(session.draft.reading)
    start_loading()


def _offer_sources() -> None:
    st.title("Your selfie as an emoji")
    upload, others = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with upload:
        key = keys.upload(desk.uploads)
        st.file_uploader(
            "A photo with your face (JPEG, PNG, WebP or HEIC)",
            key=key,
            on_change=_keep,
            args=(key,),
            max_upload_size=15,
        )
    with others, st.container(key="sources", gap="xsmall"):
        st.button(
            "Close the camera" if desk.camera.status == "open" else "Take a photo",
            icon=":material/photo_camera:",
            key="camera_toggle",
            on_click=_toggle_camera,
            width="stretch",
        )
        st.button(
            "Try a sample",
            icon=":material/person:",
            key="sample",
            on_click=_keep_sample,
            width="stretch",
            help="A portrait of astronaut Eileen Collins by NASA, in the public domain",
        )
    _show_camera(desk.camera)


def _show_camera(camera: Camera) -> None:
    """The camera's preview with its shutter, or why there is none."""
    if reason := PROBLEMS.get(camera.status):
        what, todo = reason
        problem(todo, what)
    if camera.status != "open":
        return
    found = find_camera(camera, {"facingMode": "user"})
    if found is None:
        hint("Your browser asks whether this page may use the camera: allow it.")
    elif found != "ready":
        camera.fail(found)
        st.rerun()
    else:
        st.camera_input(
            "Look at the camera", key=keys.SNAPSHOT, on_change=_keep, args=(keys.SNAPSHOT,), width=480
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


def _take_photo(data: bytes | Literal["sample"]) -> None:
    """Reads the faces of what came in; what goes wrong is told and changes nothing."""
    # Not at the top: these bring torch, which the first page must not wait for.
    from core import FaceError, PhotoError, WeightsError, find_faces, read_photo, sample_photo

    desk.incoming = None
    desk.uploads += 1
    desk.camera.switch_off()
    try:
        photo = sample_photo() if data == "sample" else read_photo(data)
        crops = [face.crop for face in find_faces(photo)[:MOST_FACES]]
        readings = reader().read(crops)
    except (PhotoError, FaceError, WeightsError) as error:
        desk.problem = str(error)
    else:
        session.add([_first_draft(*seen) for seen in zip(crops, readings, strict=True)])


def _first_draft(crop: NDArray[np.uint8], reading: Reading) -> Draft:
    import cv2

    recipe = Recipe.from_reading(reading)
    _, jpeg = cv2.imencode(".jpg", crop[..., ::-1])
    return Draft(recipe, recipe, reading, jpeg.tobytes())


def _welcome() -> None:
    pictures = "".join(
        f'<img src="{portrait(recipe)}" alt="{escape(describe(recipe))}">' for recipe in SHOWCASE
    )
    st.html(
        f'<div class="showcase">{pictures}</div>'
        '<p class="lead">Give it a photo, or try the sample: small models guess hair, glasses, expression and so on, '
        "and put an OpenMoji together from it. They guess, you decide: every choice can be changed.</p>"
    )


def _choose_face() -> None:
    faces = session.faces
    if len(faces) < 2:
        return
    st.markdown(f"**{len(faces)} faces found.** Whose emoji shall it be?")
    st.session_state[keys.FACE] = session.shown
    tiles(
        "Face",
        {name: f"url({_face_picture(draft)})" for name, draft in faces.items()},
        key=keys.FACE,
        shape="photo",
        format_func=lambda name: f"Face {name.face + 1}",
        on_change=_show_face,
    )


def _show_face() -> None:
    name: DraftName = st.session_state[keys.FACE]
    session.show(name)
    write_address()


def _show_emoji(draft: Draft) -> None:
    left, right = st.columns([3, 5], gap="large")
    with left, st.container(key="result"):
        _show_portrait(draft)
        _offer_downloads(draft.recipe)
    with right:
        st.header("Make it yours", anchor=False)
        if draft.reading:
            st.caption("The models suggested a start from your photo. Change whatever you like.")
            if draft.reading.attributes["Blurry"] >= BLURRY:
                hint(
                    "The photo looks blurry to the models, so more of this may be wrong. A sharper one may help."
                )
        show_starts(draft.suggested)
        show_editor(draft)


def _show_portrait(draft: Draft) -> None:
    images = f'<img class="emoji" src="{portrait(draft.recipe)}" alt="{escape(describe(draft.recipe))}">'
    if draft.photo is not None:
        images += f'<img class="crop" src="{_face_picture(draft)}" alt="The face in the photo">'
    st.html(f'<figure class="portrait">{images}</figure>')


def _offer_downloads(recipe: Recipe) -> None:
    with st.container(horizontal=True, key="downloads"):
        for size, label in PNG_SIZES.items():
            st.download_button(
                label,
                partial(draw_png, recipe, size),
                f"selfmoji-{size}.png",
                "image/png",
                key=f"png-{size}",
                on_click="ignore",
                type="primary" if size == 512 else "secondary",
                width="stretch",
            )
        st.download_button(
            "SVG",
            partial(draw_svg, recipe),
            "selfmoji.svg",
            SVG,
            key="svg",
            on_click="ignore",
            width="stretch",
        )
    with st.expander("Link to this emoji", icon=":material/link:"):
        st.code(f"{st.context.url}?emoji={recipe.to_code()}", language=None, wrap_lines=True)
        st.caption("It holds the choices, never the photo.")
    st.caption(
        "Made from [OpenMoji](https://openmoji.org), license "
        "[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/). The files say so too."
    )


def _show_reading(reading: Reading) -> None:
    st.header("What the models saw", anchor=False)
    st.caption(
        "Probabilities, not facts: small models, trained on photos of celebrities, look at pixels and guess."
    )
    st.html(bars.feature_cards(reading.emotion, reading.skin_tone, reading.attributes))
    st.subheader("The look", anchor=False)
    st.html(bars.look_cards(reading.look))
    with st.expander("Subjective labels", icon=":material/visibility_off:"):
        st.markdown(SUBJECTIVE_REASON)
        st.html(bars.subjective_card(reading.attributes))


def _face_picture(draft: Draft) -> str:
    return data_uri(draft.photo or b"", "image/jpeg")


main()
