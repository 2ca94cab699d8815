"""The camera's video on its way from the browser through the mirror and back.

Opening the camera comes first, by a part of the page that can tell refusal from absence, as the video's own frame
cannot. Then the frame connects, and does so again by itself when the connection breaks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import streamlit as st
from av import VideoFrame
from streamlit_webrtc import VideoProcessorBase, WebRtcMode, WebRtcStreamerContext, webrtc_streamer

from core.live.arrivals import Arrivals
from core.live.mirror import Mirror, Rest, Settings
from core.live.service import Service
from pages.parts.camera import SIZES, USUAL_SHAPE, Camera
from pages.parts.connection import Connection, ConnectionSettingsError
from pages.parts.opener import find_camera
from pages.parts.reader import reader
from pages.parts.session import current_session
from pages.parts.webrtc import SignallingTimeoutError, context_of, frame_is_there, keep_connection

KEY = "mirror-video"

STILL_SECONDS = 4
"""A connected camera that sends nothing for so long has a problem."""


@st.cache_resource(show_spinner=False)
def service() -> Service:
    """The models' service for all mirrors of this server."""
    return Service(reader)


class Viewer(VideoProcessorBase):
    """One connection's video on its way through a mirror. WebRTC's threads make and call it, where st.* does not work.

    last_frame: monotonic time of the newest frame; arrivals: what is to be said of the frames; shape: height and width
    of what is shown, in pixels.
    """

    def __init__(self, service: Service, settings: Settings, rest: Rest | None = None) -> None:
        self.mirror = Mirror(service, settings, rest=rest)
        self.last_frame = time.monotonic()
        self.arrivals = Arrivals()
        self.shape: tuple[int, int] | None = None

    def recv(self, frame: VideoFrame) -> VideoFrame:
        self.last_frame = time.monotonic()
        pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        self.arrivals.add(pixels, self.last_frame)
        shown = self.mirror.frame(pixels, self.last_frame)
        self.shape = shown.shape[:2]
        return VideoFrame.from_ndarray(shown, format="rgb24")

    def on_ended(self) -> None:
        self.mirror.close()


def show_video(camera: Camera, settings: Settings) -> WebRtcStreamerContext | None:
    """Opens the visitor's camera and shows its video; None while the camera is not open yet.

    Ends the run when the camera has just been closed. Raises ConnectionSettingsError and WebRtcChangedError.
    """
    connection = connection_of_server()
    width, height = SIZES[camera.size]
    constraints: dict[str, Any] = {
        "width": {"ideal": width},
        "height": {"ideal": height},
        "frameRate": {"ideal": 30},
    }
    constraints["facingMode"] = {"ideal": camera.facing}
    if camera.status == "open":
        found = find_camera(camera, constraints)
        if found is None:
            return None
        if found != "ready":
            camera.close(found)
            if not _is_connected():
                camera.ended()
                st.rerun()
        elif camera.since is None and not _is_connected():
            camera.wait()
    _keep_connection(camera)
    try:
        context = webrtc_streamer(
            KEY,
            mode=WebRtcMode.SENDRECV,
            frontend_rtc_configuration=connection.browser_configuration(time.time()),
            server_rtc_configuration={"iceServers": connection.ice_servers(time.time())},
            media_stream_constraints={"video": constraints, "audio": False},
            desired_playing_state=camera.status == "open" and frame_is_there(KEY),
            video_processor_factory=partial(Viewer, service(), settings, current_session().glass.rest),
            sendback_audio=False,
            media_toggle_controls=False,
            video_html_attrs=_video_attributes(),
            on_change=partial(_note_change, camera),
        )
    except SignallingTimeoutError:
        camera.close(unreachable())
        st.rerun()
    if camera.status == "closing" and not context.state.playing and not context.state.signalling:
        camera.ended()
        st.rerun()
    if viewer := context.video_processor:
        viewer.mirror.settings = settings
    return context


def _keep_connection(camera: Camera) -> None:
    """Keeps the connection of a video that has been shown since its camera was opened."""
    context = context_of(KEY)
    if context is not None and camera.shown == camera.attempt:
        keep_connection(context)
    camera.shown = camera.attempt


def connection_of_server() -> Connection:
    """How browsers reach this server, from its secrets and environment; ConnectionSettingsError when set up wrongly."""
    table = st.secrets.get("webrtc", {}) if st.secrets.load_if_toml_exists() else {}
    if not isinstance(table, Mapping):
        raise ConnectionSettingsError("webrtc must be a table: write [webrtc] above its settings.")
    return Connection.from_settings(_plain(table), os.environ)


def trouble(camera: Camera, context: WebRtcStreamerContext | None) -> str:
    """The key of what is the matter with a camera that should be showing its video by now; "" for nothing."""
    if context is None:
        return ""  # The browser asks whether the page may use the camera: people may take their time.
    if not context.state.playing:
        return unreachable() if camera.is_slow else ""
    viewer = context.video_processor
    still = viewer is not None and time.monotonic() - viewer.last_frame > STILL_SECONDS
    return "still" if still else ""


def unreachable() -> str:
    host = urlsplit(st.context.url or "").hostname or "localhost"
    lacking = connection_of_server().likely_lacks_relay(host)
    return "unreachable-without-relay" if lacking else "unreachable"


def _note_change(camera: Camera) -> None:
    """The waiting ends when the video comes, and begins anew when it is lost."""
    context = context_of(KEY)
    if context is not None and context.state.playing:
        camera.since = None
    elif camera.since is None:
        camera.wait()


def _is_connected() -> bool:
    context = context_of(KEY)
    return context is not None and (context.state.playing or context.state.signalling)


def _video_attributes() -> dict[str, Any]:
    """Of the video's element. Its frame takes its height from it, so it must know its shape before it has a picture."""
    height, width = current_session().glass.shape or USUAL_SHAPE
    style = {
        "width": "100%",
        "aspectRatio": f"{width} / {height}",
        "borderRadius": "1.25rem",
        "display": "block",
    }
    return {"autoPlay": True, "controls": False, "muted": True, "playsInline": True, "style": style}


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """Streamlit's secrets with plain lists."""
    return {key: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
            for key, value in table.items()}  # fmt: skip
