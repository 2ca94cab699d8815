"""Three to choose from: never two alike, one softer and one bolder."""

import pytest

from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe
from core.recipe.suggestions import _table, bolder, softer, suggestions
from tests.recipe.test_rules import EXTRAS, random_readings, smiling

SMILES = ("serious", "calm", "soft", "smile", "teeth", "grin", "laugh")


def test_no_two_are_the_same() -> None:
    for seen in random_readings(200):
        three = suggestions(seen)
        assert len({suggestion.recipe for suggestion in three}) == len(three) == 3
        assert len({suggestion.label for suggestion in three}) == 3


def test_the_first_is_what_was_read() -> None:
    seen = smiling(0.7)

    assert suggestions(seen)[0].recipe == Recipe.from_reading(seen)


def test_softer_has_no_more_extras_and_smiles_no_less() -> None:
    for seen in random_readings(200):
        true, soft, bold = (suggestion.recipe for suggestion in suggestions(seen))
        lines = [name for name in EXTRAS if name != "blush"]
        assert not any(getattr(soft, name) not in (False, "none") for name in lines)
        if true.mouth in ("serious", "calm", "soft"):
            assert SMILES.index(soft.mouth) == SMILES.index(true.mouth) + 1
        if true.mouth in SMILES and bold.mouth in SMILES:
            assert SMILES.index(bold.mouth) >= SMILES.index(true.mouth)


@pytest.mark.parametrize(
    ("recipe", "soft", "bold"),
    [
        # A plain face that already smiles gets rosy cheeks, or loses them.
        (Recipe(mouth="smile"), {"blush": True}, {"mouth": "teeth", "hair": "full", "background": "circle"}),
        (Recipe(mouth="smile", blush=True), {"blush": False}, {"mouth": "teeth"}),
        # Somebody serious looks calm; a bold emoji does not make them smile.
        (
            Recipe(mouth="serious", brows="flat", brow_thickness="thick", nose="big", hair="long"),
            {"mouth": "calm", "brows": "soft", "brow_thickness": "normal", "nose": "none", "hair": "long"},
            {"mouth": "serious", "nose": "big", "hair": "long_full"},
        ),
        # The ground is not of the color of hair or clothes.
        (
            Recipe(hair_color="blond", clothes_color="sky"),
            {"mouth": "soft"},
            {"background": "circle", "background_color": "pink"},
        ),
        # What people chose by hand stays.
        (
            Recipe(freckles=True, ear_device="hearing_aid"),
            {"freckles": True, "ear_device": "hearing_aid"},
            {"freckles": True},
        ),
    ],
)
def test_what_changes(recipe: Recipe, soft: dict[str, object], bold: dict[str, object]) -> None:
    for changed, expected in ((softer(recipe), soft), (bolder(recipe), bold)):
        assert {field: getattr(changed, field) for field in expected} == expected


def test_every_step_is_one_that_recipes_know() -> None:
    for kind in ("softer", "bolder"):
        table = _table()[kind]
        for field, steps in table["steps"].items():
            for before, after in steps.items():
                assert FIELDS[field].check(before) != FIELDS[field].check(after)
        for field, value in table["never"].items():
            assert FIELDS[field].check(value) is True
