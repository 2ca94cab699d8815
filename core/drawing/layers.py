"""Recipe -> the layers of its picture, back to front: which rows of the catalogue speak, and in which colors."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Mapping

from core.drawing.artwork import (
    Path,
    Placing,
    Shape,
    drawing,
    joined,
    names_of_drawings,
    path_of,
    shapes_of,
)  # fmt: skip
from core.drawing.catalogue import Hat, Point, Row, catalogue
from core.drawing.palette import colors_of
from core.recipe.choices import FIELDS, NO_COLOR, Value
from core.recipe.recipe import Recipe

NOTHING = "none"
"""The value of a fact that names a drawing when nothing is drawn."""


@dataclasses.dataclass(frozen=True)
class Layer:
    """The shapes of one layer of the catalogue's order, colors resolved.

    within: the area outside of which the layer is not seen; None when all of it is.
    """

    name: str
    shapes: tuple[Shape, ...]
    within: Path | None = None

    def placed(
        self, place: Callable[[float, float], Point], area: Callable[[float, float], Point] | None = None
    ) -> Layer:
        """The same layer with every point moved; the area by its own function, if it has one."""
        shapes = tuple(dataclasses.replace(shape, path=shape.path.placed(place)) for shape in self.shapes)
        return Layer(self.name, shapes, self.within and self.within.placed(area or place))


def layers_of(recipe: Recipe) -> tuple[Layer, ...]:
    """The layers of a recipe in the order of the catalogue, without the empty ones."""
    house = catalogue()
    colors = colors_of(recipe)
    drawn = _drawn(Worn.of(recipe))
    head, hair, background = (
        joined(shape.path for shape in drawn[name]) for name in ("head", "hair", "background")
    )
    areas = {"face": head, "hair": hair, "skull": joined((head, hair)), "background": background, "": None}
    return tuple(
        Layer(name, tuple(painted(shape, colors) for shape in drawn[name]), areas[kind.clip])
        for name, kind in house.layers.items()
        if drawn[name]
    )


def _drawn(worn: Worn) -> dict[str, list[Shape]]:
    """{layer: its shapes, colors still as roles}."""
    drawn: dict[str, list[Shape]] = {name: [] for name in catalogue().layers}
    for row in catalogue().rows:
        if row.speaks(worn.facts):
            drawn[row.layer] += _shapes(row, worn)
    return drawn


def _beyond(drawn: Mapping[str, list[Shape]]) -> float:
    """By how much a person reaches beyond the top of the picture: a pompon on a long face; 0 when it does not."""
    tops = [
        shape.path.top - shape.width / 2 for name in ("hair", "tied", "head", "hat") for shape in drawn[name]
    ]
    return max(0.0, math.ceil(-2 * min(tops)) / 2)


def clip_of(recipe: Recipe) -> Path | None:
    """The area outside of which nothing of a recipe's picture is seen; None when all of it is.

    A hat may stick out at the top of a background, unless the picture is cropped as a profile's.
    """
    shape = _GROUNDS.get(recipe.background)
    if shape is None:
        return None
    return _clip(f"{shape}_{recipe.framing}")


_GROUNDS = {"circle": "circle", "dots": "circle", "rays": "circle", "confetti": "circle", "square": "square"}


@functools.cache
def _clip(name: str) -> Path:
    return path_of(catalogue().clips[name])


def has_effect(recipe: Recipe, name: str) -> bool:
    """Whether another value of a field would change this recipe's picture; a hairline does not on a bald head.

    Raises KeyError for a name that no field has.
    """
    field, drawn = FIELDS[name], layers_of(recipe)
    # One more color tells of a color what all of them would.
    values: tuple[Value, ...] = (
        (False, True)
        if field.kind == "yes-no"
        else (*(name for name in (NO_COLOR,) if name in field.choices), "#123456", "#654321")
        if field.kind == "color"
        else tuple(field.choices)
    )
    return any(layers_of(recipe.replace(**{name: value})) != drawn for value in values)


def every_drawing(recipe: Recipe) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """(its name, layers) of every drawing by itself, as it stands on its grid, hair and skin in a recipe's colors."""
    colors = colors_of(recipe)
    for name in names_of_drawings():
        shapes = (
            Shape(
                element.path,
                element.group
                if element.group in ("hair", "skin") and element.fill != "none"
                else element.fill,
                element.stroke,
                catalogue().strokes["outline"] if element.stroke != "none" else 0.0,
            )
            for element in drawing(name)
        )
        yield name, (Layer(name, tuple(painted(shape, colors) for shape in shapes)),)


def painted(shape: Shape, colors: Mapping[str, str]) -> Shape:
    """A shape with its roles' colors, {role: #rrggbb}."""
    return dataclasses.replace(
        shape, fill=colors.get(shape.fill, shape.fill), stroke=colors.get(shape.stroke, shape.stroke)
    )


@dataclasses.dataclass(frozen=True)
class Worn:
    """What follows from a recipe's values: the facts that rows ask for, and how drawings are placed.

    drops: {what is lowered: by how many units}.
    """

    facts: dict[str, Value]
    placing: Placing
    drops: dict[str, float]

    @classmethod
    def of(cls, recipe: Recipe) -> Worn:
        house = catalogue()
        hat, hair, tied = house.hat[recipe.headwear], house.hair[recipe.hair], house.tied[recipe.tied]
        silhouette = _silhouette(recipe)
        face_line = hat.hairline or hair.hairline or recipe.hairline
        # A cut that is close to the head shows the ears of somebody with long hair, too.
        ears = house.hair[silhouette].ears and not hat.covers_ears
        facts: dict[str, Value] = {
            **{name: getattr(recipe, name) for name in FIELDS},
            "silhouette": silhouette,
            "face_line": face_line,
            "tied_shown": recipe.tied if _shows_tied(hat, tied.under_hat) else NOTHING,
            "long": house.hair[silhouette].long,
            "scalp": _scalp(recipe),
            "ears": ears,
            "ears_free": not hat.covers_ears,
            "headwear_hides": hat.presses,
            "headwear_scarf": hat.covers_ears and hat.covers_hair,
            "lips_shown": recipe.lips == "full" or recipe.lipstick != NO_COLOR,
            "bearded": recipe.beard in ("short", "full", "long", "circle"),
            "eyes_shown": recipe.glasses == "none" or recipe.lenses == "clear",
            "tie": NOTHING if recipe.necktie == NO_COLOR else "bow" if recipe.bow_tie else "long",
        }
        crown = _crown(silhouette)
        placing = Placing(
            house.face_shape[recipe.face_shape],
            house.framing[recipe.framing],
            pressed=(crown, hat.brim) if hat.brim else None,
        )
        drops = {
            "": 0.0,
            "brow": house.hairline[face_line].brow_drop,
            "mouth": 0.0 if recipe.moustache == "none" else 0.5,
            "hat": crown - 12.0 if hat.rides else 0.0,
        }
        worn = cls(facts, placing, drops)
        beyond = _beyond(_drawn(worn)) if recipe.framing == "sticker" else 0.0
        return (
            dataclasses.replace(worn, placing=dataclasses.replace(placing, sunk=beyond)) if beyond else worn
        )

    def placings(self, row: Row) -> Iterator[Placing]:
        """Where a row's drawing is placed: once, or on both sides."""
        placing = self.placing
        if row.drop and self.drops[row.drop]:
            placing = dataclasses.replace(placing, drop=self.drops[row.drop])
        sides = {
            "drawn": (False,),
            "mirrored": (True,),
            "both": (False, True),
            "parting": (self.facts["parting"] == "left",),
        }[row.side]
        for mirrored in sides:
            # Whoever is flipped has left what others have right.
            flipped = mirrored != self.facts["flipped"]
            yield dataclasses.replace(placing, mirrored=True) if flipped else placing

    def drawing(self, row: Row) -> str:
        """The name of the drawing that a row speaks of."""
        return row.drawing.format_map(self.facts) if "{" in row.drawing else row.drawing


def _silhouette(recipe: Recipe) -> str:
    """The cut that is drawn."""
    house = catalogue()
    hat, hair = house.hat[recipe.headwear], house.hair[recipe.hair]
    cut = hair.silhouette or recipe.hair
    if hat.covers_hair or cut == NOTHING:
        return NOTHING
    if hat.under and cut != NOTHING:
        return hat.under
    if hat.brim and hair.under:
        return hair.under
    return "tight" if hair.long and house.tied[recipe.tied].gathers else cut


def _shows_tied(hat: Hat, under_hat: bool) -> bool:
    return not hat.covers_hair and (under_hat or not hat.presses)


def _scalp(recipe: Recipe) -> str:
    """The shadow of hair on a shaved head."""
    if recipe.hair != "shadow":
        return NOTHING
    return "receding" if recipe.hairline in ("bays", "peak", "temples", "high") else "shadow"


@functools.cache
def _crown(silhouette: str) -> float:
    """The row of the grid to which a cut reaches up."""
    name = "line_open" if silhouette == NOTHING else f"hair_{silhouette}"
    return min(element.path.top for element in drawing(name))


def _shapes(row: Row, worn: Worn) -> Iterator[Shape]:
    name = worn.drawing(row)
    for placing in worn.placings(row):
        yield from shapes_of(row, name, placing)
