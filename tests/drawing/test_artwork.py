"""Drawings as recorded pens, and where rows put them."""

import pytest

from core.drawing.artwork import Placing, drawing, joined, path_of, shapes_of
from core.drawing.catalogue import Row, catalogue

OVAL = Placing(catalogue().face_shape["oval"], catalogue().framing["sticker"])


@pytest.mark.parametrize(
    ("d", "text"),
    [
        ("M1 2L3 4Z", "M1 2L3 4L1 2Z"),
        ("m1 2h3v-1.005", "M1 2L4 2L4 1"),
        ("M0 0C1 2 3 4 5 6", "M0 0C1 2 3 4 5 6"),
        ("M0 0Q3 0 3 3", "M0 0C2 0 3 1 3 3"),
    ],
)
def test_path_data_is_recorded_as_lines_and_cubic_curves(d: str, text: str) -> None:
    assert path_of(d).d == text


def test_a_path_knows_its_top_and_how_cairo_draws_it() -> None:
    path = path_of("M1 5L3 4C1 -2 3 4 5 6")
    assert path.top == -2
    assert [call for call, _ in path.calls] == ["move_to", "line_to", "curve_to"]
    assert joined([path, path_of("M0 0")]).d == path.d + "M0 0"


def test_the_camera_brings_the_grid_into_the_picture() -> None:
    camera = catalogue().camera
    mouth = Row.from_table({"layer": "mouth", "drawing": "mouth_calm", "anchor": "mouth"})
    [shape] = shapes_of(mouth, "mouth_calm", OVAL)
    xs = [x for _, point in shape.path.commands for x in point[::2]]
    assert sum((min(xs), max(xs))) / 2 == pytest.approx(camera.middle, abs=0.02)
    [element] = drawing("mouth_calm")
    width = max(x for _, p in element.path.commands for x in p[::2]) - 36
    assert max(xs) - 36 == pytest.approx(width * 1.39, abs=0.02)
    [head] = shapes_of(Row.from_table({"layer": "head", "drawing": "line_open"}), "line_open", OVAL)
    assert max(y for _, p in head.path.commands for y in p[1::2]) == pytest.approx(camera.chin_at)


def test_an_unknown_drawing_and_an_unknown_element_are_refused() -> None:
    with pytest.raises(FileNotFoundError):
        drawing("hat_of_invisibility")
    with pytest.raises(IndexError):
        shapes_of(Row.from_table({"layer": "hat", "drawing": "hat_cap", "elements": [99]}), "hat_cap", OVAL)
