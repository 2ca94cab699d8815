"""What tests of the mirror share: a service without a thread, and pictures of the sample portrait or of nobody."""

import threading

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from core.live.service import AtOnce as AtOnce
from core.live.service import Service
from core.seeing.windows import Window

Pixels = NDArray[np.uint8]

PATIENCE = 60.0
"""Seconds until a test gives up waiting for the models' thread."""
EMPTY = np.full((480, 640, 3), 90, np.uint8)


def finish(service: Service) -> None:
    """Waits until everything that was submitted before is done."""
    done = threading.Event()
    service.submit(done, lambda reader: done.set())
    assert done.wait(PATIENCE)


def milliseconds(clip: Image.Image) -> int:
    """How long an animation is."""
    return sum(frame.copy().info["duration"] for frame in ImageSequence.Iterator(clip))


def still(place: complex = 320 + 216j, half: complex = 72 + 0j) -> Window:
    return Window(place, half)
