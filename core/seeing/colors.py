"""How different colors look."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colors import channels

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
