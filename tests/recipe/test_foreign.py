"""Recipes that anybody may have written: opened or refused with one short sentence, whatever they are."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.recipe.choices import FIELDS, VERSION, Field, RecipeError, Value
from core.recipe.recipe import Recipe

LONGEST_MESSAGE = 700
"""Characters; the names of all fields take most of it."""


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('\ufeff{"version": 1}', "begins with a byte-order mark"),
        ('{"version": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        ('{"version": 1, "hair": -' + "9" * 5000 + "}", "a number of thousands of digits"),
        ('{"version": ' + "9" * 4000 + "}", r"is of version 9{57}\.\.\., but only"),
        ('{"version": "' + "9" * 5_000_000 + '"}', r"is of version '9{56}\.\.\., but only"),
        ('{"version": 1, "hair": "' + "x" * 5_000_000 + '"}', r"hair cannot be 'x{56}\.\.\.\. Allowed"),
        ('{"version": 1, "hair": ' + "[" * 500 + "]" * 500 + "}", r"hair cannot be \[{57}\.\.\.\. Allowed"),
        ('{"version": 1, "lashes": "' + "x" * 5_000_000 + '"}', r"true or false, not 'x{56}\.\.\.\."),
        ('{"version": 1, "' + "x" * 5_000_000 + '": 1}', r"no field 'x{56}\.\.\.\. Its fields"),
        ('{"version": 1, "a": 1, "b": 1, "c": 1, "d": 1}', r"no field 'a', 'b', 'c' \.\.\.\. Its fields"),
        ('{"version": NaN}', "is of version nan"),
        ('{"version": Infinity}', "is of version inf"),
        ('{"version": 1, "hair": "\\u001b[2J"}', r"hair cannot be '\\x1b\[2J'"),
        ("7", "must be an object"),
        ("", "not JSON"),
    ],
    ids=lambda value: value[:30],
)
def test_large_and_odd_documents(document: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as error:
        Recipe.from_json(document)
    assert len(str(error.value)) < LONGEST_MESSAGE
    assert str(error.value).isprintable()


def values(field: Field) -> some.SearchStrategy[Value]:
    """What a field may be, in the form that it is kept in."""
    if field.kind == "yes-no":
        return some.booleans()
    named = some.sampled_from(list(field.choices))
    return named | some.from_regex(r"#[0-9a-f]{6}", fullmatch=True) if field.kind == "color" else named


RECIPES = some.fixed_dictionaries({}, optional={name: values(field) for name, field in FIELDS.items()})
ANYTHING = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(some.characters(), max_size=100),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=100), inner, max_size=3)
    ),
    max_leaves=5,
)
DOCUMENTS = some.builds(
    lambda version, fields, more: {**version, **fields, **more},
    some.just({"version": VERSION}) | some.fixed_dictionaries({"version": ANYTHING}) | some.just({}),
    some.dictionaries(some.sampled_from(list(FIELDS)), ANYTHING, max_size=2),
    some.dictionaries(some.text(max_size=100), ANYTHING, max_size=5) | RECIPES,
)


@settings(max_examples=100, deadline=None)
@given(RECIPES)
def test_every_recipe_comes_back(chosen: dict[str, Any]) -> None:
    recipe = Recipe(**chosen)
    assert {name: getattr(recipe, name) for name in chosen} == chosen
    assert Recipe.from_code(recipe.to_code()) == recipe
    assert Recipe.from_json(json.dumps(recipe.to_json())) == recipe


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS | ANYTHING)
def test_documents_of_any_shape(document: Any) -> None:
    opened_or_refused(Recipe.from_json, json.dumps(document))


@settings(max_examples=200, deadline=None)
@given(some.text(some.characters()))
def test_any_text_as_a_document_and_as_a_code(text: str) -> None:
    opened_or_refused(Recipe.from_json, text)
    opened_or_refused(Recipe.from_code, text)


@settings(max_examples=300, deadline=None)
@given(RECIPES, some.integers(0, 600), some.integers(0, 3), some.text(max_size=100))
def test_codes_with_a_fault(chosen: dict[str, Any], place: int, cut: int, more: str) -> None:
    code = Recipe(**chosen).to_code()
    place = min(place, len(code))
    opened_or_refused(Recipe.from_code, code[:place] + more + code[place + cut :])


def opened_or_refused(read: Any, text: str) -> None:
    try:
        recipe = read(text)
    except RecipeError as error:
        assert len(str(error)) < LONGEST_MESSAGE
        assert str(error).isprintable()
    else:
        assert Recipe.from_code(recipe.to_code()) == recipe
