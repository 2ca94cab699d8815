"""My emojis: kept by name in the visitor's own browser. This server learns of one that is opened, and of no other."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import Recipe, RecipeError
from pages.parts.address import BROKEN_LINK
from pages.parts.language import _
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
    with st.expander(_("My emojis"), icon=":material/bookmarks:", key="my-emojis"):
        code = None if recipe is None else recipe.to_code()
        chosen = _shelf(key="shelf", data={"code": code, "words": _words()}, on_open_change=lambda: None).open
        if chosen is None:
            return
        try:
            opened = Recipe.from_code(chosen)
        except RecipeError:
            problem(_(BROKEN_LINK))
        else:
            current_session().add([Draft(opened, opened)])
            st.rerun()


def _words() -> dict[str, str]:
    """What the shelf says, for shelf.js."""
    return {
        "keep": _("Keep this emoji"),
        "kept": _("Kept"),
        "kept_here": _("Kept in this browser."),
        "export_all": _("Export all"),
        "import": _("Import"),
        "file": _("A file that “Export all” wrote"),
        "undo": _("Undo"),
        "back": _("It is back."),
        "none": _("None yet. What you keep stays in this browser alone: nothing of it is on the server."),
        "first_name": _("My emoji"),
        "open": _("Open {name}"),
        "name_of": _("Name of {name}"),
        "copy": _("Copy"),
        "copy_of": _("Copy {name}"),
        "copied": _("Copied."),
        "delete": _("Delete"),
        "delete_of": _("Delete {name}"),
        "deleted": _("Deleted."),
        "renamed": _("Renamed."),
        "one_came": _("1 emoji has come."),
        "some_came": _("{count} emojis have come."),
        "no_file": _("This file holds no emojis of Selfmoji. Choose one that “Export all” wrote."),
        "no_room": _("There is room for {count} emojis. Delete some, and try again."),
        "no_storage": _("This browser keeps nothing for this page. Allow it to store data, and try again."),
    }
