"""Photo page: a selfie, a snapshot or the sample goes in; the emoji, its editor and what the models saw come out.

A visitor's session remembers the faces' crops, what the models saw in them and two recipes: `start`, what was seen or
what a link brought, and `recipe`, what it is now. The recipe also stands in the page's address. Photos are let go as
soon as their faces are cut out.
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core import Recipe, RecipeError, draw_png, draw_svg
from core.recipe.names import SUBJECTIVE_REASON
from pages.parts import bars
from pages.parts.editor import adopt, describe, portrait, show_editor
from pages.parts.live_panel import accept
from pages.parts.reader import reader, start_loading
from pages.parts.suggestions import show_suggestions
from pages.parts.tiles import tiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

state = st.session_state


def main() -> None:
    _follow_link()
    _offer_sources()
    if "incoming" in state:
        with st.spinner("Looking at the photo …"):
            _take_photo(state.pop("incoming"))
    if "problem" in state:
        st.error(state.pop("problem"), icon=":material/error:")
    if "recipe" not in state:
        _welcome()
    else:
        _choose_face()
        _show_emoji()
        if "reading" in state:
            show_suggestions(state.reading)
        _show_reading()
    start_loading()


def _follow_link() -> None:
    """Opens the emoji whose code stands in the address, be it from a link or from the browser's way back.

    Streamlit drops the code from the address when the visitor goes to another page; back here, it is put there again.
    """
    code = st.query_params.get("emoji")
    accept(code)
    comes_from_elsewhere = "upload" not in state  # what widgets hold is dropped as well
    if code is None:
        if "recipe" in state and comes_from_elsewhere:
            adopt(state.recipe)
    elif "recipe" not in state or code != state.recipe.to_code():
        try:
            recipe = Recipe.from_code(code)
        except RecipeError as error:
            state.problem = f"The link to this emoji does not work. {error}"
            del st.query_params["emoji"]
        else:
            state.setdefault("start", recipe)
            adopt(recipe)


def _offer_sources() -> None:
    st.title("Your selfie as an emoji")
    upload, others = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with upload:
        st.file_uploader(
            "A photo with your face (JPEG, PNG, WebP or HEIC)",
            key="upload",
            on_change=_keep,
            args=("upload",),
            max_upload_size=15,
        )
    with others, st.container(key="sources", gap="xsmall"):
        st.button(
            "Close the camera" if state.get("camera_open") else "Take a photo",
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
    if state.get("camera_open"):
        st.camera_input("Look at the camera", key="snapshot", on_change=_keep, args=("snapshot",), width=480)


def _keep(key: str) -> None:
    if (file := state[key]) is not None:
        state.incoming = file.getvalue()
        state.camera_open = False


def _keep_sample() -> None:
    state.incoming = None


def _toggle_camera() -> None:
    state.camera_open = not state.get("camera_open", False)


def _take_photo(data: bytes | None) -> None:
    """Reads the faces of a photo, of the sample if there is no data; what goes wrong is told and changes nothing."""
    # Not at the top: these bring torch, which the first page must not wait for.
    from core import FaceError, PhotoError, WeightsError, find_faces, read_photo, sample_photo

    try:
        photo = sample_photo() if data is None else read_photo(data)
        crops = [face.crop for face in find_faces(photo)[:MOST_FACES]]
        readings = reader().read(crops)
    except (PhotoError, FaceError, WeightsError) as error:
        state.problem = str(error)
    else:
        state.crops, state.readings = crops, readings
        _start_over(0)


def _start_over(face: int) -> None:
    """Makes this face's emoji the visitor's."""
    state.face, state.crop, state.reading = face, state.crops[face], state.readings[face]
    state.start = Recipe.from_reading(state.reading)
    adopt(state.start)


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
    if len(state.get("crops", ())) < 2:
        return
    st.markdown(f"**{len(state.crops)} faces found.** Whose emoji shall it be?")
    state.face_tile = state.face
    tiles(
        "Face",
        {number: f"url({_photo_picture(crop)})" for number, crop in enumerate(state.crops)},
        key="face_tile",
        shape="photo",
        format_func=lambda number: f"Face {number + 1}",
        on_change=lambda: _start_over(state.face_tile),
    )


def _show_emoji() -> None:
    recipe: Recipe = state.recipe
    left, right = st.columns([3, 5], gap="large")
    with left, st.container(key="result"):
        _show_portrait(recipe)
        _offer_downloads(recipe)
    with right:
        st.header("Make it yours", anchor=False)
        if "reading" in state:
            st.caption("The models suggested a start from your photo. Change whatever you like.")
            if state.reading.attributes["Blurry"] >= BLURRY:
                st.info(
                    "The photo looks blurry to the models, so more of this may be wrong. A sharper one may help.",
                    icon=":material/blur_on:",
                )
        show_editor()


def _show_portrait(recipe: Recipe) -> None:
    images = f'<img class="emoji" src="{portrait(recipe)}" alt="{escape(describe(recipe))}">'
    if "crop" in state:
        images += f'<img class="crop" src="{_photo_picture(state.crop)}" alt="The face in the photo">'
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
            "image/svg+xml",
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


def _show_reading() -> None:
    if "reading" not in state:
        return
    reading = state.reading
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


def _photo_picture(crop: NDArray[np.uint8]) -> str:
    """A crop as a data URI: it travels inside the page and never lies where an address could fetch it."""
    import cv2

    _, data = cv2.imencode(".jpg", crop[..., ::-1])
    return "data:image/jpeg;base64," + b64encode(data.tobytes()).decode()


main()
