"""Recipe -> pixels that can be laid over a video frame at once, the head apart from the bust, so that it can tilt."""

import itertools
from collections import OrderedDict
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.drawing.catalogue import catalogue
from core.drawing.layers import layers_of
from core.drawing.painting import paint
from core.recipe.recipe import Recipe


@dataclass(frozen=True)
class Part:
    """Layers that stay together. pixels: uint8 (H, W, 4), RGB multiplied with alpha, without empty margins; corner:
    where they begin in the sprite, x + iy; is_head: they tilt."""

    pixels: NDArray[np.uint8]
    corner: complex
    is_head: bool


@dataclass(frozen=True)
class Sprite:
    """An emoji of size x size pixels as parts, back to front, without its background."""

    size: int
    parts: tuple[Part, ...]


def draw_sprite(recipe: Recipe, size: int) -> Sprite:
    """Draws a recipe, as a sticker: the frame is the picture it is laid over."""
    kinds = catalogue().layers
    layers = [
        layer for layer in layers_of(recipe.replace(framing="sticker")) if kinds[layer.name].frame != "ground"
    ]
    groups = itertools.groupby(layers, key=lambda layer: kinds[layer.name].frame == "head")
    return Sprite(size, tuple(_part(np.asarray(paint(group, size)), is_head) for is_head, group in groups))


def _part(pixels: NDArray[np.uint8], is_head: bool) -> Part:
    x, y, width, height = cv2.boundingRect(pixels[..., 3])
    trimmed = cv2.cvtColor(pixels[y : y + height, x : x + width], cv2.COLOR_RGBA2mRGBA)
    # An empty rim of one pixel keeps a turned edge smooth.
    rimmed = cv2.copyMakeBorder(trimmed, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return Part(np.asarray(rimmed, np.uint8), complex(x - 1, y - 1), is_head)


class SpriteCache:
    """The sprites that were needed last, up to so many pixels in all. Used by one thread."""

    def __init__(self, pixels: int = 4_000_000) -> None:
        self._room = pixels
        self._sprites: OrderedDict[tuple[Recipe, int], Sprite] = OrderedDict()

    def get(self, recipe: Recipe, size: int) -> Sprite:
        """The sprite of a recipe, drawn if need be."""
        key = recipe, size
        if key not in self._sprites:
            self._sprites[key] = draw_sprite(recipe, size)
        self._sprites.move_to_end(key)
        while len(self._sprites) > 1 and self._held() > self._room:
            self._sprites.popitem(last=False)
        return self._sprites[key]

    def _held(self) -> int:
        return sum(part.pixels[..., 0].size for sprite in self._sprites.values() for part in sprite.parts)
