"""What openmojilayers/ says, as typed rows: where things go, which drawing speaks for which choice, in which colors."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from core.recipe.choices import FIELDS, Value

HOUSE = Path(__file__).parents[2] / "openmojilayers"

Point = tuple[float, float]
Facts = Mapping[str, Value]
"""The values of a recipe, and what follows from them: whether the ears show, which hairline is drawn."""

Entry = TypeVar("Entry")


@dataclasses.dataclass(frozen=True)
class Camera:
    """How the grid of the drawings becomes the finished picture; picture.toml explains each number."""

    middle: float
    half_face: float
    width: float
    height: float
    eyes: float
    chin: float
    chin_at: float
    below: float
    bust: float
    shoulders: float
    bottom: float
    ears: float
    heights: tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True, eq=False)
class FaceShape:
    """Factors of a face's width at the camera's four heights, and of its height between eyes and chin."""

    widths: tuple[float, float, float, float]
    tall: float


@dataclasses.dataclass(frozen=True, eq=False)
class Framing:
    """How much the finished picture is enlarged, and the point that stays where it is."""

    zoom: float
    around: Point


@dataclasses.dataclass(frozen=True)
class LayerKind:
    """What moves a layer, whether a hat presses it down, and the area that it is cut off by."""

    frame: Literal["ground", "sheet", "bust", "head"]
    pressed: bool = False
    clip: Literal["", "face", "hair", "skull", "background"] = ""


@dataclasses.dataclass(frozen=True)
class Skin:
    """The colors of a skin tone, #rrggbb."""

    plain: str
    shade: str
    line: str
    blush: str
    lips: str


@dataclasses.dataclass(frozen=True)
class Hair:
    """A cut: whether ears show, whether it falls in front of the shoulders, and what is drawn in its place when.

    under: the cut under a hat; silhouette, hairline: what is drawn whatever is chosen. "" leaves it as it is.
    """

    ears: bool = False
    long: bool = False
    under: str = ""
    silhouette: str = ""
    hairline: str = ""


@dataclasses.dataclass(frozen=True)
class Hairline:
    """How much lower the brows are under it, in units of the grid."""

    brow_drop: float = 0.0


@dataclasses.dataclass(frozen=True)
class Tied:
    """Tied hair: whether it takes long hair out of the silhouette, and whether it stays under a hat."""

    gathers: bool = False
    under_hat: bool = False


@dataclasses.dataclass(frozen=True)
class Hat:
    """How a hat is worn; outfit.toml explains each value."""

    brim: float = 0.0
    covers_hair: bool = False
    covers_ears: bool = False
    rides: bool = False
    hairline: str = ""
    under: str = ""

    @property
    def presses(self) -> bool:
        """Whether strands and what is tied up on top have no room under it."""
        return bool(self.brim or self.covers_hair or self.under)


@dataclasses.dataclass(frozen=True, eq=False)
class Row:
    """One row of the catalogue: some elements of one drawing, when they are drawn, where, and how they are painted.

    layer: of [layers]. drawing: its file in parts/; a fact in braces stands for its value.
    group: color, hair, shade, skin or line; elements: numbers in it, or in the whole drawing; None for all of them.
    fill, stroke: a role, #rrggbb or "none"; None as drawn. width: of [strokes]. opacity: 0..1.
    start, to, scale: the point of the drawing that is moved, where it goes, and how much is enlarged about it.
    anchor: of [anchors]. drop: which lowering of the face it takes part in, brow, mouth or hat.
    side: as drawn, mirrored, both, or mirrored when the parting lies at the left.
    when, unless: facts and the values at which the row is drawn, or not.
    """

    layer: str
    drawing: str
    group: str | None = None
    elements: tuple[int, ...] | None = None
    fill: str | None = None
    stroke: str | None = None
    width: str = "outline"
    opacity: float = 1.0
    start: Point = (0.0, 0.0)
    to: Point = (0.0, 0.0)
    scale: float = 1.0
    anchor: str = ""
    drop: str = ""
    side: Literal["drawn", "mirrored", "both", "parting"] = "drawn"
    when: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    unless: tuple[tuple[str, tuple[Value, ...]], ...] = ()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Row:
        """Raises TypeError for a key that a row does not have."""
        values = {key: _frozen(value) for key, value in table.items()}
        return cls(**values)

    def speaks(self, facts: Facts) -> bool:
        """Whether the row is drawn for these facts."""
        return all(facts[name] in values for name, values in self.when) and not any(
            facts[name] in values for name, values in self.unless
        )

    def drawings(self) -> Iterator[str]:
        """Every drawing that the row may ask for."""
        if "{" not in self.drawing:
            yield self.drawing
            return
        fact = self.drawing.partition("{")[2].partition("}")[0]
        excluded = dict(self.unless).get(fact, ())
        for value in dict(self.when).get(fact) or catalogue().values_of(fact):
            if value not in excluded:
                yield self.drawing.format_map({fact: value})


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """All of it. Rows stand in the order of the files, layers from back to front."""

    camera: Camera
    face_shape: Mapping[str, FaceShape]
    framing: Mapping[str, Framing]
    strokes: Mapping[str, float]
    anchors: Mapping[str, Point]
    layers: Mapping[str, LayerKind]
    skin: Mapping[str, Skin]
    clips: Mapping[str, str]
    hair: Mapping[str, Hair]
    hairline: Mapping[str, Hairline]
    tied: Mapping[str, Tied]
    hat: Mapping[str, Hat]
    rows: tuple[Row, ...]

    def values_of(self, fact: str) -> tuple[str, ...]:
        """The values of a fact that names a drawing: a field's, or what is drawn in their place."""
        drawn = {
            "silhouette": [hair.silhouette or name for name, hair in self.hair.items()],
            "face_line": self.hairline,
            "tied_shown": self.tied,
        }
        return tuple(dict.fromkeys(drawn.get(fact) or FIELDS[fact].choices))


@functools.cache
def catalogue() -> Catalogue:
    """The tables of picture.toml, hair.toml, face.toml and outfit.toml.

    Raises TypeError for a key that no row has, ValueError for a layer, stroke or anchor that there is not.
    """
    tables: dict[str, Any] = {}
    rows: list[Row] = []
    for name in ("picture", "hair", "face", "outfit"):
        table = tomllib.loads((HOUSE / f"{name}.toml").read_text("utf-8"))
        rows += [Row.from_table(row) for group in table.pop("rows", {}).values() for row in group]
        tables |= table
    found = Catalogue(
        camera=Camera(**_frozen_values(tables["camera"])),
        face_shape=_entries(FaceShape, tables["face_shape"]),
        framing=_entries(Framing, tables["framing"]),
        strokes=tables["strokes"],
        anchors={name: _frozen(point) for name, point in tables["anchors"].items()},
        layers=_entries(LayerKind, tables["layers"]),
        skin=_entries(Skin, tables["skin"]),
        clips=tables["clips"],
        hair=_every("hair", Hair, tables["hair"]),
        hairline=_every("hairline", Hairline, tables["hairline"]),
        tied=_every("tied", Tied, tables["tied"]),
        hat=_every("headwear", Hat, tables["hat"]),
        rows=tuple(rows),
    )
    for row in rows:
        if row.layer not in found.layers or row.width not in found.strokes:
            raise ValueError(f"{row.drawing}: there is no layer {row.layer!r} or no stroke {row.width!r}")
        if row.anchor and row.anchor not in found.anchors:
            raise ValueError(f"{row.drawing}: there is no anchor {row.anchor!r}")
    return found


def _entries(kind: Callable[..., Entry], tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Entry]:
    return {name: kind(**_frozen_values(table)) for name, table in tables.items()}


def _every(
    field: str, kind: Callable[..., Entry], tables: Mapping[str, Mapping[str, Any]]
) -> dict[str, Entry]:
    """An entry for each choice of a field, a plain one where the table has none, and those that no choice names."""
    return _entries(kind, {**{choice: {} for choice in FIELDS[field].choices}, **tables})


def _frozen_values(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _frozen(value) for key, value in table.items()}


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _frozen(item)) for key, item in value.items())
    return value
