"""Where faces may be: the finder network over a pyramid of ever smaller copies of the picture.

The network (`FaceFinder` in `core/models/architectures.py`) finds faces of REACH in any turn; each copy has half the
side of the one before, so that every face is in reach in one of them, and the smallest is hardly larger than a face.
"""

import math
from functools import cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from core.models.weights import load_network
from core.seeing.windows import Window

CELL = 8
"""Pixels of a copy that one answer of the network stands for."""
REACH = (12.0, 36.0)
"""Widths, pixels of a copy, of the faces that the network must find there."""
REFERENCE_HALF = 10.0
"""Half-side, pixels, of a cell's own window, in whose coordinates it answers."""
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
        if max(copy.shape[:2]) < REACH[1]:
            return sorted(found, key=lambda pair: -pair[1])
        copy = resized(copy, 0.5)


def _answers(copy: NDArray[np.uint8], least: float) -> list[tuple[Window, float]]:
    answers = cells_of(_network(), copy)
    scores = answers[0].sigmoid()
    rows, columns = torch.nonzero(scores >= least, as_tuple=True)
    windows = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        middle = complex(column, row) * CELL + complex(CELL - 1, CELL - 1) / 2
        cell = Window(middle, complex(REFERENCE_HALF))
        windows.append((cell.within(answers[1:, row, column].numpy()), float(scores[row, column])))
    return windows


@torch.inference_mode()
def cells_of(network: nn.Module, picture: NDArray[np.uint8]) -> torch.Tensor:
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
def _network() -> nn.Module:
    return load_network("finder")[0]


def resized(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The picture at `factor` of its size, each pixel the mean of those it stands for."""
    if factor == 1.0:
        return pixels
    height, width = pixels.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def distinct(found: list[tuple[Window, float]]) -> list[tuple[Window, float]]:
    """One window a face: of those that overlap, the surest."""
    kept: list[tuple[Window, float]] = []
    for window, score in sorted(found, key=lambda pair: -pair[1]):
        if all(
            abs(window.center - other.center) > 0.6 * max(abs(window.half), abs(other.half))
            for other, _ in kept
        ):
            kept.append((window, score))
    return kept


def agreed(found: list[tuple[Window, float]]) -> list[tuple[Window, float]]:
    """One window a face: what the windows on it say together, each as much as it is sure; with the highest score."""
    faces = []
    left = sorted(found, key=lambda pair: -pair[1])
    while left:
        first, score = left[0]
        near = [abs(window.center - first.center) < 0.5 * abs(first.half) for window, _ in left]
        voters = [pair for pair, is_near in zip(left, near, strict=True) if is_near]
        voters = [pair for pair in voters if 0.5 < abs(pair[0].half / first.half) < 2]
        halves = np.array([window.half for window, _ in voters])
        weights = np.array([weight for _, weight in voters])
        center = np.average([window.center for window, _ in voters], weights=weights)
        size = math.exp(np.average(np.log(np.abs(halves)), weights=weights))
        arrow = complex((weights * halves / np.abs(halves)).sum())
        faces.append((Window(complex(center), arrow / abs(arrow) * size), score))
        left = [
            (window, weight)
            for window, weight in left
            if abs(window.center - first.center) > 0.6 * max(abs(window.half), abs(first.half))
        ]
    return faces
