"""The README's pictures of the app: one of each page that is told of, and small."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.conftest import corners, encode
from tests.screenshots import FOLDER, HEIGHT, LARGEST, PICTURES, WIDTH, webp


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_there_and_small(name: str) -> None:
    path = FOLDER / f"{name}.webp"
    assert path.stat().st_size <= LARGEST
    with Image.open(path) as image:
        assert (image.format, image.size) == ("WEBP", (WIDTH, HEIGHT))


def test_a_screenshot_becomes_a_small_file() -> None:
    assert webp(encode(corners(), "PNG"))[8:12] == b"WEBP"
    noise = np.random.default_rng(0).integers(0, 256, (800, 1280, 3), np.uint8)
    with pytest.raises(ValueError, match="lower its quality"):
        webp(encode(Image.fromarray(noise), "PNG"))
