"""Face finding on the bundled portrait, moved, turned, doubled and taken away."""

import cv2
import numpy as np
import pytest

from core.seeing.face import Face, FaceError, find_faces
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


def test_an_aligned_crop_goes_straight_through(portrait: Photo) -> None:
    (found,) = find_faces(portrait)
    (face,) = find_faces(Photo(found.crop))
    assert np.array_equal(face.crop, found.crop)


@pytest.mark.parametrize("kind", ["flat", "noise", "stripes"])
def test_without_a_face_the_message_says_what_to_try(kind: str) -> None:
    rng = np.random.default_rng(0)
    pictures = {
        "flat": np.full((300, 400, 3), 180, np.uint8),
        "noise": rng.integers(0, 256, (300, 400, 3), dtype=np.uint8),
        "stripes": np.tile(np.repeat(np.array([40, 210], np.uint8), 16), (300, 13))[:, :400, None].repeat(
            3, 2
        ),
    }
    with pytest.raises(FaceError, match="Try a photo"):
        find_faces(Photo(pictures[kind]))
