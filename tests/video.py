"""A video of a real face that moves, rolls, comes closer and opens its mouth, made from one portrait."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.seeing.face import find_faces
from core.seeing.photo import Photo, sample_photo
from core.seeing.windows import CANONICAL_CENTER, CANONICAL_HALF, Window

SIZE = (640, 480)
"""Width and height, pixels."""
RATE = 30
"""Frames a second."""

Pixels = NDArray[np.uint8]

MOUTH, REACH = (90.0, 153.0), (26.0, 13.0)
"""Center and spread of the mouth, pixels of the canonical frame."""
NARROWER, FLATTER, LOWER = 0.3, 2.5, 12.0
"""How the mouth is shut: squeezed to the side and in height, its corners drawn down by so many pixels."""


@dataclass(frozen=True)
class Portrait:
    """A picture, uint8 RGB, and its face's canonical window."""

    pixels: Pixels
    window: Window

    @classmethod
    def of(cls, photo: Photo) -> "Portrait":
        """The largest face of a photo."""
        transform = find_faces(photo)[0].transform
        step = complex(transform[0, 0], transform[1, 0])
        offset = complex(transform[0, 2], transform[1, 2])
        return cls(photo.pixels, Window((CANONICAL_CENTER - offset) / step, CANONICAL_HALF / step))

    def serious(self, degree: float = 1.0) -> "Portrait":
        """The same person with the mouth shut and its corners down, which ends the sample portrait's laugh; halfway
        at a degree of about a half."""
        step = self.window.half / CANONICAL_HALF
        middle = self.window.center + step * (complex(*MOUTH) - CANONICAL_CENTER)
        height, width = self.pixels.shape[:2]
        y, x = np.mgrid[:height, :width]
        z = (x + 1j * y - middle) / step
        near = degree * np.exp(-((z.real / REACH[0]) ** 2 + (z.imag / REACH[1]) ** 2) / 2)
        across = z.real * (1 + NARROWER * near)
        down = z.imag * (1 + FLATTER * near) - LOWER * near * (z.real / 20) ** 2
        source = middle + step * (across + 1j * down)
        bent = cv2.remap(
            self.pixels, source.real.astype(np.float32), source.imag.astype(np.float32), cv2.INTER_LINEAR
        )
        return replace(self, pixels=np.asarray(bent, np.uint8))

    def frame(self, window: Window, size: tuple[int, int] = SIZE) -> Pixels:
        """What a camera shows that has the face in this window; the portrait's rim is drawn out."""
        step = window.half / self.window.half
        offset = window.center - step * self.window.center
        matrix = np.array([[step.real, -step.imag, offset.real], [step.imag, step.real, offset.imag]])
        shown = cv2.warpAffine(
            self.pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(shown, np.uint8)


def sample_portrait() -> Portrait:
    return Portrait.of(sample_photo())


def window_at(time: float, size: tuple[int, int] = SIZE) -> Window:
    """Where the face of somebody who cannot sit still is after so many seconds."""
    width, height = size
    center = complex(
        width * (0.5 + 0.1 * math.sin(1.3 * time)), height * (0.45 + 0.04 * math.sin(1.7 * time))
    )
    half = height * (0.15 + 0.02 * math.sin(0.7 * time))
    roll = math.radians(12) * math.sin(2.1 * time)
    return Window(center, half * complex(math.cos(roll), math.sin(roll)))


def film(path: Path, seconds: float = 4.0) -> None:
    """Writes the video as Chromium's fake camera plays it, again and again: JPEGs, one after the other."""
    portrait = sample_portrait()
    with path.open("wb") as file:
        for number in range(round(seconds * RATE)):
            pixels = portrait.frame(window_at(number / RATE))
            file.write(cv2.imencode(".jpg", pixels[..., ::-1])[1].tobytes())
