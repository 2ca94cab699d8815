"""Recipe -> pixels that can be laid over a video frame at once, the head apart from the bust, so that it can tilt."""

import itertools
from collections import OrderedDict
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.artwork import catalogue
from core.layers import layers_of
from core.painting import paint
from core.recipe import Recipe

GRID = 72
"""Side of the square that emojis are drawn in."""


@dataclass(frozen=True)
class Part:
    """Layers that stay together. pixels: uint8 (size, size, 4), RGB multiplied with alpha; is_head: it tilts."""

    pixels: NDArray[np.uint8]
    is_head: bool


@dataclass(frozen=True)
class Sprite:
    """An emoji of size x size pixels as parts, back to front, without its background."""

    size: int
    parts: tuple[Part, ...]


def draw_sprite(recipe: Recipe, size: int) -> Sprite:
    """Draws a recipe."""
    slots = catalogue()["slots"]
    layers = [layer for layer in layers_of(recipe) if slots[layer.name] != "sheet"]
    groups = itertools.groupby(layers, key=lambda layer: slots[layer.name] != "bust")
    return Sprite(
        size,
        tuple(Part(_premultiplied(np.asarray(paint(group, size))), is_head) for is_head, group in groups),
    )


def _premultiplied(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(pixels, cv2.COLOR_RGBA2mRGBA)


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
        return sum(sprite.size**2 * len(sprite.parts) for sprite in self._sprites.values())
