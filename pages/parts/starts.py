"""A few emojis to begin with, as tiles under the emoji: one tap takes one of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import Recipe
from pages.parts import keys
from pages.parts.address import adopt
from pages.parts.editor import picture
from pages.parts.language import _
from pages.parts.session import current_session
from pages.parts.tiles import tiles


def show_starts(starts: Sequence[tuple[str, Recipe]]) -> None:
    """One tile for each (label, recipe); nothing without any. What is taken is also what the editor goes back to."""
    if not starts:
        return
    recipes = dict(starts)
    draft = current_session().draft
    now = draft.recipe if draft else None
    st.session_state[keys.START] = next((label for label, recipe in starts if recipe == now), None)
    tiles(
        _("Three to choose from"),
        {label: f"url({picture(recipe)})" for label, recipe in starts},
        key=keys.START,
        shape="picture",
        format_func=_,
        on_change=_take,
        args=(recipes,),
    )


def _take(recipes: dict[str, Recipe]) -> None:
    if draft := current_session().draft:
        draft.start = recipes[st.session_state[keys.START]]
        adopt(draft.start)
