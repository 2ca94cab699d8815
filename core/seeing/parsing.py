"""What each pixel of a portrait shows: hair, skin, a garment, the background.

The network sees a square of the photo in CelebA's frame that is wider than the aligned crop, so that hair and shoulders
are inside; where the photo ends, it is gray.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.models.features import to_tensor
from core.models.weights import load_runner
from core.seeing.windows import BEYOND, CANONICAL_SIZE

CANVAS = (-31, 0, 240)
"""Left, top and side of the square that the network sees, in pixels of CelebA's frame."""
SIDE = 160
"""Side of what it is shrunk to, pixels."""


def canvas_of(
    pixels: NDArray[np.uint8],
    transform: NDArray[np.float64],
    room: float = 1.0,
    side: int = SIDE,
    beyond: int | None = BEYOND,
    interpolation: int = cv2.INTER_LINEAR,
) -> NDArray[np.uint8]:
    """The square of a photo that the network sees, uint8 (side, side) or (side, side, 3).

    pixels: uint8 (H, W) or (H, W, 3); transform: (2, 3), photo pixel -> pixel of CelebA's frame; room: how many times
    wider than CANVAS the square is, about the same middle; beyond: the value where the photo ends, or None for that of
    its rim.
    """
    left, top, width = CANVAS
    factor = side / (width * room)
    middle = np.array((left, top)) + width / 2
    matrix = transform * factor
    # Pixels are counted from the middle of the first one.
    matrix[:, 2] += side / 2 - factor * (middle - 0.5) - 0.5
    scale = float(np.hypot(*matrix[:, 0]))
    if scale < 0.5 and interpolation == cv2.INTER_LINEAR:
        # Shrinking first keeps a large face free of aliasing.
        size = tuple(max(1, round(length * scale)) for length in pixels.shape[1::-1])
        ratio = np.array(pixels.shape[1::-1]) / size
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix[:, 2] += matrix[:, :2] @ (ratio / 2 - 0.5)
        matrix[:, :2] *= ratio
    border = cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT
    canvas = cv2.warpAffine(
        pixels, matrix, (side, side), flags=interpolation, borderMode=border, borderValue=(beyond or 0,) * 3
    )
    return np.asarray(canvas, np.uint8)


class Parser:
    """The network, loaded once; `parse` may be called from several threads. Raises WeightsError when made."""

    def __init__(self) -> None:
        self._network, _ = load_runner("parser")

    @torch.inference_mode()
    def parse(self, canvases: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """How likely each pixel of each canvas shows each of REGIONS, (N, len(REGIONS), SIDE, SIDE), summing to 1."""
        return self._network(to_tensor(np.stack(canvases), (SIDE, SIDE))).softmax(1).numpy()


def on_crop(chances: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The likeliest region of each pixel of an aligned crop, uint8 (218, 178), numbers of REGIONS.

    chances: (len(REGIONS), SIDE, SIDE), of one canvas.
    """
    left, top, side = CANVAS
    width, height = CANONICAL_SIZE
    whole = cv2.resize(chances.transpose(1, 2, 0), (side, side), interpolation=cv2.INTER_LINEAR)
    return whole[-top : height - top, -left : width - left].argmax(2).astype(np.uint8)
