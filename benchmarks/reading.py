"""The whole reading of one aligned face, and the way it is read elsewhere: a full ResNeXt-50 for each question.

Both take turns in one run, so that whatever else the machine does slows both alike.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor

from core import Photo, Reader, find_faces, sample_photo
from core.models.architectures import classifier
from core.models.features import to_tensor
from core.models.labels import ATTRIBUTES, EMOTIONS

ARCHITECTURE = "resnext50_32x4d"
SIZE = (218, 178)
WARM_UPS, RUNS = 3, 20
STARTS = 5


def start() -> list[float]:
    """Seconds from a new process to a loaded reader; files are in the system's cache after the first, left out."""
    return [
        _milliseconds(
            lambda: subprocess.run([sys.executable, "-c", "from core import Reader; Reader()"], check=True)
        )
        / 1000
        for _ in range(1 + STARTS)
    ][1:]


def reading() -> list[float]:
    """Milliseconds for alignment, attributes, look, skin tone and emotion of an aligned crop of 178x218."""
    return [ours for ours, _ in _turns()]


def reference_reading() -> list[float]:
    """Milliseconds for attributes and emotion with a float32 network of the reference architecture each."""
    return [reference for _, reference in _turns()]


def gain() -> list[float]:
    """How many times as fast as the reference each of our turns was."""
    return [reference / ours for ours, reference in _turns()]


@cache
def _turns() -> list[tuple[float, float]]:
    crop, reader = find_faces(sample_photo())[0].crop, Reader()
    networks = [classifier(ARCHITECTURE, len(labels)).eval() for labels in (ATTRIBUTES, EMOTIONS)]

    def ours() -> None:
        reader.read([face.crop for face in find_faces(Photo(crop))])

    @torch.inference_mode()
    def reference() -> list[Tensor]:
        return [network(to_tensor(np.stack([crop]), SIZE)) for network in networks]

    return [(_milliseconds(ours), _milliseconds(reference)) for _ in range(WARM_UPS + RUNS)][WARM_UPS:]


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000
