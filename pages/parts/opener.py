"""Opens the visitor's camera for a moment, to learn what keeps it from being used, and goes on watching it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages.parts.camera import Camera

_opener = st.components.v2.component(
    "selfmoji_camera", js=(Path(__file__).parent / "camera.js").read_text("utf-8")
)


def find_camera(camera: Camera, video: Mapping[str, object]) -> str | None:
    """ "ready", or the key in `PROBLEMS` of what keeps an open camera from being used; None while that is not known.

    video: the MediaTrackConstraints it is asked for.
    """
    found = _opener(
        key="camera-opener",
        data={"attempt": camera.attempt, "video": dict(video)},
        on_found_change=lambda: None,
    ).found
    return found["state"] if found and found["attempt"] == camera.attempt else None
