"""Recipe and play -> pixels that can be laid over a video frame at once, the head apart from the bust: it tilts.

What holds its shape is drawn once for each recipe and size, and shifted; mouth, eyes, brows and what is held at its
ends are drawn anew for every play.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterable, Set
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.drawing.artwork import GRID, Path
from core.drawing.cairo import cairocffi
from core.drawing.catalogue import catalogue
from core.drawing.figure import Figure, Shift, area_at, shift_of
from core.drawing.layers import Layer
from core.drawing.painting import clip_to, paint_shape
from core.drawing.rig import Play, rig
from core.recipe.recipe import Recipe

Pixels = NDArray[np.uint8]

RIM = 1
"""Pixels of an empty rim, which keeps a turned edge smooth."""


@dataclass(frozen=True)
class Part:
    """Layers that stay together. pixels: uint8 (H, W, 4), RGB multiplied with alpha, without empty margins; corner:
    where they begin in the sprite, x + iy; is_head: they tilt."""

    pixels: Pixels
    corner: complex
    is_head: bool


@dataclass(frozen=True)
class Sprite:
    """An emoji of size x size pixels as parts, back to front, without its background."""

    size: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class _Still:
    """Layers that are shifted as one, drawn: the surface, where it begins (pixels), the layer whose shift is theirs,
    and the area that cuts them off, which goes with the head."""

    surface: cairocffi.ImageSurface
    corner: tuple[int, int]
    layer: str
    within: Path | None


class Puppet:
    """One recipe at one size, ready to be drawn in any play. held: as of `Figure`."""

    def __init__(self, recipe: Recipe, size: int, held: Set[str] = frozenset()) -> None:
        self.size = size
        self._figure = Figure(recipe.replace(framing="sticker"), held)
        kinds = catalogue().layers
        still = {layer.name: layer for layer in self._figure.still if kinds[layer.name].frame != "ground"}
        names = [name for name in kinds if name in still or name in self._figure.moved]
        self._runs: list[tuple[bool, list[_Still | Layer | str]]] = []
        for is_head, run in itertools.groupby(names, key=lambda name: kinds[name].frame == "head"):
            steps: list[_Still | Layer | str] = []
            for (_, in_still), group in itertools.groupby(run, key=lambda name: _together(name, still)):
                members = list(group)
                if not in_still:
                    steps += [still.get(name, name) for name in members]
                else:
                    steps.append(self._drawn([still[name] for name in members]))
            self._runs.append((is_head, steps))
        self._parts = {
            number: self._part([step for step in steps if isinstance(step, _Still)], None, is_head)
            for number, (is_head, steps) in enumerate(self._runs)
            if not is_head
        }

    def draw(self, play: Play) -> Sprite:
        """The emoji as it is in a play."""
        return Sprite(
            self.size,
            tuple(
                self._parts.get(number) or self._part(steps, play, is_head)
                for number, (is_head, steps) in enumerate(self._runs)
            ),
        )

    @property
    def pixels(self) -> int:
        """How many are kept."""
        return sum(
            step.surface.get_width() * step.surface.get_height()
            for _, steps in self._runs
            for step in steps
            if isinstance(step, _Still)
        )

    def _drawn(self, layers: list[Layer]) -> _Still:
        """Layers as a surface that is no larger than they are."""
        surface, context = _canvas(self.size, (0, 0, self.size, self.size))
        in_face = catalogue().layers[layers[0].name].clip == "face"
        for layer in layers:
            with context:
                if not in_face:
                    clip_to(context, layer.within)
                for shape in layer.shapes:
                    paint_shape(context, shape)
        x, y, width, height = cv2.boundingRect(_pixels(surface)[..., 3])
        width, height = max(1, width), max(1, height)
        trimmed, corner = cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, width, height), (x, y)
        painter = cairocffi.Context(trimmed)
        painter.set_source_surface(surface, -x, -y)
        painter.paint()
        return _Still(trimmed, corner, layers[0].name, layers[0].within if in_face else None)

    def _part(self, steps: Iterable[_Still | Layer | str], play: Play | None, is_head: bool) -> Part:
        """A run of layers, drawn together."""
        play = play or Play()
        box = self._box(step for step in steps if isinstance(step, _Still))
        surface, context = _canvas(self.size, box)
        head = shift_of("head", play)
        for step in steps:
            if isinstance(step, _Still):
                self._lay(context, step, shift_of(step.layer, play), head)
                continue
            shift = shift_of(step.name, play) if isinstance(step, Layer) else Shift()
            for layer in self._figure.moving(step, play) if isinstance(step, str) else [step.placed(shift)]:
                with context:
                    clip_to(context, layer.within)
                    for shape in layer.shapes:
                        paint_shape(context, shape)
        return Part(
            np.asarray(cv2.cvtColor(_pixels(surface), cv2.COLOR_BGRA2RGBA), np.uint8),
            complex(box[0], box[1]),
            is_head,
        )

    def _lay(self, context: cairocffi.Context, still: _Still, shift: Shift, head: Shift) -> None:
        unit, middle = self.size / GRID, catalogue().camera.middle
        with context:
            if still.within is not None:
                clip_to(context, area_at(still.within, head))
            context.translate(middle * (1 - shift.wide) + shift.across, shift.down)
            context.scale(shift.wide / unit, 1 / unit)
            context.set_source_surface(still.surface, *still.corner)
            context.get_source().set_filter(cairocffi.FILTER_BILINEAR)
            context.paint()

    def _box(self, stills: Iterable[_Still]) -> tuple[int, int, int, int]:
        """Left, top, width and height, pixels, of all that may be drawn: what is still, and room to go."""
        room = RIM + round(_ROOM * self.size / GRID)
        boxes = [
            (x, y, x + still.surface.get_width(), y + still.surface.get_height())
            for still in stills
            for x, y in [still.corner]
        ]
        left, top = (min(box[side] for box in boxes) - room for side in (0, 1))
        right, bottom = (max(box[side] for box in boxes) + room for side in (2, 3))
        return left, top, right - left, bottom - top


_ROOM = 1.5
"""Units by which what reaches farthest, hair, ears and hats, may go beyond where it is at rest."""


def _together(name: str, still: dict[str, Layer]) -> tuple[object, bool]:
    """What still layers in a row must share to be one surface; and whether a layer is one that keeps its shape."""
    depth = rig().depth.get(name)
    if name not in still or (depth is not None and depth.ends):
        return name, False
    layer = still[name]
    in_face = catalogue().layers[name].clip == "face"
    return (depth, layer.within if in_face else None), True


def _canvas(size: int, box: tuple[int, int, int, int]) -> tuple[cairocffi.ImageSurface, cairocffi.Context]:
    """A surface of this part of a picture of size x size pixels, to be painted in units."""
    left, top, width, height = box
    surface = cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, width, height)
    context = cairocffi.Context(surface)
    context.translate(-left, -top)
    context.scale(size / GRID)
    context.set_line_cap(cairocffi.LINE_CAP_ROUND)
    context.set_line_join(cairocffi.LINE_JOIN_ROUND)
    return surface, context


def _pixels(surface: cairocffi.ImageSurface) -> Pixels:
    """(H, W, 4): blue, green and red, multiplied with alpha, and that."""
    surface.flush()
    height, width = surface.get_height(), surface.get_width()
    rows = np.frombuffer(surface.get_data(), np.uint8).reshape(height, surface.get_stride())
    return rows[:, : 4 * width].reshape(height, width, 4)


class PuppetCache:
    """The puppets that were needed last, up to so many pixels in all. Used by one thread."""

    def __init__(self, pixels: int = 4_000_000) -> None:
        self._room = pixels
        self._puppets: OrderedDict[tuple[Recipe, int, frozenset[str]], Puppet] = OrderedDict()

    def get(self, recipe: Recipe, size: int, held: frozenset[str] = frozenset()) -> Puppet:
        """The puppet of a recipe, made if need be."""
        key = recipe, size, held
        if key not in self._puppets:
            self._puppets[key] = Puppet(recipe, size, held)
        self._puppets.move_to_end(key)
        while len(self._puppets) > 1 and sum(puppet.pixels for puppet in self._puppets.values()) > self._room:
            self._puppets.popitem(last=False)
        return self._puppets[key]
