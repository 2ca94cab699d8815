"""Colors as #rrggbb, and how different they are; the places where every aligned crop shows the same."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colors import channels

Box = tuple[int, int, int, int]
"""Top, bottom, left, right in pixels of the canonical frame."""

PLACES: dict[str, tuple[Box, ...]] = {
    "clothes": ((196, 218, 20, 60), (196, 218, 118, 158)),
    "hat": ((40, 62, 55, 123),),
}
"""{what: where}: the shoulders beside the neck, and above the forehead."""

FACE: tuple[Box, ...] = ((125, 160, 60, 118),)

BARE = 16
"""A shoulder that differs less than this from the face is bare."""

LIGHTNESS = 0.6
"""How much a difference in lightness counts: photos are darker or lighter than palettes, hue says more."""


def differences(
    color: str, others: Sequence[str], lightness: float = LIGHTNESS, relative: bool = False
) -> NDArray[np.float32]:
    """How far other colors are from one in CIELAB, lightness counting less; all as #rrggbb.

    relative: a* and b* are taken in proportion to lightness, as those of one material are in light and in shadow.
    """
    rgb = np.array([channels(name) for name in (color, *others)], np.float32) / 255
    lab = cv2.cvtColor(rgb[None], cv2.COLOR_RGB2LAB)[0]
    if relative:
        lab[:, 1:] *= 45 / np.maximum(lab[:, :1], 14)
    lab[:, 0] *= lightness
    return np.linalg.norm(lab[1:] - lab[0], axis=1)
