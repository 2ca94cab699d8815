"""Colors measured in an aligned crop, at the places where every crop shows the same: the clothes, and a hat if any.

No model is asked here, and none can be: the look model says "blue", the pixels say which blue.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""Top, bottom, left, right in pixels of the canonical frame."""

PLACES: dict[str, tuple[Box, ...]] = {
    "clothes": ((196, 218, 20, 60), (196, 218, 118, 158)),
    "hat": ((40, 62, 55, 123),),
}
"""{what: where}: the shoulders beside the neck, and above the forehead. Hair is not among them: it is too often in
shadow, or not where it is expected, to beat the look model."""

FACE: tuple[Box, ...] = ((125, 160, 60, 118),)

BARE = 16
"""A shoulder that differs less than this from the face is bare."""

LIGHTNESS = 0.6
"""How much a difference in lightness counts: photos are darker or lighter than palettes, hue says more."""


def measure(crop: NDArray[np.uint8]) -> dict[str, str]:
    """{place of PLACES: the median color there as #rrggbb} of an aligned crop, RGB (218, 178, 3).

    Bare shoulders are left out.
    """
    colors = {place: _median(crop, boxes) for place, boxes in PLACES.items()}
    if differences(colors["clothes"], [_median(crop, FACE)])[0] < BARE:
        del colors["clothes"]
    return colors


def differences(color: str, others: Sequence[str]) -> NDArray[np.float32]:
    """How far other colors are from one in CIELAB, lightness counting less; all as #rrggbb."""
    rgb = np.array([list(bytes.fromhex(name[1:])) for name in (color, *others)], np.float32) / 255
    lab = cv2.cvtColor(rgb[None], cv2.COLOR_RGB2LAB)[0] * np.array([LIGHTNESS, 1, 1], np.float32)
    return np.linalg.norm(lab[1:] - lab[0], axis=1)


def _median(crop: NDArray[np.uint8], boxes: Sequence[Box]) -> str:
    pixels = [crop[top:bottom, left:right].reshape(-1, 3) for top, bottom, left, right in boxes]
    return "#" + bytes(np.median(np.concatenate(pixels), axis=0).astype(np.uint8)).hex()
