"""What the motion network sees of an aligned crop, and what its outputs mean.

It learnt from the answers of MediaPipe's face landmark
and blendshape networks (Kartynnik et al., 2019; Grishchenko et al., 2023), so it knows no more than they do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.models.features import to_tensor
from core.models.labels import MOVEMENTS, POINT_COUNT
from core.models.labels import OUTPUTS as WIDTHS
from core.models.weights import load_runner

MOTION_FRAME = (21, 62, 136)
"""Left, top and side of the square of an aligned crop that the network sees, pixels."""
MOTION_SIDE = 96
"""Side of what it is shrunk to, pixels."""
DEGREES = 15.0
"""How many degrees the network calls 1. Yaw, pitch and roll are positive where the nose points to the right of the
picture, where it points down, and where the head is turned clockwise."""
OUTPUTS = WIDTHS["motion"]


@dataclass(frozen=True, eq=False)
class Motion:
    """What one face does.

    movements: {name of `MOVEMENTS`: 0 to 1}; yaw, pitch, roll: degrees, as `DEGREES` tells, roll within the crop;
    points: float32 (70, 2), pixels of the crop, in the order of `core.models.labels.POINTS`; sureness: that this is a
    face, 0 to 1.
    """

    movements: Mapping[str, float]
    yaw: float
    pitch: float
    roll: float
    points: NDArray[np.float32]
    sureness: float


class MotionReader:
    """The motion network, loaded once; `read` may be called from several threads. Raises WeightsError when made."""

    def __init__(self) -> None:
        self._network, card = load_runner("motion")
        self._size = card.size

    @torch.inference_mode()
    def read(self, crops: list[NDArray[np.uint8]]) -> list[Motion]:
        """One Motion per crop, uint8 RGB (218, 178, 3) in CelebA's frame, all in one pass."""
        if not crops:
            return []
        windows = np.stack([window_of(crop) for crop in crops])
        outputs = self._network(to_tensor(windows, self._size)).numpy()
        left, top, side = MOTION_FRAME
        return [
            Motion(
                dict(zip(MOVEMENTS, map(float, movements), strict=True)),
                float(pose[0]),
                float(pose[1]),
                float(pose[2]),
                (points + 1) * np.float32(side / 2) + np.array((left, top), np.float32),
                float(sure),
            )
            for points, movements, pose, sure in zip(*split_outputs(outputs), strict=True)
        ]


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
