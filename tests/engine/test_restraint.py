"""The figures of restraint, on recipes whose drawings are known."""

import pytest

from core.recipe.recipe import Recipe
from engine.restraint import dark_marks, extras, restraint_table, stroke_widths


@pytest.mark.parametrize(
    ("recipe", "marks"),
    [
        # Two eyes and a mouth.
        (Recipe(hair_color="blond"), 3),
        # A lash belongs to its eye, black brows are not as dark as outlines.
        (Recipe(hair_color="black", lashes=True), 3),
        # Lips are of their color.
        (Recipe(lipstick="rose"), 2),
        # Glasses are one more.
        (Recipe(glasses="rect"), 4),
        # Lines of the face have the color of the skin.
        (Recipe(nose="big", smile_lines=True, eye_bags=True, chin_fold=True), 3),
    ],
)
def test_dark_marks(recipe: Recipe, marks: int) -> None:
    assert dark_marks(recipe) == marks


def test_extras_are_counted() -> None:
    assert [extras(recipe) for recipe in (Recipe(), Recipe(nose="big", blush=True))] == [0, 2]


def test_widths_of_strokes_are_those_of_the_house() -> None:
    assert {2.0, 1.5} <= stroke_widths(Recipe()) <= {1.3, 1.5, 2.0, 2.8}


def test_the_table_says_what_was_measured_and_what_is_asked() -> None:
    table = restraint_table(
        [Recipe(), Recipe(hair="bob", blush=True), Recipe(mouth="laugh", eyes="joy"), Recipe()]
    )

    assert "| Laughs | 25.0% | at most 5% |" in table
    assert "| No extra | 75.0% | at least 60% |" in table
    assert "| Cuts of hair in use | 2 | at least 90 |" in table
