"""What a mirror showed, for a while -> an animation for a chat."""

import io
import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.drawing.credit import NOTICE, TITLE

LONGEST = 10.0
"""Seconds."""
RATE = 12
"""Frames a second."""
SIDE = 360
"""Most pixels of a frame's longer side: chats show animations small, and ten seconds stay below a few megabytes."""

Kind = Literal["webp", "gif"]


@dataclass(frozen=True)
class Recording:
    """How far a recording is: progress, 0 to 1; done: nothing more is added."""

    progress: float
    done: bool


class Recorder:
    """Collects frames from the moment it gets the first one. One thread adds, others may look."""

    def __init__(self, seconds: float) -> None:
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"A recording takes up to {LONGEST:g} seconds, not {seconds:g}.")
        self._count = max(1, round(seconds * RATE))
        self._frames: list[NDArray[np.uint8]] = []
        self._start = math.nan

    @property
    def recording(self) -> Recording:
        return Recording(len(self._frames) / self._count, len(self._frames) >= self._count)

    def add(self, frame: NDArray[np.uint8], time: float) -> None:
        """Takes the frame that was shown at this time, uint8 RGB, if it is time for one; a slow video is filled up
        with repetitions, so that the animation is as long as what it shows."""
        if math.isnan(self._start):
            self._start = time
        due = min(self._count, math.floor((time - self._start) * RATE + 1e-6) + 1)
        if len(self._frames) < due:
            self._frames += [self._shrunk(frame)] * (due - len(self._frames))

    def _shrunk(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._frames:
            height, width = self._frames[0].shape[:2]
        else:
            factor = min(1.0, SIDE / max(frame.shape[:2]))
            height, width = (max(1, round(side * factor)) for side in frame.shape[:2])
        return np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    def clip(self, kind: Kind) -> bytes:
        """What was collected so far as an endless animation, WebP or GIF, its license in the file."""
        frames = [Image.fromarray(frame) for frame in list(self._frames)]
        if not frames:
            raise ValueError("Nothing was recorded yet.")
        notice = f"{TITLE}. {NOTICE}"
        stream = io.BytesIO()
        several = {"save_all": True, "append_images": frames[1:], "duration": round(1000 / RATE), "loop": 0}
        if kind == "gif":
            # Pillow's own choice of colors takes five times as long, and its dithering makes larger files.
            first, *rest = (
                frame.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE) for frame in frames
            )
            first.save(stream, "GIF", comment=notice.encode("ascii"), **several | {"append_images": rest})
        else:
            exif = Image.Exif()
            exif[ExifTags.Base.Copyright] = notice
            frames[0].save(stream, "WebP", quality=75, method=2, exif=exif, **several)
        return stream.getvalue()
