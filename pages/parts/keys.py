"""Keys of the widgets whose values the pages read: Streamlit keeps these, and drops them while another page is open.

All else that a visitor has stands in session.py. Keys of buttons and containers hold nothing; style.css knows some.
"""

from __future__ import annotations

LANGUAGE = "language_choice"

SNAPSHOT = "snapshot"
FACE = "face"
START = "start"
GROUP = "group"
WISH = "wish"
SEARCH = "search"

VIEW = "mirror_view"
FLIP = "mirror_flip"
MINE = "mirror_mine"
SIZE = "mirror_size"
FACING = "mirror_facing"
KIND = "mirror_kind"
FIGURES = "mirror_figures"

PACK_NAME = "pack_name"
TARGET = "target"
CAPTION = "caption"


def upload(number: int) -> str:
    """Of the uploader that comes after so many uploads."""
    return f"upload-{number}"


def choice(field: str) -> str:
    """Of a field's tiles in the editor."""
    return f"choice-{field}"


def any_color(field: str) -> str:
    """Of a field's color picker in the editor."""
    return f"any-{field}"


def kept(code: str) -> str:
    """Of the choice what the mirror keeps of the emoji with this code."""
    return f"kept-{code}"


def tick(sticker: str, round: int) -> str:
    """Of a sticker's checkbox; each round has new ones, which take their defaults."""
    return f"tick-{sticker}-{round}"
