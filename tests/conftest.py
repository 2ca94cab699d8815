"""What several test files need: the sample portrait, generated pictures, and files of both in any format."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from core.photo import Photo, sample_photo

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
