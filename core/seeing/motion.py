"""Aligned crops -> how a face is held and moved: points, movements, pose, and how sure that is.

One small network, quick enough for every frame of a video. It learnt from the answers of MediaPipe's face landmark
and blendshape networks (Kartynnik et al., 2019; Grishchenko et al., 2023), so it knows no more than they do.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.models.labels import MOVEMENTS, POINT_COUNT
from core.models.weights import load_network

MOTION_FRAME = (21, 62, 136)
"""Left, top and side of the square of an aligned crop that the network sees, pixels."""
MOTION_SIDE = 96
"""Side of what it is shrunk to, pixels."""
DEGREES = 15.0
"""How many degrees the network calls 1."""
OUTPUTS = 2 * POINT_COUNT + len(MOVEMENTS) + 3 + 1


@dataclass(frozen=True)
class Motion:
    """What one aligned crop shows.

    points: float32 (70, 2), x and y in pixels from the crop's top left corner, in the order of POINTS;
    movements: {name of MOVEMENTS: 0 to 1}; yaw, pitch, roll: degrees, positive where the nose points to the right of
    the picture, where it points down, and where the head is turned clockwise; sure: 0 to 1, that this is a face, about
    where a face is expected.
    """

    points: NDArray[np.float32]
    movements: dict[str, float]
    yaw: float
    pitch: float
    roll: float
    sure: float


class MotionReader:
    """The network, loaded once; `read` may be called from several threads. Raises WeightsError when made."""

    def __init__(self) -> None:
        self._network, _ = load_network("motion")

    @torch.inference_mode()
    def read(self, crop: NDArray[np.uint8]) -> Motion:
        """The motion of one crop, uint8 RGB (218, 178, 3) in CelebA's frame."""
        image = torch.from_numpy(window_of(crop)).permute(2, 0, 1)[None].float() / 255
        [outputs] = self._network(image.contiguous(memory_format=torch.channels_last)).numpy()
        points, movements, pose, sure = split_outputs(outputs[None])
        left, top, side = MOTION_FRAME
        yaw, pitch, roll = (float(angle) for angle in pose[0])
        return Motion(
            (points[0] + 1) * np.float32(side / 2) + np.array((left, top), np.float32),
            dict(zip(MOVEMENTS, map(float, movements[0]), strict=True)),
            yaw, pitch, roll, float(sure[0]),
        )  # fmt: skip


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
