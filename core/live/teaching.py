"""What one person's faces look like -> a small correction of how their emotion is read.

Seven faces, each held for two seconds, give some twenty readings a face. On the first part of each a correction is
learnt: to the logarithms of the network's probabilities it adds a linear function of them and of the face's movements.
It is drawn towards zero, so that what the readings do not speak for stays as the network has it. What is left of the
readings was kept aside, and tells how often the emotion is right before and after.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SelfmojiError
from core.models.labels import EMOTIONS, MOVEMENTS

SECONDS = 2.0
"""For which a face is held."""
LEAST = 6
"""Readings of a face without which it was not seen well enough."""
LEARNT = 0.6
"""Share of a face's readings, the first ones, from which is learnt; the others are kept aside."""
DRAW = 0.01
"""How strongly weights are drawn towards zero, as a share of their squares in the mean loss."""
STEPS = 400
FAINT = 1e-3
"""Probabilities below are taken for as much: a network that is sure cannot be more than this sure."""
WIDTH = len(EMOTIONS) + len(MOVEMENTS)
MOST_TEXT = 50_000
"""Characters."""
MOST_WEIGHT = 100.0

Numbers = NDArray[np.float64]


class TeachingError(SelfmojiError):
    """What was taught cannot be used; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Correction:
    """weights: float64 (7, 59), rows in the order of `EMOTIONS`, columns for the logarithms of their probabilities and
    for `MOVEMENTS`; middle: (59,), what the columns are measured from; offset: (7,)."""

    weights: Numbers
    middle: Numbers
    offset: Numbers

    def correct(self, emotion: Mapping[str, float], movements: Mapping[str, float]) -> dict[str, float]:
        """{emotion: probability} as the network has it, and {movement: 0 to 1} of the same moment -> corrected."""
        shares = _softmax(self._scores(_columns(emotion, movements)[None]))[0]
        return dict(zip(EMOTIONS, shares.tolist(), strict=True))

    def _scores(self, columns: Numbers) -> Numbers:
        return columns[:, : len(EMOTIONS)] + (columns - self.middle) @ self.weights.T + self.offset

    def to_text(self) -> str:
        """JSON that `from_text` reads."""
        table = {name: np.round(getattr(self, name), 4).tolist() for name in _SHAPES}
        return json.dumps({"selfmoji": "expressions", "version": 1, "emotions": list(EMOTIONS), **table})

    @classmethod
    def from_text(cls, text: str) -> Correction:
        """Reads what `to_text` wrote, strictly; TeachingError for all else."""
        try:
            table: Any = json.loads(text) if len(text) <= MOST_TEXT else None
            ours = (table["selfmoji"], table["version"], table["emotions"])
            read = {name: np.array(table[name], np.float64) for name in _SHAPES}
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise TeachingError(NO_FILE) from error
        fits = all(numbers.shape == _SHAPES[name] for name, numbers in read.items())
        if ours != ("expressions", 1, list(EMOTIONS)) or not fits:
            raise TeachingError(NO_FILE)
        if not all((np.abs(numbers) <= MOST_WEIGHT).all() for numbers in read.values()):
            raise TeachingError(NO_FILE)
        return cls(**read)


_SHAPES = {"weights": (len(EMOTIONS), WIDTH), "middle": (WIDTH,), "offset": (len(EMOTIONS),)}

NO_FILE = "These are no expressions of this version of Selfmoji. Please teach it your faces again."


@dataclass(frozen=True)
class Outcome:
    """How often the likeliest emotion was right on the readings kept aside, of `count`: before and after."""

    correction: Correction
    before: int
    after: int
    count: int

    @property
    def helps(self) -> bool:
        return self.after > self.before


class Lesson:
    """Collects the readings of faces that are held. One thread adds, another one asks."""

    def __init__(self) -> None:
        self._readings: dict[str, list[Numbers]] = {}
        self._showing: str | None = None
        self._collected: list[Numbers] = []
        self._from = math.nan
        self._progress = 0.0

    @property
    def showing(self) -> str | None:
        """The emotion whose face is being held."""
        return self._showing

    @property
    def progress(self) -> float:
        """How far it is, 0 to 1."""
        return self._progress

    @property
    def missing(self) -> tuple[str, ...]:
        """The emotions whose faces are still to be held, in the order of `EMOTIONS`."""
        return tuple(name for name in EMOTIONS if name not in self._readings)

    def show(self, emotion: str) -> None:
        """The next readings are of this emotion's face, which replaces an earlier one. KeyError for no emotion."""
        if emotion not in EMOTIONS:
            raise KeyError(emotion)
        self._collected, self._from, self._progress = [], math.nan, 0.0
        self._showing = emotion

    def add(self, emotion: Mapping[str, float], movements: Mapping[str, float], time: float) -> None:
        """Takes the network's {emotion: probability} and {movement: 0 to 1} of this moment, seconds."""
        showing = self._showing
        if showing is None:
            return
        if math.isnan(self._from):
            self._from = time
        self._collected.append(_columns(emotion, movements))
        self._progress = min(1.0, max(0.0, (time - self._from) / SECONDS))
        if self._progress >= 1.0 and len(self._collected) >= LEAST:
            self._readings[showing] = self._collected
            self._showing = None

    def learn(self) -> Outcome:
        """The correction and how good it is; TeachingError when a face is still missing."""
        if self.missing:
            raise TeachingError("Some faces are still missing. Please show all seven first.")
        learnt: list[Numbers] = []
        aside: list[Numbers] = []
        answers: list[int] = []
        right: list[int] = []
        for number, name in enumerate(EMOTIONS):
            readings = self._readings[name]
            cut = round(LEARNT * len(readings))
            learnt += readings[:cut]
            answers += [number] * cut
            aside += readings[cut:]
            right += [number] * (len(readings) - cut)
        correction, columns = learn(np.array(learnt), answers), np.array(aside)
        before = int((columns[:, : len(EMOTIONS)].argmax(1) == np.array(right)).sum())
        after = int((correction._scores(columns).argmax(1) == np.array(right)).sum())
        return Outcome(correction, before, after, len(right))


def learn(columns: Numbers, answers: Sequence[int]) -> Correction:
    """The correction after readings (N, 59) of known emotions, numbers in `EMOTIONS`: softmax regression that starts
    from the network's own answer, by Nesterov's accelerated gradient descent."""
    middle = columns.mean(0)
    centered = np.hstack([columns - middle, np.ones((len(columns), 1))])
    own = columns[:, : len(EMOTIONS)]
    wanted = np.eye(len(EMOTIONS))[list(answers)]
    steepest = 0.5 * np.linalg.norm(centered, 2) ** 2 / len(columns) + DRAW
    weights = ahead = np.zeros((len(EMOTIONS), WIDTH + 1))
    for step in range(1, STEPS + 1):
        wrong = _softmax(own + centered @ ahead.T) - wanted
        last, weights = weights, ahead - (wrong.T @ centered / len(columns) + DRAW * ahead) / steepest
        ahead = weights + (step - 1) / (step + 2) * (weights - last)
    return Correction(weights[:, :-1], middle, weights[:, -1])


def _columns(emotion: Mapping[str, float], movements: Mapping[str, float]) -> Numbers:
    shares = np.array([emotion[name] for name in EMOTIONS])
    return np.concatenate([np.log(np.maximum(shares, FAINT)), [movements[name] for name in MOVEMENTS]])


def _softmax(scores: Numbers) -> Numbers:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))
