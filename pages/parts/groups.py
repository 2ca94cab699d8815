"""For whom a reading is worse, in HTML: a chart of bars for each comparison of groups, and the widest gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from core.models.groups import (
    BY_AGE,
    BY_PALENESS,
    BY_RACE,
    BY_SEEN_TONE,
    BY_SEX,
    BY_TONE,
    FEWEST,
    NO_GAP,
    READINGS,
    RIGHT,
    Comparison,
    widest,
)
from core.recipe.names import SKIN_TONES
from pages.parts.bars import bar

NAMES: Mapping[str, str] = {
    "Male": "Labeled male",
    "not Male": "Labeled female",
    "Female": "Labeled female",
    "Young": "Labeled young",
    "not Young": "Labeled older",
    "Pale_Skin": "Labeled pale",
    "not Pale_Skin": "Not labeled pale",
    "Latino_Hispanic": "Latino or Hispanic",
    **{tone: f"{name} skin" for tone, name in SKIN_TONES.items()},
}
"""{group of a data set: its name for people}, of those whose own name does not say it."""

ORDER = (BY_TONE, BY_RACE, BY_SEEN_TONE, BY_PALENESS, BY_SEX, BY_AGE)
"""Groupings in the order of the page; those of which most is known to go wrong come first."""


def of_reading(task: str, comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Those that compare how well the network of a task does, in the order of the page, each once: of two that compare
    the same groups by the same measure, the one with more pictures."""
    kept: dict[tuple[str, str], Comparison] = {}
    for one in comparisons:
        key = (one.measure, one.where)
        if (
            READINGS[one.measure] == task
            and one.gap
            and (key not in kept or _pictures(one) > _pictures(kept[key]))
        ):
            kept[key] = one
    return sorted(kept.values(), key=lambda one: (one.measure, ORDER.index(one.where.partition(", by ")[2])))


def _pictures(one: Comparison) -> int:
    return sum(share.total for share in one.groups.values())


def charts(comparisons: Sequence[Comparison]) -> str:
    """A card for each comparison: a bar for each group of at least FEWEST pictures, and of how many its share is."""
    cards = (
        f'<section class="card"><h3>{escape(_title(one))}</h3><p>{escape(one.where)}</p><ul>'
        + "".join(
            bar(NAMES.get(group, group), share.hits / share.total, note=f"of {share.total:,} photos")
            for group, share in one.groups.items()
            if share.total >= FEWEST
        )
        + "</ul></section>"
        for one in comparisons
    )
    return f'<div class="cards groups">{"".join(cards)}</div>'


def _title(one: Comparison) -> str:
    right = RIGHT[one.measure]
    return right[0].upper() + right[1:]


def widest_gap(comparisons: Sequence[Comparison]) -> str:
    """The gap of which most is sure, in a sentence for people."""
    gap = widest(comparisons)
    return NO_GAP if gap is None else gap.told(NAMES)
