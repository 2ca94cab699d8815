"""Reading -> recipe: interprets rules.toml, which says what speaks for each value and what never goes together."""

from __future__ import annotations

import functools
import itertools
import math
import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from core.recipe.choices import FIELDS, RecipeError, Value
from core.seeing.colors import differences
from core.seeing.measurements import MEASUREMENTS

if TYPE_CHECKING:
    from core.seeing.reading import Reading

PEAK = "emotion.peak"
"""A number: the probability of the likeliest emotion."""

SURELY = "surely."
"""Begins the evidence that an attribute is nearly certain."""

NEVER = 1.0
"""The threshold of [surely] that nothing reaches."""

NOT = "not."
"""Follows it, for an attribute that is nearly certainly absent."""

SET = "@"
"""Begins the name of a set of values in a [[never]] or [[at_most]] row."""

MEASURED = {
    "clothes": "clothes_color", "hat": "headwear_color", "hair": "hair_color", "lips": "lipstick",
    "inner": "inner_color",
}  # fmt: skip
"""{place where a color is measured (`core.seeing.measurements.measure`): the field whose palette it is compared with},
for evidence such as "measured_clothes.black"."""

_ANSWERS = {
    **LOOK, "emotion": EMOTIONS, "skin_tone": SKIN_TONES,
    **{f"measured_{place}": tuple(FIELDS[field].palette) for place, field in MEASURED.items()},
}  # fmt: skip
_SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1, so that their logarithms are finite."""


@dataclass(frozen=True)
class Scale:
    """Evidence from a number: how far it lies above `middle`, in units of `unit`, within the table's limit.

    of: {number: weight}, whose sum is meant; a number is one of `MEASUREMENTS` or the probability of an attribute, of
    an answer or of several. size: whether only its distance from 0 counts. unless: answers that make it unknown.
    """

    of: Mapping[str, float]
    middle: float
    unit: float
    size: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shade:
    """How a measured color is compared with a palette.

    unit: the difference, in CIELAB, that counts as one of log-odds; lightness: how much lightness counts in it;
    relative: whether hue is taken relative to lightness, which shadows change; unless: answers that make it unknown.
    """

    unit: float
    lightness: float
    relative: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """Fields that are decided together.

    options: for each field its values and, for each value, its prior and {evidence: weight};
    combinations: int (N, fields), the allowed ones as numbers of options, in the table's order.
    """

    options: Mapping[str, Mapping[Value, tuple[float, Mapping[str, float]]]]
    combinations: NDArray[np.intp]

    @functools.cached_property
    def sources(self) -> frozenset[str]:
        """Every piece of evidence that it listens to."""
        return frozenset(
            source for values in self.options.values() for _, weights in values.values() for source in weights
        )

    def decide(
        self, evidence: Mapping[str, float], held: Mapping[str, Value] | None = None, margin: float = 0.0
    ) -> dict[str, Value]:
        """The allowed combination with the highest total score; of equal ones the first.

        held: the values so far; each of them scores `margin` more, so that only clear evidence changes it.
        """
        held = held or {}
        totals = np.zeros(len(self.combinations))
        for column, (field, values) in enumerate(self.options.items()):
            scores = np.array([
                _score(prior, weights, evidence) + (margin if held.get(field) == value else 0.0)
                for value, (prior, weights) in values.items()
            ])  # fmt: skip
            totals += scores[self.combinations[:, column]]
        best = self.combinations[totals.argmax()]
        return {
            field: list(values)[option]
            for (field, values), option in zip(self.options.items(), best, strict=True)
        }


@dataclass(frozen=True)
class Rules:
    """The whole table.

    limit: where evidence is cut, in log-odds; thresholds: {attribute: probability that speaks for neither side};
    surely: {attribute: probability from which it is nearly certain, 1 for never}; scales: {evidence: Scale};
    shades: {place: Shade}; decisions: what is decided together; sources: every piece of evidence that some decision
    listens to.
    """

    limit: float
    thresholds: Mapping[str, float]
    surely: Mapping[str, float]
    scales: Mapping[str, Scale]
    shades: Mapping[str, Shade]
    decisions: tuple[Decision, ...]
    sources: frozenset[str]

    def evidence(self, reading: Reading, sources: Iterable[str] | None = None) -> dict[str, float]:
        """{source: its log-odds within +-limit}, of all sources or of these."""
        seen = _Seen(reading, self.shades)
        return {
            source: min(self.limit, max(-self.limit, self._weigh(source, seen)))
            for source in (self.sources if sources is None else sources)
        }

    def numbers(self, decision: Decision) -> frozenset[str]:
        """The attributes, answers and measurements by which a decision goes."""
        return frozenset(
            number.removeprefix(SURELY).removeprefix(NOT)
            for source in decision.sources
            for number in (self.scales[source].of if source in self.scales else (source,))
        )

    def _weigh(self, source: str, seen: _Seen) -> float:
        if source in self.thresholds:
            return _logit(seen.reading.attributes[source]) - _logit(self.thresholds[source])
        if source in self.scales:
            return seen.place(self.scales[source])
        if source.startswith(SURELY):
            name = source.removeprefix(SURELY)
            if self.surely[name] == NEVER:
                return -self.limit
            odds = _logit(seen.reading.attributes[name.removeprefix(NOT)]) - _logit(self.surely[name])
            return -odds if name.startswith(NOT) else odds
        return seen.behind(source)


class _Seen:
    """A reading as evidence asks for it."""

    def __init__(self, reading: Reading, shades: Mapping[str, Shade]) -> None:
        self.reading = reading
        self._shades = shades
        self._questions: dict[str, Mapping[str, float]] = {
            **reading.look, "emotion": reading.emotion, "skin_tone": reading.skin_tone
        }  # fmt: skip

    def _distribution(self, question: str) -> Mapping[str, float]:
        if question not in self._questions:
            place = question.removeprefix("measured_")
            shade = self._shades[place]
            color = None if self._is_any(shade.unless) else self.reading.colors.get(place)
            self._questions[question] = _closeness(color, MEASURED[place], shade)
        return self._questions[question]

    def behind(self, source: str) -> float:
        """How far these answers together are behind the likeliest one to their question, 0 or less."""
        distribution = self._distribution(source.partition(".")[0])
        return min(
            0.0, math.log(max(self._probability(source), _SMALLEST)) - math.log(max(distribution.values()))
        )

    def place(self, scale: Scale) -> float:
        """Where the number stands on the scale; 0 when it is unknown."""
        numbers = [self._number(name) for name in scale.of]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers) or self._is_any(scale.unless):
            return 0.0
        total = sum(weight * number for weight, number in zip(scale.of.values(), known, strict=True))
        return ((abs(total) if scale.size else total) - scale.middle) / scale.unit

    def _number(self, name: str) -> float | None:
        if name in MEASUREMENTS:
            return getattr(self.reading.measurements, name)
        return self._probability(name)

    def _probability(self, name: str) -> float:
        if name == PEAK:
            return max(self.reading.emotion.values())
        if name in self.reading.attributes:
            return self.reading.attributes[name]
        question, _, answers = name.partition(".")
        return sum(self._distribution(question)[answer] for answer in answers.split("|"))

    def _is_any(self, sources: Iterable[str]) -> bool:
        return any(self._probability(source) > 0.5 for source in sources)


def decide(reading: Reading) -> dict[str, Any]:
    """{field: value} of the most likely consistent recipe for what the models saw; fields without rules are absent."""
    evidence = RULES.evidence(reading)
    values: dict[str, Any] = {}
    for decision in RULES.decisions:
        values |= decision.decide(evidence)
    return values


def load_rules(text: str) -> Rules:
    """The rules in a TOML text; ValueError says which row names something that does not exist."""
    table = tomllib.loads(text)
    thresholds, surely = table["thresholds"], table["surely"]
    for part, names in (("thresholds", thresholds), ("surely", surely)):
        for name in names:
            if name.removeprefix(NOT) not in ATTRIBUTES:
                raise ValueError(f"[{part}] {name}: no attribute of that name.")
    scales = {name: Scale(**_as_tuple(row)) for name, row in table["scales"].items()}
    for name, scale in scales.items():
        for number in (*scale.of, *scale.unless):
            if not _is_number(number) or (number in MEASUREMENTS and number in scale.unless):
                raise ValueError(f"[scales] {name}: there is no number {number!r}.")
    shades = {place: Shade(**_as_tuple(row)) for place, row in table["shades"].items()}
    if shades.keys() != MEASURED.keys():
        raise ValueError(f"[shades] must have one row for each of {', '.join(MEASURED)}.")
    known = {*thresholds, *scales, *(SURELY + name for name in surely)}
    options = {name: _options(name, rows, known) for name, rows in table["fields"].items()}
    sets = {SET + name: values for name, values in table["sets"].items()}
    never = [_exclusion("never", row, options, sets) for row in table["never"]]
    at_most = [(row["count"], _exclusion("at_most", row, options, sets)) for row in table["at_most"]]
    tied = [*never, *(row for _, row in at_most)]
    decisions = tuple(
        Decision({field: options[field] for field in fields}, _allowed(fields, options, never, at_most))
        for fields in _tied_together(options, tied)
    )
    sources = frozenset().union(*(decision.sources for decision in decisions))
    return Rules(table["limit"], thresholds, surely, scales, shades, decisions, sources)


def _as_tuple(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "unless": tuple(row.get("unless", ()))}


def _is_number(name: str) -> bool:
    return name == PEAK or name in MEASUREMENTS or name in ATTRIBUTES or _is_answer(name)


def _options(
    name: str, rows: Mapping[str, Mapping[str, float]], known: Container[str]
) -> dict[Value, tuple[float, dict[str, float]]]:
    if name not in FIELDS:
        raise ValueError(f"[fields.{name}]: a recipe has no such field.")
    options: dict[Value, tuple[float, dict[str, float]]] = {}
    for key, row in rows.items():
        value = {"yes": True, "no": False}.get(key, key) if FIELDS[name].kind == "yes-no" else key
        weights = {source: weight for source, weight in row.items() if source != "prior"}
        for source in weights:
            if source not in known and not _is_answer(source):
                raise ValueError(f"[fields.{name}] {key}: there is no evidence {source!r}.")
        try:
            options[FIELDS[name].check(value)] = (row.get("prior", 0.0), weights)
        except RecipeError as error:
            raise ValueError(f"[fields.{name}]: {error}") from None
    return options


def _is_answer(source: str) -> bool:
    question, _, answers = source.partition(".")
    return question in _ANSWERS and set(answers.split("|")) <= set(_ANSWERS[question])


def _exclusion(
    kind: str,
    row: Mapping[str, Any],
    options: Mapping[str, Mapping[Value, Any]],
    sets: Mapping[str, list[Value]],
) -> dict[str, list[Value]]:
    """{field: values} of a row, with the sets that it names written out."""
    exclusion = {
        field: [value for name in values for value in sets.get(name, [name])]
        for field, values in row.items()
        if field not in ("why", "count")
    }
    for field, values in exclusion.items():
        for value in values:
            if value not in options.get(field, ()):
                raise ValueError(f"[[{kind}]] {field} = {value!r}: no rule gives that value ({row['why']}).")
    return exclusion


def _tied_together(fields: Iterable[str], rows: list[dict[str, list[Value]]]) -> list[list[str]]:
    """Groups of fields that some row connects, directly or through others."""
    groups = [[field] for field in fields]
    for row in rows:
        tied = [group for group in groups if not row.keys().isdisjoint(group)]
        groups = [group for group in groups if group not in tied] + [list(itertools.chain(*tied))]
    return groups


def _allowed(
    fields: list[str],
    options: Mapping[str, Mapping[Value, Any]],
    never: list[dict[str, list[Value]]],
    at_most: list[tuple[int, dict[str, list[Value]]]],
) -> NDArray[np.intp]:
    combinations = np.indices([len(options[field]) for field in fields]).reshape(len(fields), -1).T
    allowed = np.ones(len(combinations), bool)
    rows = [(len(row) - 1, row) for row in never] + at_most
    for count, row in rows:
        if row.keys() <= set(fields):
            matches = [
                np.isin(combinations[:, fields.index(field)], [list(options[field]).index(v) for v in values])
                for field, values in row.items()
            ]
            allowed &= np.sum(matches, 0) <= count
    return combinations[allowed]


@functools.lru_cache(maxsize=256)
def _closeness(color: str | None, field: str, shade: Shade) -> dict[str, float]:
    """{name in the field's palette: how well it fits a measured color}, summing to 1; all the same for None."""
    palette = FIELDS[field].palette
    if color is None:
        return dict.fromkeys(palette, 1 / len(palette))
    others = [swatch.hex for swatch in palette.values()]
    far = differences(color, others, shade.lightness, shade.relative)
    fits = np.exp((far.min() - far) / shade.unit)
    return dict(zip(palette, (fits / fits.sum()).tolist(), strict=True))


def _score(prior: float, weights: Mapping[str, float], evidence: Mapping[str, float]) -> float:
    return prior + sum(weight * evidence[source] for source, weight in weights.items())


def _logit(probability: float) -> float:
    probability = min(1 - _SMALLEST, max(_SMALLEST, probability))
    return math.log(probability / (1 - probability))


RULES = load_rules((Path(__file__).parent / "rules.toml").read_text("utf-8"))
"""The rules of rules.toml."""
