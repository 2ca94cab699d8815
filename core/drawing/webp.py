"""Layers -> a WebP that says whose work it is: the same pixels as the PNG in a smaller file."""

from __future__ import annotations

import io

from core.drawing.credit import TITLE, exif_texts
from core.drawing.png import draw_image
from core.recipe.recipe import Recipe


def draw_webp(recipe: Recipe, size: int, halo: bool = False) -> bytes:
    """The emoji as a WebP of size x size pixels without loss, transparent where nothing is, its license in EXIF.

    halo: as in `draw_png`.
    """
    stream = io.BytesIO()
    # Trying harder takes ten times as long and spares a fifth: 172 ms and 30 KB in place of 14 ms and 38 KB at 512 px.
    options = {"lossless": True, "method": 1, "quality": 0, "exif": exif_texts(TITLE)}
    draw_image(recipe, size, halo).save(stream, "WebP", **options)
    return stream.getvalue()
