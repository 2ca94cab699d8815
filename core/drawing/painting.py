"""Layers -> pixels -> PNG: what their SVG would look like, drawn by cairo without the detour over its text."""

from __future__ import annotations

import functools
import io
import itertools
import zlib
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo, putchunk

from core.colors import channels
from core.drawing.artwork import GRID, Path, Shape
from core.drawing.cairo import cairocffi
from core.drawing.layers import Layer

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGBA_8_BITS = bytes([8, 6, 0, 0, 0])


def paint(layers: Iterable[Layer], size: int, clip: Path | None = None) -> Image.Image:
    """Layers of the 72x72 box as an RGBA image of size x size pixels.

    clip: the area outside of which nothing is seen; None when all of it is.
    """
    surface = cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, size, size)
    context = cairocffi.Context(surface)
    context.scale(size / GRID)
    context.set_line_cap(cairocffi.LINE_CAP_ROUND)
    context.set_line_join(cairocffi.LINE_JOIN_ROUND)
    clip_to(context, clip)
    for area, group in itertools.groupby(layers, key=lambda layer: layer.within):
        with context:
            clip_to(context, area)
            for shape in itertools.chain.from_iterable(layer.shapes for layer in group):
                paint_shape(context, shape)
    return image_of(surface)


def haloed(image: Image.Image, margin: int, halo: float) -> Image.Image:
    """An RGBA image, wider by a margin on each side, on white that reaches `halo` pixels beyond what is drawn."""
    framed = ImageOps.expand(image, margin, (0, 0, 0, 0))
    alpha = np.asarray(framed.getchannel("A"))
    # Distances are those between whole pixels: on half as large ones the edge is smooth.
    finer = cv2.resize(alpha, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    beyond = cv2.distanceTransform((finer < 128).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    reach = np.clip(255 * (2 * halo + 0.5 - beyond), 0, 255).astype(np.uint8)
    white = Image.new("RGBA", framed.size, "white")
    white.putalpha(Image.fromarray(cv2.resize(reach, alpha.shape[::-1], interpolation=cv2.INTER_AREA)))
    white.alpha_composite(framed)
    return white


def image_of(surface: cairocffi.ImageSurface) -> Image.Image:
    """What stands on a surface of cairo's as an RGBA image."""
    width, height = surface.get_width(), surface.get_height()
    rows = np.frombuffer(surface.get_data(), np.uint8).reshape(height, surface.get_stride())
    pixels = rows[:, : 4 * width].reshape(height, width, 4)
    # Cairo keeps a color multiplied with its alpha, blue first.
    return Image.fromarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA), cv2.COLOR_BGRA2RGBA))


def png(image: Image.Image, info: PngInfo) -> bytes:
    """An RGBA image and its texts as a PNG.

    Its rows are packed as they are. What PNG offers to predict a pixel from its neighbors helps photos; areas of one
    color become larger by it, and trying it out, as Pillow does, takes longer than drawing.
    """
    width, height = image.size
    rows = np.zeros((height, 1 + 4 * width), np.uint8)
    rows[:, 1:] = np.asarray(image).reshape(height, 4 * width)
    stream = io.BytesIO()
    stream.write(_SIGNATURE)
    putchunk(stream, b"IHDR", width.to_bytes(4, "big"), height.to_bytes(4, "big"), _RGBA_8_BITS)
    for kind, text, *_ in info.chunks:
        putchunk(stream, kind, text)
    putchunk(stream, b"IDAT", zlib.compress(rows.tobytes(), 1))
    putchunk(stream, b"IEND")
    return stream.getvalue()


def clip_to(context: Any, area: Path | None) -> None:
    """Lets a context of cairo's paint in an area alone; anywhere when there is none."""
    if area is not None:
        _trace(context, area)
        context.clip()


def paint_shape(context: Any, shape: Shape) -> None:
    """Paints a shape, whose colors are #rrggbb, in a context of cairo's that is scaled to units."""
    _trace(context, shape.path)
    if shape.fill != "none":
        context.set_source_rgba(*_source(shape.fill), shape.opacity)
        context.fill_preserve()
    if shape.stroke != "none":
        context.set_source_rgba(*_source(shape.stroke), shape.opacity)
        context.set_line_width(shape.width)
        context.stroke_preserve()


def _trace(context: Any, path: Path) -> None:
    context.new_path()
    for call, values in path.calls:
        getattr(context, call)(*values)


@functools.lru_cache(maxsize=4096)
def _source(color: str) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in channels(color))
