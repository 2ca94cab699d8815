"""Face finding on the bundled portrait, moved, turned, doubled and taken away."""

import cv2
import numpy as np
import pytest
from skimage import data

from core.seeing.face import BEYOND, Face, FaceError, find_faces
from core.seeing.photo import Photo
from core.seeing.windows import CANONICAL_EYES

EYES = (complex(203.5, 104.5), complex(248.5, 106.5))
"""Where the eyes of the bundled portrait are, pixels, read off by hand."""
REACH = 8.0
"""How far, in pixels of the canonical frame, an eye may lie from its mean place: faces differ."""


def eye_distance(face: Face, eyes: tuple[complex, complex]) -> float:
    seen = [face.transform @ (eye.real, eye.imag, 1) for eye in eyes]
    return max(abs(complex(*point) - eye) for point, eye in zip(seen, CANONICAL_EYES, strict=True))


def turned(pixels: np.ndarray, degrees: float, scale: float) -> tuple[np.ndarray, tuple[complex, complex]]:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((225, 120), degrees, scale)
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    first, second = (complex(*(matrix @ (eye.real, eye.imag, 1))) for eye in EYES)
    return moved, (first, second)


def test_the_portrait_is_found_and_aligned(portrait: Photo) -> None:
    (face,) = find_faces(portrait)
    assert face.crop.shape == (218, 178, 3)
    assert face.crop.dtype == np.uint8
    assert face.score > 0.9
    assert eye_distance(face, EYES) < REACH


@pytest.mark.parametrize("degrees", [-40, -20, 20, 40])
def test_a_turned_head_is_set_upright(portrait: Photo, degrees: float) -> None:
    pixels, eyes = turned(portrait.pixels, degrees, 1.0)
    assert min(eye_distance(face, eyes) for face in find_faces(Photo(pixels))) < REACH


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_size_does_not_matter(portrait: Photo, scale: float) -> None:
    pixels = cv2.resize(portrait.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    (face,) = find_faces(Photo(np.asarray(pixels, np.uint8)))
    assert eye_distance(face, (EYES[0] * scale, EYES[1] * scale)) < REACH


def test_two_faces_come_largest_first(portrait: Photo) -> None:
    small = cv2.resize(portrait.pixels, (300, 300), interpolation=cv2.INTER_AREA)
    both = np.zeros((512, 812, 3), np.uint8)
    both[:, :512] = portrait.pixels
    both[:300, 512:] = small
    faces = find_faces(Photo(both))
    assert len(faces) == 2
    assert faces[0].box[2] > faces[1].box[2]
    assert faces[0].box[0] < 512 <= faces[1].box[0] + faces[1].box[2]


def pasted(width: int, height: int, portrait: Photo, places: list[tuple[int, int, int]]) -> Photo:
    """Portraits on a wall: each x, y and side in pixels; the face is about a fifth of the side wide."""
    picture = np.full((height, width, 3), (120, 140, 150), np.uint8)
    for x, y, side in places:
        small = cv2.resize(portrait.pixels, (side, side), interpolation=cv2.INTER_AREA)
        picture[y : y + side, x : x + side] = small
    return Photo(picture)


def test_a_near_face_hides_no_others(portrait: Photo) -> None:
    small = [(0, 0, 170), (800, 0, 170), (0, 560, 170), (800, 560, 170)]
    faces = find_faces(pasted(1000, 750, portrait, [(250, 100, 500), *small]))
    widths = [find_faces(portrait)[0].box[2] * side / 512 for side in (500, 170, 170, 170, 170)]
    assert [face.box[2] for face in faces] == pytest.approx(widths, abs=4)


@pytest.mark.parametrize(("width", "height"), [(540, 3000), (3000, 400)])
def test_a_long_picture_shows_as_much_as_a_short_one(portrait: Photo, width: int, height: int) -> None:
    x, y, side = width // 2 - 150, height // 2 - 150, 300
    (face,) = find_faces(pasted(width, height, portrait, [(x, y, side)]))
    scale = side / 512
    first, second = ((eye + complex(0.5, 0.5)) * scale + complex(x - 0.5, y - 0.5) for eye in EYES)
    assert eye_distance(face, (first, second)) < REACH


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_are_tried(portrait: Photo, turns: int) -> None:
    (face,) = find_faces(Photo(np.ascontiguousarray(np.rot90(portrait.pixels, turns))))
    middle = complex(255.5, 255.5)
    first, second = ((eye - middle) * (-1j) ** turns + middle for eye in EYES)
    assert eye_distance(face, (first, second)) < REACH


def test_what_lies_beyond_the_rim_is_gray(portrait: Photo) -> None:
    """Hair and ears are cut off, as in many profile pictures."""
    (whole,) = find_faces(portrait)
    x, y, side, _ = whole.box
    (face,) = find_faces(
        Photo(np.ascontiguousarray(portrait.pixels[y - 12 : y + side + 12, x - 8 : x + side + 8]))
    )
    beyond = (face.crop == BEYOND).all(2)
    assert beyond[:10].all()
    assert not beyond[100:150, 60:120].any()
    assert face.missing == pytest.approx(beyond.mean(), abs=0.02)
    assert face.missing_above == pytest.approx(beyond[:72].mean(), abs=0.03)
    assert face.missing_above > face.missing > 0.2


def test_nothing_is_missing_in_a_whole_head(portrait: Photo) -> None:
    (face,) = find_faces(pasted(512, 700, portrait, [(0, 188, 512)]))
    assert (face.missing, face.missing_above) == (0, 0)


def test_an_aligned_crop_goes_straight_through(portrait: Photo) -> None:
    (found,) = find_faces(portrait)
    (face,) = find_faces(Photo(found.crop))
    assert np.array_equal(face.crop, found.crop)


@pytest.mark.parametrize("kind", ["flat", "noise", "stripes", "rocket", "coarse noise"])
def test_without_a_face_the_message_says_what_to_try(kind: str) -> None:
    rng = np.random.default_rng(0)
    pictures = {
        "flat": np.full((300, 400, 3), 180, np.uint8),
        "noise": rng.integers(0, 256, (300, 400, 3), dtype=np.uint8),
        "rocket": cv2.resize(data.rocket(), (480, 320), interpolation=cv2.INTER_AREA),
        "coarse noise": cv2.resize(
            rng.integers(0, 256, (15, 20, 3), dtype=np.uint8), (320, 240), interpolation=cv2.INTER_CUBIC
        ),
        "stripes": np.tile(np.repeat(np.array([40, 210], np.uint8), 16), (300, 13))[:, :400, None].repeat(
            3, 2
        ),
    }
    with pytest.raises(FaceError, match=r"No face found, upright, sideways or upside down\. Try"):
        find_faces(Photo(np.asarray(pictures[kind], np.uint8)))
