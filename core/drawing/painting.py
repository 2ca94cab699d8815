"""Layers -> pixels -> PNG: what their SVG would look like, drawn by cairo without the detour over its text."""

from __future__ import annotations

import functools
import io
import itertools
import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import cairocffi
import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo, putchunk

from core.drawing.artwork import Shape
from core.drawing.layers import Layer

_COMMAND = re.compile(r"([MLHVCQZ])([^MLHVCQZ]*)")
_NUMBER = re.compile(r"-?[\d.]+")
_OPERANDS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4}

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGBA_8_BITS = bytes([8, 6, 0, 0, 0])


def paint(layers: Iterable[Layer], size: int, clip: str = "") -> Image.Image:
    """Layers of the 72x72 box as an RGBA image of size x size pixels.

    clip: path data of the area outside of which nothing is seen; "" when all of it is.
    """
    surface = cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, size, size)
    context = cairocffi.Context(surface)
    context.scale(size / 72)
    context.set_line_cap(cairocffi.LINE_CAP_ROUND)
    context.set_line_join(cairocffi.LINE_JOIN_ROUND)
    _clip(context, clip)
    for area, group in itertools.groupby(layers, key=lambda layer: layer.within):
        with context:
            _clip(context, area)
            for shape in itertools.chain.from_iterable(layer.shapes for layer in group):
                _paint_shape(context, shape)
    return image_of(surface)


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


def _clip(context: Any, area: str) -> None:
    if area:
        _trace(context, area)
        context.clip()


def _paint_shape(context: Any, shape: Shape) -> None:
    _trace(context, shape.d)
    if shape.fill != "none":
        context.set_source_rgba(*_channels(shape.fill), shape.opacity)
        context.fill_preserve()
    if shape.stroke != "none":
        context.set_source_rgba(*_channels(shape.stroke), shape.opacity)
        context.set_line_width(shape.width)
        context.stroke_preserve()


def _trace(context: Any, d: str) -> None:
    context.new_path()
    for call, numbers in _calls(d):
        getattr(context, call)(*numbers)


@functools.lru_cache(maxsize=8192)
def _calls(d: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The calls to a cairo context that trace path data of absolute M, L, H, V, C, Q and Z, as fontTools writes it."""
    calls: list[tuple[str, tuple[float, ...]]] = []
    x = y = 0.0
    for command, text in _COMMAND.findall(d):
        if command == "Z":
            calls.append(("close_path", ()))
            continue
        numbers = [float(number) for number in _NUMBER.findall(text)]
        step = _OPERANDS[command]
        for start in range(0, len(numbers), step):
            points = _points(command, numbers[start : start + step], x, y)
            calls.append(("move_to" if command == "M" and not start else _CALLS[len(points)], points))
            x, y = points[-2:]
    return tuple(calls)


_CALLS = {2: "line_to", 6: "curve_to"}
"""{how many coordinates: the call that takes them}."""


def _points(command: str, numbers: Sequence[float], x: float, y: float) -> tuple[float, ...]:
    """The coordinates that cairo's call takes; a quadratic curve is raised to a cubic one."""
    if command == "H":
        return numbers[0], y
    if command == "V":
        return x, numbers[0]
    if command == "Q":
        middle_x, middle_y, end_x, end_y = numbers
        return (
            x + (middle_x - x) * 2 / 3, y + (middle_y - y) * 2 / 3,
            end_x + (middle_x - end_x) * 2 / 3, end_y + (middle_y - end_y) * 2 / 3, end_x, end_y,
        )  # fmt: skip
    return tuple(numbers)


@functools.lru_cache(maxsize=4096)
def _channels(color: str) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in bytes.fromhex(color[1:]))
