"""SVGs that move: the same drawing, moved by styles alone that stop for who wants less motion."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from core import Recipe, draw_svg
from core.drawing.png import rasterize
from core.drawing.svg import draw_moving_svg

PEOPLE = [
    Recipe(),
    Recipe(hair="afro", glasses="round", lashes=True, background="rays", skin_tone="dark"),
    Recipe(headwear="cowboy", background="square", framing="profile", mobility="wheelchair", eyes="joy"),
]
NAMES = "{http://www.w3.org/2000/svg}"


def styles_of(document: str) -> str:
    [style] = ElementTree.fromstring(document).iter(f"{NAMES}style")
    return style.text or ""


@pytest.mark.parametrize("recipe", PEOPLE)
def test_at_rest_it_is_the_same_drawing(recipe: Recipe) -> None:
    moving, still = (
        np.asarray(rasterize(svg, 144), float) for svg in (draw_moving_svg(recipe), draw_svg(recipe))
    )
    assert np.abs(moving - still).max() <= 2


@pytest.mark.parametrize("recipe", PEOPLE)
def test_it_runs_nothing_and_loads_nothing(recipe: Recipe) -> None:
    document = draw_moving_svg(recipe)
    root = ElementTree.fromstring(document)
    tags = {element.tag.removeprefix(NAMES) for element in root.iter() if element.tag.startswith(NAMES)}
    assert tags <= {"svg", "title", "metadata", "style", "g", "path", "clipPath"}
    assert not [
        name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name
    ]
    styles = styles_of(document)
    assert "url(" not in styles
    assert "@import" not in styles
    references = re.findall(r"url\(#([^)]+)\)", document)
    assert len(references) == document.count("url(")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert set(references) == set(ids)


def test_it_stops_for_who_wants_less_motion() -> None:
    document = draw_moving_svg(PEOPLE[1])
    before, _, reduced = styles_of(document).partition("@media (prefers-reduced-motion: reduce)")
    moved = set(re.findall(r"(\.e[0-9a-f]{12} \.[a-z]+)[^{}]*\{[^}]*animation", before)) | {
        name
        for line in before.splitlines()
        if "animation:" in line
        for name in re.findall(r"\.e\w+ \.\w+", line)
    }
    assert {name.split(" .")[1] for name in moved} == {"eyes", "lashes", "breathing"}
    assert set(re.findall(r"\.e\w+ \.\w+", reduced)) == moved
    assert "animation: none" in reduced


def test_what_moves_is_there_and_the_background_stands() -> None:
    root = ElementTree.fromstring(draw_moving_svg(PEOPLE[1]))
    [breathing] = [group for group in root.iter(f"{NAMES}g") if group.get("class") == "breathing"]
    within = {group.get("class") for group in breathing.iter(f"{NAMES}g")}
    assert {"eyes", "lashes", "head", "hair"} <= within
    everything = {group.get("class") for group in root.iter(f"{NAMES}g")}
    assert "background" in everything - within


def test_documents_side_by_side_move_by_themselves() -> None:
    marks = {
        re.findall(r"\.(e[0-9a-f]{12}) \.eyes", styles_of(draw_moving_svg(recipe)))[0] for recipe in PEOPLE
    }
    assert len(marks) == len(PEOPLE)
