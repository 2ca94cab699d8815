"""A camera's frames -> whether they are a picture that lives: an open connection alone says nothing of that."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Arrival = Literal["none", "late", "dark", "still", "live"]
"""none: no frame has come yet; late: none came lately; dark: they are black; still: nothing moves in
them."""

LATE_SECONDS = 1.5
SAME_SECONDS = 6.0
"""So long nobody before a camera holds as still as a picture."""
LEVEL, SHARE = 12, 0.015
"""A picture has changed when so large a share of it differs by more than so much, of 255. The video's own compression
changes up to 0.9 hundredths of a frozen picture, somebody who sways by two pixels twenty-five (VP8 at 0.2 megabits)."""
DARK = 10.0
"""The brightest a black picture is in the mean of its lighter half, of 255: a covered camera's noise stays below."""
STEP = 8
"""Every so-manieth pixel across and down is looked at."""


class Arrivals:
    """Looks at frames as they come. One thread adds, others may ask."""

    def __init__(self) -> None:
        self._sample: NDArray[np.uint8] | None = None
        self._dark = False
        self._came = self._changed = -math.inf

    def add(self, pixels: NDArray[np.uint8], time: float) -> None:
        """Takes the frame, uint8 RGB (H, W, 3), that came at this time, seconds."""
        sample = pixels[::STEP, ::STEP].copy()
        if self._sample is None or _differ(sample, self._sample):
            self._sample, self._changed = sample, time
        brightest = np.sort(sample, axis=None)[sample.size // 2 :]
        self._dark, self._came = bool(brightest.mean() < DARK), time

    def state(self, time: float) -> Arrival:
        """What is to be said at this time."""
        if self._sample is None:
            return "none"
        if time - self._came > LATE_SECONDS:
            return "late"
        if self._dark:
            return "dark"
        return "still" if time - self._changed > SAME_SECONDS else "live"


def _differ(sample: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    if sample.shape != other.shape:
        return True
    return bool((np.abs(sample.astype(np.int16) - other).max(-1) > LEVEL).mean() > SHARE)
