"""Beside the video: how the connection is, what the mirror sees, and where to take the emoji."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.recipe.recipe import Recipe
from pages.parts import bars
from pages.parts.camera import PROBLEMS, Camera
from pages.parts.editor import adopt
from pages.parts.suggestions import suggestion_row

if TYPE_CHECKING:
    from streamlit_webrtc import WebRtcStreamerContext

    from core.live.mirror import Seen
    from pages.parts.video import Viewer

REFRESH = 0.5
"""Seconds between two looks at the mirror."""
SUGGESTIONS = 4

state = st.session_state


@st.fragment(run_every=REFRESH)
def show_panel(camera: Camera, context: WebRtcStreamerContext | None) -> None:
    """Follows the video by itself, without the page being run again."""
    from pages.parts.video import trouble

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
    with st.container(horizontal=True, vertical_alignment="center", key="panel-buttons"):
        st.button(
            "Look again",
            icon=":material/visibility:",
            key="look_again",
            on_click=viewer.mirror.look_again,
            help="Forgets how you look and looks anew",
        )
        # A link, since the browser, which goes there itself, ends this fragment's timer first: a switch from here could
        # be undone by a look at the mirror that is under way.
        st.page_link(
            "pages/photo.py",
            label="Edit this one",
            icon=":material/edit:",
            disabled=seen.recipe is None,
            help="Opens this emoji on the page “Your emoji”",
            query_params=_offer(seen, viewer.mirror.settings.overrides),
        )


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


def _offer(seen: Seen, overrides: Mapping[str, object]) -> dict[str, str]:
    """The mirror's emoji as a link's parameters, and what the models saw for `accept` to find.

    The start is without the visitor's own choices, so that they stay recognizable as such.
    """
    if seen.recipe is None or seen.reading is None:
        return {}
    seen_alone = Recipe.from_reading(seen.reading)
    unchosen = {name: getattr(seen_alone, name) for name in overrides}
    state.mirror_offer = (seen.recipe, seen.reading, seen.recipe.replace(**unchosen))
    return {"emoji": seen.recipe.to_code()}


def accept(code: str | None) -> None:
    """Makes the mirror's emoji the visitor's if its code came along, with what the models saw instead of a photo's."""
    recipe, reading, start = state.pop("mirror_offer", (None, None, None))
    if recipe is not None and recipe.to_code() == code:
        for key in ("crop", "crops", "readings", "face"):
            state.pop(key, None)
        state.reading, state.start = reading, start
        adopt(recipe)
