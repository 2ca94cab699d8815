"""A recipe and how its face is held -> layers: eyes that close, brows, a mouth of mixed key shapes, a head that turns.

What a layer does stands in openmojilayers/rig.toml. `Figure.layers` is the whole picture; whoever draws many of one
person draws the still layers once, shifts them as `shift_of` says, and draws `Figure.moving` anew.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Set

import numpy as np
from numpy.typing import NDArray

from core.drawing.artwork import Path, Placing, Shape, elements_of, paint_of, place_of, width_of
from core.drawing.catalogue import Point, Row, catalogue
from core.drawing.layers import Layer, Worn, layers_of, painted
from core.drawing.palette import colors_of
from core.drawing.rig import MouthKey, Play, rig
from core.recipe.expressions import showing
from core.recipe.recipe import Recipe

MOVED_BY: dict[str, tuple[str, ...]] = {
    "brows": ("brows",), "eyes": ("eyes", "lashes"), "mouth": ("lips", "mouth"),
}  # fmt: skip
"""{field of a recipe: the layers that movements draw in its place}."""

Points = NDArray[np.float64]

_MOUTH = Row("mouth", "mouth_calm", anchor="mouth", drop="mouth")
_CLOSED_WIDTH, _OPEN_WIDTH, _LIP_WIDTH = "outline", "line", "fine"
_WIDE_OPEN = 1.0
"""How far lips are apart, in units of the grid, when the mouth's line has become the rim of an open one."""


@dataclasses.dataclass(frozen=True)
class Shift:
    """Where a layer goes: x to middle + (x - middle) * wide + across, y to y + down, in units of the picture.

    bend: (x from the middle where another shift begins, x where it is all, that shift) of a layer that is held at its
    ends; None of one that keeps its shape.
    """

    across: float = 0.0
    down: float = 0.0
    wide: float = 1.0
    bend: tuple[float, float, Shift] | None = None

    def __call__(self, x: float, y: float) -> Point:
        middle = catalogue().camera.middle
        moved = middle + (x - middle) * self.wide + self.across, y + self.down
        if self.bend is None:
            return moved
        begins, all_from, ends = self.bend
        share = min(1.0, max(0.0, (abs(x - middle) - begins) / (all_from - begins)))
        held = ends(x, y)
        return moved[0] + share * (held[0] - moved[0]), moved[1] + share * (held[1] - moved[1])


def shift_of(layer: str, play: Play) -> Shift:
    """Where a layer of the catalogue's order goes when the head turns and nods."""
    depth = rig().depth.get(layer)
    if depth is None:
        return Shift()
    bend = (depth.ends[0], depth.ends[1], shift_of(depth.held_by, play)) if depth.ends else None
    return Shift(depth.across * play.turn, depth.down * play.nod, 1 - depth.narrow * abs(play.turn), bend)


@functools.lru_cache(maxsize=64)
def area_at(area: Path, shift: Shift) -> Path:
    """An area where it goes; several layers are cut off by the same."""
    return area.placed(shift)


def _then(place: Callable[[float, float], Point], shift: Shift) -> Callable[[float, float], Point]:
    return lambda x, y: shift(*place(x, y))


class Figure:
    """A person who can move. held: of the fields of MOVED_BY, those whose choice in the recipe stays as it is."""

    def __init__(self, recipe: Recipe, held: Set[str] = frozenset()) -> None:
        own = {name: getattr(recipe, name) for name in held}
        self.recipe = showing(recipe, "neutral", "mild").replace(**own)
        self.moved = frozenset(layer for field, of in MOVED_BY.items() if field not in held for layer in of)
        layers = layers_of(self.recipe)
        self.still = tuple(layer for layer in layers if layer.name not in self.moved)
        self._worn = Worn.of(self.recipe)
        self._colors = colors_of(self.recipe)
        self._rows = {
            name: [row for row in catalogue().rows if row.layer == name and row.speaks(self._worn.facts)]
            for name in ("brows", "eyes", "lashes")
        }
        self._face = next((layer.within for layer in layers if layer.name == "eyes"), None) or next(
            (layer.within for layer in layers if layer.name == "brows"), None
        )

    def layers(self, play: Play) -> tuple[Layer, ...]:
        """All layers, back to front."""
        still = {layer.name: layer for layer in self.still}
        return tuple(
            layer
            for name, kind in catalogue().layers.items()
            for layer in (
                self.moving(name, play)
                if name in self.moved
                else [_shifted(still[name], play, kind.clip == "face")]
                if name in still
                else []
            )
        )

    def moving(self, name: str, play: Play) -> list[Layer]:
        """The layers that are drawn for one of `moved`."""
        shift = shift_of(name, play)
        if name in ("lips", "mouth"):
            drawn = list(self._lips(play, shift) if name == "lips" else self._mouth(play, shift))
        else:
            shapes = tuple(shape for row in self._rows[name] for shape in self._deformed(row, play, shift))
            within = self._face and area_at(self._face, shift_of("head", play))
            drawn = [Layer(name, shapes, within)] if shapes else []
        return [
            dataclasses.replace(layer, shapes=tuple(painted(shape, self._colors) for shape in layer.shapes))
            for layer in drawn
        ]

    # --- Brows and eyes: drawings of the catalogue, bent ----------------------------------------------------------

    def _deformed(self, row: Row, play: Play, shift: Shift) -> Iterator[Shape]:
        for placing in self._worn.placings(row):
            place, width = place_of(row, placing), width_of(row, placing)
            side = "right" if placing.mirrored else "left"
            for element in elements_of(row, self._worn.drawing(row)):
                fill, stroke, drawn_width, opacity = paint_of(row, element, width)
                if row.layer == "eyes":
                    inner = row.elements is not None and row.elements != (0,)
                    closed = _closed(play, side)
                    if inner and closed > 0.7:
                        continue
                    path = _eye(element.path, play, side, placing.mirrored, inner)
                    if not inner and element.fill != "none":
                        stroke, drawn_width = fill, _lid_width(closed, placing)
                elif row.layer == "lashes":
                    path = element.path.placed(_lash(play, side, placing.mirrored))
                else:
                    path = element.path.placed(_brow(play, side))
                yield Shape(path.placed(_then(place, shift)), fill, stroke, drawn_width, opacity)

    # --- The mouth: key shapes, mixed -------------------------------------------------------------------------------

    def _lips(self, play: Play, shift: Shift) -> Iterator[Layer]:
        facts = self._worn.facts
        fill = "lips" if facts["lips_shown"] else "beard_lips" if facts["bearded"] else ""
        if fill:
            lips = _path(_mixed("lips", play))
            yield Layer("lips", (Shape(self._on_face(lips, shift), fill, "none", 0.0),))

    def _mouth(self, play: Play, shift: Shift) -> Iterator[Layer]:
        points = _mixed("ring", play)
        ring = self._on_face(_path(points), shift)
        apart = min(1.0, max(0.0, points[_BOTTOM, 1] - points[_TOP, 1]) / _WIDE_OPEN)
        yield Layer("mouth", (Shape(ring, "mouth", "none", 0.0),))
        teeth, tongue = _inside(play)
        inside = [
            Shape(self._on_face(path, shift), fill, "none", 0.0)
            for path, fill, reach in (
                (_tongue(points, tongue), "tongue", tongue),
                (_teeth(points, teeth), "white", teeth),
            )
            if reach > 0.05 and apart > 0.05
        ]
        if inside:
            yield Layer("mouth", tuple(inside), ring)
        if self._worn.facts["lips_shown"]:
            stroke, width = "lip_line", self._width(_LIP_WIDTH) * (1 - apart)
        else:
            open_width, closed_width = self._width(_OPEN_WIDTH), self._width(_CLOSED_WIDTH)
            stroke, width = "#000000", closed_width + (open_width - closed_width) * apart
        if width > 0.05:
            yield Layer("mouth", (Shape(ring, "none", stroke, round(width, 3)),))

    def _width(self, stroke: str) -> float:
        return width_of(dataclasses.replace(_MOUTH, width=stroke), self._worn.placing)

    def _on_face(self, path: Path, shift: Shift) -> Path:
        [placing] = self._worn.placings(_MOUTH)
        # A mouth that moves does so on the side of the face that is seen to move.
        upright = dataclasses.replace(placing, mirrored=False)
        return path.placed(_then(place_of(_MOUTH, upright), shift))


def _shifted(layer: Layer, play: Play, in_face: bool) -> Layer:
    """A still layer where it goes; the face that cuts it off goes as the head does."""
    shift = shift_of(layer.name, play)
    return layer.placed(shift, shift_of("head", play) if in_face else None)


def _closed(play: Play, side: str) -> float:
    """How far an eye is closed, 0 to 1."""
    blink, squint = (getattr(play, f"{name}_{side}") for name in ("blink", "squint"))
    return float(max(blink, squint * rig().reach["squint"]))


def _lid_width(closed: float, placing: Placing) -> float:
    """The line of an eye's lid: an open eye has none, a shut one is nothing else."""
    width = catalogue().strokes["outline"] * placing.framing.zoom
    return round(width * min(1.0, closed), 3)


def _eye(path: Path, play: Play, side: str, mirrored: bool, inner: bool) -> Path:
    """An eye's ring on its way to the line of a shut eye; what is in it is pressed flat and looks farther aside."""
    house = rig()
    closed, wide = _closed(play, side), getattr(play, f"wide_{side}") * house.reach["wide"]
    joy = min(1.0, 2 * max(0.0, getattr(play, f"smile_{side}") - 0.3))
    look = _look(play, mirrored)
    middle = np.array(house.eye)
    points = middle + (_points(path) - middle) * (1 + wide * (1 - closed))
    line = (1 - joy) * _points(house.lid["shut"]) + joy * _points(house.lid["joy"])
    lowered = line[:, 1].mean()
    if inner:
        points = points + look * (1 + house.reach["iris"])
        points[:, 1] += (lowered - points[:, 1]) * closed
        return _path(points)
    return _path((1 - closed) * (points + look) + closed * (line + look * (0.5, 0.0)))


def _look(play: Play, mirrored: bool) -> Points:
    """How far the eyes go, on the grid of a drawing that may be mirrored afterwards."""
    reach = rig().reach
    across = -play.look_across if mirrored else play.look_across
    return np.array([across * reach["look_across"], play.look_down * reach["look_down"]])


def _lash(play: Play, side: str, mirrored: bool) -> Shift:
    across, down = _look(play, mirrored)
    return Shift(across, down + rig().reach["lash"] * _closed(play, side))


def _brow(play: Play, side: str) -> Callable[[float, float], Point]:
    """Where a point of a brow goes: its ends up and down, the inner one inwards too when it frowns."""
    house = rig()
    inner, outer = (getattr(play, f"{end}_brow_{side}") for end in ("inner", "outer"))
    start, stop = house.brow

    def place(x: float, y: float) -> Point:
        share = min(1.0, max(0.0, (x - start) / (stop - start)))
        lift = inner * (1 - share) + outer * share
        up = house.reach["brow_up"] if lift > 0 else house.reach["brow_down"]
        return x - house.reach["brow_in"] * max(0.0, -inner) * (1 - share), y - lift * up

    return place


_TOP, _RIGHT, _BOTTOM, _LEFT = 0, 3, 6, 9
"""Points of a mouth's ring."""


def _points(path: Path) -> Points:
    """The points (N, 2) of a path of one M, several C and a Z."""
    return np.array([value for _, values in path.commands for value in values]).reshape(-1, 2)


def _path(points: Points) -> Path:
    """The path that `_points` takes apart."""
    values = points.tolist()
    curves = [
        ("C", (*values[number], *values[number + 1], *values[number + 2]))
        for number in range(1, len(values), 3)
    ]
    return Path((("M", tuple(values[0])), *curves, ("Z", ())))


class _Keys:
    """The key mouths as arrays. names: of the expressions, rest first."""

    def __init__(self, mouth: Mapping[str, Mapping[str, MouthKey]]) -> None:
        self.names = tuple(mouth)
        rows = [[mouth[name][row] for row in ("closed", "teeth", "open")] for name in self.names]
        self.points = {
            what: np.array([[_points(getattr(key, what)) for key in row] for row in rows])
            for what in ("ring", "lips")
        }
        self.inside = np.array([[(key.teeth, key.tongue) for key in row] for row in rows])
        middle = catalogue().camera.middle
        # The share of the picture's right half in each point: all, none, or half in the middle.
        self.right = {
            what: np.clip(np.sign(np.round(points[0, 0, :, 0] - middle, 2)) / 2 + 0.5, 0, 1)
            for what, points in self.points.items()
        }

    def weights(self, play: Play, side: str) -> Points:
        """How much of each key is in one half of the mouth, (expressions, 3), summing to 1: no mixture goes beyond
        what is drawn."""
        # A mouth smiles or purses: halfway between the two it would be a blot.
        purses = play.pucker * (1 - max(play.smile_left, play.smile_right))
        wanted = [purses if name == "pucker" else getattr(play, f"{name}_{side}") for name in self.names[1:]]
        expressions = np.array([max(0.0, 1 - sum(wanted)), *wanted])
        opening = np.array([(1 - play.jaw) * (1 - play.teeth), (1 - play.jaw) * play.teeth, play.jaw])
        return np.outer(expressions / expressions.sum(), opening)


@functools.cache
def _keys() -> _Keys:
    return _Keys(rig().mouth)


def _mixed(what: str, play: Play) -> Points:
    """The points of a mouth's ring or lips, on the grid."""
    keys = _keys()
    left, right = (
        np.einsum("er,erpc->pc", keys.weights(play, side), keys.points[what]) for side in ("left", "right")
    )
    share = keys.right[what][:, None]
    points = share * left + (1 - share) * right  # the person's left is at the right of the picture
    points[:, 0] += play.aside * rig().reach["aside"]
    return np.asarray(points)


def _inside(play: Play) -> tuple[float, float]:
    """How far teeth reach down and the tongue up, in units of the grid."""
    keys = _keys()
    weights = (keys.weights(play, "left") + keys.weights(play, "right")) / 2
    teeth, tongue = np.einsum("er,erv->v", weights, keys.inside)
    return float(teeth), float(tongue)


def _teeth(ring: Points, reach: float) -> Path:
    """What lies between the mouth's upper edge and the same, lower."""
    above = ring[_TOP, 1] - 6
    lower = ring + np.array([0.0, reach])
    left, right = lower[_LEFT], lower[_RIGHT]
    return Path((
        ("M", (left[0], above)),
        ("L", (right[0], above)),
        ("L", (right[0], right[1])),
        ("C", (*lower[2], *lower[1], *lower[_TOP])),
        ("C", (*lower[11], *lower[10], *left)),
        ("Z", ()),
    ))  # fmt: skip


def _tongue(ring: Points, reach: float) -> Path:
    """A hump on the mouth's lower edge."""
    x, bottom = ring[_BOTTOM]
    half = 0.34 * (ring[_RIGHT, 0] - ring[_LEFT, 0])
    top, k = bottom - reach, 0.5523
    middle = bottom + 0.3
    tall = middle - top
    return Path((
        ("M", (x - half, middle)),
        ("C", (x - half, middle - k * tall, x - k * half, top, x, top)),
        ("C", (x + k * half, top, x + half, middle - k * tall, x + half, middle)),
        ("L", (x + half, middle + 3)),
        ("L", (x - half, middle + 3)),
        ("Z", ()),
    ))  # fmt: skip
