"""Captions of stickers: thick round letters with a black outline, in Fredoka (SIL Open Font License)."""

from __future__ import annotations

import functools
import unicodedata
from importlib.resources import files

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from core.drawing.artwork import GRID
from core.errors import shortened

LONGEST = 24
"""Characters that a caption may have."""

_AXES = [700.0, 100.0]
"""Weight and width of the letters: bold, as wide as they are by nature."""

_LARGEST, _WIDEST, _BOTTOM = 15, 68, 71
"""Size of the letters and width of the whole, at most, and where it ends, in units of the 72x72 grid."""

_OUTLINE = 2 / 15
"""Width of the outline as a share of the letters' size; the largest have OpenMoji's own of two units."""


NOT_ONE_LINE = "Please give a caption of 1 to {longest} characters, on one line."
NOT_IN_FONT = "The captions' font has no {letters}. Please write it with other letters."
"""Why a caption cannot be drawn, as sentences for people."""


def why_not(text: str) -> tuple[str, dict[str, object]]:
    """Why a caption cannot be drawn: the sentence, and what stands in its braces; "" if it can."""
    if not 1 <= len(text) <= LONGEST or not text.isprintable():
        return NOT_ONE_LINE, {"longest": LONGEST}
    unknown = "".join(dict.fromkeys(letter for letter in text if not _is_drawn(letter)))
    if unknown:
        return NOT_IN_FONT, {"letters": shortened(unknown)}
    return "", {}


def draw_caption(canvas: Image.Image, text: str) -> None:
    """Draws a caption, white with a black outline, onto the lower end of a square RGBA picture."""
    unit = canvas.width / GRID
    size = _LARGEST * unit
    width = _font(size).getlength(text) + 2 * _OUTLINE * size
    size *= min(1, _WIDEST * unit / width)
    font, outline = _font(size), _OUTLINE * size
    # All captions stand on the same line, whether or not a letter reaches below it.
    place = (canvas.width / 2, _BOTTOM * unit - outline - font.getmetrics()[1] / 2)
    draw = ImageDraw.Draw(canvas)
    draw.text(place, text, "white", font, "ms", stroke_width=outline, stroke_fill="black")


def _is_drawn(letter: str) -> bool:
    # Letters that are written from the right need more than a font.
    return ord(letter) in _letters() and unicodedata.bidirectional(letter) not in ("R", "AL")


@functools.cache
def _letters() -> frozenset[int]:
    return frozenset(TTFont(_path()).getBestCmap())


@functools.lru_cache(maxsize=32)
def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_path(), size)
    font.set_variation_by_axes(_AXES)
    return font


def _path() -> str:
    return str(files("fontpkg_fredoka") / "files" / "Fredoka[wdth,wght].ttf")
