"""Contact sheets: every drawing alone, every choice on one person, and people side by side, each with its caption."""

from __future__ import annotations

import functools
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as File

from PIL import Image, ImageDraw, ImageFont

from core.drawing.artwork import Path
from core.drawing.layers import Layer, clip_of, every_drawing, layers_of
from core.drawing.painting import paint
from core.models.labels import EMOTIONS
from core.recipe.choices import FIELDS, Value
from core.recipe.expressions import STRENGTHS, expression
from core.recipe.recipe import Recipe

CAPTION = 16
"""Height of the line under an emoji, in pixels."""

HEADING = 36
"""Height of the line above a part of the gallery, in pixels."""

COLUMNS = 10

BASE = Recipe(skin_tone="medium_light", hair_color="chestnut", mouth="soft")
"""The person on whom the choices are shown."""

_CONTEXT: dict[str, dict[str, Value]] = {
    "hairline": {"hair": "full"},
    "parting": {"hairline": "side"},
    "tied": {"hair": "tight", "hairline": "back"},
    "eye_color": {"eyes": "large"},
    "lenses": {"glasses": "square"},
    "frame_color": {"glasses": "round"},
    "headwear_color": {"headwear": "cap"},
    "jewelry_color": {"earrings": "hoop"},
    "inner_color": {"clothes": "suit_open", "clothes_color": "charcoal"},
    "necktie": {"clothes": "suit", "clothes_color": "charcoal"},
    "bow_tie": {"clothes": "suit", "clothes_color": "charcoal", "necktie": "red"},
    "background_color": {"background": "dots"},
    "framing": {"background": "circle"},
}
"""What else the person needs for a field to be seen."""

Captioned = tuple[str, Recipe]


def every_choice() -> list[Captioned]:
    """(caption, recipe) of every value of every field on the base person."""
    sheet = []
    for field in FIELDS.values():
        base = BASE.replace(**_CONTEXT.get(field.name, {}))
        values: Iterable[Value] = (False, True) if field.kind == "yes-no" else field.choices
        sheet += [
            (f"{field.name}: {str(value).lower()}", base.replace(**{field.name: value})) for value in values
        ]
    return sheet


def every_expression() -> list[Captioned]:
    """(caption, recipe) of each emotion in each strength."""
    return [
        (f"{emotion}, {strength}", BASE.replace(**expression(emotion, strength)))
        for emotion in EMOTIONS
        for strength in STRENGTHS
    ]


def people() -> list[Captioned]:
    """(caption, recipe) of forty people who have little in common, to look at what choices do together."""
    table = tomllib.loads((File(__file__).parent / "people.toml").read_text("utf-8"))
    return [(str(number + 1), Recipe(**values)) for number, values in enumerate(table["people"])]


def contact_sheet(emojis: Iterable[Captioned], size: int = 144, columns: int = COLUMNS) -> Image.Image:
    """An RGB picture of the emojis, `size` pixels each, in rows of `columns`, on white, captions below them."""
    return _sheet(
        [(caption, layers_of(recipe), clip_of(recipe)) for caption, recipe in emojis], size, columns
    )


def gallery_png(persons: Sequence[Captioned] = (), size: int = 144) -> bytes:
    """One PNG of every drawing alone, every choice, every expression, people who differ much, and `persons`.

    size: of one emoji, in pixels.
    """
    drawings = _sheet([(name, layers, None) for name, layers in every_drawing(BASE)], size, COLUMNS)
    others = {
        "Every choice": every_choice(),
        "Expressions": every_expression(),
        "People who have little in common": people(),
        "People from photos": persons,
    }
    sheets = {title: contact_sheet(emojis, size) for title, emojis in others.items() if emojis}
    stream = io.BytesIO()
    _stacked({"Every drawing alone": drawings, **sheets}).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def _sheet(
    pictures: Sequence[tuple[str, Sequence[Layer], Path | None]], size: int, columns: int
) -> Image.Image:
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * size, rows * (size + CAPTION)), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (caption, layers, clip) in enumerate(pictures):
        left, top = number % columns * size, number // columns * (size + CAPTION)
        emoji = paint(layers, size, clip)
        sheet.paste(emoji, (left, top), emoji)
        pen.text((left + size / 2, top + size + 1), caption, fill="black", font=_font(10), anchor="ma")
    return sheet


def _stacked(sheets: Mapping[str, Image.Image]) -> Image.Image:
    width = max(sheet.width for sheet in sheets.values())
    gallery = Image.new("RGB", (width, sum(HEADING + sheet.height for sheet in sheets.values())), "white")
    pen, top = ImageDraw.Draw(gallery), 0
    for title, sheet in sheets.items():
        pen.text((10, top + HEADING / 2), title, fill="black", font=_font(20), anchor="lm")
        gallery.paste(sheet, (0, top + HEADING))
        top += HEADING + sheet.height
    return gallery


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)
