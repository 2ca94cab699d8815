"""What an emoji may have: choices.toml as typed rows, one `Field` for each choice of a recipe."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import SelfmojiError, shortened

Value = str | bool

NO_COLOR = "none"
"""Value of a color that may be absent (lipstick, necktie) and is."""

_HEX = re.compile(r"#[0-9a-f]{6}")


class RecipeError(SelfmojiError):
    """A recipe that cannot be made; the message names the field, the value and what is allowed."""


@dataclass(frozen=True)
class Swatch:
    """A named color: its label for people and its value as #rrggbb."""

    label: str
    hex: str


@dataclass(frozen=True)
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
            raise RecipeError(f"{self.name} must be true or false, not {shortened(value)}.")
        if isinstance(value, str):
            if value in self.choices:
                return value
            if self.kind == "color" and _HEX.fullmatch(value.lower()):
                return value.lower()
        allowed = ", ".join(self.choices) + (" or a color such as #61b2e4" if self.kind == "color" else "")
        raise RecipeError(f"{self.name} cannot be {shortened(value)}. Allowed: {allowed}.")

    def hex(self, value: str) -> str:
        """A color's value as #rrggbb; KeyError for NO_COLOR, which has none."""
        return value if value.startswith("#") else self.palette[value].hex


@dataclass(frozen=True)
class Choices:
    """A table of choices: its version, {group: label} and {field name: Field}, in the table's order."""

    version: int
    groups: Mapping[str, str]
    fields: Mapping[str, Field]


def load_choices(path: Path) -> Choices:
    """A table of choices, which choices.toml explains."""
    table = tomllib.loads(path.read_text("utf-8"))
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
    return Choices(table["version"], table["groups"], fields)


_CHOICES = load_choices(Path(__file__).parent / "choices.toml")
VERSION, GROUPS, FIELDS = _CHOICES.version, _CHOICES.groups, _CHOICES.fields
"""The table's version, {group: label} and {field name: Field}, in the table's order."""
