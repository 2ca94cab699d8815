"""Whether the visitor's browser shows a video that moves on, which this server cannot know by itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_watcher = st.components.v2.component(
    "selfmoji_watcher", js=(Path(__file__).parent / "watcher.js").read_text("utf-8")
)


def video_moves(selector: str) -> bool:
    """selector: CSS, of the frame in which the video stands. False until the browser has said so."""
    found = _watcher(key="watcher", data={"selector": selector}, on_moves_change=lambda: None)
    return found.moves is True
