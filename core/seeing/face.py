"""Photo -> faces. OpenCV's Haar cascade proposes windows, our alignment network confirms and turns them upright.

The cascade sees upright faces only, and faces in curtains. The network (see `core/seeing/windows.py`) tells faces from
the rest, and finds the similarity that takes a window to CelebA's canonical frame; its second pass looks at what the
first one found. Where that finds nothing, closer looks follow (SEARCHES): at more pixels, at the picture turned
either way, and at last with the network alone on a grid of windows.
"""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import torch
from cv2.data import haarcascades
from cv2.typing import MatLike
from numpy.typing import NDArray
from torch import nn

from core.errors import SelfmojiError
from core.models.features import to_tensor
from core.models.weights import Card, load_network
from core.seeing.photo import Photo
from core.seeing.windows import CANONICAL_HALF, CANONICAL_SIZE, INPUT_SIDE, Window, sample

MIN_FACE = 32
"""Least width, pixels, of a face in the copy that the cascade searches."""
SURE = 0.985
"""Least score of a face in the last pass; DOUBTFUL is enough to be looked at again."""
DOUBTFUL = 0.3
STEADY = 0.3
"""How far, in half-sides, the last pass may still move a window: on a face it stays where it is."""
GRID_HALF = 22
"""Least half-side, pixels, of the windows that the network looks at without a proposal."""
HAAR_HALF, HAAR_DROP = CANONICAL_HALF / 104, 2.5 / 104
"""Round a face, a Haar box of width w has the canonical window's centre w * HAAR_DROP above its own, and half the
window's side is w * HAAR_HALF (medians over CelebA validation crops)."""


class FaceError(SelfmojiError):
    """No usable face in a photo; the message says what to try."""


@dataclass(frozen=True)
class Face:
    """One face of a photo.

    box: x, y, width, height in photo pixels (it may reach beyond the rim); crop: uint8 (218, 178, 3) in CelebA's frame;
    transform: float64 (2, 3), photo pixel -> crop pixel; score: the network's confidence, 0 to 1.
    """

    box: tuple[int, int, int, int]
    crop: NDArray[np.uint8]
    transform: NDArray[np.float64]
    score: float


def find_faces(photo: Photo) -> list[Face]:
    """The faces of a photo, largest first. A photo of 178x218 pixels is an aligned crop already.

    Raises FaceError where there is none.
    """
    if photo.is_aligned:
        return [Face((0, 0, *CANONICAL_SIZE), photo.pixels, np.eye(2, 3), 1.0)]
    found = next((found for search in SEARCHES if (found := search.run(photo.pixels))), [])
    if not found:
        raise FaceError(
            "No face found. Try a photo in which the face looks at the camera, is well lit and not covered, and is at "
            "least a tenth of the picture's width."
        )
    faces = [_face(photo.pixels, window, score) for window, score in found]
    return sorted(faces, key=lambda face: -face.box[2])


@dataclass(frozen=True)
class Search:
    """One way to look for faces: side is the longest side, pixels, of the copy that is searched; turns the degrees
    by which the cascade turns it, none for a grid of windows without the cascade."""

    side: int
    turns: tuple[float, ...]

    def run(self, pixels: NDArray[np.uint8]) -> list[tuple[Window, float]]:
        """The canonical windows of the faces found, one a face, in photo pixels, with their scores."""
        factor = min(1.0, self.side / max(pixels.shape[:2]))
        picture = _resize(pixels, factor)
        if self.turns:
            gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            windows = [window for turn in self.turns for window in _propose(gray, turn)]
        else:
            windows = _grid(picture.shape[1], picture.shape[0])
        return _distinct([(window.scaled(1 / factor), score) for window, score in align(picture, windows)])


SEARCHES = (Search(480, (0.0,)), Search(800, (0.0,)), Search(640, (-40.0, 40.0)), Search(480, ()))
"""Quickest first; each is run only if the ones before found nothing."""


# A cascade keeps its working memory in itself: two threads must not use it at once.
_CASCADE_LOCK = Lock()


@cache
def _cascade() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(haarcascades) / "haarcascade_frontalface_alt2.xml"))


def _propose(gray: MatLike, turn: float) -> list[Window]:
    """Windows round the cascade's boxes on the picture turned by `turn` degrees, in the picture as it is."""
    height, width = gray.shape
    phase = complex(math.cos(math.radians(turn)), math.sin(math.radians(turn)))
    middle = complex(width - 1, height - 1) / 2
    side = math.ceil(math.hypot(width, height)) if turn else 0
    new_middle = complex(side - 1, side - 1) / 2 if turn else middle
    if turn:
        offset = new_middle - middle / phase
        matrix = np.array([[phase.real, phase.imag, offset.real], [-phase.imag, phase.real, offset.imag]])
        gray = cv2.warpAffine(gray, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    with _CASCADE_LOCK:
        boxes = _cascade().detectMultiScale(gray, 1.2, 2, minSize=(MIN_FACE, MIN_FACE))
    windows = []
    for x, y, w, _ in boxes:
        center = complex(x + w / 2, y + w / 2 - w * HAAR_DROP)
        windows.append(Window((center - new_middle) * phase + middle, w * HAAR_HALF * phase))
    return windows


def _grid(width: int, height: int) -> list[Window]:
    """Windows of every size and place, coarse enough that the network's reach covers what lies between."""
    windows, half = [], 0.5 * max(width, height)
    while half >= GRID_HALF:
        columns = np.arange(half * 0.6, width, half * 0.6)
        rows = np.arange(half * 0.6, height, half * 0.6)
        windows += [Window(complex(x, y), complex(half)) for y in rows for x in columns]
        half /= 1.6
    return windows


def align(picture: NDArray[np.uint8], windows: list[Window], passes: int = 2) -> list[tuple[Window, float]]:
    """Where these windows, in picture pixels, say that faces are: the canonical windows that the last pass confirms.

    Each with its score; unsure ones fall away after every pass.
    """
    pyramid: dict[int, NDArray[np.uint8]] = {0: picture}
    scored: list[tuple[Window, float]] = []
    for last in [False] * (passes - 1) + [True]:
        outputs = _look(pyramid, windows)
        keep = outputs[:, 0] >= (SURE if last else DOUBTFUL)
        if last:
            keep &= np.abs(outputs[:, 1:] - (0, 0, 1, 0)).max(1) < STEADY
        scored = [(windows[i].within(outputs[i, 1:]), float(outputs[i, 0])) for i in np.flatnonzero(keep)]
        scored = [(window, score) for window, score in scored if abs(window.half) > MIN_FACE / 4]
        windows = [window for window, _ in scored]
    return scored


def track(pixels: NDArray[np.uint8], window: Window) -> tuple[Window, float]:
    """Where the face of the last frame's window is in this frame, and the network's confidence, 0 to 1, that it is
    one: a single pass, without the cascade. A face may move by a third of its width between frames."""
    [output] = _look({0: pixels}, [window])
    return window.within(output[1:]), float(output[0])


@torch.inference_mode()
def _look(pyramid: dict[int, NDArray[np.uint8]], windows: list[Window]) -> NDArray[np.float64]:
    """What the network says of each window, (N, 5): the score, 0 to 1, and the canonical window inside it."""
    if not windows:
        return np.empty((0, 5))
    network, _ = _network()
    batch = to_tensor(np.stack([_sample(pyramid, window) for window in windows]), (INPUT_SIDE, INPUT_SIDE))
    outputs = torch.cat([network(part) for part in batch.split(128)])
    outputs[:, 0] = outputs[:, 0].sigmoid()
    return outputs.numpy().astype(np.float64)


@cache
def _network() -> tuple[nn.Module, Card]:
    return load_network("alignment")


def _sample(pyramid: dict[int, NDArray[np.uint8]], window: Window) -> NDArray[np.uint8]:
    """The window's pixels out of the picture halved as often as needed: sampling a big window straight would alias."""
    level = max(0, math.floor(math.log2(max(abs(window.half) * 2 / INPUT_SIDE, 1)) + 0.3))
    for step in range(1, level + 1):
        if step not in pyramid:
            pyramid[step] = _resize(pyramid[step - 1], 0.5)
    factor = pyramid[level].shape[1] / pyramid[0].shape[1]
    return sample(pyramid[level], window.scaled(factor))


def _resize(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if factor == 1.0:
        return pixels
    height, width = pixels.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _distinct(found: list[tuple[Window, float]]) -> list[tuple[Window, float]]:
    """One window a face: of those that overlap, the surest."""
    kept: list[tuple[Window, float]] = []
    for window, score in sorted(found, key=lambda pair: -pair[1]):
        if all(
            abs(window.center - other.center) > 0.6 * max(abs(window.half), abs(other.half))
            for other, _ in kept
        ):
            kept.append((window, score))
    return kept


def crop_of(pixels: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """The aligned crop, uint8 (218, 178, 3), of the face that has this canonical window."""
    factor = min(1.0, CANONICAL_HALF / abs(window.half))
    # Shrinking first keeps a large face free of aliasing.
    small = _resize(pixels, factor)
    crop = cv2.warpAffine(small, window.scaled(factor).to_canonical(), CANONICAL_SIZE, flags=cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(crop, np.uint8)


def _face(pixels: NDArray[np.uint8], window: Window, score: float) -> Face:
    crop = crop_of(pixels, window)
    side = round(2 * abs(window.half))
    corner = round(window.center.real - side / 2), round(window.center.imag - side / 2)
    return Face((*corner, side, side), crop, window.to_canonical(), score)
