"""What the face parser is shown, and where what it says lies; and the bundled portrait, in which it sees a woman."""

import cv2
import numpy as np
import pytest

from core.models.labels import REGIONS
from core.seeing.face import find_faces
from core.seeing.parsing import CANVAS, SIDE, Parser, canvas_of, on_crop
from core.seeing.photo import Photo
from core.seeing.windows import BEYOND


def test_a_crop_lies_in_the_canvas_where_the_frame_says() -> None:
    crop = np.zeros((218, 178, 3), np.uint8)
    crop[90:120, 60:90] = 255
    canvas = canvas_of(crop, np.eye(2, 3))
    left, top, side = CANVAS
    seen = canvas[..., 0] == 255
    rows, columns = (np.flatnonzero(seen.any(axis)) for axis in (1, 0))
    scale = SIDE / side
    assert (columns[0], rows[0]) == pytest.approx(((60 - left) * scale, (90 - top) * scale), abs=1)
    assert (columns[-1] + 1, rows[-1] + 1) == pytest.approx(((90 - left) * scale, (120 - top) * scale), abs=1)
    assert (canvas[: SIDE // 2, : int(-left * scale) - 1] == BEYOND).all()


@pytest.mark.parametrize("factor", [1, 2, 4, 7])
def test_a_photo_of_any_size_gives_the_same_canvas(portrait: Photo, factor: int) -> None:
    transform = find_faces(portrait)[0].transform
    size = (portrait.width * factor, portrait.height * factor)
    large = np.asarray(cv2.resize(portrait.pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    shrunk = transform / factor
    # Pixels are counted from the middle of the first one.
    shrunk[:, 2] = transform[:, 2] + transform[:, :2] @ np.full(2, 0.5 / factor - 0.5)
    difference = canvas_of(large, shrunk).astype(int) - canvas_of(portrait.pixels, transform)
    assert np.abs(difference).mean() < 2.5


def test_what_is_likely_on_the_canvas_is_seen_on_the_crop() -> None:
    hair = REGIONS.index("hair")
    chances = np.zeros((len(REGIONS), SIDE, SIDE), np.float32)
    chances[0] = 0.5
    chances[hair, 40:80, 60:100] = 1
    regions = on_crop(chances)
    assert regions.shape == (218, 178)
    rows, columns = (np.flatnonzero((regions == hair).any(axis)) for axis in (1, 0))
    assert (rows[0], rows[-1] + 1) == pytest.approx((60, 120), abs=1)
    assert (columns[0], columns[-1] + 1) == pytest.approx((90 - 31, 150 - 31), abs=1)


def test_the_portrait_has_hair_around_a_face_over_clothes(portrait: Photo) -> None:
    face = find_faces(portrait)[0]
    [chances] = Parser().parse([canvas_of(portrait.pixels, face.transform)])
    np.testing.assert_allclose(chances.sum(0), 1, atol=1e-5)
    regions = on_crop(chances)
    places = {"skin": (130, 89), "hair": (50, 89), "clothes": (212, 130), "lips": (163, 89)}
    seen = {name: REGIONS[np.bincount(regions[y - 2 : y + 3, x - 4 : x + 5].ravel()).argmax()]
            for name, (y, x) in places.items()}  # fmt: skip
    assert seen == {name: name for name in places}
