"""What an emoji has: the table of every choice, and the recipe that holds one value for each of them."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.reading import Reading

Value = str | bool

NO_COLOR = "none"
"""Value of a color that may be absent (lipstick, eye shadow, necktie) and is."""

_HEX = re.compile(r"#[0-9a-f]{6}")


class RecipeError(ValueError):
    """A recipe that cannot be made; the message names the field, the value and what is allowed."""


@dataclasses.dataclass(frozen=True)
class Swatch:
    """A named color: its label for people and its value as #rrggbb."""

    label: str
    hex: str


@dataclasses.dataclass(frozen=True)
class Field:
    """One choice of a recipe.

    kind: "choice", "yes-no" or "color".
    choices: {value: label}; for a color the named ones (any #rrggbb is allowed besides), empty for yes-no.
    palette: {name: Swatch}, of a color only.
    code: the field's two letters in a recipe's code.
    """

    name: str
    label: str
    group: str
    kind: str
    default: Value
    code: str
    choices: Mapping[str, str]
    palette: Mapping[str, Swatch]

    def check(self, value: object) -> Value:
        """The value in its canonical form (colors in lower case); RecipeError when it is not allowed."""
        if self.kind == "yes-no":
            if isinstance(value, bool):
                return value
            raise RecipeError(f"{self.name} must be true or false, not {value!r}.")
        if isinstance(value, str):
            if value in self.choices:
                return value
            if self.kind == "color" and _HEX.fullmatch(value.lower()):
                return value.lower()
        allowed = ", ".join(self.choices) + (" or a color such as #61b2e4" if self.kind == "color" else "")
        raise RecipeError(f"{self.name} cannot be {value!r}. Allowed: {allowed}.")

    def hex(self, value: str) -> str:
        """A color's value as #rrggbb; KeyError for NO_COLOR, which has none."""
        return value if value.startswith("#") else self.palette[value].hex


def _load() -> tuple[int, dict[str, str], dict[str, Field]]:
    table = tomllib.loads((Path(__file__).parent / "choices.toml").read_text("utf-8"))
    palettes = {
        name: {color: Swatch(**entry) for color, entry in colors.items()}
        for name, colors in table["palettes"].items()
    }
    fields = {}
    for name, row in table["fields"].items():
        palette = palettes[row["palette"]] if row["kind"] == "color" else {}
        colors = {color: swatch.label for color, swatch in palette.items()}
        absent = {NO_COLOR: row["none"]} if "none" in row else {}
        fields[name] = Field(
            name=name,
            label=row["label"],
            group=row["group"],
            kind=row["kind"],
            default=row["default"],
            code=row["code"],
            choices=row.get("choices", absent | colors),
            palette=palette,
        )
    return table["version"], table["groups"], fields


VERSION, GROUPS, FIELDS = _load()
"""The table's version, {group: label} and {field name: Field}, in the table's order."""

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
        from core.rules import recipe_from_reading

        return recipe_from_reading(reading)

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
            try:
                document = json.loads(document)
            except (json.JSONDecodeError, RecursionError) as error:
                raise RecipeError(f"This recipe is not JSON: {error}.") from None
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
                f"{_shortened(code)} is not the code of an emoji; it should begin with '{VERSION}.'."
            )
        _check_version(int(version))
        values: dict[str, Value] = {}
        for part in parts:
            key, dash, text = part.partition("-")
            if not dash or key not in _BY_CODE:
                raise RecipeError(
                    f"{_shortened(part)} in the code of this emoji is unknown. Was the link cut off?"
                )
            field = _BY_CODE[key]
            if field.name in values:
                raise RecipeError(f"{field.name} is given twice in the code of this emoji.")
            values[field.name] = field.check(_value_from_code(field, text))
        return cls(**values)  # type: ignore[arg-type]


def _recipe(values: Mapping[str, Any]) -> Recipe:
    unknown = [str(name) for name in values if name not in FIELDS]
    if unknown:
        raise RecipeError(
            f"A recipe has no field {', '.join(map(repr, unknown))}. Its fields: {', '.join(FIELDS)}."
        )
    return Recipe(**values)


def _check_version(version: object) -> None:
    if version != VERSION or isinstance(version, bool):
        raise RecipeError(
            f"This recipe is of version {version!r}, but only version {VERSION} can be read here."
        )


def _value_to_code(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.replace("#", "x") if value.startswith("#") else value


def _value_from_code(field: Field, text: str) -> Value | None:
    if field.kind == "yes-no":
        return {"1": True, "0": False}.get(text, text)
    return text.replace("x", "#", 1) if field.kind == "color" and text.startswith("x") else text


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
