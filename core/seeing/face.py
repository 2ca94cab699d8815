"""Photo -> faces: the finder proposes windows of any size and turn, the alignment network mends and judges them.

The finder sees small copies of the whole photo (`core/seeing/finding.py`), the alignment network each proposed window
at 64 pixels (`core/seeing/windows.py`): it moves the window to where the face in it is, twice, and then looks at it
once more as it is and mirrored. A face is what is surely one in both last looks, and stays where it is.
"""

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import SelfmojiError
from core.models.features import to_tensor
from core.models.weights import Runner, load_runner
from core.seeing.finding import agreed, distinct, propose, resized
from core.seeing.photo import Photo
from core.seeing.windows import (
    BEYOND,
    CANONICAL_CENTER,
    CANONICAL_HALF,
    CANONICAL_SIZE,
    INPUT_SIDE,
    Window,
    sample,
)

PHOTO_AREA = 400_000
"""Pixels of the largest copy of a photo that is searched."""
LIKELY = 0.4
"""Least score of the finder for a window to be looked at closely."""
LIKELY_TURNED = 0.5
"""Least score of the finder for a window to be looked at in its other quarter turns, too: the finder's own turn is
right for most, and each look costs as much as the first."""
MOST_LIKELY = 40
"""How many windows are looked at closely, the likeliest first."""
DOUBTFUL = 0.1
"""Least score of the alignment network for a window to be looked at again."""
LOOKS = 2
"""How often a window is moved to where the face in it seems to be, before the last looks."""
FINDER_COUNTS = 1.5
"""How much the finder's logit counts beside the alignment network's."""
SURE = 7.1
"""Least evidence of a face, in logits."""
FILLED, FILLED_FOUND = 1.0, 0.73
"""A face that fills its picture, around which the finder sees nothing, is about so wide, as a share of the picture's
shorter side, and taken as found with this score: one try a picture is seldom wrong by chance."""
STEADY = 0.3
"""How far, in half-sides, the last looks may still move a window: on a face it stays where it is."""


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
    found = search(photo.pixels, PHOTO_AREA)
    if not found:
        raise FaceError(
            "No face found, upright, sideways or upside down. Try a photo in which the face looks at the camera, is "
            "well lit and not covered, and is at least a twentieth of the picture's width."
        )
    faces = [_face(photo.pixels, window, score) for window, score in found]
    return sorted(faces, key=lambda face: -face.box[2])


@dataclass(frozen=True)
class _Candidate:
    """A window that may be a face's. found: the finder's score; seen: the alignment network's; both 0 to 1."""

    window: Window
    found: float
    seen: float = 0.0

    @property
    def evidence(self) -> float:
        """How sure both networks are together, in logits."""
        return FINDER_COUNTS * _logit(self.found) + _logit(self.seen)


def search(pixels: NDArray[np.uint8], area: int) -> list[tuple[Window, float]]:
    """The canonical windows of the faces found, one a face, in pixels of the picture, with their scores.

    area: pixels of the largest copy that is searched (see `propose` in `core/seeing/finding.py`).
    """
    copies = {0: pixels}
    proposed = [*agreed(propose(pixels, area, LIKELY))[:MOST_LIKELY], (_filled(pixels), FILLED_FOUND)]
    likely = _upright(copies, [_Candidate(*pair) for pair in proposed])
    for _ in range(LOOKS - 1):
        likely = _moved(copies, _one_a_face(likely))
    return _sure(copies, _one_a_face(likely))


def _filled(pixels: NDArray[np.uint8]) -> Window:
    """The window of a face that fills the picture, as in tight crops."""
    height, width = pixels.shape[:2]
    return Window(complex(width - 1, height - 1) / 2, complex(FILLED * min(height, width) / 2))


def _upright(copies: dict[int, NDArray[np.uint8]], candidates: list[_Candidate]) -> list[_Candidate]:
    """Each in the best of its quarter turns, moved to where the face in it seems to be."""
    turned = [
        [
            replace(candidate, window=Window(candidate.window.center, candidate.window.half * 1j**quarter))
            for quarter in range(4 if candidate.found >= LIKELY_TURNED else 1)
        ]
        for candidate in candidates
    ]
    moved = iter(_moved(copies, [one for turns in turned for one in turns]))
    return [max(islice(moved, len(turns)), key=lambda candidate: candidate.seen) for turns in turned]


def _moved(copies: dict[int, NDArray[np.uint8]], candidates: list[_Candidate]) -> list[_Candidate]:
    """Each where the face in it seems to be, with the alignment network's score of what it was moved from."""
    outputs = _look(copies, [candidate.window for candidate in candidates])
    return [
        replace(candidate, window=candidate.window.within(output[1:]), seen=float(output[0]))
        for candidate, output in zip(candidates, outputs, strict=True)
    ]


def _one_a_face(candidates: list[_Candidate]) -> list[_Candidate]:
    """Those that may still be faces; of those that overlap, the likeliest."""
    doubtful = [candidate for candidate in candidates if candidate.seen >= DOUBTFUL]
    return distinct(doubtful, lambda one: one.window, lambda one: one.evidence)


def _sure(copies: dict[int, NDArray[np.uint8]], candidates: list[_Candidate]) -> list[tuple[Window, float]]:
    """Those that stay in their place and are surely faces, each with the mean of its score as it is and mirrored."""
    faces = []
    looks = (_look(copies, [one.window for one in candidates], mirrored) for mirrored in (False, True))
    for candidate, *outputs in zip(candidates, *looks, strict=True):
        score = sum(float(output[0]) for output in outputs) / len(outputs)
        moved = max(float(np.abs(output[1:] - (0, 0, 1, 0)).max()) for output in outputs)
        if replace(candidate, seen=score).evidence >= SURE and moved < STEADY:
            faces.append((candidate.window, score))
    return faces


def _logit(share: float) -> float:
    """Kept finite: the scores are rounded to 0 or 1 where a network is very sure."""
    return math.log((share + 1e-6) / (1 - share + 1e-6))


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
    network = _network()
    batch = to_tensor(np.stack([_sample(pyramid, window) for window in windows]), (INPUT_SIDE, INPUT_SIDE))
    outputs = torch.cat([network(part) for part in (batch.flip(3) if mirrored else batch).split(128)])
    if mirrored:
        outputs[:, [1, 4]] *= -1
    outputs[:, 0] = outputs[:, 0].sigmoid()
    return outputs.numpy().astype(np.float64)


@cache
def _network() -> Runner:
    return load_runner("alignment")[0]


def _sample(pyramid: dict[int, NDArray[np.uint8]], window: Window) -> NDArray[np.uint8]:
    """The window's pixels out of the picture halved as often as needed: sampling a big window straight would alias."""
    level = max(0, math.floor(math.log2(max(abs(window.half) * 2 / INPUT_SIDE, 1)) + 0.3))
    for step in range(1, level + 1):
        if step not in pyramid:
            pyramid[step] = resized(pyramid[step - 1], 0.5)
    factor = pyramid[level].shape[1] / pyramid[0].shape[1]
    return sample(pyramid[level], window.scaled(factor))


def crop_of(pixels: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """The aligned crop, uint8 (218, 178, 3), of the face that has this canonical window; gray beyond the rim."""
    factor = min(1.0, CANONICAL_HALF / abs(window.half))
    # Shrinking first keeps a large face free of aliasing.
    small = resized(pixels, factor)
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
