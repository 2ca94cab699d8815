"""Windows and the canonical frame: pure geometry, so every case has an exact answer."""

import cmath

import numpy as np
import pytest

from core.seeing.windows import (
    CANONICAL_CENTER,
    CANONICAL_EYES,
    CANONICAL_HALF,
    Window,
    canonical_window,
    sample,
)

TURNED = Window(complex(200, 100), 40 * cmath.exp(0.5j))


def place(matrix: np.ndarray, point: complex) -> complex:
    x, y = matrix @ (point.real, point.imag, 1)
    return complex(x, y)


def test_a_prediction_is_the_inverse_of_a_relation() -> None:
    other = Window(complex(230, 90), 55 * cmath.exp(-0.2j))
    found = TURNED.within(np.array(other.relative_to(TURNED)))
    assert found.center == pytest.approx(other.center)
    assert found.half == pytest.approx(other.half)


def test_the_identity_leaves_a_window_where_it_is() -> None:
    found = TURNED.within(np.array([0.0, 0.0, 1.0, 0.0]))
    assert (found.center, found.half) == (TURNED.center, TURNED.half)


def test_the_canonical_window_of_an_aligned_crop_maps_onto_itself() -> None:
    matrix = canonical_window().to_canonical()
    for eye in CANONICAL_EYES:
        assert place(matrix, eye) == pytest.approx(eye)


def test_a_turned_window_is_set_upright() -> None:
    matrix = TURNED.to_canonical()
    assert place(matrix, TURNED.center) == pytest.approx(CANONICAL_CENTER)
    assert place(matrix, TURNED.center + TURNED.half) == pytest.approx(CANONICAL_CENTER + CANONICAL_HALF)


def test_sampling_covers_the_window_from_corner_to_corner() -> None:
    window = Window(complex(31.5, 31.5), complex(32))
    picture = np.arange(64 * 64 * 3, dtype=np.uint32).reshape(64, 64, 3).astype(np.uint8)
    assert np.array_equal(sample(picture, window), picture)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_scaling_keeps_what_a_window_shows(factor: float) -> None:
    scaled = TURNED.scaled(factor)
    assert abs(scaled.half) == pytest.approx(40 * factor)
    # Pixel centers lie half a pixel inside the rim, so coordinates scale about (-0.5, -0.5).
    half_pixel = complex(0.5, 0.5)
    assert scaled.center + half_pixel == pytest.approx((TURNED.center + half_pixel) * factor)
