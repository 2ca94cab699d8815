"""The recipe of an emoji: one value for each choice, to and from JSON and a short code."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import shortened
from core.recipe import rules
from core.recipe.choices import FIELDS, VERSION, Field, RecipeError, Value

if TYPE_CHECKING:
    from core.seeing.reading import Reading

_SHOWN = 3
"""Unknown fields that a message names."""

_BY_CODE = {field.code: field for field in FIELDS.values()}


def _default(name: str) -> Any:
    return FIELDS[name].default


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What one emoji has; every value is one that `FIELDS` allows, or RecipeError is raised.

    >>> Recipe(hair="afro", glasses="round").replace(hair_color="#3355aa").to_code()
    '1.ha-afro.hc-x3355aa.gl-round'
    """

    skin_tone: str = _default("skin_tone")
    face_shape: str = _default("face_shape")
    complexion: str = _default("complexion")
    high_cheekbones: bool = _default("high_cheekbones")
    double_chin: bool = _default("double_chin")
    wrinkles: bool = _default("wrinkles")
    hair: str = _default("hair")
    fringe: bool = _default("fringe")
    hair_color: str = _default("hair_color")
    brows: str = _default("brows")
    eyes: str = _default("eyes")
    lashes: bool = _default("lashes")
    eye_shadow: str = _default("eye_shadow")
    eye_bags: bool = _default("eye_bags")
    nose: str = _default("nose")
    expression: str = _default("expression")
    strength: str = _default("strength")
    mouth_open: bool = _default("mouth_open")
    lips: str = _default("lips")
    lipstick: str = _default("lipstick")
    facial_hair: str = _default("facial_hair")
    sideburns: bool = _default("sideburns")
    glasses: str = _default("glasses")
    headwear: str = _default("headwear")
    headwear_color: str = _default("headwear_color")
    earrings: str = _default("earrings")
    necklace: str = _default("necklace")
    clothes: str = _default("clothes")
    clothes_color: str = _default("clothes_color")
    necktie: str = _default("necktie")
    background: str = _default("background")
    background_color: str = _default("background_color")

    def __post_init__(self) -> None:
        for name, field in FIELDS.items():
            object.__setattr__(self, name, field.check(getattr(self, name)))

    @classmethod
    def from_reading(cls, reading: Reading) -> Recipe:
        """The recipe that the rules find for what the models saw."""
        return cls(**rules.decide(reading))

    def replace(self, **changes: Value) -> Recipe:
        """This recipe with some values changed; RecipeError for an unknown field or value."""
        return _recipe({**dataclasses.asdict(self), **changes})

    def changes(self) -> dict[str, Value]:
        """The values that are not the defaults, in the table's order."""
        return {name: value for name, value in self.to_json().items() if name != "version"
                and value != FIELDS[name].default}  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Every value and the table's version, ready for `json.dumps`."""
        return {"version": VERSION, **{name: getattr(self, name) for name in FIELDS}}

    @classmethod
    def from_json(cls, document: str | Mapping[str, Any]) -> Recipe:
        """The recipe in a JSON text or mapping as `to_json` gives it; fields that are left out are the defaults.

        Raises RecipeError for text that is no JSON object, another version, an unknown field or a bad value.
        """
        if isinstance(document, str):
            document = _parsed(document)
        if not isinstance(document, Mapping):
            raise RecipeError("A recipe in JSON must be an object with a version and its fields.")
        if "version" not in document:
            raise RecipeError(f'This recipe has no version; it should say "version": {VERSION}.')
        _check_version(document["version"])
        return _recipe({name: value for name, value in document.items() if name != "version"})

    def to_code(self) -> str:
        """The recipe as a short text that is safe in a URL: the version and what is not the default."""
        parts = [f"{FIELDS[name].code}-{_value_to_code(value)}" for name, value in self.changes().items()]
        return ".".join([str(VERSION), *parts])

    @classmethod
    def from_code(cls, code: str) -> Recipe:
        """The recipe that `to_code` wrote; RecipeError when the text is cut off, garbled or of another version."""
        version, *parts = code.split(".")
        if not re.fullmatch(r"[0-9]{1,4}", version):
            raise RecipeError(
                f"{shortened(code)} is not the code of an emoji; it should begin with '{VERSION}.'."
            )
        _check_version(int(version))
        values: dict[str, Value] = {}
        for part in parts:
            key, dash, text = part.partition("-")
            if not dash or key not in _BY_CODE:
                raise RecipeError(
                    f"{shortened(part)} in the code of this emoji is unknown. Was the link cut off?"
                )
            field = _BY_CODE[key]
            if field.name in values:
                raise RecipeError(f"{field.name} is given twice in the code of this emoji.")
            values[field.name] = field.check(_value_from_code(field, text))
        return cls(**values)  # type: ignore[arg-type]


def _parsed(text: str) -> Any:
    if text.startswith("\ufeff"):
        raise RecipeError(
            "This recipe is not JSON: it begins with a byte-order mark. Please save it as UTF-8 without one."
        )
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RecipeError(f"This recipe is not JSON: {error}.") from None
    except RecursionError:
        raise RecipeError("This recipe is not JSON of ours: its lists lie too deep in each other.") from None
    except ValueError:
        raise RecipeError(
            "This recipe is not JSON of ours: it has a number of thousands of digits."
        ) from None


def _recipe(values: Mapping[str, Any]) -> Recipe:
    unknown = [name for name in values if name not in FIELDS]
    if unknown:
        some = ", ".join(map(shortened, unknown[:_SHOWN])) + (" ..." if len(unknown) > _SHOWN else "")
        raise RecipeError(f"A recipe has no field {some}. Its fields: {', '.join(FIELDS)}.")
    return Recipe(**values)


def _check_version(version: object) -> None:
    if version != VERSION or isinstance(version, bool):
        raise RecipeError(
            f"This recipe is of version {shortened(version)}, but only version {VERSION} can be read here."
        )


def _value_to_code(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.replace("#", "x") if value.startswith("#") else value


def _value_from_code(field: Field, text: str) -> Value | None:
    if field.kind == "yes-no":
        return {"1": True, "0": False}.get(text, text)
    return text.replace("x", "#", 1) if field.kind == "color" and text.startswith("x") else text
