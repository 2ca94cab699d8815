"""Frame after frame: where the face is. A search finds it, then one look a frame at where it was follows it."""

import cmath
import math
from dataclasses import dataclass

from numpy import uint8
from numpy.typing import NDArray

from core.live.steady import PACE, Pace, SteadyWindow
from core.seeing.face import search, track
from core.seeing.windows import Window

FRAME_AREA = 100_000
"""Pixels of the largest copy of a frame that is searched."""


@dataclass(frozen=True)
class Sighting:
    """The followed face in one frame. window: as found; shown: without its tremor; is_good: fit to tell who it is;
    is_new: not the face, or not the stay, of the frame before."""

    window: Window
    shown: Window
    is_good: bool
    is_new: bool


class Tracker:
    """Follows one face of a video: the largest when it looks for one, then the same as long as it is seen."""

    def __init__(self, pace: Pace = PACE) -> None:
        self._pace = pace
        self._window: Window | None = None
        self._steady = SteadyWindow(pace)
        self._searched = -math.inf
        self._counted = -math.inf
        self.faces = 0
        """How many faces were there when they were last counted."""

    def follow(self, pixels: NDArray[uint8], time: float) -> Sighting | None:
        """Where the face is in this frame, uint8 RGB; None when there is none, or it is not yet time to look again."""
        window = self._window and self._followed(pixels, self._window)
        is_new = window is None
        if window is None:
            if self._window is not None:
                self._searched = -math.inf
            window = self._found(pixels, time)
        elif not 0 <= time - self._counted < self._pace.count_every:
            self._counted = time
            self.faces = max(1, len(search(pixels, FRAME_AREA)))
        self._window = window
        if window is None:
            self.faces = 0
            self._steady.reset()
            return None
        is_good = 2 * abs(window.half) >= self._pace.good_width and (
            abs(math.degrees(cmath.phase(window.half))) <= self._pace.good_roll
        )
        return Sighting(window, self._steady.add(window, time), is_good, is_new)

    def _followed(self, pixels: NDArray[uint8], last: Window) -> Window | None:
        window, score = track(pixels, last)
        height, width = pixels.shape[:2]
        inside = 0 <= window.center.real < width and 0 <= window.center.imag < height
        return window if score >= self._pace.follow_score and inside else None

    def _found(self, pixels: NDArray[uint8], time: float) -> Window | None:
        if 0 <= time - self._searched < self._pace.search_every:
            return None
        self._searched = self._counted = time
        found = search(pixels, FRAME_AREA)
        self.faces = len(found)
        return max((window for window, _ in found), key=lambda window: abs(window.half), default=None)
