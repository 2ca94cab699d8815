"""Fits your expression: the standard emojis that are closest to what the models saw, to copy or to download."""

from __future__ import annotations

import functools
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.extras.suggest import Suggestion, suggest, suggestion_png, suggestion_svg
from pages.parts.data_uri import SVG, data_uri
from pages.parts.language import _

if TYPE_CHECKING:
    from core import Reading

PNG_SIZE = 512


def show_suggestions(reading: Reading) -> None:
    """The six best standard emojis, each with its name, its character to copy, and its drawing to download."""
    st.caption(
        _("Standard emojis that come closest to the expression in the photo: copy one into any message.")
    )
    with st.container(horizontal=True, key="suggestions", gap="small"):
        for suggestion in suggest(reading):
            _show(suggestion)


def suggestion_row(reading: Reading, count: int) -> str:
    """The best few as one piece of HTML, for a picture that moves: a click on a drawing selects its character."""
    figures = "".join(
        f'<figure class="suggestion" title="{escape(_name(suggestion))}">{_image(suggestion)}'
        f"<figcaption>{escape(suggestion.character)}</figcaption></figure>"
        for suggestion in suggest(reading, count)
    )
    return f'<div class="suggestion-row">{figures}</div>'


def _name(suggestion: Suggestion) -> str:
    return suggestion.name[0].upper() + suggestion.name[1:]


@functools.lru_cache(maxsize=256)
def _image(suggestion: Suggestion) -> str:
    source = data_uri(suggestion_svg(suggestion).encode(), SVG)
    return f'<img src="{source}" alt="{escape(suggestion.character)}">'


def _show(suggestion: Suggestion) -> None:
    name = _name(suggestion)
    with st.container(key=f"suggestion-{suggestion.hexcode}", width=164, gap="xsmall"):
        st.html(
            f'<figure class="suggestion">{_image(suggestion)}<figcaption>{escape(name)}</figcaption></figure>'
        )
        st.code(suggestion.character, language=None)
        with st.container(horizontal=True, gap="xsmall"):
            for kind, data, mime in (
                ("PNG", partial(suggestion_png, suggestion, PNG_SIZE), "image/png"),
                ("SVG", partial(suggestion_svg, suggestion), SVG),
            ):
                st.download_button(
                    kind,
                    data,
                    f"openmoji-{suggestion.hexcode}.{kind.lower()}",
                    mime,
                    key=f"get-{kind}-{suggestion.hexcode}",
                    help=_("Download “{name}”").format(name=name),
                    on_click="ignore",
                    width="content",
                )
