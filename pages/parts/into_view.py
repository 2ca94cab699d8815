"""Brings what a visitor has just made into view: it may have come where they do not look."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st

_bringer = st.components.v2.component(
    "selfmoji_into_view", js=(Path(__file__).parent / "into_view.js").read_text("utf-8")
)


def bring_into_view(selector: str, number: int, block: Literal["center", "nearest"] = "center") -> None:
    """Scrolls to the first image or box of this CSS selector when a new number comes; to be called below it.

    block: to the middle of the window, or only as far as needed.
    """
    _bringer(key="into-view", data={"selector": selector, "number": number, "block": block})
