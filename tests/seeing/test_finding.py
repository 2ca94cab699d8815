"""Where faces may be: the bundled portrait's, in any turn and size, and one window for each place and size."""

import cmath
import math

import cv2
import numpy as np
import pytest

from core.seeing.finding import agreed, distinct, propose, resized
from core.seeing.photo import Photo
from core.seeing.windows import Window

FACE = Window(complex(226, 115), complex(59))
"""The canonical window of the bundled portrait."""


def are_near(one: Window, other: Window) -> bool:
    size = abs(other.half)
    return abs(one.center - other.center) < 0.5 * size and 0.6 < abs(one.half) / size < 1.7


@pytest.mark.parametrize("degrees", [0, 45, 90, 135, 180, 225, 270, 315])
def test_a_face_in_any_turn_is_proposed(portrait: Photo, degrees: int) -> None:
    center = (FACE.center.real, FACE.center.imag)
    matrix = cv2.getRotationMatrix2D(center, degrees, 1.0)
    turned = cv2.warpAffine(portrait.pixels, matrix, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
    found = agreed(propose(np.asarray(turned, np.uint8), 200_000, 0.3))
    assert any(are_near(window, FACE) for window, _ in found)


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0])
def test_a_face_of_any_size_is_proposed(portrait: Photo, factor: float) -> None:
    pixels = cv2.resize(portrait.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    found = agreed(propose(np.asarray(pixels, np.uint8), 400_000, 0.3))
    assert any(are_near(window, FACE.scaled(factor)) for window, _ in found)


def test_proposals_are_in_order_and_have_the_least_score(portrait: Photo) -> None:
    scores = [score for _, score in propose(portrait.pixels, 200_000, 0.2)]
    assert scores == sorted(scores, reverse=True)
    assert 0.2 <= scores[-1] <= scores[0] <= 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (40, 16)])
def test_pictures_of_any_shape_are_searched(shape: tuple[int, int]) -> None:
    assert propose(np.full((*shape, 3), 90, np.uint8), 200_000, 0.99) == []


def test_windows_of_one_place_and_size_say_one_together() -> None:
    found = [(Window(complex(x, 50), 10 * cmath.exp(1j * roll)), 0.5) for x, roll in ((49, 0.1), (51, 0.3))]
    [(window, score)] = agreed(found)
    assert score == 0.5
    assert window.center == pytest.approx(50 + 50j)
    assert abs(window.half) == pytest.approx(10)
    assert cmath.phase(window.half) == pytest.approx(0.2)


def test_the_surer_window_counts_more() -> None:
    [(window, score)] = agreed([(Window(48 + 0j, 10 + 0j), 0.4), (Window(52 + 0j, 10 + 0j), 0.8)])
    assert score == 0.8
    assert window.center == pytest.approx((48 * 0.16 + 52 * 0.64) / 0.8)


@pytest.mark.parametrize(
    "other", [Window(50 + 50j, 20 + 0j), Window(58 + 50j, 10 + 0j)], ids=["another size", "another place"]
)
def test_windows_of_another_place_or_size_stay_apart(other: Window) -> None:
    found = [(Window(50 + 50j, 10 + 0j), 0.9), (other, 0.5)]
    kept = agreed(found)
    assert [score for _, score in kept] == [0.9, 0.5]
    for (window, _), (one, _) in zip(kept, found, strict=True):
        assert window.center == pytest.approx(one.center)
        assert window.half == pytest.approx(one.half)


def test_of_overlapping_windows_the_surest_is_kept() -> None:
    found = [(Window(0j, 10 + 0j), 0.5), (Window(4 + 0j, 8 + 0j), 0.9), (Window(40 + 0j, 10 + 0j), 0.1)]
    kept = distinct(found, lambda pair: pair[0], lambda pair: pair[1])
    assert kept == [found[1], found[2]]


def test_each_pixel_of_a_smaller_copy_is_the_mean_of_those_it_stands_for() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[::2, ::2] = 200
    small = resized(pixels, 0.5)
    assert small.shape == (2, 3, 3)
    assert (small == 50).all()
    assert resized(pixels, 1.0) is pixels
    assert math.prod(resized(pixels, 0.01).shape) == 3
