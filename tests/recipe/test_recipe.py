"""Recipes: what they accept, what they refuse and why, and that codes and JSON bring back the same recipe."""

import json
import string

import pytest

from core.extras.gallery import people
from core.recipe.choices import FIELDS, GROUPS, NO_COLOR, VERSION, Field, RecipeError
from core.recipe.recipe import Recipe

EVERYTHING = Recipe().replace(
    **{
        name: True
        if field.kind == "yes-no"
        else "#0a1b2c"
        if field.kind == "color"
        else list(field.choices)[-1]
        for name, field in FIELDS.items()
    }
)
RECIPES = [Recipe(), EVERYTHING, *(recipe for _, recipe in people())]


def test_table_and_recipe_have_the_same_fields_in_the_same_order() -> None:
    assert list(Recipe().to_json()) == ["version", *FIELDS]
    assert list(Recipe.__dataclass_fields__) == list(FIELDS)


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_row_of_the_table_is_sound(field: Field) -> None:
    assert field.label and field.group in GROUPS
    assert field.kind in ("choice", "yes-no", "color")
    assert field.check(field.default) == field.default
    assert len(field.code) == 2 and set(field.code) <= set(string.ascii_lowercase)
    assert all(label for label in field.choices.values())
    assert set("".join(field.choices)) <= set(string.ascii_lowercase + string.digits + "_")


def test_no_two_fields_share_a_code() -> None:
    assert len({field.code for field in FIELDS.values()}) == len(FIELDS)


@pytest.mark.parametrize("recipe", RECIPES, ids=Recipe.to_code)
def test_round_trips(recipe: Recipe) -> None:
    assert Recipe.from_code(recipe.to_code()) == recipe
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(json.dumps(recipe.to_json())) == recipe


@pytest.mark.parametrize("recipe", RECIPES, ids=Recipe.to_code)
def test_codes_are_safe_in_a_url(recipe: Recipe) -> None:
    assert set(recipe.to_code()) <= set(string.ascii_letters + string.digits + "-._~")
    assert len(recipe.to_code()) < 600


@pytest.mark.parametrize(
    ("code", "recipe"),
    [
        # shared links: these must mean the same for as long as the version is 2
        ("2", Recipe()),
        ("2.ha-afro.hc-black.gl-round", Recipe(hair="afro", hair_color="black", glasses="round")),
        ("2.sk-dark.la-1.cc-x12ab9f", Recipe(skin_tone="dark", lashes=True, clothes_color="#12ab9f")),
        ("2.hc-ginger.cc-red", Recipe(hair_color="ginger", clothes_color="red")),
        ("2.ey-joy.mo-laugh.be-long.hw-turban", Recipe(
            beard="long", headwear="turban", mouth="laugh", eyes="joy")),
    ],
)  # fmt: skip
def test_codes_are_stable(code: str, recipe: Recipe) -> None:
    assert Recipe.from_code(code) == recipe
    assert recipe.to_code() == code


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "not the code of an emoji"),
        ("hello", "not the code of an emoji"),
        ("é.ha-afro", "not the code of an emoji"),
        ("٣", "not the code of an emoji"),
        ("1" * 5000, "not the code of an emoji"),
        ("3.ha-afro", "only versions 1 to 2"),
        ("2.", "unknown"),
        ("2.ha", "cut off"),
        ("2.zz-afro", "unknown"),
        ("2.ha-af", "hair cannot be 'af'"),
        ("2.la-2", "lashes must be true or false"),
        ("2.hc-x12", "hair_color cannot be '#12'"),
        ("2.hc-z12ab9f", "hair_color cannot be"),
        ("2.ha-afro.ha-bob", "given twice"),
        ("2." + "a" * 10_000, r"\.\.\."),
    ],
)
def test_garbled_codes_are_refused_with_a_reason(code: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as error:
        Recipe.from_code(code)
    assert len(str(error.value)) < 700


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "must be an object"),
        ("{}", "no version"),
        ('{"version": 0}', "only versions 1 to 2"),
        ('{"version": 3}', "only versions 1 to 2"),
        ('{"version": true}', "only versions 1 to 2"),
        ('{"version": 2, "hat": "cap"}', "no field 'hat'"),
        ('{"version": 2, "hair": "mohawk"}', "hair cannot be 'mohawk'"),
        ('{"version": 2, "hair": null}', "hair cannot be None"),
        ('{"version": 2, "hair": ["bob"]}', "hair cannot be"),
        ('{"version": 2, "lashes": "yes"}', "lashes must be true or false, not 'yes'"),
        ('{"version": 2, "lashes": 1}', "lashes must be true or false"),
    ],
)
def test_bad_json_is_refused_with_a_reason(document: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Recipe.from_json(document)


def test_an_error_names_the_field_the_value_and_what_is_allowed() -> None:
    with pytest.raises(RecipeError, match=r"^glasses cannot be 'pink'\. Allowed: none, rect, .*rimless\.$"):
        Recipe(glasses="pink")


def test_replace_keeps_the_rest_and_refuses_unknown_fields() -> None:
    recipe = Recipe(hair="bob").replace(hair_color="#ABCDEF")
    assert (recipe.hair, recipe.hair_color) == ("bob", "#abcdef")
    with pytest.raises(RecipeError, match="no field 'hairs'"):
        recipe.replace(hairs="bob")


def test_only_colors_with_a_none_may_be_absent() -> None:
    absent = {name for name, field in FIELDS.items() if field.kind == "color" and NO_COLOR in field.choices}
    assert absent == {"lipstick", "necktie"}
    with pytest.raises(RecipeError):
        Recipe(hair_color=NO_COLOR)


def test_version_is_the_one_the_links_above_carry() -> None:
    assert VERSION == 2
