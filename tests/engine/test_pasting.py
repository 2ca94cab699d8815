"""Crops pasted into larger pictures: where their eyes are is known to the pixel."""

import numpy as np
import pytest

from core.seeing.face import Face
from core.seeing.windows import CANONICAL_EYES, CANONICAL_SIZE
from engine import pasting


@pytest.fixture(scope="module")
def pasted() -> pasting.Pasted:
    crop = np.full((CANONICAL_SIZE[1], CANONICAL_SIZE[0], 3), 255, np.uint8)
    for eye in CANONICAL_EYES:
        crop[int(eye.imag) - 4 : int(eye.imag) + 5, int(eye.real) - 4 : int(eye.real) + 5] = (255, 0, 0)
    return pasting.paste(crop, np.random.default_rng(5))


def test_the_eyes_are_where_the_transform_says(pasted: pasting.Pasted) -> None:
    for eye in CANONICAL_EYES:
        x, y = pasted.transform @ (eye.real, eye.imag, 1)
        red, green, blue = pasted.pixels[round(y), round(x)].astype(int)
        assert red > 200 and max(green, blue) < 60


@pytest.mark.parametrize("off", [0.0, 3.0])
def test_how_far_off_a_face_is(pasted: pasting.Pasted, off: float) -> None:
    square = np.vstack([pasted.transform, (0, 0, 1)])
    transform = np.linalg.inv(square)[:2]
    transform[0, 2] += off
    face = Face((0, 0, 9, 9), np.zeros((218, 178, 3), np.uint8), transform, 1.0)
    assert pasting.eye_error(face, pasted) == pytest.approx(off, abs=1e-6)
