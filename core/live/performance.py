"""A recorded video -> your emoji's performance, as a film, and what the face does in every frame, as a table.

Frames are read, shown and written one by one: hours of video take no more memory than seconds.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import cv2
import numpy as np
from numpy.typing import NDArray

from core.drawing.credit import NOTICE, TITLE
from core.errors import SelfmojiError
from core.live.action_units import action_units
from core.live.mirror import Mirror, Seen, Settings, View
from core.live.service import AtOnce
from core.models.labels import EMOTIONS, MOVEMENTS
from core.recipe.recipe import Recipe
from core.seeing.reading import Reader

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.video.stream import VideoStream

Pixels = NDArray[np.uint8]

MOST_SIDE = 720
"""Pixels of a frame's shorter side; larger videos are shrunk, as no face needs more."""
PATIENCE = 20.0
"""Seconds of video in which it must become clear who somebody is."""
USUAL_RATE = 30
TICKS = 1000
"""Units a second in which a film's times are written."""

COLUMNS = (
    "time",
    "faces",
    "yaw",
    "pitch",
    "roll",
    *MOVEMENTS,
    *action_units(),
    "emotion",
    *(f"emotion_{name}" for name in EMOTIONS),
)
"""Of the table: seconds, how many faces, degrees, movements and action units from 0 to 1, the likeliest emotion, and
the probabilities of all. All but the first two are empty where no face is seen."""


class VideoError(SelfmojiError):
    """A video that cannot be read, or in which nobody is to be seen; the message says what to do."""


@dataclass(frozen=True)
class Moment:
    """One frame of a performance. time: seconds from the video's start; shown: uint8 RGB, a square; seen: what the
    mirror knew then."""

    time: float
    shown: Pixels
    seen: Seen


class Video:
    """A video file, opened to see what it has; `frames` begins anew each time. Raises VideoError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as container:
            stream = container.streams.video[0]
            self.rate = Fraction(stream.average_rate or USUAL_RATE).limit_denominator(1001)
            """Frames a second."""
            seconds = (container.duration or 0) / 1_000_000
            self.count = stream.frames or round(seconds * self.rate) or None
            """How many frames there are, or about; None if the file does not say."""

    def frames(self) -> Iterator[tuple[float, Pixels]]:
        """(time in seconds from the start, uint8 RGB), upright. A damaged end ends it."""
        import av

        with self._opened() as container:
            start, last = None, -1.0
            try:
                for number, frame in enumerate(container.decode(video=0)):
                    time = float(number / self.rate) if frame.time is None else float(frame.time)
                    start = time if start is None else start
                    if time - start <= last:
                        continue
                    last = time - start
                    pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                    yield last, _shrunk(np.rot90(pixels, round(frame.rotation / 90) % 4))
            except av.error.FFmpegError as error:
                if last < 0:
                    raise self._unreadable() from error

    @contextmanager
    def _opened(self) -> Iterator[InputContainer]:
        try:
            import av
        except ImportError as error:
            raise VideoError("Videos need PyAV: pip install -r requirements.txt.") from error
        try:
            container = av.open(str(self._path))
        except (av.error.FFmpegError, OSError) as error:
            if not self._path.is_file():
                raise VideoError(f"{self._path}: There is no such file.") from error
            raise self._unreadable() from error
        with container:
            if not container.streams.video:
                raise VideoError(f"{self._path}: This file has no picture. Please give a video.")
            yield container

    def _unreadable(self) -> VideoError:
        return VideoError(
            f"{self._path}: This is no video that can be read. Please give an MP4, MOV or WebM."
        )


def cast(video: Video, reader: Reader) -> Recipe:
    """Whose emoji performs: who somebody is, from the first seconds of a video. Raises VideoError for nobody."""
    mirror = Mirror(AtOnce(reader), Settings(View.only, flip=False))
    for time, pixels in video.frames():
        mirror.frame(pixels, time)
        if mirror.seen.locked or time > PATIENCE:
            break
    recipe = mirror.seen.recipe
    if recipe is None:
        raise VideoError(
            "Nobody is to be seen in the video's first seconds. Please give one that shows a face."
        )
    return recipe


def perform(video: Video, reader: Reader, person: Recipe) -> Iterator[Moment]:
    """Frame by frame, what a person's emoji does."""
    mirror = Mirror(AtOnce(reader), Settings(View.only, flip=False, person=person))
    for time, pixels in video.frames():
        shown = mirror.frame(pixels, time)
        height, width = shown.shape[:2]
        side = min(height, width) // 2 * 2
        left = (width - side) // 2
        yield Moment(time, shown[height - side :, left : left + side], mirror.seen)


class Film:
    """An MP4 (H.264) that is written frame by frame; its license stands in the file. Raises OSError when it is full."""

    def __init__(self, path: Path, rate: Fraction) -> None:
        import av

        self._container: OutputContainer = av.open(str(path), "w", format="mp4")
        self._container.metadata.update({"title": TITLE, "copyright": NOTICE})
        self._rate = rate
        self._stream: VideoStream | None = None

    def add(self, moment: Moment) -> None:
        import av

        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=self._rate, options={"crf": "20"})
            self._stream.height, self._stream.width = moment.shown.shape[:2]
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = Fraction(1, TICKS)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(moment.shown), format="rgb24")
        frame.pts, frame.time_base = round(moment.time * TICKS), Fraction(1, TICKS)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Writes what is still on its way; what was added is a whole film then."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()


class Table:
    """A table of COLUMNS as CSV, a line for each frame."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(COLUMNS)

    def add(self, moment: Moment) -> None:
        seen = moment.seen
        row: list[object] = [f"{moment.time:.3f}", seen.faces]
        if seen.faces and seen.held and seen.units and seen.emotion:
            held = seen.held
            row += [f"{angle:.1f}" for angle in (held.yaw, held.pitch, held.roll)]
            row += [f"{value:.3f}" for value in (*held.movements.values(), *seen.units.values())]
            row.append(max(seen.emotion, key=seen.emotion.__getitem__))
            row += [f"{seen.emotion[name]:.3f}" for name in EMOTIONS]
        self._writer.writerow([*row, *[""] * (len(COLUMNS) - len(row))])


def _shrunk(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    factor = MOST_SIDE / min(height, width)
    if factor >= 1:
        return np.ascontiguousarray(pixels)
    size = math.ceil(width * factor), math.ceil(height * factor)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
