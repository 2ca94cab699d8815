"""Share and Save for a picture or film that stands on the page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts.language import _

_HERE = Path(__file__).parent

_taker = st.components.v2.component(
    "selfmoji_taker",
    html=(_HERE / "taker.html").read_text("utf-8"),
    css=(_HERE / "taker.css").read_text("utf-8"),
    js=(_HERE / "taker.js").read_text("utf-8"),
)


def show_ways(selector: str, name: str, mime: str, number: int | str, key: str) -> None:
    """Two buttons for the first image or video of this CSS selector, whose source is a data URI.

    name, mime: of the file; number: another one for each other file.
    """
    _taker(
        key=key,
        data={
            "selector": selector,
            "name": name,
            "mime": mime,
            "number": number,
            "share": _("Share"),
            "save": _("Save"),
            "failed": _("That did not work. Please try the other button."),
        },
    )
