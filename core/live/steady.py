"""Readings that tremble -> a recipe that does not: who somebody is settles and stays, how they look now is live.

Every number it goes by stands in mirror.toml, with its reason.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.colors import channels, hex_color
from core.models.labels import ATTRIBUTES, LOOK, SKIN_TONES
from core.recipe.choices import Value
from core.recipe.expressions import LIVE_FIELDS
from core.recipe.recipe import Recipe
from core.recipe.rules import RULES, Decision
from core.seeing.measurements import MEASUREMENTS, Measurements
from core.seeing.reading import Reading
from core.seeing.windows import Window


@dataclass(frozen=True)
class Pace:
    """The numbers of mirror.toml, where each is explained; times in seconds."""

    follow_score: float
    search_every: float
    count_every: float
    patience: float
    fading: float
    faded: float
    still_hertz: float
    speed_hertz: float
    identity_every: float
    identity_looks: int
    identity_seconds: float
    good_width: float
    good_roll: float
    features_every: float
    memory: float
    margin: float
    rest: float
    emotion_every: float
    leash: float
    curve_still: float
    curve_speed: float
    curve_slope: float
    head_still: float
    head_speed: float
    rest_seconds: float
    usual_pitch: float


PACE = Pace(**tomllib.loads((Path(__file__).parent / "mirror.toml").read_text("utf-8")))


class RunningAverage:
    """The exponential average of named values that come at any pace; `memory` is its time constant, seconds."""

    def __init__(self, memory: float) -> None:
        self._memory = memory
        self._values: dict[str, float] = {}
        self._time = -math.inf

    def add(self, values: Mapping[str, float], time: float) -> dict[str, float]:
        """The average after these values at this time."""
        share = 1 - math.exp(-max(0.0, time - self._time) / self._memory)
        self._values = {
            name: (old := self._values.get(name, value)) + share * (value - old)
            for name, value in values.items()
        }
        self._time = time
        return self._values


class Steady:
    """Observations of one face -> its recipe. Used by one thread."""

    def __init__(self, pace: Pace = PACE) -> None:
        self._pace = pace
        self.look_again()

    def look_again(self) -> None:
        """Forgets who it is."""
        self.locked = False
        self._looks: list[Reading] = []
        self._began = math.inf
        self._identity: Reading | None = None
        self._held: dict[str, Value] = {}
        self._changed: dict[str, float] = {}
        self._emotion = RunningAverage(self._pace.memory)
        self._features = RunningAverage(self._pace.memory)
        self._live: dict[str, float] = {}
        self._mouth = RunningAverage(self._pace.memory)
        self._mouth_dark: float | None = None

    @property
    def knows(self) -> bool:
        """Whether there was a `read` since the last `look_again`."""
        return self._identity is not None

    def read(self, reading: Reading, time: float, good: bool = True) -> None:
        """Takes a full look at who it is, until that is settled; one that is not good counts if nothing is known."""
        self.feel(reading.emotion, time, reading.attributes, reading.measurements.mouth_dark)
        if self.locked or not (good or self._identity is None):
            return
        if good:
            self._began = min(self._began, time)
            self._looks.append(reading)
        self._identity = _average(self._looks) if self._looks else reading
        seconds = time - self._began
        self.locked = len(self._looks) >= self._pace.identity_looks and seconds >= self._pace.identity_seconds
        evidence = RULES.evidence(self._identity)
        # The last word is what the whole average says, whatever was shown meanwhile.
        margin = 0.0 if self.locked else self._pace.margin
        for decision in identity_decisions():
            self._held |= decision.decide(evidence, self._held, margin)

    def feel(
        self,
        emotion: Mapping[str, float],
        time: float,
        attributes: Mapping[str, float] | None = None,
        mouth_dark: float | None = None,
    ) -> None:
        """Takes how the face looks now; attributes may come less often than emotions."""
        self.emotion = self._emotion.add(emotion, time)
        if mouth_dark is not None:
            self._mouth_dark = self._mouth.add({"mouth_dark": mouth_dark}, time)["mouth_dark"]
        if attributes is not None:
            self._live = self._features.add({name: attributes[name] for name in live_attributes()}, time)

    def decide(self, time: float) -> tuple[Reading, Recipe] | None:
        """What is known and shown at this time; None before the first `read`."""
        if self._identity is None:
            return None
        known = self._identity
        reading = replace(
            known,
            attributes=known.attributes | self._live,
            emotion=dict(self.emotion),
            measurements=replace(known.measurements, mouth_dark=self._mouth_dark),
        )
        evidence = RULES.evidence(reading, _live_sources())
        for decision in live_decisions():
            decided = decision.decide(evidence, self._held, self._pace.margin)
            name = next(iter(decided))
            if all(self._held.get(field) == value for field, value in decided.items()):
                continue
            if time - self._changed.get(name, -math.inf) >= self._pace.rest:
                self._held |= decided
                self._changed[name] = time
        return reading, Recipe(**self._held)  # type: ignore[arg-type]


@cache
def live_decisions() -> tuple[Decision, ...]:
    return tuple(decision for decision in RULES.decisions if decision.options.keys() <= LIVE_FIELDS)


@cache
def identity_decisions() -> tuple[Decision, ...]:
    return tuple(decision for decision in RULES.decisions if not decision.options.keys() <= LIVE_FIELDS)


@cache
def live_attributes() -> tuple[str, ...]:
    """The attributes that speak for or against a live choice."""
    numbers = frozenset().union(*(RULES.numbers(decision) for decision in live_decisions()))
    return tuple(name for name in ATTRIBUTES if name in numbers)


@cache
def _live_sources() -> frozenset[str]:
    return frozenset().union(*(decision.sources for decision in live_decisions()))


class SteadyWindow:
    """One Euro filters (Casiez, Roussel and Vogel, 2012) on a window's place, size and roll, in units of the face."""

    def __init__(self, pace: Pace = PACE) -> None:
        self._pace = pace
        self._window: Window | None = None
        self._speed = np.zeros(2, complex)
        self._time = -math.inf

    def reset(self) -> None:
        """The next window is another face's."""
        self._window = None

    def add(self, window: Window, time: float) -> Window:
        """The window to show at this time."""
        if self._window is None:
            self._window, self._speed, self._time = window, np.zeros(2, complex), time
            return window
        seconds = max(time - self._time, 1e-3)
        last, self._time = self._window, time
        # Place in half-sides; the logarithm of a complex ratio is growth and roll.
        step = np.array([(window.center - last.center) / abs(last.half), np.log(window.half / last.half)])
        self._speed += _share(1.0, seconds) * (step / seconds - self._speed)
        hertz = self._pace.still_hertz + self._pace.speed_hertz * np.abs(self._speed)
        step *= [_share(value, seconds) for value in hertz]
        self._window = Window(last.center + abs(last.half) * step[0], last.half * np.exp(step[1]))
        return self._window


class Leash:
    """Drags a window behind others: it stays where it is until they are farther away than a leash is long, in halves
    of its side, and in the logarithm of size and roll. What is read in it does not tremble with where it was found."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._window: Window | None = None

    def reset(self) -> None:
        """The next window is another face's."""
        self._window = None

    def add(self, window: Window) -> Window:
        """The window to read in."""
        if self._window is None:
            self._window = window
            return window
        last = self._window
        place = (window.center - last.center) / abs(last.half)
        turn = complex(np.log(window.half / last.half))
        place, turn = (step * max(0.0, 1 - self._length / (abs(step) or 1.0)) for step in (place, turn))
        self._window = Window(last.center + abs(last.half) * place, last.half * complex(np.exp(turn)))
        return self._window


def _share(hertz: float, seconds: float) -> float:
    """The weight of a new value in a first-order low-pass filter with this cutoff."""
    return 1 / (1 + 1 / (2 * math.pi * hertz * seconds))


def _average(looks: Sequence[Reading]) -> Reading:
    """Mean probabilities, and the middle one of each measurement and of each color's channels, which one blurred look
    does not change; the emotion is the last one's."""
    values = iter(np.mean([_vector(reading) for reading in looks], 0).tolist())
    places = {place for reading in looks for place in reading.colors}
    return Reading(
        {name: next(values) for name in ATTRIBUTES},
        {question: {answer: next(values) for answer in answers} for question, answers in LOOK.items()},
        {name: next(values) for name in SKIN_TONES},
        looks[-1].emotion,
        {
            place: _middle([reading.colors[place] for reading in looks if place in reading.colors])
            for place in places
        },
        Measurements(
            **{name: _usual([getattr(look.measurements, name) for look in looks]) for name in MEASUREMENTS}
        ),
    )


def _vector(reading: Reading) -> NDArray[np.float64]:
    answers = [p for question in LOOK for p in reading.look[question].values()]
    return np.array([*reading.attributes.values(), *answers, *reading.skin_tone.values()])


def _usual(numbers: Sequence[float | None]) -> float | None:
    """The middle one of the known numbers; None if most are unknown."""
    known = [number for number in numbers if number is not None]
    return float(np.median(known)) if 2 * len(known) >= len(numbers) else None


def _middle(colors: Sequence[str]) -> str:
    return hex_color(np.median([channels(color) for color in colors], 0).tolist())
