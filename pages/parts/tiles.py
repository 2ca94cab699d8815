"""Radio buttons that look like tiles: a picture or a color for each option, and the browser's own keyboard handling.

Streamlit's radio stays what it is to screen readers and to the keyboard; style.css gives the options their shape, and a
style element made here gives each its picture, so that new pictures never disturb the widget or its focus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

import streamlit as st

T = TypeVar("T")
Shape = Literal["picture", "closeup", "photo", "swatch"]


def tiles(
    label: str,
    backgrounds: Mapping[T, str],
    *,
    key: str,
    shape: Shape,
    format_func: Callable[[T], str],
    on_change: Callable[..., None],
    args: Sequence[object] = (),
) -> None:
    """A radio group with one tile for each of `backgrounds`: {option: CSS background}.

    The chosen option is `st.session_state[key]`, None for no option.
    """
    # At once, in the language of this run.
    labels = {option: format_func(option) for option in backgrounds}
    with st.container(key=f"{shape}-tiles-{key}", width="content"):
        st.radio(
            label,
            list(backgrounds),
            index=None,
            key=key,
            horizontal=True,
            label_visibility="collapsed",
            format_func=labels.__getitem__,
            on_change=on_change,
            args=tuple(args),
        )
    rules = "\n".join(
        f".st-key-{shape}-tiles-{key} [role=radiogroup] > div:nth-of-type({number}) {{ --tile: {background}; }}"
        for number, background in enumerate(backgrounds.values(), start=1)
    )
    st.html(f"<style>{rules}</style>")
