"""All that the pages take from inside streamlit-webrtc, where a new version may change it without a word."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import streamlit as st
from streamlit_webrtc import WebRtcStreamerContext, component, webrtc

from core.errors import SelfmojiError

RUN_COUNT = "_last_rendered_run_count"
"""A context's attribute: Streamlit's count of finished runs when the context was last shown, or None."""


class WebRtcChangedError(SelfmojiError):
    """This version of streamlit-webrtc lacks what the mirror's page needs of it; the message names both."""


def needed(owner: object, name: str) -> Any:
    """What the owner, a module or a context of streamlit-webrtc, has by this name; WebRtcChangedError without."""
    try:
        return getattr(owner, name)
    except AttributeError:
        raise WebRtcChangedError(
            f"streamlit-webrtc {version('streamlit-webrtc')} lacks {name}, which the mirror's page needs: install the "
            "version that requirements.txt names."
        ) from None


SignallingTimeoutError: type[Exception] = needed(webrtc, "SignallingTimeoutError")
"""Raised by `webrtc_streamer` when browser and server find no way to each other."""

_frame_key = needed(component, "generate_frontend_component_key")


def context_of(key: str) -> WebRtcStreamerContext[Any, Any] | None:
    """The context of the `webrtc_streamer` with this key; None before it was first shown to this visitor."""
    context: WebRtcStreamerContext[Any, Any] | None = st.session_state.get(key)
    return context


def frame_is_there(key: str) -> bool:
    """Whether the video's frame has loaded and said so, which runs the page again.

    Only then may it start: streamlit-webrtc 0.79, told so again while it fetches what it needs to start, opens one more
    connection, and when that one fails, some 15 seconds later, it ends all.
    """
    return st.session_state.get(_frame_key(key)) is not None


def keep_connection(context: WebRtcStreamerContext[Any, Any]) -> None:
    """Saves a video that has been on the page all along from being taken for one that another page interrupted.

    streamlit-webrtc 0.79 drops a connection when Streamlit's count of finished runs grew by more than one since it was
    last shown. The count is raised late, when the news of a finished run is sent: on a busy machine, by two at once.
    Raises WebRtcChangedError.
    """
    needed(context, RUN_COUNT)
    setattr(context, RUN_COUNT, None)
