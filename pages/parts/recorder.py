"""A picture or a short film of the mirror, to take away."""

from __future__ import annotations

import logging
import math
import time
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import keys
from pages.parts.camera import USUAL_SHAPE
from pages.parts.data_uri import data_uri
from pages.parts.into_view import bring_into_view
from pages.parts.language import N_, _
from pages.parts.notices import problem
from pages.parts.session import Kept, Take, current_session
from pages.parts.taker import show_ways

if TYPE_CHECKING:
    from streamlit_webrtc import WebRtcStreamerContext

    from core.live.mirror import Mirror
    from pages.parts.video import Viewer

COUNTDOWN = 3
"""Seconds before a recording begins."""
REFRESH = 0.25
FIRST = "mp4"
"""The kind of file that is made of every recording; others when they are chosen."""
TITLES = {"snapshot": N_("Your snapshot"), "recording": N_("Your recording")}
ALT = {
    "snapshot": N_("The emoji in the mirror, as it was"),
    "recording": N_("What the mirror showed, as a film"),
}
LICENCE = N_(
    "Made from [OpenMoji](https://openmoji.org), [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)."
)

_LOG = logging.getLogger(__name__)


def show_recorder(context: WebRtcStreamerContext | None) -> None:
    """Buttons for a picture and a recording of what the context's mirror shows."""
    glass = current_session().glass
    viewer = context.video_processor if context else None
    if viewer is None:
        glass.take = None
        return
    mirror: Mirror = viewer.mirror
    st.button(
        _("Snapshot"),
        key="mirror_snapshot",
        type="primary",
        icon=":material/photo_camera:",
        on_click=_snap,
        args=(mirror,),
        disabled=mirror.seen.recipe is None,
        help=_("Keeps the emoji as it is now"),
    )
    if glass.take is None:
        st.button(
            _("Record"),
            key="record",
            icon=":material/fiber_manual_record:",
            on_click=_start,
            help=_("Up to 15 seconds of what the mirror shows, without sound. Tap again to stop."),
        )
    else:
        st.button(_("Stop"), key="record_stop", icon=":material/stop:", on_click=_stop)


def follow_recording(context: WebRtcStreamerContext | None) -> None:
    """Counts down over the video that stands above, records, and keeps what was recorded."""
    if context and (viewer := context.video_processor):
        recording = current_session().glass.take is not None
        st.fragment(_follow, run_every=REFRESH if recording else None)(viewer)


def show_takes() -> None:
    """The last snapshot and the last recording, with their files."""
    glass = current_session().glass
    for what, kept in glass.takes.items():
        making = kept.chosen not in kept.files
        st.fragment(_show_take, run_every=REFRESH if making else None)(what, kept)
    if glass.latest is not None:
        bring_into_view('[class*="st-key-take-"]', glass.latest, "nearest")


def _show_take(what: str, kept: Kept) -> None:
    """The file of the chosen kind, to be seen, shared and saved; how far it is while it is made."""
    from core.live.clips import KINDS

    with st.container(key=f"take-{what}", gap="small"):
        st.header(_(TITLES[what]), anchor=False)
        picture, ways = st.columns([3, 2], gap="medium", vertical_alignment="center")
        if kept.chosen in kept.files:
            with picture:
                _show_file(what, kept)
            with ways:
                _show_ways(what, kept)
        elif not _make(kept):
            problem(_("Please choose another kind, or record again."), _("This file could not be made."))
        with ways:
            if kept.recorder is not None:
                chosen = st.pills(
                    _("What to make of it"),
                    kept.recorder.kinds,
                    default=kept.chosen,
                    format_func={name: _(kind.label) for name, kind in KINDS.items()}.__getitem__,
                    key=keys.KIND,
                    required=True,
                    label_visibility="collapsed",
                )
                if chosen != kept.chosen:
                    kept.chosen = chosen
                    st.rerun()
            st.button(
                _("Throw away"), icon=":material/delete:", key=f"{what}-away", on_click=_throw_away, args=(what,),
                type="tertiary",
            )  # fmt: skip


def _file_kind(what: str, kept: Kept) -> tuple[str, str]:
    """(ending, MIME type) of the file that is shown."""
    from core.live.clips import KINDS

    return (
        ("png", "image/png") if what == "snapshot" else (KINDS[kept.chosen].ending, KINDS[kept.chosen].mime)
    )


def _show_file(what: str, kept: Kept) -> None:
    mime = _file_kind(what, kept)[1]
    alt = escape(_(ALT[what]))
    source = data_uri(kept.files[kept.chosen], mime)
    classes = f"clip {what} sticker-clip" if "sticker" in kept.chosen else f"clip {what}"
    if mime.startswith("video"):
        st.html(
            f'<video class="{classes}" src="{source}" aria-label="{alt}" autoplay loop muted playsinline></video>'
        )
    else:
        st.html(f'<img class="{classes}" src="{source}" alt="{alt}">')


def _show_ways(what: str, kept: Kept) -> None:
    ending, mime = _file_kind(what, kept)
    number = f"{current_session().glass.takes_kept}-{kept.chosen}"
    show_ways(f".clip.{what}", f"selfmoji-mirror.{ending}", mime, number, f"{what}-ways")
    st.caption(f"{_size(kept.files[kept.chosen])}. {_(LICENCE)}")


def _make(kept: Kept) -> bool:
    """Has the chosen kind made, and shows how far it is; False when it cannot be made."""
    from pages.parts.making import Making

    assert kept.recorder is not None
    if kept.making is None or kept.making.kind != kept.chosen:
        kept.making = Making(kept.recorder, kept.chosen)
    if not kept.making.is_done:
        st.progress(kept.making.share, _("The file is being made …"))
        return True
    try:
        kept.files[kept.chosen] = kept.making.file()
    except Exception as error:  # noqa: BLE001 - whatever a codec says, the page goes on
        _LOG.error("A recording could not be written.", exc_info=error)
        return False
    kept.making = None
    glass = current_session().glass
    glass.latest = glass.takes_kept
    st.rerun()
    return True


def _size(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e5 else f"{len(data) / 1e3:.0f} KB"


def _snap(mirror: Mirror) -> None:
    # No download at once: Streamlit forgets a file that is made on demand while the page is run again, which a change
    # of the video's shape causes at any moment.
    from core.live.mirror import MirrorError

    with suppress(MirrorError):
        _keep("snapshot", Kept({"png": mirror.snapshot()}, "png"))


def _keep(what: str, kept: Kept) -> None:
    """The newest first, in place of an earlier one of its kind."""
    glass = current_session().glass
    glass.takes = {what: kept} | {k: v for k, v in glass.takes.items() if k != what}
    glass.takes_kept += 1
    glass.latest = glass.takes_kept if kept.files else None


def _throw_away(what: str) -> None:
    glass = current_session().glass
    kept = glass.takes.pop(what, None)
    if kept is not None and kept.making is not None:
        kept.making.give_up()
    glass.latest = None


def _start() -> None:
    _throw_away("recording")
    current_session().glass.take = Take(time.monotonic() + COUNTDOWN)


def _stop() -> None:
    """Ends a recording, which is kept; before it has begun, there is none."""
    glass = current_session().glass
    if glass.take is not None and glass.take.recorder is not None:
        glass.take.recorder.stop()
    else:
        glass.take = None


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
    if take.recorder is None:
        mirror.record()
        take.recorder = mirror.recorder
    if take.recorder is None or mirror.recorder is not take.recorder:
        # The connection broke off, and the mirror with it.
        glass.take = None
        st.rerun()
    recording = take.recorder.recording
    st.progress(recording.progress, _("Recording …"))
    if recording.done:
        glass.take = None
        if recording.progress:
            _keep("recording", Kept({}, FIRST, take.recorder))
        st.rerun()
