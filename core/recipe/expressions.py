"""Emotion and strength -> mouth, eyes and brows of a recipe; expressions.toml says which."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.recipe.recipe import Recipe

STRENGTHS = ("mild", "strong")
LIVE_FIELDS = frozenset({"mouth", "eyes", "brows"})
"""What of a recipe follows the face; the rest is who somebody is."""


@dataclass(frozen=True)
class Own:
    """Of a field: the value of a face that does nothing special, and those that somebody keeps instead of it."""

    plain: str
    kept: tuple[str, ...]


def expression(emotion: str, strength: str) -> dict[str, str]:
    """{field of a recipe: value} of a face that shows an emotion of `core.models.labels.EMOTIONS`, "mild" or "strong".

    Raises KeyError for any other emotion or strength.
    """
    return dict(_table()[emotion][strength])


def showing(person: Recipe, emotion: str, strength: str) -> Recipe:
    """A person who shows an emotion; where it does nothing special, the person's own large eyes or brows stay."""
    face = expression(emotion, strength)
    for name, own in _own().items():
        if face[name] == own.plain and getattr(person, name) in own.kept:
            del face[name]
    return person.replace(**face)


@functools.cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads((Path(__file__).with_suffix(".toml")).read_text("utf-8"))


@functools.cache
def _own() -> Mapping[str, Own]:
    rows: Mapping[str, Mapping[str, Any]] = _table()["own"]
    return {name: Own(row["plain"], tuple(row["kept"])) for name, row in rows.items()}
