"""core/seeing/motion.py with the real network: what the sample portrait does, and that a pass may take many."""

import cv2
import numpy as np
import pytest
from PIL import Image

from core.models.labels import MOVEMENTS, POINTS
from core.seeing.motion import Motion, MotionReader


@pytest.fixture(scope="module")
def crop(crop_image: Image.Image) -> np.ndarray:
    return np.asarray(crop_image)


@pytest.fixture(scope="module")
def motion(reader: MotionReader, crop: np.ndarray) -> Motion:
    return reader.read([crop])[0]


@pytest.fixture(scope="module")
def reader() -> MotionReader:
    return MotionReader()


def test_the_portrait_laughs_with_open_eyes(motion: Motion) -> None:
    assert tuple(motion.movements) == MOVEMENTS
    assert all(0 <= value <= 1 for value in motion.movements.values())
    for name in ("mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft", "mouthUpperUpRight"):
        assert motion.movements[name] > 0.5, name
    for name in ("eyeBlinkLeft", "eyeBlinkRight", "mouthPucker", "mouthFrownLeft"):
        assert motion.movements[name] < 0.3, name
    assert motion.sureness > 0.9


def test_the_points_lie_on_the_crop_where_they_belong(motion: Motion) -> None:
    middle = {part: motion.points[start:stop].mean(0) for part, (start, stop) in POINTS.items()}
    assert middle["eye_left_of_picture"] == pytest.approx((70, 111.5), abs=5)
    assert middle["eye_right_of_picture"] == pytest.approx((108, 111.5), abs=5)
    assert middle["lips_outer"] == pytest.approx((89, 153), abs=6)
    assert middle["brow_left_of_picture"][1] < middle["eye_left_of_picture"][1] < middle["nose"][1]


def test_a_mirrored_face_turns_the_other_way(reader: MotionReader, motion: Motion, crop: np.ndarray) -> None:
    [mirrored] = reader.read([crop[:, ::-1]])
    assert mirrored.yaw == pytest.approx(-motion.yaw, abs=5)
    assert mirrored.pitch == pytest.approx(motion.pitch, abs=5)


def test_a_turned_crop_is_rolled(reader: MotionReader, motion: Motion, crop: np.ndarray) -> None:
    turn = cv2.getRotationMatrix2D((89, 122), -8, 1.0)  # OpenCV counts anticlockwise
    turned = cv2.warpAffine(crop, turn, (178, 218), borderMode=cv2.BORDER_REPLICATE)
    [rolled] = reader.read([np.asarray(turned, np.uint8)])
    assert rolled.roll - motion.roll == pytest.approx(8, abs=3)


def test_many_crops_are_read_as_each_alone(reader: MotionReader, motion: Motion, crop: np.ndarray) -> None:
    assert reader.read([]) == []
    gray = np.full_like(crop, 128)
    first, nobody, last = reader.read([crop, gray, crop])
    for same in (first, last):
        assert list(same.movements.values()) == pytest.approx(list(motion.movements.values()), abs=1e-4)
        np.testing.assert_allclose(same.points, motion.points, atol=0.01)
    assert nobody.sureness < 0.5
