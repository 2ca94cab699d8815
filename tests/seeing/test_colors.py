"""Colors measured in a crop: of what stands where, whatever else is in the picture."""

import numpy as np
import pytest

from core.recipe.rules import MEASURED
from core.seeing.colors import FACE, PLACES, differences, measure

SHAPE = (218, 178, 3)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_gives_its_own_color(place: str) -> None:
    crop = np.full(SHAPE, 200, np.uint8)
    crop[125:160, 60:118] = (210, 160, 130)
    for top, bottom, left, right in PLACES[place]:
        crop[top:bottom, left:right] = (18, 52, 86)
    assert measure(crop) == dict.fromkeys(PLACES, "#c8c8c8") | {place: "#123456"}


def test_a_print_on_the_cloth_does_not_count() -> None:
    crop = np.full(SHAPE, (200, 20, 30), np.uint8)
    crop[125:160, 60:118] = (210, 160, 130)
    crop[196:218, 20:45] = 255  # a badge over a third of it
    assert measure(crop)["clothes"] == "#c8141e"


def test_bare_shoulders_are_no_clothes() -> None:
    crop = np.full(SHAPE, (210, 160, 130), np.uint8)
    assert "clothes" not in measure(crop)
    crop[196:] = (198, 146, 118)  # the same skin, in less light
    assert "clothes" not in measure(crop)
    crop[196:] = (20, 20, 24)
    assert measure(crop)["clothes"] == "#141418"


def test_differences_are_those_of_cielab_with_less_weight_on_lightness() -> None:
    grays, colors = (
        differences("#777777", ["#777777", "#000000"]),
        differences("#ff0000", ["#00ff00", "#e60000"]),
    )
    assert grays == pytest.approx([0, 0.6 * 50.03], abs=0.2)
    assert colors[0] > 100 and colors[1] < 15


def test_places_lie_in_the_crop_and_have_their_palettes() -> None:
    for top, bottom, left, right in (box for boxes in (*PLACES.values(), FACE) for box in boxes):
        assert 0 <= top < bottom <= SHAPE[0] and 0 <= left < right <= SHAPE[1]
    assert set(PLACES) == set(MEASURED)
