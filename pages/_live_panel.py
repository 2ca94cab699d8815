"""Beside the video: how the connection is, what the mirror sees, and where to take the emoji."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.recipe import Recipe
from pages import _bars as bars
from pages._camera import PROBLEMS, Camera
from pages._editor import adopt
from pages._suggestions import suggestion_row

if TYPE_CHECKING:
    from streamlit_webrtc import WebRtcStreamerContext

    from core.mirror import Seen
    from pages._video import Viewer

REFRESH = 0.5
"""Seconds between two looks at the mirror."""
SUGGESTIONS = 4

state = st.session_state


@st.fragment(run_every=REFRESH)
def show_panel(camera: Camera, context: WebRtcStreamerContext | None) -> None:
    """Follows the video by itself, without the page being run again."""
    from pages._video import trouble

    viewer: Viewer | None = context.video_processor if context and context.state.playing else None
    seen = None if viewer is None else viewer.mirror.seen
    _show_status(camera, seen, context is not None)
    if problem := trouble(camera, context):
        what, todo = PROBLEMS[problem]
        st.warning(f"**{what}** {todo}", icon=":material/signal_disconnected:")
        if st.button("Try again", icon=":material/refresh:", key="camera_again"):
            camera.open()
            st.rerun()
    if viewer is None or seen is None:
        return
    # The page must know the video's shape (another view, a camera held upright) and whether a snapshot can be had.
    known = (viewer.shape or state.get("mirror_shape"), seen.recipe is not None)
    if known != (state.get("mirror_shape"), state.get("mirror_known")):
        state.mirror_shape, state.mirror_known = known
        st.rerun()
    _show_seen(seen)
    with st.container(horizontal=True, key="panel-buttons"):
        st.button(
            "Look again",
            icon=":material/visibility:",
            key="look_again",
            on_click=viewer.mirror.look_again,
            help="Forgets how you look and looks anew",
        )
        if st.button(
            "Edit this one",
            icon=":material/edit:",
            key="edit_this",
            disabled=seen.recipe is None,
            help="Opens this emoji on the page “Your emoji”",
        ):
            _take(seen, viewer.mirror.settings.overrides)
            st.switch_page("pages/photo.py")


def _show_status(camera: Camera, seen: Seen | None, connecting: bool) -> None:
    if seen is None:
        words = "Connecting" if connecting else "Waiting for the camera"
        st.html(f'<p class="live-status"><span class="dot waiting"></span>{words} …</p>')
        return
    pace = f" · {seen.updates_per_second:.0f} updates a second" if seen.updates_per_second else ""
    st.html(f'<p class="live-status"><span class="dot on"></span>Live{pace}</p>')


def _show_seen(seen: Seen) -> None:
    message = escape(seen.message) if seen.message else "That's you. Smile, frown, open your mouth!"
    st.html(f'<p class="live-message" role="status">{message}</p>')
    if seen.emotion is None or seen.reading is None:
        return
    st.html(f'<div class="live-bars">{bars.emotion_card(seen.emotion, state.get("bars_before"))}</div>')
    state.bars_before = dict(seen.emotion)
    st.html(f'<p class="live-label">Fits your expression</p>{suggestion_row(seen.reading, SUGGESTIONS)}')


def _take(seen: Seen, overrides: Mapping[str, object]) -> None:
    """Makes the mirror's emoji the visitor's, with what the models saw in place of what they saw in a photo.

    The start is without the visitor's own choices, so that they stay recognizable as such.
    """
    assert seen.recipe is not None and seen.reading is not None
    for key in ("crop", "crops", "readings", "face"):
        state.pop(key, None)
    seen_alone = Recipe.from_reading(seen.reading)
    unchosen = {name: getattr(seen_alone, name) for name in overrides}
    state.reading, state.start = seen.reading, seen.recipe.replace(**unchosen)
    adopt(seen.recipe)
