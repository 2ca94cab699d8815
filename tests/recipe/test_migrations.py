"""Recipes of older versions open for ever: stored codes and JSON, and every value that there was."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from core.recipe.choices import FIELDS, VERSION, RecipeError, Value
from core.recipe.migrations import OLDER, migrate, migration_from
from core.recipe.recipe import Recipe

STORED = Path(__file__).parent / "version_1"
CODES: dict[str, str] = tomllib.loads((STORED / "codes.toml").read_text("utf-8"))
OLD = migration_from(1).fields


@pytest.mark.parametrize(("old", "new"), CODES.items(), ids=list(CODES))
def test_a_stored_code_means_what_it_meant(old: str, new: str) -> None:
    assert Recipe.from_code(old).to_code() == new


@pytest.mark.parametrize("path", sorted(STORED.glob("*.json")), ids=lambda path: path.stem)
def test_a_stored_document_opens(path: Path) -> None:
    text = path.read_text("utf-8")
    old = json.loads(text)
    recipe = Recipe.from_json(text)
    assert recipe == Recipe(**migrate(1, {name: value for name, value in old.items() if name != "version"}))  # type: ignore[arg-type]
    assert recipe.skin_tone == old.get("skin_tone", "yellow")
    assert recipe.lashes == old.get("lashes", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name, field in OLD.items()
        for value in ((False, True) if field.kind == "yes-no" else field.choices)
    ],
)
def test_every_old_value_becomes_new_ones(name: str, value: Value) -> None:
    recipe = Recipe.from_json({"version": 1, name: value})
    assert Recipe.from_code(recipe.to_code()) == recipe


def test_a_color_of_ones_own_stays() -> None:
    recipe = Recipe.from_code("1.hc-x12ab9f.bc-x102030.bg-circle")
    assert (recipe.hair_color, recipe.background_color) == ("#12ab9f", "#102030")


def test_defaults_are_those_of_the_old_version() -> None:
    assert Recipe.from_code("1").hair_color == "light_brown", "the brown of version 1"
    assert Recipe.from_json({"version": 1}) == Recipe.from_code("1")
    assert Recipe.from_code("1") != Recipe()


def test_a_recipe_is_written_in_the_newest_version() -> None:
    assert Recipe.from_code("1.ha-bob").to_code().startswith(f"{VERSION}.")
    assert Recipe.from_code("1.ha-bob").to_json()["version"] == VERSION


def test_there_is_a_step_from_every_older_version() -> None:
    assert tuple(range(1, VERSION)) == OLDER
    with pytest.raises(KeyError):
        migration_from(VERSION)


def test_rows_name_fields_and_values_that_there_are() -> None:
    migration = migration_from(1)
    for name, values in migration.values.items():
        for old, new in values.items():
            assert OLD[name].check(old) == old
            assert FIELDS[name].check(new) == new
    for row in migration.rows:
        for name, olds in row.when.items():
            assert [OLD[name].check(value) for value in olds] == list(olds)
        for name, value in row.then.items():
            assert FIELDS[name].check(value) == value


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1.", "unknown"),
        ("1.ha-af", "hair cannot be 'af'"),
        ("1.fr-sticker", "fringe must be true or false"),
        ("2.es-blue", "'es-blue' in the code of this emoji is unknown"),
    ],
)
def test_a_code_is_read_by_its_own_versions_fields(code: str, message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message) if "'" in message else message):
        Recipe.from_code(code)
