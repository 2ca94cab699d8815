"""What several test files need: the sample portrait, generated pictures, files of both in any format, and the models.

What needs torch is imported by the fixtures themselves: most tests start much sooner without it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageSequence

import core
from core.seeing.photo import Photo, sample_photo

if TYPE_CHECKING:
    from tests.video import Portrait

ROOT = Path(__file__).parents[1]

CORNERS = ((220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 220, 40))
"""Colors of `corners()`: top left, top right, bottom left, bottom right."""


def corners(width: int = 120, height: int = 80) -> Image.Image:
    """A picture that looks different from every side: each quarter has a color of its own."""
    pixels = np.empty((height, width, 3), np.uint8)
    top, left = slice(height // 2), slice(width // 2)
    bottom, right = slice(height // 2, None), slice(width // 2, None)
    for quarter, color in zip(
        ((top, left), (top, right), (bottom, left), (bottom, right)), CORNERS, strict=True
    ):
        pixels[quarter] = color
    return Image.fromarray(pixels)


def corner_colors(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """The colors in the middle of the four quarters, in the order of `CORNERS`."""
    height, width = pixels.shape[:2]
    return [
        tuple(int(v) for v in pixels[y, x])
        for y in (height // 4, height * 3 // 4)
        for x in (width // 4, width * 3 // 4)
    ]


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image as a file of one of Pillow's formats."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def frame_count(image: Image.Image) -> int:
    """Of an animation of any format: Pillow's types know `n_frames` of some formats alone."""
    return sum(1 for _ in ImageSequence.Iterator(image))


@pytest.fixture(scope="session")
def portrait() -> Photo:
    """scikit-image's public-domain portrait, 512x512."""
    return sample_photo()


@pytest.fixture(scope="session")
def portrait_image(portrait: Photo) -> Image.Image:
    return Image.fromarray(portrait.pixels)


@pytest.fixture(scope="session")
def portrait_jpeg(portrait_image: Image.Image) -> bytes:
    return encode(portrait_image, "JPEG", quality=92)


@pytest.fixture
def photo_file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Writes bytes to a file of this name in the test's own folder and gives its path."""

    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(scope="session")
def crop_image(portrait: Photo) -> Image.Image:
    """The portrait's face as an aligned crop of 178x218 pixels."""
    return Image.fromarray(core.find_faces(portrait)[0].crop)


@pytest.fixture
def folder(tmp_path: Path, crop_image: Image.Image) -> Callable[..., Path]:
    """Makes a folder of crops that differ: folder(40) or folder(names=("a/me.jpg", "b/me.jpg"))."""

    def make(count: int = 0, names: Sequence[str] = ()) -> Path:
        photos = tmp_path / "photos"
        for number, name in enumerate(names or [f"{number:03}.png" for number in range(count)]):
            path = photos / name
            path.parent.mkdir(parents=True, exist_ok=True)
            crop_image.point([value * (100 - number % 60) // 100 for value in range(256)] * 3).save(path)
        return photos

    return make


@pytest.fixture(scope="session")
def reader() -> core.Reader:
    return core.Reader()


@pytest.fixture(scope="session")
def person() -> Portrait:
    """The sample portrait as somebody who can move before a camera."""
    from tests.video import sample_portrait

    return sample_portrait()


@pytest.fixture
def look(reader: core.Reader) -> Callable[..., core.Mirror]:
    """Makes a mirror that shows in every frame what was seen in itself: look(view=View.only)."""
    from tests.live.mirrors import AtOnce

    return lambda **settings: core.Mirror(AtOnce(reader), core.Settings(**settings))
