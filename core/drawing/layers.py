"""Recipe -> the layers of its picture, back to front: which rows of the catalogue speak, and in which colors."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

from core.drawing.artwork import Face, Part, Shape, catalogue, listed_parts, parts_of, shapes_of
from core.recipe.choices import FIELDS, NO_COLOR
from core.recipe.recipe import Recipe

BLACK = "#000000"
WHITE = "#ffffff"


CLIPS = {
    "circle": "M0 0H72V36C72 55.88 55.88 72 36 72C16.12 72 0 55.88 0 36Z",
    "square": "M0 0H72V60C72 66.63 66.63 72 60 72H12C5.37 72 0 66.63 0 60Z",
}
"""{background: the area outside of which a person on it is cut off}; a hat may stick out at the top."""


@dataclasses.dataclass(frozen=True)
class Layer:
    """The shapes of one slot of the catalogue's order, colors resolved; `name` is the slot's.

    within: path data of the area outside of which the layer is not seen; "" when all of it is.
    """

    name: str
    shapes: tuple[Shape, ...]
    within: str = ""


def layers_of(recipe: Recipe) -> tuple[Layer, ...]:
    """The layers of a recipe in the order of the catalogue's [slots], without the empty ones."""
    face = Face(**catalogue()["face_shape"][recipe.face_shape])
    crown = _crown(recipe)
    colors = colors_of(recipe)
    slots: dict[str, list[Shape]] = {slot: [] for slot in catalogue()["slots"]}
    for part in _parts(recipe):
        slots[part.slot] += [_painted(shape, colors) for shape in shapes_of(part, face, crown)]
    if _covers_mouth(recipe):
        margin = catalogue()["picture"]["mouth_gap"]
        slots["mouth_gap"] = [_around(shape, colors["skin"], margin) for shape in slots["mouth"]]
    if _shows_lips(recipe) and "lips" not in catalogue()["mouth"][_mouth(recipe)]:
        margin = catalogue()["picture"]["lips"][recipe.lips]
        slots["lips"] = [
            _around(shape, colors["lips"], margin) for shape in slots["mouth"] if shape.fill != "none"
        ]
    slots["head"], slots["outline"] = _filled(slots["head"]), _stroked(slots["head"])
    return tuple(_layers(slots))


def has_effect(recipe: Recipe, name: str) -> bool:
    """Whether another value of a field would change this recipe's picture; a fringe does not on a bald head.

    Raises KeyError for a name that no field has.
    """
    field, drawn = FIELDS[name], layers_of(recipe)
    values = (False, True) if field.kind == "yes-no" else field.choices
    return any(layers_of(recipe.replace(**{name: value})) != drawn for value in values)


def every_drawing(recipe: Recipe) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """(where it stands in the catalogue, layers) of every list of parts by itself, in a recipe's shape and colors."""
    face = Face(**catalogue()["face_shape"][recipe.face_shape])
    roles = {role: color for role, color in colors_of(recipe).items() if color != "none"}
    colors = catalogue()["picture"]["unchosen"] | roles
    for where, parts in listed_parts():
        slots: dict[str, list[Shape]] = {}
        for part in parts:
            slots.setdefault(part.slot, []).extend(_painted(shape, colors) for shape in shapes_of(part, face))
        yield where, tuple(Layer(slot, tuple(shapes)) for slot, shapes in slots.items())


def _layers(slots: dict[str, list[Shape]]) -> Iterator[Layer]:
    face = "".join(shape.d for shape in slots["head"])
    for slot, frame in catalogue()["slots"].items():
        if slots[slot]:
            yield Layer(slot, tuple(slots[slot]), face if frame == "face" else "")


def _painted(shape: Shape, colors: dict[str, str]) -> Shape:
    return dataclasses.replace(
        shape, fill=colors.get(shape.fill, shape.fill), stroke=colors.get(shape.stroke, shape.stroke)
    )


def _filled(shapes: list[Shape]) -> list[Shape]:
    return [dataclasses.replace(shape, stroke="none", width=0.0) for shape in shapes if shape.fill != "none"]


def _stroked(shapes: list[Shape]) -> list[Shape]:
    return [dataclasses.replace(shape, fill="none") for shape in shapes if shape.stroke != "none"]


def _covers_mouth(recipe: Recipe) -> bool:
    """Whether the facial hair grows around the mouth, so that the mouth needs a gap to be seen."""
    return any(catalogue()["beard"][name].get("gap", False) for name in _beards(recipe))


def _around(shape: Shape, color: str, margin: float) -> Shape:
    """The same shape, as a patch that is wider by `margin`."""
    fill = "none" if shape.fill == "none" else color
    return dataclasses.replace(shape, fill=fill, stroke=color, width=shape.width + margin)


# --- Which rows ----------------------------------------------------------------------------------------------------


def _parts(recipe: Recipe) -> Iterator[Part]:
    yield from parts_of("background", recipe.background)
    yield from _head(recipe)
    yield from _body(recipe)
    yield from _face(recipe)
    yield from _expression(recipe)
    yield from _accessories(recipe)


def _hat(recipe: Recipe) -> dict[str, Any]:
    return catalogue()["headwear"][recipe.headwear]


def _cut(recipe: Recipe) -> str:
    """The hair that is seen: none under a cloth, and one with a plain crown under a hat."""
    hat, entry = _hat(recipe), catalogue()["hair"][recipe.hair]
    if hat.get("covers_hair"):
        return "bald"
    if "brim" in hat and "under_hat" in entry:
        return entry["under_hat"]
    return entry["with_fringe"] if recipe.fringe and "with_fringe" in entry else recipe.hair


def _hairline(recipe: Recipe) -> str:
    entry = catalogue()["hair"][_cut(recipe)]
    line: str = entry["fringe" if recipe.fringe and "fringe" in entry else "hairline"]
    return _hat(recipe).get("hairline", line)


def _crown(recipe: Recipe) -> tuple[float, float] | None:
    hat, cut = _hat(recipe), catalogue()["hair"][_cut(recipe)]
    return (cut["crown"], hat["brim"]) if "brim" in hat and "crown" in cut else None


def _head(recipe: Recipe) -> Iterator[Part]:
    cut = _cut(recipe)
    yield from parts_of("hair", cut)
    if recipe.headwear == "none":
        yield from parts_of("hair", cut, "uncovered")
    yield from parts_of("hairline", _hairline(recipe))
    yield from parts_of("headwear", recipe.headwear)


def _body(recipe: Recipe) -> Iterator[Part]:
    yield from parts_of("body", "neck")
    yield from parts_of("clothes", recipe.clothes)
    if _hat(recipe).get("covers_neck"):
        return
    if recipe.necktie != NO_COLOR:
        worn = catalogue()["clothes"][recipe.clothes].get("necktie", "over")
        yield from parts_of("necktie", worn)
    yield from parts_of("necklace", recipe.necklace)


def _face(recipe: Recipe) -> Iterator[Part]:
    if recipe.double_chin and not any(
        catalogue()["beard"][name].get("covers_chin") for name in _beards(recipe)
    ):
        yield from parts_of("face", "double_chin")
    for name in ("high_cheekbones", "wrinkles", "eye_bags"):
        if getattr(recipe, name):
            yield from parts_of("face", name)
    yield from parts_of("complexion", recipe.complexion)
    yield from parts_of("nose", recipe.nose)
    for name in _beards(recipe):
        yield from parts_of("beard", name)


def _beards(recipe: Recipe) -> list[str]:
    names = list(catalogue()["facial_hair"][recipe.facial_hair]["beards"])
    grow = catalogue()["hair"][recipe.hair].get("sideburns", True) and not _hat(recipe).get("covers_ears")
    return [*names, "sideburns"] if recipe.sideburns and grow else names


def _expression(recipe: Recipe) -> Iterator[Part]:
    look = catalogue()["expression"][recipe.expression][recipe.strength]
    drop = catalogue()["hairline"][_hairline(recipe)].get("brow_drop", {}).get(recipe.brows, 0.0)
    brows = parts_of("brows", look["brows"], recipe.brows)
    yield from (part.lower(drop) for part in brows)
    sunk = max((catalogue()["beard"][name].get("mouth_drop", 0.0) for name in _beards(recipe)), default=0.0)
    yield from (part.lower(sunk) for part in _mouth_parts(recipe))
    if recipe.glasses == "sunglasses":
        return
    eyes = look["eyes"] if recipe.eyes == "normal" else recipe.eyes
    framed = recipe.glasses != "none" and "behind_glasses" in catalogue()["eyes"][eyes]
    yield from parts_of("eyes", eyes, "behind_glasses" if framed else "parts")
    if recipe.eye_shadow != NO_COLOR:
        yield from parts_of("face", "eye_shadow")
    if recipe.lashes:
        yield from parts_of("eyes", eyes, "lashes")


def _mouth_parts(recipe: Recipe) -> Iterator[Part]:
    mouth = _mouth(recipe)
    lips = catalogue()["mouth"][mouth].get("lips") if _shows_lips(recipe) else None
    yield from parts_of("lips", lips, recipe.lips) if lips else parts_of("mouth", mouth)
    yield from parts_of("mouth", mouth, "beside")


def _mouth(recipe: Recipe) -> str:
    look: dict[str, str] = catalogue()["expression"][recipe.expression][recipe.strength]
    return look["open_mouth" if recipe.mouth_open else "mouth"]


def _shows_lips(recipe: Recipe) -> bool:
    return recipe.lips == "full" or recipe.lipstick != NO_COLOR


def _accessories(recipe: Recipe) -> Iterator[Part]:
    yield from parts_of("glasses", recipe.glasses)
    if not _hat(recipe).get("covers_ears"):
        yield from parts_of("earrings", recipe.earrings)


# --- Which colors --------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def colors_of(recipe: Recipe) -> dict[str, str]:
    """{role of the catalogue: #rrggbb} for a recipe."""
    skin, shadow = catalogue()["skin"][recipe.skin_tone]["pale" if recipe.complexion == "pale" else "plain"]
    hair = _color(recipe, "hair_color")
    clothes = _color(recipe, "clothes_color")
    hat = _color(recipe, "headwear_color")
    lips = (
        catalogue()["natural_lips"][recipe.skin_tone]
        if recipe.lipstick == NO_COLOR
        else _color(recipe, "lipstick")
    )
    return {
        "skin": skin,
        "skin_shadow": shadow,
        "cheeks": catalogue()["cheeks"][recipe.skin_tone],
        "hair": hair,
        "brow": _told_apart(shade(hair), skin),
        "lips": lips,
        "eye_shadow": _color(recipe, "eye_shadow"),
        "clothes": clothes,
        "clothes_shadow": fold(clothes),
        "hat": hat,
        "hat_shadow": fold(hat),
        "necktie": _color(recipe, "necktie"),
        "background": _color(recipe, "background_color"),
    }


def _color(recipe: Recipe, name: str) -> str:
    value = getattr(recipe, name)
    return "none" if value == NO_COLOR else FIELDS[name].hex(value)


def shade(color: str) -> str:
    """OpenMoji's shadow of a color of its palette; of any other color, the same made a fifth darker."""
    shadows = catalogue()["shadows"]
    return shadows[color] if color in shadows else _mixed(color, BLACK, 0.2)


def fold(color: str) -> str:
    """The color of a lapel or a visor on cloth of a color: its shadow, or something lighter where that is too dark."""
    if color in catalogue()["folds"]:
        return str(catalogue()["folds"][color])
    shadow = shade(color)
    return (
        shadow
        if _contrast(shadow, BLACK) >= catalogue()["picture"]["contrast"]
        else _mixed(color, WHITE, 0.25)
    )


def _told_apart(color: str, ground: str) -> str:
    """A line's color: `color`, or its darker shades, until it can be seen on `ground`."""
    least = catalogue()["picture"]["contrast"]
    for _ in range(4):
        if _contrast(color, ground) >= least:
            return color
        color = shade(color)
    return BLACK


def _mixed(color: str, other: str, share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(color), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, 1..21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (v / 255 for v in _channels(color))
    )
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
