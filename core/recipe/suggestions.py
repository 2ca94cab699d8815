"""Reading -> three recipes to choose from; suggestions.toml says how they differ."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.recipe.choices import FIELDS, Value
from core.recipe.recipe import Recipe
from core.seeing.colors import differences
from core.seeing.reading import Reading


@dataclass(frozen=True)
class Suggestion:
    """A recipe to choose, and what to call it."""

    label: str
    recipe: Recipe


def suggestions(reading: Reading) -> tuple[Suggestion, ...]:
    """The emoji as it was read, a softer and a bolder one; no two are the same."""
    true = Recipe.from_reading(reading)
    labels = _table()["labels"]
    return (
        Suggestion(labels["true"], true),
        Suggestion(labels["softer"], softer(true)),
        Suggestion(labels["bolder"], bolder(true)),
    )


def labels() -> tuple[str, ...]:
    """What the suggestions are called."""
    return tuple(_table()["labels"].values())


def softer(recipe: Recipe) -> Recipe:
    """The recipe with fewer extras, a warmer smile, gentler brows and lips; always another one."""
    return _changed(recipe, _table()["softer"])


def bolder(recipe: Recipe) -> Recipe:
    """The recipe with a stronger smile, fuller hair, and a ground on which it stands out; always another one."""
    return _changed(recipe, _table()["bolder"]).replace(background_color=_ground(recipe))


def _changed(recipe: Recipe, kind: Mapping[str, Any]) -> Recipe:
    steps: Mapping[str, Mapping[str, str]] = kind["steps"]
    values: dict[str, Value] = {
        field: step[getattr(recipe, field)] for field, step in steps.items() if getattr(recipe, field) in step
    }
    values |= {field: not value for field, value in kind["never"].items() if getattr(recipe, field) == value}
    ways = (values, *kind["otherwise"])
    return next(changed for way in ways if (changed := recipe.replace(**way)) != recipe)


def _ground(recipe: Recipe) -> str:
    """The name of the ground that differs most from whatever of the person is nearest to it."""
    names: list[str] = _table()["grounds"]["colors"]
    grounds = [FIELDS["background_color"].hex(name) for name in names]
    worn = ["hair_color", "clothes_color", *(["headwear_color"] if recipe.headwear != "none" else [])]
    far = np.min([differences(FIELDS[field].hex(getattr(recipe, field)), grounds) for field in worn], 0)
    return names[int(far.argmax())]


@functools.cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
