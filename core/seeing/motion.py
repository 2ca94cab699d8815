"""What the motion network sees of an aligned crop, and what its outputs mean.

It learnt from the answers of MediaPipe's face landmark
and blendshape networks (Kartynnik et al., 2019; Grishchenko et al., 2023), so it knows no more than they do.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.models.labels import MOVEMENTS, POINT_COUNT

MOTION_FRAME = (21, 62, 136)
"""Left, top and side of the square of an aligned crop that the network sees, pixels."""
MOTION_SIDE = 96
"""Side of what it is shrunk to, pixels."""
DEGREES = 15.0
"""How many degrees the network calls 1. Yaw, pitch and roll are positive where the nose points to the right of the
picture, where it points down, and where the head is turned clockwise."""
OUTPUTS = 2 * POINT_COUNT + len(MOVEMENTS) + 3 + 1


def window_of(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the network sees of an aligned crop, uint8 (96, 96, 3)."""
    left, top, side = MOTION_FRAME
    window = crop[top : top + side, left : left + side]
    return np.asarray(cv2.resize(window, (MOTION_SIDE, MOTION_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def split_outputs(outputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Outputs (N, OUTPUTS) -> points (N, 70, 2) from -1 to 1 over the window, movements (N, 52) from 0 to 1, pose
    (N, 3) in degrees, and sureness (N,) from 0 to 1."""
    points, movements, pose, sure = np.split(
        outputs, [2 * POINT_COUNT, 2 * POINT_COUNT + len(MOVEMENTS), OUTPUTS - 1], 1
    )
    return (
        points.reshape(-1, POINT_COUNT, 2),
        _sigmoid(movements),
        pose * np.float32(DEGREES),
        _sigmoid(sure)[:, 0],
    )


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * logits))
