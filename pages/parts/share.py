"""The emoji's way out: pictures to send, to copy and to keep, and the link to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from core import Recipe, draw_png, draw_svg
from core.drawing.palette import for_profile
from core.drawing.svg import draw_moving_svg
from pages.parts.data_uri import SVG
from pages.parts.language import _

SIZES = (72, 512, 1024)
"""Sides in pixels of the PNGs under "More"."""

_HERE = Path(__file__).parent

_sender = st.components.v2.component(
    "selfmoji_share",
    html=(_HERE / "share.html").read_text("utf-8"),
    css=(_HERE / "share.css").read_text("utf-8"),
    js=(_HERE / "share.js").read_text("utf-8"),
)


def show_share(recipe: Recipe) -> None:
    """What the button "Share" opens."""
    with st.container(key="downloads", gap="small"):
        round_one, square = for_profile(recipe), for_profile(recipe).replace(background="square")
        _sender(
            key="sender",
            data={
                "words": {
                    "as": _("As"),
                    "send": _("Share picture"),
                    "copy": _("Copy picture"),
                    "save": _("Download"),
                    "copied": _("Copied: paste it into your chat."),
                    "missing": _("The picture did not arrive. Please try again in a moment."),
                },
                "looks": [
                    {"name": "sticker", "label": _("Sticker"), "code": recipe.to_code(), "rim": True},
                    {
                        "name": "profile",
                        "label": _("Profile, round"),
                        "code": round_one.to_code(),
                        "rim": False,
                    },
                    {"name": "square", "label": _("Profile, square"), "code": square.to_code(), "rim": False},
                ],
            },
        )
        with st.expander(_("More")):
            for size in SIZES:
                st.download_button(
                    _("PNG, {size} px").format(size=size),
                    partial(draw_png, recipe, size),
                    f"selfmoji-{size}.png",
                    "image/png",
                    icon=":material/image:",
                    key=f"png-{size}",
                    on_click="ignore",
                    width="stretch",
                )
            st.download_button(
                "SVG",
                partial(draw_svg, recipe),
                "selfmoji.svg",
                SVG,
                icon=":material/polyline:",
                key="svg",
                on_click="ignore",
                width="stretch",
            )
            st.download_button(
                _("SVG that moves"),
                partial(draw_moving_svg, recipe),
                "selfmoji-moving.svg",
                SVG,
                icon=":material/animation:",
                key="svg-moving",
                on_click="ignore",
                width="stretch",
                help=_("It blinks and breathes, unless a system asks for less motion."),
            )
        st.markdown(_("**Link to this emoji**"))
        st.code(f"{st.context.url}?emoji={recipe.to_code()}", language=None, wrap_lines=True)
        st.caption(
            _(
                "It holds the choices, never the photo, and shows the emoji in your chat. Made from "
                "[OpenMoji](https://openmoji.org), license "
                "[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/). The files say so too."
            )
        )
