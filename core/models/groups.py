"""How well each group of people is read: shares and gaps, out of a network's card or the report of fairness.

Groups are what data sets say of their pictures, and the skin tone that the models see; they serve to measure alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FEWEST = 10
"""Groups with fewer pictures are shown, and not compared."""

FOUND, TONE, HAIR, SMILE, GLASSES = "face found", "skin tone", "hair color", "smile", "glasses"
LABELS = "forty attributes"
READINGS = {
    FOUND: "finder", TONE: "skin_tone", HAIR: "look", SMILE: "attributes", GLASSES: "look", LABELS: "attributes",
}  # fmt: skip
"""{measure: task of the network that answers for it}."""
RIGHT = {
    FOUND: "the face is found",
    TONE: "the skin tone is right",
    HAIR: "the hair color is right",
    SMILE: "the smile is right",
    GLASSES: "the glasses are right",
    LABELS: "the answers on forty attributes are right",
}
"""{measure: what it counts, in words}."""

BY_SEX, BY_AGE, BY_RACE = "sex as labeled", "age as labeled", "race group as labeled"
BY_PALENESS, BY_TONE, BY_SEEN_TONE = "pale skin as labeled", "skin tone as rated", "skin tone as seen"
_LABELED = {"Male": BY_SEX, "Young": BY_AGE, "Pale_Skin": BY_PALENESS}
"""{label of CelebA by whose two values a card compares: that grouping}."""

NO_GAP = "There is none that the number of pictures does not explain."


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    def __str__(self) -> str:
        return f"{self.hits / self.total:.1%} ({self.total})" if self.total else "none"

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% confidence interval."""
        return wilson(self.hits, self.total)


@dataclass(frozen=True)
class Comparison:
    """How one measure does for each group. where: the pictures and the grouping, "FairFace, by age as labeled"."""

    where: str
    measure: str
    groups: Mapping[str, Share]

    @property
    def gap(self) -> Gap | None:
        """Between groups of at least FEWEST pictures; None where there are no two of them."""
        ranked = sorted(
            ((group, share) for group, share in self.groups.items() if share.total >= FEWEST),
            key=lambda pair: pair[1].hits / pair[1].total,
        )
        return Gap(self.where, self.measure, ranked[0], ranked[-1]) if len(ranked) > 1 else None


@dataclass(frozen=True)
class Gap:
    """The best and the worst group of a grouping by one measure."""

    where: str
    measure: str
    worst: tuple[str, Share]
    best: tuple[str, Share]

    @property
    def points(self) -> float:
        """Between the shares, percentage points."""
        (_, worst), (_, best) = self.worst, self.best
        return 100 * (best.hits / best.total - worst.hits / worst.total)

    @property
    def sure(self) -> float:
        """Between the nearest ends of their intervals, percentage points; below zero where they overlap."""
        return 100 * (self.best[1].interval[0] - self.worst[1].interval[1])

    def told(self, names: Mapping[str, str]) -> str:
        """The gap in a plain sentence. names: {group: its name for people}, of those that have another."""
        (low, worst), (high, best) = self.worst, self.best
        low, high = names.get(low, low), names.get(high, high)
        return (
            f"{self.where}: {RIGHT[self.measure]} in {worst.hits / worst.total:.1%} of {worst.total:,} photos of "
            f"“{low}”, and in {best.hits / best.total:.1%} of {best.total:,} photos of “{high}”."
        )


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% confidence interval of a share (Wilson, 1927)."""
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return middle - reach, middle + reach


def widest(comparisons: Sequence[Comparison]) -> Gap | None:
    """The gap of which most is sure; None where chance explains them all."""
    gaps = [gap for comparison in comparisons if (gap := comparison.gap) is not None]
    found = max(gaps, key=lambda gap: gap.sure, default=None)
    return found if found is not None and found.sure > 0 else None


def of_card(content: Mapping[str, Any]) -> list[Comparison]:
    """What a card's figures say of groups of people; of each comparison the first measurement that has it."""
    found: dict[tuple[str, str], Comparison] = {}
    for figures in content["metrics"].values():
        for comparison in _of_figures(content["task"], figures):
            found.setdefault((comparison.where, comparison.measure), comparison)
    return list(found.values())


def _of_figures(task: str, figures: Mapping[str, Any]) -> Iterator[Comparison]:
    for label, row in figures.get("groups", {}).items():
        groups = {
            label: _share(row["with"], row["images_with"]),
            f"not {label}": _share(row["without"], row["images_without"]),
        }
        yield Comparison(f"CelebA, by {_LABELED[label]}", LABELS, groups)
    if tones := figures.get("skin_tones"):
        groups = {tone: _share(row["accuracy"], row["images"]) for tone, row in tones.items()}
        yield Comparison(f"CelebA, by {BY_SEEN_TONE}", LABELS, groups)
    if task == READINGS[TONE]:
        groups = {
            tone: _share(row["recall"], row["images"]) for tone, row in figures.get("per_class", {}).items()
        }
        yield Comparison(f"CelebA, by {BY_TONE}", TONE, groups)
        if races := figures.get("fairface", {}).get("groups"):
            groups = {race: _share(row["accuracy"], row["images"]) for race, row in races.items()}
            yield Comparison(f"FairFace, by {BY_RACE}", TONE, groups)


def _share(share: float | None, total: int) -> Share:
    return Share(round((share or 0.0) * total), total)


def of_report(path: Path) -> list[Comparison]:
    """What the report of fairness says, from its JSON; nothing where there is no report."""
    if not path.is_file():
        return []
    return [
        Comparison(
            row["where"], row["measure"], {group: Share(*counts) for group, counts in row["groups"].items()}
        )
        for row in json.loads(path.read_text("utf-8"))["comparisons"]
    ]
