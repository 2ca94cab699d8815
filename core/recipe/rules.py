"""Reading -> recipe: interprets rules.toml, which says what speaks for each value and what never goes together."""

from __future__ import annotations

import functools
import itertools
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from core.recipe.choices import FIELDS, RecipeError, Value
from core.seeing.colors import differences

if TYPE_CHECKING:
    from core.seeing.reading import Reading

PEAK = "emotion.peak"
"""Evidence: the probability of the likeliest emotion."""

MEASURED = {"clothes": "clothes_color", "hat": "headwear_color"}
"""{place of `core.seeing.colors.PLACES`: the field whose palette its color is compared with}, for evidence such as
"measured_clothes.black"."""

_ANSWERS = {
    **LOOK, "emotion": EMOTIONS, "skin_tone": SKIN_TONES,
    **{f"measured_{place}": tuple(FIELDS[field].palette) for place, field in MEASURED.items()},
}  # fmt: skip
_SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1, so that their logarithms are finite."""


@dataclass(frozen=True)
class Decision:
    """Fields that are decided together.

    options: for each field its values and, for each value, its prior and {evidence: weight};
    combinations: int (N, fields), the allowed ones as numbers of options, in the table's order.
    """

    options: Mapping[str, Mapping[Value, tuple[float, Mapping[str, float]]]]
    combinations: NDArray[np.intp]

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

    limit: where evidence is cut, in log-odds; shade: the difference between colors, CIELAB units, that counts as one of
    log-odds; thresholds: {attribute: probability that speaks for neither side};
    decisions: what is decided together; sources: every piece of evidence that some decision listens to.
    """

    limit: float
    shade: float
    thresholds: Mapping[str, float]
    decisions: tuple[Decision, ...]
    sources: frozenset[str]

    def evidence(self, reading: Reading) -> dict[str, float]:
        """{source: its log-odds within +-limit}."""
        probabilities = {**reading.attributes, PEAK: max(reading.emotion.values())}
        questions = {**reading.look, "emotion": reading.emotion, "skin_tone": reading.skin_tone}
        for place, field in MEASURED.items():
            questions[f"measured_{place}"] = _closeness(reading.colors.get(place), field, self.shade)
        return {source: self._measure(source, probabilities, questions) for source in self.sources}

    def _measure(
        self, source: str, probabilities: Mapping[str, float], questions: Mapping[str, Mapping[str, float]]
    ) -> float:
        if source in self.thresholds:
            odds = _logit(probabilities[source]) - _logit(self.thresholds[source])
        else:
            question, answers = source.split(".")
            distribution = questions[question]
            together = sum(distribution[answer] for answer in answers.split("|"))
            odds = min(0.0, math.log(max(together, _SMALLEST)) - math.log(max(distribution.values())))
        return min(self.limit, max(-self.limit, odds))


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
    thresholds = table["thresholds"]
    for name in thresholds:
        if name not in ATTRIBUTES and name != PEAK:
            raise ValueError(f"[thresholds] {name}: no attribute of that name.")
    options = {name: _options(name, rows, thresholds) for name, rows in table["fields"].items()}
    never = [_exclusion(row, options) for row in table["never"]]
    decisions = tuple(
        Decision({field: options[field] for field in fields}, _allowed(fields, options, never))
        for fields in _tied_together(options, never)
    )
    sources = frozenset(
        source for values in options.values() for _, weights in values.values() for source in weights
    )
    return Rules(table["limit"], table["shade"], thresholds, decisions, sources)


def _options(
    name: str, rows: Mapping[str, Mapping[str, float]], thresholds: Mapping[str, float]
) -> dict[Value, tuple[float, dict[str, float]]]:
    if name not in FIELDS:
        raise ValueError(f"[fields.{name}]: a recipe has no such field.")
    options: dict[Value, tuple[float, dict[str, float]]] = {}
    for key, row in rows.items():
        value = {"yes": True, "no": False}.get(key, key) if FIELDS[name].kind == "yes-no" else key
        weights = {source: weight for source, weight in row.items() if source != "prior"}
        for source in weights:
            if source not in thresholds and not _is_answer(source):
                raise ValueError(f"[fields.{name}] {key}: there is no evidence {source!r}.")
        try:
            options[FIELDS[name].check(value)] = (row.get("prior", 0.0), weights)
        except RecipeError as error:
            raise ValueError(f"[fields.{name}]: {error}") from None
    return options


def _is_answer(source: str) -> bool:
    question, _, answers = source.partition(".")
    return question in _ANSWERS and set(answers.split("|")) <= set(_ANSWERS[question])


def _exclusion(row: Mapping[str, Any], options: Mapping[str, Mapping[Value, Any]]) -> dict[str, list[Value]]:
    exclusion = {field: values for field, values in row.items() if field != "why"}
    for field, values in exclusion.items():
        for value in values:
            if value not in options.get(field, ()):
                raise ValueError(f"[[never]] {field} = {value!r}: no rule gives that value ({row['why']}).")
    return exclusion


def _tied_together(fields: Iterable[str], never: list[dict[str, list[Value]]]) -> list[list[str]]:
    """Groups of fields that some [[never]] row connects, directly or through others."""
    groups = [[field] for field in fields]
    for row in never:
        tied = [group for group in groups if not row.keys().isdisjoint(group)]
        groups = [group for group in groups if group not in tied] + [list(itertools.chain(*tied))]
    return groups


def _allowed(
    fields: list[str], options: Mapping[str, Mapping[Value, Any]], never: list[dict[str, list[Value]]]
) -> NDArray[np.intp]:
    combinations = np.indices([len(options[field]) for field in fields]).reshape(len(fields), -1).T
    allowed = np.ones(len(combinations), bool)
    for row in never:
        if row.keys() <= set(fields):
            matches = [
                np.isin(combinations[:, fields.index(field)], [list(options[field]).index(v) for v in values])
                for field, values in row.items()
            ]
            allowed &= ~np.all(matches, 0)
    return combinations[allowed]


@functools.lru_cache(maxsize=256)
def _closeness(color: str | None, field: str, shade: float) -> dict[str, float]:
    """{name in the field's palette: how well it fits a measured color}, summing to 1; all the same for None."""
    palette = FIELDS[field].palette
    if color is None:
        return dict.fromkeys(palette, 1 / len(palette))
    far = differences(color, [swatch.hex for swatch in palette.values()])
    fits = np.exp((far.min() - far) / shade)
    return dict(zip(palette, (fits / fits.sum()).tolist(), strict=True))


def _score(prior: float, weights: Mapping[str, float], evidence: Mapping[str, float]) -> float:
    return prior + sum(weight * evidence[source] for source, weight in weights.items())


def _logit(probability: float) -> float:
    probability = min(1 - _SMALLEST, max(_SMALLEST, probability))
    return math.log(probability / (1 - probability))


RULES = load_rules((Path(__file__).parent / "rules.toml").read_text("utf-8"))
"""The rules of rules.toml."""
