"""Movements -> action units of the Facial Action Coding System (Ekman and Friesen, 1978), by action_units.toml."""

from __future__ import annotations

import tomllib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Literal


@dataclass(frozen=True)
class ActionUnit:
    """name, says: for people; of: groups of movements; which of the groups' means counts; lasts: seconds for which it
    must have been so."""

    name: str
    says: str
    of: tuple[tuple[str, ...], ...]
    which: Literal["most", "least"] = "most"
    lasts: float = 0.0

    def value(self, movements: Mapping[str, float]) -> float:
        """0 to 1, for movements {name: 0 to 1} of one moment."""
        means = [mean(movements[name] for name in group) for group in self.of]
        return max(means) if self.which == "most" else min(means)


@cache
def action_units() -> Mapping[str, ActionUnit]:
    """{code, such as AU12: what it is}, in the order of their numbers."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {
        code: ActionUnit(**row | {"of": tuple(tuple(group) for group in row["of"])})
        for code, row in table.items()
    }


class UnitReader:
    """The action units of one face over time."""

    def __init__(self) -> None:
        self._past: dict[str, deque[tuple[float, float]]] = {
            code: deque() for code, unit in action_units().items() if unit.lasts
        }

    def add(self, movements: Mapping[str, float], time: float) -> dict[str, float]:
        """{code: 0 to 1} at this time, seconds."""
        units = {code: unit.value(movements) for code, unit in action_units().items()}
        for code, past in self._past.items():
            lasts = action_units()[code].lasts
            past.append((time, units[code]))
            # The last one from before is kept: it tells what was so when the span began.
            while len(past) > 1 and not time - lasts < past[1][0]:
                past.popleft()
            spanned = time - past[0][0] >= lasts
            units[code] = min(value for _, value in past) if spanned else 0.0
        return units
