"""What a face does, frame after frame -> curves that do not tremble, measured from the face's own rest.

Every curve goes through a One Euro filter (Casiez, Roussel and Vogel, "1 € Filter", 2012).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.live.steady import PACE, Pace
from core.models.labels import MOVEMENTS
from core.seeing.motion import Motion

LEAST_FRAMES = 8
"""Frames without which a rest is not believed."""
MOST_REST = 0.6
"""A movement that rests higher is no rest: of what lies above it, too little would be left."""
SURE = 0.5


@dataclass(frozen=True)
class Rest:
    """A face at rest: what its movements show then, {name: 0 to 1}, and how its head is held, degrees."""

    movements: Mapping[str, float] = field(default_factory=dict)
    yaw: float = 0.0
    pitch: float = PACE.usual_pitch


@dataclass(frozen=True)
class Held:
    """How a face is held, from its rest: movements {name: 0 to 1}; yaw and pitch, degrees. roll: in the picture."""

    movements: Mapping[str, float]
    yaw: float
    pitch: float
    roll: float = 0.0


class OneEuro:
    """Smooths an array of curves: slow ones at `still` hertz, each faster by `speed` hertz for each unit a second.

    slope: hertz at which speeds are smoothed.
    """

    def __init__(self, still: float, speed: float, slope: float) -> None:
        self._still, self._speed, self._slope = still, speed, slope
        self._values: NDArray[np.float64] | None = None
        self._speeds: NDArray[np.float64] = np.zeros(0)
        self._time = -math.inf

    def reset(self) -> None:
        """What comes next begins anew."""
        self._values = None

    def add(self, values: NDArray[np.float64], time: float) -> NDArray[np.float64]:
        """The smooth values at this time, seconds."""
        if self._values is None:
            self._values, self._speeds, self._time = values, np.zeros_like(values), time
            return values
        seconds = max(time - self._time, 1e-3)
        self._time = time
        self._speeds = self._speeds + _share(self._slope, seconds) * (
            (values - self._values) / seconds - self._speeds
        )
        hertz = self._still + self._speed * np.abs(self._speeds)
        self._values = self._values + _share(hertz, seconds) * (values - self._values)
        return self._values


class Curves:
    """One face's movements over time. Used by one thread."""

    def __init__(self, rest: Rest | None = None, pace: Pace = PACE) -> None:
        self.rest = rest or Rest()
        self._pace = pace
        self._movements = OneEuro(pace.curve_still, pace.curve_speed, pace.curve_slope)
        self._pose = OneEuro(pace.head_still, pace.head_speed, pace.curve_slope)
        self._resting: list[NDArray[np.float64]] | None = None
        self._rest_from = math.nan

    def reset(self) -> None:
        """Another face, or the same after a while."""
        self._movements.reset()
        self._pose.reset()

    def relax(self) -> None:
        """Takes the next seconds for the face's rest."""
        self._resting, self._rest_from = [], math.nan

    def stop_relaxing(self) -> None:
        self._resting = None

    @property
    def is_relaxing(self) -> bool:
        return self._resting is not None

    def relaxed(self, time: float) -> float | None:
        """How far the rest is measured, 0 to 1; None when it is not being measured."""
        if self._resting is None:
            return None
        if math.isnan(self._rest_from):
            return 0.0
        return min(1.0, max(0.0, (time - self._rest_from) / self._pace.rest_seconds))

    def add(self, motion: Motion, time: float) -> Held:
        """How the face is held at this time."""
        raw = np.array([*motion.movements.values()])
        if self._resting is not None and motion.sureness >= SURE:
            self._measure(np.array([*raw, motion.yaw, motion.pitch]), time)
        smooth = self._movements.add(raw, time)
        yaw, pitch = self._pose.add(np.array([motion.yaw, motion.pitch]), time)
        rest = np.array([self.rest.movements.get(name, 0.0) for name in MOVEMENTS])
        moved = np.clip((smooth - rest) / (1 - rest), 0, 1)
        return Held(
            dict(zip(MOVEMENTS, moved.tolist(), strict=True)),
            float(yaw) - self.rest.yaw,
            float(pitch) - self.rest.pitch,
        )

    def _measure(self, values: NDArray[np.float64], time: float) -> None:
        assert self._resting is not None
        if math.isnan(self._rest_from):
            self._rest_from = time
        self._resting.append(values)
        if time - self._rest_from < self._pace.rest_seconds or len(self._resting) < LEAST_FRAMES:
            return
        # The middle one: a blink is no rest.
        *movements, yaw, pitch = np.median(self._resting, 0).tolist()
        self._resting = None
        low = [min(value, MOST_REST) for value in movements]
        self.rest = Rest(dict(zip(MOVEMENTS, low, strict=True)), yaw, pitch)


def _share(hertz: float | NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """The weight of a new value in a first-order low-pass filter with this cutoff."""
    return np.asarray(1 / (1 + 1 / (2 * math.pi * np.asarray(hertz) * seconds)))
