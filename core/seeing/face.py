"""Photo -> faces: the alignment network looks everywhere, then closer, and turns what it finds upright.

The network (see `core/seeing/windows.py`) tells faces from the rest, and finds the similarity that takes a window to
CelebA's canonical frame. It is first run over whole pictures at many scales, where windows share the work; what looks
like a face is then looked at as a window of its own, twice, and once more mirrored. A face is what is surely one in
both last looks, and stays where it is.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import SelfmojiError
from core.models.architectures import AlignmentNetwork
from core.models.features import to_tensor
from core.models.weights import Card, load_network
from core.seeing.photo import Photo
from core.seeing.windows import (
    CANONICAL_CENTER,
    CANONICAL_HALF,
    CANONICAL_SIZE,
    INPUT_SIDE,
    Window,
    sample,
)

MIN_FACE = 32
"""Least width of a face, pixels of the photo."""
LIKELY = 0.5
"""Least score of a window, seen among all others, that is looked at by itself; DOUBTFUL is enough to go on."""
DOUBTFUL = 0.3
STEADY = 0.3
"""How far, in half-sides, the last looks may still move a window: on a face it stays where it is."""
MOST_LIKELY = 60
"""How many windows of a search are looked at, the likeliest first."""
REACH = 1.6
"""A face may be so many times larger or smaller than a window, and the network still sees it."""
TOGETHER_STEP = 2.2
"""The same of windows seen together, whose reach is wider (measured on pasted faces: 0.6 to 2 times their size)."""
TOGETHER_HALF = 2.0
"""Of windows seen together, the network takes faces for so much smaller than they are (median on pasted faces): such a
window has no rim by which to tell its width."""
FEW = 0.25
"""Windows of at least this half-side, as a share of the picture's longer side, are few."""
SURE_IN_THE_MIDDLE, MIDDLE = 0.998, 0.25
"""Least score, the mean of both last looks, of a face as large as they whose center is no farther from the picture's
than this share of its longer side: a picture of one face. With so few tries, few are wrong by chance."""
LOOKS = 2
"""How often a window is moved to where the face in it seems to be, before the last looks."""
WIDE = 16 / 9
"""Pictures longer than this are searched as if they were shorter: what they show is not farther away."""
NEAR = 1 / 5
"""A face so wide, as a share of the picture's shorter side, is a portrait: nobody looks for the people far behind."""
BEYOND = 127
"""What a crop shows beyond the rim of the photo: gray, which is neither hair nor skin."""


class FaceError(SelfmojiError):
    """No usable face in a photo; the message says what to try."""


@dataclass(frozen=True)
class Face:
    """One face of a photo.

    box: x, y, width, height in photo pixels (it may reach beyond the rim); crop: uint8 (218, 178, 3) in CelebA's frame;
    transform: float64 (2, 3), photo pixel -> crop pixel; score: the network's confidence, 0 to 1; missing: the share of
    the crop, 0 to 1, that lies beyond the rim of the photo and is gray in it; missing_above: the same of the rows that
    show hair, the upper third.
    """

    box: tuple[int, int, int, int]
    crop: NDArray[np.uint8]
    transform: NDArray[np.float64]
    score: float
    missing: float = 0.0
    missing_above: float = 0.0


def find_faces(photo: Photo) -> list[Face]:
    """The faces of a photo, largest first. A photo of 178x218 pixels is an aligned crop already.

    Raises FaceError where there is none.
    """
    if photo.is_aligned:
        return [Face((0, 0, *CANONICAL_SIZE), photo.pixels, np.eye(2, 3), 1.0)]
    found = FIRST.run(photo.pixels)
    if all(2 * abs(window.half) < NEAR * min(photo.width, photo.height) for window, _ in found):
        found = _distinct(found + CLOSER.run(photo.pixels, FIRST.least(photo.pixels)))
    found = found or TURNED.run(photo.pixels)
    if not found:
        raise FaceError(
            "No face found, upright, sideways or upside down. Try a photo in which the face looks at the camera, is "
            "well lit and not covered, and is at least a twentieth of the picture's width."
        )
    faces = [_face(photo.pixels, window, score) for window, score in found]
    return sorted(faces, key=lambda face: -face.box[2])


@dataclass(frozen=True)
class Search:
    """One way to look for faces.

    share: least width of a face, as a share of the picture's longer side; turns: how many quarter turns the picture is
    turned counterclockwise for each look at all of it; sure: least score of a face, the mean of both last looks, the
    higher the more places a search looks at.
    """

    share: float
    turns: tuple[int, ...] = (0,)
    sure: float = 0.999

    def least(self, pixels: NDArray[np.uint8]) -> float:
        """The least half-side, pixels, of the canonical windows that this search can find."""
        longer, shorter = max(pixels.shape[:2]), min(pixels.shape[:2])
        return max(MIN_FACE, self.share * min(longer, WIDE * shorter)) / 2

    def run(self, pixels: NDArray[np.uint8], most: float = math.inf) -> list[tuple[Window, float]]:
        """The canonical windows of the faces found, one a face, in photo pixels, with their scores.

        most: the half-side, pixels, above which nothing is looked for.
        """
        factor = min(1.0, _scale(self.least(pixels)))
        picture = _resize(pixels, factor)
        windows = [
            window
            for turn in self.turns
            for window in _everywhere(picture, turn, self.least(pixels) * factor, most * factor)
        ]
        found = _confirmed(picture, windows, self.least(pixels) * factor, self.sure)
        return [(window.scaled(1 / factor), score) for window, score in found]


FIRST = Search(1 / 14)
CLOSER = Search(1 / 30)
"""Unless somebody is near, for everybody who is farther away."""
TURNED = Search(1 / 12, (1, 2, 3), sure=0.9993)
"""If nobody stands upright."""


def _scale(half: float) -> float:
    """By what a picture is resized so that the least of its faces, of this half-side, is just seen."""
    return INPUT_SIDE / 2 / (REACH * half)


def _everywhere(
    picture: NDArray[np.uint8], turn: int, least: float, most: float
) -> list[tuple[Window, float]]:
    """Windows in which a face is likely, of half-sides from `least` to `most`, on the picture turned so often.

    Large windows are few, and what they show reaches to their rims: each is looked at by itself.
    """
    turned = np.ascontiguousarray(np.rot90(picture, turn))
    longest = max(turned.shape[:2])
    half, windows, pyramid = REACH * least, [], {0: turned}
    while True:
        together = half < FEW * longest
        if together:
            windows += _together(turned, half)
        else:
            grid = _grid(turned.shape[1], turned.shape[0], half)
            windows += [
                (window.within(output[1:]), float(output[0]))
                for window, output in zip(grid, _look(pyramid, grid), strict=True)
                if output[0] >= DOUBTFUL
            ]
        if REACH * half >= min(most, REACH * longest / 2):
            break
        half *= TOGETHER_STEP if together else REACH
    # Where pixels lie after a quarter turn: about the middle, and rows count downwards.
    phase = 1j**turn
    middle, own_middle = (complex(size[1] - 1, size[0] - 1) / 2 for size in (turned.shape, picture.shape))
    return [
        (Window((window.center - middle) * phase + own_middle, window.half * phase), score)
        for window, score in windows
    ]


def _grid(width: int, height: int, half: float) -> list[Window]:
    """Windows of this half-side, coarse enough that the network's reach covers what lies between."""
    columns, rows = (np.arange(half * 0.6, side, half * 0.6) for side in (width, height))
    return [Window(complex(x, y), complex(half)) for y in rows for x in columns]


@torch.inference_mode()
def _together(picture: NDArray[np.uint8], half: float) -> list[tuple[Window, float]]:
    """The likely ones of all windows of this half-side, half a window apart, seen in one pass."""
    network, _ = _network()
    rim, stride = INPUT_SIDE // 2, AlignmentNetwork.STRIDE
    scale = rim / half
    height, width = picture.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    level = cv2.copyMakeBorder(
        cv2.resize(picture, size, interpolation=how),
        *(rim, rim + -size[1] % stride, rim, rim + -size[0] % stride), cv2.BORDER_REPLICATE,
    )  # fmt: skip
    outputs = network.everywhere(to_tensor(np.asarray(level, np.uint8)[None], level.shape[:2]))[0]
    scores = outputs[0].sigmoid()
    windows = []
    for row, column in (scores >= LIKELY).nonzero().tolist():
        window = Window(complex(stride * column - 0.5, stride * row - 0.5), complex(rim))
        found = window.within(outputs[1:, row, column].numpy()).scaled(1 / scale)
        windows.append((Window(found.center, found.half * TOGETHER_HALF), float(scores[row, column])))
    return windows


def _confirmed(
    picture: NDArray[np.uint8], windows: list[tuple[Window, float]], least: float, sure: float
) -> list[tuple[Window, float]]:
    """Where these windows, in picture pixels with their scores, say that faces are, one window a face.

    A face is what stays in its place and has at least the score `sure`, the mean of it as it is and mirrored.
    least: the half-side, pixels, below which nothing was looked for.
    """
    pyramid: dict[int, NDArray[np.uint8]] = {0: picture}
    likely = _distinct(windows)[:MOST_LIKELY]
    for _ in range(LOOKS):
        outputs = _look(pyramid, [window for window, _ in likely])
        likely = _distinct([
            (window.within(output[1:]), float(output[0]))
            for (window, _), output in zip(likely, outputs, strict=True)
            if output[0] >= DOUBTFUL and abs(window.half) >= least / REACH
        ])  # fmt: skip
    faces = []
    looks = (_look(pyramid, [window for window, _ in likely], mirrored) for mirrored in (False, True))
    for (window, _), *seen in zip(likely, *looks, strict=True):
        score = sum(float(output[0]) for output in seen) / len(seen)
        moved = max(float(np.abs(output[1:] - (0, 0, 1, 0)).max()) for output in seen)
        if score >= (SURE_IN_THE_MIDDLE if _fills(picture, window) else sure) and moved < STEADY:
            faces.append((window, score))
    return faces


def _fills(picture: NDArray[np.uint8], window: Window) -> bool:
    """Whether the picture is one of this face, if it is one."""
    height, width = picture.shape[:2]
    longest, middle = max(height, width), complex(width - 1, height - 1) / 2
    return abs(window.half) >= FEW * longest and abs(window.center - middle) <= MIDDLE * longest


def track(pixels: NDArray[np.uint8], window: Window) -> tuple[Window, float]:
    """Where the face of the last frame's window is in this frame, and the network's confidence, 0 to 1, that it is
    one: a single pass. A face may move by a third of its width between frames."""
    [output] = _look({0: pixels}, [window])
    return window.within(output[1:]), float(output[0])


@torch.inference_mode()
def _look(
    pyramid: dict[int, NDArray[np.uint8]], windows: list[Window], mirrored: bool = False
) -> NDArray[np.float64]:
    """What the network says of each window, (N, 5): the score, 0 to 1, and the canonical window inside it."""
    if not windows:
        return np.empty((0, 5))
    network, _ = _network()
    batch = to_tensor(np.stack([_sample(pyramid, window) for window in windows]), (INPUT_SIDE, INPUT_SIDE))
    outputs = torch.cat([network(part) for part in (batch.flip(3) if mirrored else batch).split(128)])
    if mirrored:
        outputs[:, [1, 4]] *= -1
    outputs[:, 0] = outputs[:, 0].sigmoid()
    return outputs.numpy().astype(np.float64)


@cache
def _network() -> tuple[AlignmentNetwork, Card]:
    network, card = load_network("alignment")
    return cast(AlignmentNetwork, network), card


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
    """The aligned crop, uint8 (218, 178, 3), of the face that has this canonical window; gray beyond the rim."""
    factor = min(1.0, CANONICAL_HALF / abs(window.half))
    # Shrinking first keeps a large face free of aliasing.
    small = _resize(pixels, factor)
    crop = cv2.warpAffine(small, window.scaled(factor).to_canonical(), CANONICAL_SIZE, flags=cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=(BEYOND,) * 3)  # fmt: skip
    return np.asarray(crop, np.uint8)


def _face(pixels: NDArray[np.uint8], window: Window, score: float) -> Face:
    side = round(2 * abs(window.half))
    corner = round(window.center.real - side / 2), round(window.center.imag - side / 2)
    beyond = _beyond(pixels.shape, window)
    hair = beyond[: CANONICAL_SIZE[1] // 3]
    return Face(
        (*corner, side, side), crop_of(pixels, window), window.to_canonical(), score,
        float(beyond.mean()), float(hair.mean()),
    )  # fmt: skip


def _beyond(shape: tuple[int, ...], window: Window) -> NDArray[np.bool_]:
    """Which pixels of a crop, (218, 178), lie beyond the rim of a photo of this shape."""
    width, height = CANONICAL_SIZE
    step = window.half / CANONICAL_HALF
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    places = window.center + step * (columns + 1j * rows - CANONICAL_CENTER)
    inside = (
        (places.real > -0.5)
        & (places.real < shape[1] - 0.5)
        & (places.imag > -0.5)
        & (places.imag < shape[0] - 0.5)
    )
    return np.asarray(~inside)
