"""The recipe of an emoji: one value for each choice, to and from JSON and a short code."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import shortened
from core.recipe.choices import FIELDS, VERSION, Field, RecipeError, Value
from core.recipe.migrations import OLDER, migrate, migration_from

if TYPE_CHECKING:
    from core.seeing.reading import Reading

_SHOWN = 3
"""Unknown fields that a message names."""


def _default(name: str) -> Any:
    return FIELDS[name].default


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What one emoji has; every value is one that `FIELDS` allows, or RecipeError is raised.

    >>> Recipe(hair="afro", glasses="round").replace(hair_color="#3355aa").to_code()
    '2.ha-afro.hc-x3355aa.gl-round'
    """

    skin_tone: str = _default("skin_tone")
    face_shape: str = _default("face_shape")
    blush: bool = _default("blush")
    smile_lines: bool = _default("smile_lines")
    crows_feet: bool = _default("crows_feet")
    forehead_lines: bool = _default("forehead_lines")
    chin_fold: bool = _default("chin_fold")
    dimples: bool = _default("dimples")
    hair: str = _default("hair")
    hairline: str = _default("hairline")
    parting: str = _default("parting")
    tied: str = _default("tied")
    hair_color: str = _default("hair_color")
    eyes: str = _default("eyes")
    eye_color: str = _default("eye_color")
    brows: str = _default("brows")
    brow_thickness: str = _default("brow_thickness")
    lashes: bool = _default("lashes")
    eye_bags: bool = _default("eye_bags")
    nose: str = _default("nose")
    mouth: str = _default("mouth")
    lips: str = _default("lips")
    lipstick: str = _default("lipstick")
    beard: str = _default("beard")
    moustache: str = _default("moustache")
    sideburns: bool = _default("sideburns")
    glasses: str = _default("glasses")
    lenses: str = _default("lenses")
    frame_color: str = _default("frame_color")
    headwear: str = _default("headwear")
    headwear_color: str = _default("headwear_color")
    earrings: str = _default("earrings")
    necklace: str = _default("necklace")
    jewelry_color: str = _default("jewelry_color")
    clothes: str = _default("clothes")
    clothes_color: str = _default("clothes_color")
    inner_color: str = _default("inner_color")
    necktie: str = _default("necktie")
    bow_tie: bool = _default("bow_tie")
    freckles: bool = _default("freckles")
    vitiligo: bool = _default("vitiligo")
    scar: str = _default("scar")
    piercing: str = _default("piercing")
    bindi: bool = _default("bindi")
    tattoo: str = _default("tattoo")
    ear_device: str = _default("ear_device")
    eye_cover: str = _default("eye_cover")
    cannula: bool = _default("cannula")
    face_mask: bool = _default("face_mask")
    mobility: str = _default("mobility")
    background: str = _default("background")
    background_color: str = _default("background_color")
    framing: str = _default("framing")
    flipped: bool = _default("flipped")

    def __post_init__(self) -> None:
        for name, field in FIELDS.items():
            object.__setattr__(self, name, field.check(getattr(self, name)))

    @classmethod
    def from_reading(cls, reading: Reading) -> Recipe:
        """The recipe that the rules find for what the models saw."""
        # Drawing a recipe does not need what decides on one.
        from core.recipe import rules

        return cls(**rules.decide(reading))

    def replace(self, **changes: Value) -> Recipe:
        """This recipe with some values changed; RecipeError for an unknown field or value."""
        return Recipe(**{name: getattr(self, name) for name in FIELDS} | _checked(changes, FIELDS))

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

        Recipes of older versions are read as well. Raises RecipeError for text that is no JSON object, an unknown
        version or field, or a bad value.
        """
        if isinstance(document, str):
            document = _parsed(document)
        if not isinstance(document, Mapping):
            raise RecipeError("A recipe in JSON must be an object with a version and its fields.")
        if "version" not in document:
            raise RecipeError(f'This recipe has no version; it should say "version": {VERSION}.')
        version = document["version"]
        fields = _fields_of(version)
        values = {name: value for name, value in document.items() if name != "version"}
        return _of_version(version, _checked(values, fields))

    def to_code(self) -> str:
        """The recipe as a short text that is safe in a URL: the version and what is not the default."""
        parts = [f"{FIELDS[name].code}-{_value_to_code(value)}" for name, value in self.changes().items()]
        return ".".join([str(VERSION), *parts])

    @classmethod
    def from_code(cls, code: str) -> Recipe:
        """The recipe that `to_code` wrote, in this version or an older one; RecipeError when the text is cut off,
        garbled or of an unknown version."""
        number, *parts = code.split(".")
        if not re.fullmatch(r"[0-9]{1,4}", number):
            raise RecipeError(
                f"{shortened(code)} is not the code of an emoji; it should begin with '{VERSION}.'."
            )
        fields = _fields_of(int(number))
        by_code = {field.code: field for field in fields.values()}
        values: dict[str, Value] = {}
        for part in parts:
            key, dash, text = part.partition("-")
            if not dash or key not in by_code:
                raise RecipeError(
                    f"{shortened(part)} in the code of this emoji is unknown. Was the link cut off?"
                )
            field = by_code[key]
            if field.name in values:
                raise RecipeError(f"{field.name} is given twice in the code of this emoji.")
            values[field.name] = field.check(_value_from_code(field, text))
        return _of_version(int(number), values)


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


def _fields_of(version: object) -> Mapping[str, Field]:
    """The fields of a version; RecipeError for one that there is not."""
    if isinstance(version, int) and not isinstance(version, bool):
        if version == VERSION:
            return FIELDS
        if version in OLDER:
            return migration_from(version).fields
    raise RecipeError(
        f"This recipe is of version {shortened(version)}, but only versions {OLDER[0]} to {VERSION} can be read here."
    )


def _of_version(version: int, values: Mapping[str, Value]) -> Recipe:
    return Recipe(**(values if version == VERSION else migrate(version, values)))  # type: ignore[arg-type]


def _checked(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Value]:
    unknown = [name for name in values if name not in fields]
    if unknown:
        some = ", ".join(map(shortened, unknown[:_SHOWN])) + (" ..." if len(unknown) > _SHOWN else "")
        raise RecipeError(f"A recipe has no field {some}. Its fields: {', '.join(fields)}.")
    return {name: fields[name].check(value) for name, value in values.items()}


def _value_to_code(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.replace("#", "x") if value.startswith("#") else value


def _value_from_code(field: Field, text: str) -> Value | None:
    if field.kind == "yes-no":
        return {"1": True, "0": False}.get(text, text)
    return text.replace("x", "#", 1) if field.kind == "color" and text.startswith("x") else text
