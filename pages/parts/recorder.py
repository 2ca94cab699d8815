"""A picture or a short animation of the mirror, to take away."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import keys
from pages.parts.camera import USUAL_SHAPE
from pages.parts.data_uri import data_uri
from pages.parts.session import Take, current_session

if TYPE_CHECKING:
    from streamlit_webrtc import WebRtcStreamerContext

    from core.live.clips import Kind
    from core.live.mirror import Mirror
    from pages.parts.video import Viewer

COUNTDOWN = 3
"""Seconds before a recording begins."""
LONGEST = 10
USUAL = 4
"""Seconds of a recording unless the visitor chooses otherwise."""
REFRESH = 0.25
KINDS: tuple[Kind, ...] = ("webp", "gif")
ALT = {
    "snapshot": "The emoji in the mirror, as it was",
    "recording": "What the mirror showed, as an animation",
}
NAMES = {"png": "PNG", "webp": "WebP", "gif": "GIF"}


def show_recorder(context: WebRtcStreamerContext | None) -> None:
    """Buttons for a picture and a recording of what the context's mirror shows."""
    glass = current_session().glass
    viewer = context.video_processor if context else None
    if viewer is None:
        glass.take = None
        return
    mirror: Mirror = viewer.mirror
    st.button(
        "Snapshot",
        key="mirror_snapshot",
        type="primary",
        icon=":material/photo_camera:",
        on_click=_snap,
        args=(mirror,),
        disabled=mirror.seen.recipe is None,
        help="Keeps the emoji as it is now",
    )
    # A form, since a moved slider would run the page by itself, and that run can swallow the click that follows.
    with (
        # A new key makes a new popover, which is closed.
        st.popover(
            "Record",
            icon=":material/fiber_manual_record:",
            disabled=glass.take is not None,
            key=f"record-{glass.takes_begun}",
        ),
        st.form("recording", border=False),
    ):
        st.slider("Seconds", 1, LONGEST, USUAL, key=keys.SECONDS)
        st.caption("Records what the mirror shows, as an animation for a chat.")
        st.form_submit_button(
            "Start", icon=":material/play_arrow:", key="record", type="primary", on_click=_start
        )


def follow_recording(context: WebRtcStreamerContext | None) -> None:
    """Counts down over the video that stands above, records, and keeps the animation."""
    if context and (viewer := context.video_processor):
        recording = current_session().glass.take is not None
        st.fragment(_follow, run_every=REFRESH if recording else None)(viewer)


def show_takes() -> None:
    """The last snapshot and the last recording, with their files."""
    for what, files in current_session().glass.takes.items():
        _show_take(what, files)


def _show_take(what: str, files: dict[str, bytes]) -> None:
    """The first of the files as a picture, and all of them to download; {ending: bytes}."""
    st.header(f"Your {what}", anchor=False)
    left, right = st.columns([2, 1], gap="medium", vertical_alignment="center")
    with left:
        ending, first = next(iter(files.items()))
        source = data_uri(first, f"image/{ending}")
        st.html(f'<img class="clip {what}" src="{source}" alt="{ALT[what]}">')
    with right:
        for ending, data in files.items():
            st.download_button(
                f"Download {NAMES[ending]} ({_size(data)})",
                data,
                f"selfmoji-mirror.{ending}",
                f"image/{ending}",
                key=f"{what}-{ending}",
                on_click="ignore",
                width="stretch",
                icon=":material/download:",
            )
        st.button(
            "Throw away",
            icon=":material/delete:",
            key=f"{what}-away",
            on_click=_throw_away,
            args=(what,),
            width="stretch",
        )
        st.caption(
            "Made from [OpenMoji](https://openmoji.org), [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)."
        )


def _size(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e5 else f"{len(data) / 1e3:.0f} KB"


def _snap(mirror: Mirror) -> None:
    # No download at once: Streamlit forgets a file that is made on demand while the page is run again, which a change
    # of the video's shape causes at any moment.
    from core.live.mirror import MirrorError

    with suppress(MirrorError):
        _keep("snapshot", {"png": mirror.snapshot()})


def _keep(what: str, files: dict[str, bytes]) -> None:
    """The newest first, in place of an earlier one of its kind."""
    glass = current_session().glass
    glass.takes = {what: files} | {k: v for k, v in glass.takes.items() if k != what}


def _throw_away(what: str) -> None:
    current_session().glass.takes.pop(what, None)


def _start() -> None:
    glass = current_session().glass
    glass.takes.pop("recording", None)
    glass.take = Take(st.session_state[keys.SECONDS], time.monotonic() + COUNTDOWN)
    glass.takes_begun += 1


def _follow(viewer: Viewer) -> None:
    mirror, glass = viewer.mirror, current_session().glass
    take = glass.take
    if take is None:
        return
    left = take.begin - time.monotonic()
    if left > 0:
        height, width = viewer.shape or USUAL_SHAPE
        st.html(
            f'<div class="countdown" role="timer" style="aspect-ratio: {width} / {height}">{math.ceil(left)}</div>'
        )
        return
    if not take.started:
        take.started = True
        mirror.record(take.seconds)
    recording = mirror.recording
    if recording is None:  # The connection broke off, and the mirror with it.
        glass.take = None
        st.rerun()
    st.progress(recording.progress, f"Recording {take.seconds} seconds …")
    if recording.done:
        with st.spinner("Making the animation …"):
            _keep("recording", {kind: mirror.clip(kind) for kind in KINDS})
        glass.take = None
        st.rerun()
