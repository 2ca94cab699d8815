"""Emotion and strength -> mouth, eyes and brows of a recipe; expressions.toml says which."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

STRENGTHS = ("mild", "strong")


def expression(emotion: str, strength: str) -> dict[str, str]:
    """{field of a recipe: value} of a face that shows an emotion of `core.models.labels.EMOTIONS`, "mild" or "strong".

    Raises KeyError for any other emotion or strength.
    """
    return dict(_table()[emotion][strength])


@functools.cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads((Path(__file__).with_suffix(".toml")).read_text("utf-8"))
