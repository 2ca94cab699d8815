"""The finished SVG and PNG: goldens, license, and every pair of choices."""

import functools
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.svgLib.path import parse_path
from numpy.typing import NDArray
from PIL import Image

from core.drawing.artwork import catalogue
from core.drawing.layers import layers_of
from core.drawing.png import draw_image, draw_png, png_of, rasterize
from core.drawing.svg import draw_svg
from core.extras.gallery import CAPTION, HEADING, contact_sheet, gallery_png, people
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
CREATIVE_COMMONS = "{http://creativecommons.org/ns#}"
SVG = "{http://www.w3.org/2000/svg}"

LEAST = -0.01
MOST = 72.01

OPENMOJI = {
    "#000000", "#ffffff", "#3f3f3f", "#9b9b9a", "#d0cfce", "#92d3f5", "#61b2e4", "#1e50a0", "#ea5a47", "#d22f27",
    "#781e32", "#b1cc33", "#5c9e31", "#186648", "#fcea2b", "#f1b31c", "#f4aa41", "#e27022", "#a57939", "#6a462f",
    "#b399c8", "#8967aa", "#ffa7c0", "#e67a94", "#fadcbc", "#debb90", "#c19a65", "#352318",
}  # fmt: skip
"""OpenMoji's palette: colors and skin tones."""
OURS = {
    "#153a75", "#5e4580", "#4289bd", "#6f6f6e", "#c4566f", "#d3921a", "#a3242a", "#a8460f", "#6e2c08",
    *(entry["pale"][0] for entry in catalogue()["skin"].values()),
}  # fmt: skip
"""Shadows that the palette lacks, and pale skin."""


def values_of(name: str) -> list[str | bool]:
    """Every value of a field; of a color, the few that are treated differently."""
    field = FIELDS[name]
    if field.kind == "yes-no":
        return [True]
    if field.kind == "color":
        return [value for value in field.choices if value in ("none", "black", "white", "blue", "red")]
    return list(field.choices)


def pairs() -> Iterator[Recipe]:
    for one, other in itertools.combinations(FIELDS, 2):
        for first, second in itertools.product(values_of(one), values_of(other)):
            yield Recipe().replace(**{one: first, other: second})


@functools.cache
def bounds(d: str, width: float) -> tuple[float, float, float, float]:
    pen = BoundsPen(None)
    parse_path(d, pen)
    left, top, right, bottom = pen.bounds
    return left - width / 2, top - width / 2, right + width / 2, bottom + width / 2


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_drawings(path: Path) -> None:
    # After a change that was looked at: python -m tests.drawing.golden.redraw
    assert draw_svg(Recipe.from_json(path.read_text("utf-8"))) == path.with_suffix(".svg").read_text("utf-8")


def test_every_pair_of_choices_makes_a_sound_drawing() -> None:
    order = {slot: number for number, slot in enumerate(catalogue()["slots"])}
    for recipe in pairs():
        code = recipe.to_code()
        root = ElementTree.fromstring(draw_svg(recipe))
        assert root.get("viewBox") == "0 0 72 72", code
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), code
        layers = layers_of(recipe)
        places = [order[layer.name] for layer in layers]
        assert places == sorted(places), code
        for name, shape in ((layer.name, shape) for layer in layers for shape in layer.shapes):
            left, top, right, bottom = bounds(shape.d, shape.width)
            assert left >= LEAST and top >= LEAST, (code, name, left, top)
            assert right <= MOST and bottom <= MOST, (code, name, right, bottom)
            assert {shape.fill, shape.stroke} - {"none"} <= OPENMOJI | OURS, (code, name)


def test_people_stay_in_the_box_whatever_their_face() -> None:
    for (_, person), face_shape in itertools.product(people(), FIELDS["face_shape"].choices):
        for layer in layers_of(person.replace(face_shape=face_shape)):
            for shape in layer.shapes:
                left, top, right, bottom = bounds(shape.d, shape.width)
                assert min(left, top) >= LEAST and max(right, bottom) <= MOST, (person.to_code(), layer.name)


def test_every_choice_changes_the_drawing() -> None:
    needs = {"headwear_color": {"headwear": "cap"}, "background_color": {"background": "circle"}}
    for name in FIELDS:
        base = Recipe(expression="happy", hair="bob").replace(**needs.get(name, {}))
        drawn = {
            draw_svg(base.replace(**{name: value})) for value in [*values_of(name), FIELDS[name].default]
        }
        assert len(drawn) >= len(set(values_of(name)) | {FIELDS[name].default}), name


def test_a_color_of_ones_own_is_drawn() -> None:
    assert "#12ab9f" in draw_svg(Recipe(clothes_color="#12AB9F"))


def test_the_svg_says_whose_work_it_is() -> None:
    root = ElementTree.fromstring(draw_svg(Recipe()))
    metadata = root.find(f"{SVG}metadata")
    assert metadata is not None
    assert next(metadata.iter(f"{DUBLIN_CORE}source")).text == "https://openmoji.org"
    rights = next(metadata.iter(f"{DUBLIN_CORE}rights")).text or ""
    assert "OpenMoji" in rights and "CC BY-SA 4.0" in rights
    (terms,) = next(metadata.iter(f"{CREATIVE_COMMONS}license")).attrib.values()
    assert terms == "https://creativecommons.org/licenses/by-sa/4.0/"


@pytest.mark.parametrize("size", [72, 512])
def test_the_png_has_its_size_clear_corners_and_says_whose_work_it_is(size: int) -> None:
    image = Image.open(io.BytesIO(draw_png(Recipe(), size)))
    assert (image.size, image.mode, image.format) == ((size, size), "RGBA", "PNG")
    assert all(image.getpixel(corner) == (0, 0, 0, 0) for corner in _corners(size))
    assert "OpenMoji" in image.info["Copyright"] and "CC BY-SA 4.0" in image.info["Copyright"]
    assert image.info["Source"] == "https://openmoji.org"


@pytest.mark.parametrize("background", ["circle", "square"])
def test_backgrounds_fill_the_box_and_leave_round_corners_clear(background: str) -> None:
    image = draw_image(Recipe(background=background, background_color="red"), 144)
    assert all(image.getpixel(corner) == (0, 0, 0, 0) for corner in _corners(144))
    assert image.getpixel((72, 1)) == (0xEA, 0x5A, 0x47, 255)


@pytest.mark.parametrize(("caption", "person"), people())
def test_the_png_shows_what_the_svg_says(caption: str, person: Recipe) -> None:
    ours, cairosvgs = (
        _premultiplied(image) for image in (draw_image(person, 96), rasterize(draw_svg(person), 96))
    )
    assert np.abs(ours - cairosvgs).max() <= 24  # 24 of 255: the rim of a round background
    assert np.abs(ours - cairosvgs).mean() < 0.02


def _premultiplied(image: Image.Image) -> NDArray[np.float64]:
    pixels = np.asarray(image, float)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (96, 96)])
def test_the_png_loses_nothing(size: tuple[int, int]) -> None:
    image = draw_image(people()[0][1], 96).resize(size)
    again = Image.open(io.BytesIO(png_of(image, "Größe")))
    assert (again.mode, again.info["Title"]) == ("RGBA", "Größe")
    assert again.tobytes() == image.tobytes()


def test_colors_survive_rendering() -> None:
    image = draw_image(Recipe(clothes_color="#12ab9f", skin_tone="light"), 512)
    colors = {color for _, color in image.getcolors(maxcolors=1 << 16) or ()}
    assert {(0x12, 0xAB, 0x9F, 255), (0xFA, 0xDC, 0xBC, 255), (0, 0, 0, 255)} <= colors


def _corners(size: int) -> list[tuple[int, int]]:
    return [(x, y) for x in (0, size - 1) for y in (0, size - 1)]


def test_contact_sheets_hold_every_emoji() -> None:
    sheet = contact_sheet(people()[:5], size=36, columns=3)
    assert sheet.size == (108, 2 * (36 + 16))
    without, with_one = (
        Image.open(io.BytesIO(gallery_png(persons, size=24))) for persons in ([], [("me", Recipe())])
    )
    assert without.width == with_one.width == 240
    assert with_one.height == without.height + HEADING + 24 + CAPTION
