"""A recipe of an older version in, one of this version out, so that every link that was ever shared opens."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.recipe.choices import Field, Value, load_choices

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """The new values of a recipe that has one of these old values in each of these fields."""

    when: Mapping[str, tuple[Value, ...]]
    then: Mapping[str, Value]


@dataclass(frozen=True)
class Migration:
    """The step from one version to the next.

    fields: the older version's; values: {field of both: {old value: new value}}; rows: what else follows, later
    ones win.
    """

    fields: Mapping[str, Field]
    values: Mapping[str, Mapping[Value, Value]]
    rows: tuple[Row, ...]

    def apply(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """The newer version's values for the older one's; what is left out has the older version's default."""
        old = {name: given.get(name, field.default) for name, field in self.fields.items()}
        new = {name: names.get(old[name], old[name]) for name, names in self.values.items()}
        for row in self.rows:
            if all(old[name] in values for name, values in row.when.items()):
                new |= row.then
        return new


@functools.cache
def migration_from(version: int) -> Migration:
    """The step from a version to the next one; KeyError when no older version has that number."""
    if version not in OLDER:
        raise KeyError(version)
    table = tomllib.loads((_HERE / f"version_{version}_to_{version + 1}.toml").read_text("utf-8"))
    rows = tuple(
        Row({name: tuple(values) for name, values in row["when"].items()}, row["then"])
        for group in table["rows"].values()
        for row in group
    )
    return Migration(load_choices(_HERE / f"version_{version}.toml").fields, table["values"], rows)


OLDER = (1,)
"""The versions that there were."""


def migrate(version: int, values: Mapping[str, Value]) -> dict[str, Value]:
    """This version's values for an older one's."""
    for number in OLDER[OLDER.index(version) :]:
        values = migration_from(number).apply(values)
    return dict(values)
