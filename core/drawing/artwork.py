"""The drawings of openmojilayers/parts/ as recorded pens, and where a row of the catalogue puts them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from xml.etree import ElementTree

from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path import PathBuilder, parse_path

from core.drawing.catalogue import HOUSE, FaceShape, Framing, Point, Row, catalogue

GRID = 72
"""Side of the square that drawings and finished emojis fill, in units."""

HALO = 2
"""Width of the white line around an emoji that has one, in the same units."""

Command = tuple[str, tuple[float, ...]]
"""A verb, M, L, C or Z, and its coordinates, as SVG has them."""


@dataclasses.dataclass(frozen=True)
class Path:
    """A drawn path: what the pen did, in absolute coordinates."""

    commands: tuple[Command, ...]

    @functools.cached_property
    def d(self) -> str:
        """SVG path data."""
        return "".join(verb + " ".join(map(_number, values)) for verb, values in self.commands)

    @functools.cached_property
    def calls(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """The methods of a cairo context that trace it, and what each takes."""
        return tuple((_CAIRO[verb], values) for verb, values in self.commands)

    @functools.cached_property
    def top(self) -> float:
        """The least y of all its points."""
        return min(value for _, values in self.commands for value in values[1::2])

    def placed(self, place: Callable[[float, float], Point]) -> Path:
        """The same path with every point moved, to hundredths of a unit."""
        return Path(tuple((verb, tuple(_moved(values, place))) for verb, values in self.commands))


_CAIRO = {"M": "move_to", "L": "line_to", "C": "curve_to", "Z": "close_path"}


def _moved(values: tuple[float, ...], place: Callable[[float, float], Point]) -> Iterator[float]:
    for x, y in zip(values[::2], values[1::2], strict=True):
        moved_x, moved_y = place(x, y)
        yield round(moved_x, 2)
        yield round(moved_y, 2)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclasses.dataclass(frozen=True)
class Shape:
    """One path of the picture and its paint.

    fill, stroke: "none", #rrggbb, or the name of a role ("hair", "skin") that a recipe gives a color.
    width: of the stroke, in units of the finished picture. opacity: 0..1.
    """

    path: Path
    fill: str
    stroke: str
    width: float
    opacity: float = 1.0


@dataclasses.dataclass(frozen=True)
class Element:
    """One drawn element: its group (color, hair, shade, skin or line), its path, its paint ("none" or #rrggbb)."""

    group: str
    path: Path
    fill: str
    stroke: str


class _Recorder(BasePen):  # type: ignore[misc]
    """Keeps what a pen does, curves of any kind as cubic ones."""

    def __init__(self) -> None:
        super().__init__(None)
        self.commands: list[Command] = []

    def _moveTo(self, point: Point) -> None:  # noqa: N802
        self.commands.append(("M", point))

    def _lineTo(self, point: Point) -> None:  # noqa: N802
        self.commands.append(("L", point))

    def _curveToOne(self, one: Point, two: Point, three: Point) -> None:  # noqa: N802
        self.commands.append(("C", (*one, *two, *three)))

    def _closePath(self) -> None:  # noqa: N802
        self.commands.append(("Z", ()))


def path_of(d: str) -> Path:
    """SVG path data of any kind as a path."""
    recorder = _Recorder()
    parse_path(d, recorder)
    return Path(tuple(recorder.commands))


@functools.cache
def drawing(name: str) -> tuple[Element, ...]:
    """The elements of a drawing in parts/, back to front; FileNotFoundError for an unknown name, ValueError for a
    transform, which drawings do without."""
    elements: list[Element] = []
    for group in ElementTree.parse(HOUSE / "parts" / f"{name}.svg").getroot():
        for node in group:
            if "transform" in group.attrib or "transform" in node.attrib:
                raise ValueError(f"parts/{name}.svg: draw it without a transform")
            builder = PathBuilder()
            builder.add_path_from_element(node)
            (d,) = builder.paths
            fill, stroke = (
                node.get(key, default).lower() for key, default in (("fill", "#000000"), ("stroke", "none"))
            )
            elements.append(Element(group.get("id", ""), path_of(d), fill, stroke))
    return tuple(elements)


def elements_of(row: Row, name: str) -> tuple[Element, ...]:
    """The elements of a drawing that a row speaks of."""
    found = [element for element in drawing(name) if row.group in (None, element.group)]
    return tuple(found if row.elements is None else [found[index] for index in row.elements])


@dataclasses.dataclass(frozen=True)
class Placing:
    """What decides where a drawing comes to lie, besides its row.

    face, framing: of the recipe; mirrored: left and right exchanged; drop: so many units of the grid lower;
    pressed: (top of the hair, brim of the hat) when a hat presses the hair down. sunk: so many units of the finished
    picture lower, all of the person.
    """

    face: FaceShape
    framing: Framing
    mirrored: bool = False
    drop: float = 0.0
    pressed: tuple[float, float] | None = None
    sunk: float = 0.0


@functools.lru_cache(maxsize=8192)
def shapes_of(row: Row, name: str, placing: Placing) -> tuple[Shape, ...]:
    """A row's shapes in the finished picture, for the drawing that its name stands for; colors still as roles."""
    place = place_of(row, placing)
    width = width_of(row, placing)
    return tuple(
        Shape(element.path.placed(place), *paint_of(row, element, width))
        for element in elements_of(row, name)
    )


def width_of(row: Row, placing: Placing) -> float:
    """The width of a row's strokes in the finished picture."""
    return round(catalogue().strokes[row.width] * _zoom(row, placing), 3)


def _zoom(row: Row, placing: Placing) -> float:
    return 1.0 if catalogue().layers[row.layer].frame == "ground" else placing.framing.zoom


def paint_of(row: Row, element: Element, width: float) -> tuple[str, str, float, float]:
    """Fill, stroke, width and opacity of an element's shape; colors still as roles."""
    own = element.group if element.group in ("hair", "skin") else element.fill
    fill = "none" if element.fill == "none" else row.fill or own
    stroke = row.stroke or element.stroke
    return fill, stroke, width if stroke != "none" else 0.0, row.opacity


def place_of(row: Row, placing: Placing) -> Callable[[float, float], Point]:
    """From a point of a row's drawing to a point of the finished picture."""
    kind = catalogue().layers[row.layer]
    frame = _FRAMES[kind.frame](placing.face)
    anchor = catalogue().anchors[row.anchor] if row.anchor else None
    pressed = placing.pressed if kind.pressed else None
    (start_x, start_y), (to_x, to_y), scale = row.start, row.to, row.scale
    zoom, (center_x, center_y) = _zoom(row, placing), placing.framing.around
    sunk = 0.0 if kind.frame == "ground" else placing.sunk
    camera = catalogue().camera
    enlarged = (camera.width + camera.height) / 2
    anchored = frame(*anchor) if anchor else (0.0, 0.0)

    def place(x: float, y: float) -> Point:
        x, y = to_x + (x - start_x) * scale, to_y + (y - start_y) * scale + placing.drop
        if pressed:
            y = _pressed(y, *pressed)
        if anchor:
            x, y = anchored[0] + (x - anchor[0]) * enlarged, anchored[1] + (y - anchor[1]) * enlarged
        else:
            x, y = frame(x, y)
        if placing.mirrored:
            x = 2 * camera.middle - x
        return center_x + (x - center_x) * zoom, center_y + (y - center_y) * zoom + sunk

    return place


def _head(face: FaceShape) -> Callable[[float, float], Point]:
    camera = catalogue().camera

    def place(x: float, y: float) -> Point:
        # The face becomes wider; what is beside it moves with its edge.
        beside = x - camera.middle
        within = min(max(beside, -camera.half_face), camera.half_face)
        wide = camera.middle + (beside + within * (_width(face, y) - 1)) * camera.width
        if y > camera.chin:
            return wide, camera.chin_at + (y - camera.chin) * camera.below
        above = max(camera.eyes - y, 0.0) + min(camera.chin - camera.eyes, camera.chin - y) * face.tall
        return wide, camera.chin_at - above * camera.height

    return place


def _width(face: FaceShape, y: float) -> float:
    """The factor of a face's width in a row of the grid: its shape's, and smooth between their heights."""
    heights, widths = catalogue().camera.heights, face.widths
    if y <= heights[0]:
        return widths[0]
    for number in range(3):
        if y <= heights[number + 1]:
            share = (y - heights[number]) / (heights[number + 1] - heights[number])
            return widths[number] + (widths[number + 1] - widths[number]) * share * share * (3 - 2 * share)
    # Four units below the last height, what hangs down has its own width again.
    return widths[3] + (1 - widths[3]) * min(1.0, (y - heights[3]) / 4)


def _bust(face: FaceShape) -> Callable[[float, float], Point]:
    camera = catalogue().camera

    def place(x: float, y: float) -> Point:
        return (
            camera.middle + (x - camera.middle) * camera.bust,
            camera.bottom - (camera.shoulders - y) * camera.bust,
        )

    return place


def _sheet(face: FaceShape) -> Callable[[float, float], Point]:
    return lambda x, y: (x, y)


_FRAMES: Mapping[str, Callable[[FaceShape], Callable[[float, float], Point]]] = {
    "ground": _sheet, "sheet": _sheet, "bust": _bust, "head": _head,
}  # fmt: skip


def _pressed(y: float, crown: float, brim: float) -> float:
    """Hair under a hat: what reaches up to `crown` ends at `brim`, and the ears stay where they are."""
    ears = catalogue().camera.ears
    return y if y >= ears or crown >= brim else ears - (ears - y) * (ears - brim) / (ears - crown)


def joined(paths: Iterable[Path]) -> Path:
    """Several paths as one."""
    return Path(tuple(command for path in paths for command in path.commands))


def names_of_drawings() -> list[str]:
    """The name of every drawing in parts/."""
    return sorted(path.stem for path in (HOUSE / "parts").glob("*.svg"))
