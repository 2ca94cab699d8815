"""What a page tells its visitor: plain text in a box, whatever stands in it.

Streamlit's own boxes read their text as Markdown, so that a link or a picture in an error's message would become one.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.parts.language import N_

UNREADABLE = N_("This photo could not be looked at, and it is not your fault. Please try another one.")


def problem(text: str, title: str = "") -> None:
    """Something went wrong: read out at once."""
    _show("problem", "alert", text, title)


def warning(text: str, title: str = "") -> None:
    """Something may go wrong: read out at once."""
    _show("warning", "alert", text, title)


def hint(text: str) -> None:
    """Something good to know: read out when there is time."""
    _show("hint", "status", text, "")


def _show(kind: str, role: str, text: str, title: str) -> None:
    bold = f"<strong>{escape(title)}</strong> " if title else ""
    st.html(f'<p class="notice {kind}" role="{role}">{bold}{escape(text)}</p>')
