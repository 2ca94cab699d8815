"""Aligned crops pasted into larger pictures at random size, angle and place: photos whose true alignment is known."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.seeing.face import Face, FaceError, find_faces
from core.seeing.photo import Photo
from core.seeing.windows import CANONICAL_EYES, CANONICAL_SIZE
from engine.alignment import faceless

SIDES = (480, 1200)
"""Least and greatest width and height of a picture, pixels."""
FACE_SHARE = (0.25, 0.8)
"""The pasted crop's height as a share of the picture's shorter side."""
TURN = 40.0


@dataclass(frozen=True)
class Pasted:
    """pixels: uint8 (H, W, 3); transform: float64 (2, 3), crop pixel -> picture pixel."""

    pixels: NDArray[np.uint8]
    transform: NDArray[np.float64]


def paste(crop: NDArray[np.uint8], rng: np.random.Generator) -> Pasted:
    """The crop on one of scikit-image's pictures without faces, turned by up to 40 degrees either way."""
    width, height = (int(side) for side in rng.integers(*SIDES, 2))
    scene = faceless()[rng.integers(len(faceless()))]
    picture = cv2.resize(scene, (width, height), interpolation=cv2.INTER_AREA)
    scale = min(width, height) * rng.uniform(*FACE_SHARE) / CANONICAL_SIZE[1]
    angle = math.radians(rng.uniform(-TURN, TURN))
    turn = scale * complex(math.cos(angle), math.sin(angle))
    middle = complex(CANONICAL_SIZE[0] - 1, CANONICAL_SIZE[1] - 1) / 2
    reach = abs(turn * middle)
    place = complex(_between(rng, reach, width), _between(rng, reach, height))
    origin = place - turn * middle
    matrix = np.array([[turn.real, -turn.imag, origin.real], [turn.imag, turn.real, origin.imag]])
    mask = np.full(crop.shape[:2], 255, np.uint8)
    # A large crop is drawn from its pixels, a small one from their averages, as a camera would.
    if scale < 1:
        crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), 0.4 / scale), np.uint8)
    laid = cv2.warpAffine(
        crop, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    inside = cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)[..., None] > 127
    return Pasted(np.where(inside, laid, picture), matrix)


def _between(rng: np.random.Generator, reach: float, side: int) -> float:
    """A place for something that reaches so far either way, inside the side where there is room."""
    return float(rng.uniform(reach, side - reach)) if side > 2 * reach else side / 2


def find(pasted: Pasted) -> tuple[Face | None, int]:
    """The face that face finding puts where the crop was pasted, or None, and how many others it saw."""
    try:
        faces = find_faces(Photo(pasted.pixels))
    except FaceError:
        return None, 0
    near = [face for face in faces if eye_error(face, pasted) < CANONICAL_SIZE[0] / 4]
    return min(near, key=lambda face: eye_error(face, pasted), default=None), len(faces) - len(near)


def eye_error(face: Face, pasted: Pasted) -> float:
    """Mean distance, in pixels of the canonical frame, between where the eyes are and where this face has them."""
    gaps = []
    for eye in CANONICAL_EYES:
        truth = pasted.transform @ (eye.real, eye.imag, 1)
        seen = face.transform @ (*truth, 1)
        gaps.append(math.hypot(seen[0] - eye.real, seen[1] - eye.imag))
    return float(np.mean(gaps))
