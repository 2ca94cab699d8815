"""A picture or a short animation of the mirror, to take away."""

from __future__ import annotations

import math
import time
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit_webrtc import WebRtcStreamerContext

    from core.mirror import Mirror

COUNTDOWN = 3
"""Seconds before a recording begins."""
LONGEST = 10
USUAL = 4
"""Seconds of a recording unless the visitor chooses otherwise."""
REFRESH = 0.25
KINDS = {"webp": ("WebP", "image/webp"), "gif": ("GIF", "image/gif")}

state = st.session_state


@dataclass
class Take:
    """A recording on its way. begin: monotonic time at which the countdown ends."""

    seconds: int
    begin: float
    started: bool = False


def forget_recording() -> None:
    state.pop("take", None)


def show_recorder(context: WebRtcStreamerContext | None) -> None:
    """Buttons for a picture and a recording of what the context's mirror shows."""
    viewer = context.video_processor if context else None
    if viewer is None:
        forget_recording()
        return
    mirror: Mirror = viewer.mirror
    st.download_button(
        "Snapshot",
        mirror.snapshot,
        "selfmoji-mirror.png",
        "image/png",
        key="mirror_snapshot",
        on_click="ignore",
        type="primary",
        icon=":material/photo_camera:",
        disabled=mirror.seen.recipe is None,
        help="The emoji as it is now, as PNG",
    )
    with st.popover("Record", icon=":material/fiber_manual_record:", disabled="take" in state):
        seconds = st.slider("Seconds", 1, LONGEST, USUAL, key="mirror_seconds")
        st.caption(
            "Records what the mirror shows, as an animation for a chat. Close this when the countdown starts."
        )
        st.button(
            "Start",
            icon=":material/play_arrow:",
            key="record",
            type="primary",
            on_click=_start,
            args=(seconds,),
        )
    st.fragment(_follow, run_every=REFRESH if "take" in state else None)(mirror)


def show_clip() -> None:
    """The last recording, with its files."""
    if "clip" not in state:
        return
    st.header("Your recording", anchor=False)
    left, right = st.columns([2, 1], gap="medium", vertical_alignment="center")
    with left:
        source = "data:image/webp;base64," + b64encode(state.clip["webp"]).decode()
        st.html(f'<img class="clip" src="{source}" alt="What the mirror showed, as an animation">')
    with right:
        for kind, (name, mime) in KINDS.items():
            st.download_button(
                f"Download {name} ({len(state.clip[kind]) / 1e6:.1f} MB)",
                state.clip[kind],
                f"selfmoji-mirror.{kind}",
                mime,
                key=f"clip-{kind}",
                on_click="ignore",
                width="stretch",
                icon=":material/download:",
            )
        st.button(
            "Throw away",
            icon=":material/delete:",
            key="clip_away",
            on_click=lambda: state.pop("clip"),
            width="stretch",
        )
        st.caption(
            "Made from [OpenMoji](https://openmoji.org), [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)."
        )


def _start(seconds: int) -> None:
    state.pop("clip", None)
    state.take = Take(seconds, time.monotonic() + COUNTDOWN)


def _follow(mirror: Mirror) -> None:
    """Counts down over the video, records, and keeps the animation."""
    take: Take | None = state.get("take")
    if take is None:
        return
    left = take.begin - time.monotonic()
    if left > 0:
        st.html(f'<div class="countdown" role="timer">{math.ceil(left)}</div>')
        return
    if not take.started:
        take.started = True
        mirror.record(take.seconds)
    recording = mirror.recording
    if recording is None:  # The connection broke off, and the mirror with it.
        forget_recording()
        st.rerun()
    st.progress(recording.progress, f"Recording {take.seconds} seconds …")
    if recording.done:
        with st.spinner("Making the animation …"):
            state.clip = {kind: mirror.clip(kind) for kind in KINDS}
        forget_recording()
        st.rerun()
