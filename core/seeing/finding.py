"""Where faces may be: the finder network over a pyramid of ever smaller copies of the picture.

The network (`FaceFinder` in `core/models/architectures.py`) finds faces of REACH in any turn; each copy has half the
side of the one before, so that every face is in reach in one of them, and the smallest is hardly larger than a face.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from core.models.weights import Runner, load_runner
from core.seeing.windows import Window

T = TypeVar("T")

CELL = 8
"""Pixels of a copy that one answer of the network stands for."""
REACH = (12.0, 36.0)
"""Widths, pixels of a copy, of the faces that the network must find there."""
REFERENCE_HALF = 10.0
"""Half-side, pixels, of a cell's own window, in whose coordinates it answers."""
RIM = 16
"""Pixels of a copy by which it is continued beyond its rim, so that a face that fills it has something around it."""
LAST = 24
"""Longest side, pixels, of the smallest copy: a face that is a third larger than the picture is in reach there."""
SAME_PLACE, NEAR, SAME_SIZE = 0.6, 0.5, 1.6
"""Windows are of one place if they lie no farther apart than this share of their half-side, near enough to have a say,
and of one size if one is at most so many times the other."""
_STEP = 16
"""The network's coarsest step: sides of what it takes are multiples of it."""


def propose(pixels: NDArray[np.uint8], area: int, least: float) -> list[tuple[Window, float]]:
    """Windows that may be faces' canonical ones, in pixels of the picture, surest first, each with its score.

    area: pixels of the largest copy, which shows what the smallest face that is found is: some 13 pixels wide in it;
    least: the least score, 0 to 1. Windows on the same face are left in: see `distinct`.
    """
    factor = min(1.0, math.sqrt(area / (pixels.shape[0] * pixels.shape[1])))
    found = []
    copy = resized(pixels, factor)
    while True:
        found += [
            (window.scaled(pixels.shape[1] / copy.shape[1]), score) for window, score in _answers(copy, least)
        ]
        if max(copy.shape[:2]) < LAST:
            return sorted(found, key=lambda pair: -pair[1])
        copy = resized(copy, 0.5)


def _answers(copy: NDArray[np.uint8], least: float) -> list[tuple[Window, float]]:
    around = cv2.copyMakeBorder(copy, RIM, RIM, RIM, RIM, cv2.BORDER_REPLICATE)
    answers = cells_of(_network(), np.asarray(around, np.uint8))
    scores = answers[0].sigmoid()
    rows, columns = torch.nonzero(scores >= least, as_tuple=True)
    windows = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        middle = complex(column, row) * CELL + complex(CELL - 1, CELL - 1) / 2 - complex(RIM, RIM)
        cell = Window(middle, complex(REFERENCE_HALF))
        windows.append((cell.within(answers[1:, row, column].numpy()), float(scores[row, column])))
    return windows


@torch.inference_mode()
def cells_of(network: Runner, picture: NDArray[np.uint8]) -> torch.Tensor:
    """What a finder network answers for the cells of a picture, float32 (5, rows, columns)."""
    height, width = picture.shape[:2]
    pixels = (
        torch.from_numpy(np.require(picture, requirements=["C", "W"]))
        .permute(2, 0, 1)[None]
        .float()
        .div_(255)
    )
    # The rim is filled with gray, which the network takes for nothing, like what lies beyond it.
    pixels = functional.pad(pixels, (0, -width % _STEP, 0, -height % _STEP), value=0.5)
    [answers] = network(pixels.contiguous(memory_format=torch.channels_last))
    return torch.as_tensor(answers)


@cache
def _network() -> Runner:
    return load_runner("finder")[0]


def resized(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The picture at `factor` of its size, each pixel the mean of those it stands for."""
    if factor == 1.0:
        return pixels
    height, width = pixels.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def distinct(found: list[T], window: Callable[[T], Window], sureness: Callable[[T], float]) -> list[T]:
    """One of each face: of those whose windows overlap, the surest."""
    kept: list[T] = []
    for one in sorted(found, key=sureness, reverse=True):
        here = window(one)
        if all(
            abs(here.center - there.center) > 0.6 * max(abs(here.half), abs(there.half))
            for there in map(window, kept)
        ):
            kept.append(one)
    return kept


def agreed(found: list[tuple[Window, float]]) -> list[tuple[Window, float]]:
    """One window for each place and size: what the windows there say together, each as much as it is sure; with the
    highest score. Windows of another size are not asked: between two sizes lies none that fits."""
    kept: list[tuple[Window, float]] = []
    for window, score in sorted(found, key=lambda pair: -pair[1]):
        if not any(_are_alike(window, other, SAME_PLACE) for other, _ in kept):
            kept.append((window, score))
    return [(_mean([pair for pair in found if _are_alike(pair[0], one, NEAR)]), score) for one, score in kept]


def _are_alike(one: Window, other: Window, near: float) -> bool:
    """Whether they are of about one size, and no farther apart than that share of the smaller half-side."""
    sizes = abs(one.half), abs(other.half)
    return max(sizes) < SAME_SIZE * min(sizes) and abs(one.center - other.center) < near * min(sizes)


def _mean(found: list[tuple[Window, float]]) -> Window:
    halves = np.array([window.half for window, _ in found])
    weights = np.array([score for _, score in found]) ** 2
    center = np.average([window.center for window, _ in found], weights=weights)
    size = math.exp(np.average(np.log(np.abs(halves)), weights=weights))
    arrow = complex((weights * halves / np.abs(halves)).sum())
    return Window(complex(center), arrow / abs(arrow) * size)
