"""The page's address and the visitor's emoji: `?emoji=` its code, `&draft=` the name of the draft it is the recipe of;
`?lang=` the language, if it was chosen by hand.

A link to an emoji has the code alone. The draft's name says something to the session that gave it and to no other.
"""

from __future__ import annotations

import streamlit as st

from core import Recipe, RecipeError
from pages.parts.language import N_, PARAMETER, chosen_language
from pages.parts.session import Draft, DraftName, current_session

EMOJI = "emoji"
DRAFT = "draft"

BROKEN_LINK = N_(
    "This link is broken or was cut off on its way, so the emoji in it cannot be shown. Ask for the link once more, or "
    "make an emoji of your own here."
)


def follow_address() -> bool:
    """Shows the emoji in the address, which a link, the menu or the browser's Back may have put there.

    False if there is one, but it cannot be read; then all stays as it is.
    """
    session = current_session()
    if session.ahead:
        session.ahead = False
        write_address()
        return True
    code = st.query_params.get(EMOJI)
    if code is None:
        return True
    try:
        recipe = Recipe.from_code(code)
    except RecipeError:
        return False
    session.open(DraftName.from_text(st.query_params.get(DRAFT, "")), recipe)
    return True


def adopt(recipe: Recipe) -> None:
    """Makes a recipe that of the visitor's draft, and puts it into the page's address."""
    session = current_session()
    if session.draft is None:
        raise ValueError("There is no draft whose recipe this could be.")
    session.draft.change(recipe)
    write_address()


def write_address() -> None:
    """Puts the visitor's emoji into the page's address, as one step of the browser's history."""
    others = {key: st.query_params.get_all(key) for key in st.query_params if key not in (EMOJI, DRAFT)}
    st.query_params.from_dict({**others, **address_of_session()})


def address_of_session() -> dict[str, str]:
    """The visitor's emoji, once there is one, and the language they have chosen, as parameters of an address."""
    session = current_session()
    language = chosen_language()
    chosen = {PARAMETER: language} if language else {}
    if session.shown is None or session.draft is None:
        return chosen
    return {**address_of(session.shown, session.draft), **chosen}


def address_of(name: DraftName, draft: Draft) -> dict[str, str]:
    """A draft as parameters of an address."""
    named = {DRAFT: str(name)} if name.origin else {}
    return {EMOJI: draft.recipe.to_code(), **named}
