"""The finished SVG and PNG: goldens, license, halo, and every pair of choices."""

import functools
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.svgLib.path import parse_path
from numpy.typing import NDArray
from PIL import Image

from core.colors import channels
from core.drawing.artwork import Path as Drawn
from core.drawing.artwork import names_of_drawings
from core.drawing.catalogue import catalogue
from core.drawing.layers import layers_of
from core.drawing.png import draw_image, draw_png, png_of, rasterize
from core.drawing.svg import draw_svg
from core.extras.gallery import (
    CAPTION,
    COLUMNS,
    HEADING,
    contact_sheet,
    every_choice,
    every_expression,
    gallery_png,
    people,
)
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
CREATIVE_COMMONS = "{http://creativecommons.org/ns#}"
SVG = "{http://www.w3.org/2000/svg}"

LEAST = -0.01
MOST = 72.01


def values_of(name: str) -> list[str | bool]:
    """Every value of a field; of a color, the few that are treated differently."""
    field = FIELDS[name]
    if field.kind == "yes-no":
        return [True]
    if field.kind == "color":
        return [value for value in field.choices if value in ("none", "black", "white", "blue", "red")]
    return list(field.choices)


def pairs() -> Iterator[Recipe]:
    """Every pair of fields that have a shape, every 23rd pair of their values."""
    shaped = [name for name, field in FIELDS.items() if field.kind != "color"]
    for number, (one, other) in enumerate(itertools.combinations(shaped, 2)):
        for first, second in itertools.product(values_of(one), values_of(other)):
            number += 1
            if number % 23 == 0:
                yield Recipe().replace(**{one: first, other: second})


@functools.cache
def bounds(path: Drawn) -> tuple[float, float, float, float]:
    pen = BoundsPen(None)
    parse_path(path.d, pen)
    left, top, right, bottom = pen.bounds
    return left, top, right, bottom


def in_the_box(recipe: Recipe) -> None:
    """A person ends at the lower edge, where the shoulders are cut off, and nowhere else."""
    for layer in layers_of(recipe):
        if catalogue().layers[layer.name].frame not in ("ground", "sheet"):
            for shape in layer.shapes:
                left, top, right, _ = bounds(shape.path)
                rim = shape.width / 2
                assert left - rim >= LEAST and top - rim >= LEAST, (recipe.to_code(), layer.name)
                assert right + rim <= MOST, (recipe.to_code(), layer.name)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_drawings(path: Path) -> None:
    # After a change that was looked at: python -m tests.drawing.golden.redraw
    assert draw_svg(Recipe.from_json(path.read_text("utf-8"))) == path.with_suffix(".svg").read_text("utf-8")


def test_every_pair_of_choices_makes_a_sound_drawing() -> None:
    for recipe in pairs():
        assert layers_of(recipe)
        if recipe.framing == "sticker":
            in_the_box(recipe)


def test_people_stay_in_the_box_whatever_their_face() -> None:
    for (_, person), face_shape in itertools.product(people(), FIELDS["face_shape"].choices):
        in_the_box(person.replace(face_shape=face_shape, framing="sticker"))


def test_every_choice_changes_the_drawing() -> None:
    needs: dict[str, dict[str, str]] = {
        "headwear_color": {"headwear": "cap"}, "background_color": {"background": "circle"},
        "framing": {"background": "circle"}, "eye_color": {"eyes": "large"}, "lenses": {"glasses": "rect"},
        "frame_color": {"glasses": "rect"}, "jewelry_color": {"earrings": "hoop"}, "inner_color": {"clothes": "suit"},
        "necktie": {"clothes": "suit"}, "bow_tie": {"clothes": "suit", "necktie": "red"},
    }  # fmt: skip
    for name in FIELDS:
        base = Recipe(hair="full").replace(**needs.get(name, {}))
        values = {*values_of(name), FIELDS[name].default}
        drawn = {layers_of(base.replace(**{name: value})) for value in values}
        assert len(drawn) == len(values), name


def test_a_color_of_ones_own_is_drawn() -> None:
    assert "#12ab9f" in draw_svg(Recipe(clothes_color="#12AB9F"))


@pytest.mark.parametrize("halo", [False, True])
def test_the_svg_is_sound_and_says_whose_work_it_is(halo: bool) -> None:
    root = ElementTree.fromstring(draw_svg(people()[2][1], halo))
    assert root.get("viewBox") == ("-2 -2 76 76" if halo else "0 0 72 72")
    metadata = root.find(f"{SVG}metadata")
    assert metadata is not None
    assert next(metadata.iter(f"{DUBLIN_CORE}source")).text == "https://openmoji.org"
    rights = next(metadata.iter(f"{DUBLIN_CORE}rights")).text or ""
    assert "OpenMoji" in rights and "CC BY-SA 4.0" in rights
    (terms,) = next(metadata.iter(f"{CREATIVE_COMMONS}license")).attrib.values()
    assert terms == "https://creativecommons.org/licenses/by-sa/4.0/"


def test_svgs_in_one_document_do_not_clip_one_another() -> None:
    documents = [draw_svg(recipe) for _, recipe in people()]
    ids = [re.findall(r' id="([^"]+)"', document) for document in documents]
    assert all(ids), "there is something to clip in everybody"
    together = [name for names in ids for name in names]
    assert len(set(together)) == len(together)
    for document, names in zip(documents, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", document)) == set(names)


def test_ids_follow_from_the_recipe() -> None:
    assert draw_svg(Recipe()) == draw_svg(Recipe.from_code(Recipe().to_code()))


def test_layers_are_classes_that_a_page_can_move() -> None:
    root = ElementTree.fromstring(draw_svg(Recipe()))
    classes = [group.get("class") for group in root.iter(f"{SVG}g")]
    assert {"eyes", "brows", "mouth", "hair"} <= set(classes)


@pytest.mark.parametrize("size", [72, 512])
def test_the_png_has_its_size_clear_corners_and_says_whose_work_it_is(size: int) -> None:
    image = Image.open(io.BytesIO(draw_png(Recipe(), size)))
    assert (image.size, image.mode, image.format) == ((size, size), "RGBA", "PNG")
    assert all(image.getpixel(corner) == (0, 0, 0, 0) for corner in corners(size)[::2])
    assert "OpenMoji" in image.info["Copyright"] and "CC BY-SA 4.0" in image.info["Copyright"]
    assert image.info["Source"] == "https://openmoji.org"


@pytest.mark.parametrize("background", ["circle", "square", "dots", "rays", "confetti"])
@pytest.mark.parametrize("framing", FIELDS["framing"].choices)
def test_backgrounds_leave_round_corners_clear(background: str, framing: str) -> None:
    image = draw_image(Recipe(background=background, background_color="red", framing=framing), 144)
    assert all(image.getpixel(corner) == (0, 0, 0, 0) for corner in corners(144))
    assert image.getpixel((2, 72)) != (0, 0, 0, 0)
    colors = {color for _, color in image.getcolors(maxcolors=1 << 16) or ()}
    assert (*channels("#ea5a47"), 255) in colors


def test_a_profile_picture_is_closer_and_cut_round() -> None:
    sticker, profile = (
        np.asarray(draw_image(Recipe(background="circle", framing=framing, headwear="top_hat"), 144))
        for framing in ("sticker", "profile")
    )
    assert (profile[..., 3] > 0).sum() < (sticker[..., 3] > 0).sum(), "no hat sticks out"
    skin = channels(catalogue().skin["yellow"].plain)
    assert (profile[..., :3] == skin).all(-1).sum() > 1.1 * (sticker[..., :3] == skin).all(-1).sum()


@pytest.mark.parametrize("halo", [False, True])
@pytest.mark.parametrize(("caption", "person"), people())
def test_the_png_shows_what_the_svg_says(caption: str, person: Recipe, halo: bool) -> None:
    ours, cairosvgs = (
        premultiplied(image)
        for image in (draw_image(person, 152, halo), rasterize(draw_svg(person, halo), 152))
    )
    # A round background's rim; and a halo follows the pixels in the one, the lines in the other.
    assert np.abs(ours - cairosvgs).max() <= (255 if halo else 30)
    assert np.abs(ours - cairosvgs).mean() < (1.5 if halo else 0.03)


def premultiplied(image: Image.Image) -> NDArray[np.float64]:
    pixels = np.asarray(image, float)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels


@pytest.mark.parametrize("size", [76, 512])
def test_a_halo_keeps_outlines_visible_on_dark_grounds(size: int) -> None:
    image = draw_image(Recipe(hair="long"), size, halo=True)
    assert image.size == (size, size)
    pixels = np.asarray(image)
    unit = size / 76
    seen = 0
    for row in pixels[round(20 * unit) : round(60 * unit)]:
        first = int(np.argmax(row[:, 3] > 250))
        black = int(np.argmax((row[:, 3] > 250) & (row[:, :3] < 60).all(-1)))
        assert (row[first, :3] > 140).all(), "white before black"
        seen += abs((black - first) - 2 * unit) < 1.5
    assert seen > 0.9 * 40 * unit


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


def corners(size: int) -> list[tuple[int, int]]:
    return [(x, y) for x in (0, size - 1) for y in (0, size - 1)]


def test_contact_sheets_hold_every_emoji() -> None:
    sheet = contact_sheet(people()[:5], size=36, columns=3)
    assert sheet.size == (108, 2 * (36 + 16))
    shown = (len(names_of_drawings()), len(every_choice()), len(every_expression()), len(people()), 1)
    gallery = Image.open(io.BytesIO(gallery_png([("me", Recipe())], size=12)))
    rows = sum(-(-count // COLUMNS) for count in shown)
    assert gallery.size == (12 * COLUMNS, len(shown) * HEADING + rows * (12 + CAPTION))
