"""No mouth has a ring of color around a black outline, in any skin tone and with any lipstick: that is a clown's."""

import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.colors import channels
from core.drawing.palette import colors_of
from core.drawing.png import draw_image
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

UNIT = 4
"""Pixels of a unit of the picture."""
BLACK = 40
"""Channels of what is black, at most."""


def around_mouth(recipe: Recipe) -> NDArray[np.int16]:
    """The picture between nose and chin, without the face's outline, int16 (H, W, 3)."""
    pixels = np.asarray(draw_image(recipe, 72 * UNIT).convert("RGB"), np.int16)
    return pixels[41 * UNIT : 51 * UNIT, 29 * UNIT + 1 : 43 * UNIT - 1]


def ring(pixels: NDArray[np.int16], skin: str) -> int:
    """How many pixels around the outermost black are neither skin nor on the way from skin to black."""
    black = (pixels <= BLACK).all(-1)
    if not black.any():
        return 0
    # From the corner, outside of what black encloses.
    reached = np.pad(black.astype(np.uint8), 2)
    cv2.floodFill(reached, np.zeros((reached.shape[0] + 2, reached.shape[1] + 2), np.uint8), (0, 0), 2)
    outside = reached[1:-1, 1:-1][1:-1, 1:-1] == 2
    plain = np.array(channels(skin), np.float64)
    share = (pixels @ plain) / (plain @ plain)
    off = np.abs(pixels - share[..., None] * plain).max(-1)
    return int((outside & (off > 24)).sum())


@pytest.mark.parametrize("tone", FIELDS["skin_tone"].choices)
@pytest.mark.parametrize("mouth", FIELDS["mouth"].choices)
def test_no_ring_of_color_lies_around_a_black_outline(mouth: str, tone: str) -> None:
    for lips, lipstick in itertools.product(FIELDS["lips"].choices, FIELDS["lipstick"].choices):
        recipe = Recipe(skin_tone=tone, mouth=mouth, lips=lips, lipstick=lipstick)
        assert ring(around_mouth(recipe), colors_of(recipe)["skin"]) == 0, recipe.to_code()


def test_a_ring_would_be_found() -> None:
    pixels = np.full((60, 60, 3), channels("#fadcbc"), np.uint8)
    for radius, color in ((20, "#d9677c"), (14, "#000000"), (10, "#ffffff")):
        cv2.circle(pixels, (30, 30), radius, channels(color), cv2.FILLED)
    assert ring(pixels.astype(np.int16), "#fadcbc") > 300
