"""Contact sheets: every choice on one person with its caption, and people side by side."""

from __future__ import annotations

import functools
import io
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from core.drawing import draw_image
from core.recipe import FIELDS, Recipe

CAPTION = 16
"""Height of the line under an emoji, in pixels."""

BASE = Recipe(skin_tone="medium_light", hair_color="darkbrown", expression="happy")
"""The person on whom the choices are shown."""

_CONTEXT: dict[str, dict[str, str | bool]] = {
    "headwear_color": {"headwear": "cap"},
    "background_color": {"background": "circle"},
    "necktie": {"clothes": "shirt", "clothes_color": "white"},
    "strength": {"expression": "sad"},
    "fringe": {"hair": "bob"},
}
"""What else the person needs for a field to be seen."""

Captioned = tuple[str, Recipe]


def every_choice() -> list[Captioned]:
    """(caption, recipe) of every value of every field on the base person."""
    sheet = []
    for field in FIELDS.values():
        base = BASE.replace(**_CONTEXT.get(field.name, {}))
        values: Iterable[str | bool] = (False, True) if field.kind == "yes-no" else field.choices
        sheet += [
            (f"{field.name}: {str(value).lower()}", base.replace(**{field.name: value})) for value in values
        ]
    return sheet


def every_expression() -> list[Captioned]:
    """(caption, recipe) of each emotion in each strength, with closed and open mouth."""
    return [
        (f"{emotion}, {strength}{', open' * mouth_open}", BASE.replace(
            expression=emotion, strength=strength, mouth_open=mouth_open
        ))
        for emotion in FIELDS["expression"].choices
        for strength in FIELDS["strength"].choices
        for mouth_open in (False, True)
    ]  # fmt: skip


def people() -> list[Captioned]:
    """(caption, recipe) of two dozen people who have little in common, to look at what choices do together."""
    table = tomllib.loads((Path(__file__).parent / "people.toml").read_text("utf-8"))
    return [(str(number + 1), Recipe(**values)) for number, values in enumerate(table["people"])]


def contact_sheet(emojis: Sequence[Captioned], size: int = 144, columns: int = 10) -> Image.Image:
    """An RGB picture of the emojis, `size` pixels each, in rows of `columns`, on white, captions below them."""
    rows = -(-len(emojis) // columns)
    sheet = Image.new("RGB", (columns * size, rows * (size + CAPTION)), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (caption, recipe) in enumerate(emojis):
        left, top = number % columns * size, number // columns * (size + CAPTION)
        emoji = draw_image(recipe, size)
        sheet.paste(emoji, (left, top), emoji)
        pen.text((left + size / 2, top + size + 1), caption, fill="black", font=_font(), anchor="ma")
    return sheet


def gallery_png(recipes: Sequence[Recipe] = (), size: int = 144) -> bytes:
    """One PNG of every choice, every expression and people who differ much, and of `recipes` below them.

    size: of one emoji, in pixels.
    """
    given = [(f"{number + 1}", recipe) for number, recipe in enumerate(recipes)]
    sheets = [
        contact_sheet(part, size) for part in (every_choice(), every_expression(), people(), given) if part
    ]
    gallery = Image.new("RGB", (sheets[0].width, sum(sheet.height for sheet in sheets)), "white")
    top = 0
    for sheet in sheets:
        gallery.paste(sheet, (0, top))
        top += sheet.height
    stream = io.BytesIO()
    gallery.save(stream, "PNG")
    return stream.getvalue()


@functools.cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=10)
