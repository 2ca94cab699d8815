"""My emojis: kept by name in the visitor's own browser. This server learns of one that is opened, and of no other."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import Recipe, RecipeError
from pages.parts.address import BROKEN_LINK
from pages.parts.notices import problem
from pages.parts.session import Draft, current_session

_HERE = Path(__file__).parent

_shelf = st.components.v2.component(
    "selfmoji_shelf",
    html=(_HERE / "shelf.html").read_text("utf-8"),
    css=(_HERE / "shelf.css").read_text("utf-8"),
    js=(_HERE / "shelf.js").read_text("utf-8"),
)


def show_shelf(recipe: Recipe | None) -> None:
    """The kept emojis; recipe: the one that can be kept now."""
    with st.expander("My emojis", icon=":material/bookmarks:", key="my-emojis"):
        code = None if recipe is None else recipe.to_code()
        chosen = _shelf(key="shelf", data={"code": code}, on_open_change=lambda: None).open
        if chosen is None:
            return
        try:
            opened = Recipe.from_code(chosen)
        except RecipeError:
            problem(BROKEN_LINK)
        else:
            current_session().add([Draft(opened, opened)])
            st.rerun()
