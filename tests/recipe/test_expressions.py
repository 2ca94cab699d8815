"""What a face does in each emotion, mildly and strongly."""

import itertools

import pytest

from core.models.labels import EMOTIONS
from core.recipe.expressions import STRENGTHS, expression, showing
from core.recipe.recipe import Recipe

ALL = list(itertools.product(EMOTIONS, STRENGTHS))


@pytest.mark.parametrize(("emotion", "strength"), ALL)
def test_every_expression_is_one_of_a_recipe(emotion: str, strength: str) -> None:
    face = expression(emotion, strength)
    assert set(face) == {"mouth", "eyes", "brows"}
    assert showing(Recipe(), emotion, strength) == Recipe().replace(**face)


def test_no_two_expressions_are_alike() -> None:
    assert len({tuple(expression(*each).items()) for each in ALL}) == len(ALL)
    assert len({showing(Recipe(eyes="large", brows="flat"), *each) for each in ALL}) == len(ALL)


def test_arc_eyes_are_for_a_real_laugh() -> None:
    laughing = [each for each in ALL if expression(*each)["eyes"] == "joy"]
    assert laughing == [("happy", "strong")]
    assert expression("happy", "strong")["mouth"] == "laugh"


@pytest.mark.parametrize(
    ("person", "emotion", "strength", "shown"),
    [
        (Recipe(eyes="large"), "happy", "mild", {"eyes": "large", "mouth": "smile"}),
        (Recipe(eyes="large"), "happy", "strong", {"eyes": "joy"}),
        (Recipe(eyes="shut"), "surprise", "strong", {"eyes": "dot"}),
        (Recipe(brows="arched"), "happy", "mild", {"brows": "arched"}),
        (Recipe(brows="arched"), "angry", "mild", {"brows": "stern"}),
        (Recipe(brows="stern"), "happy", "mild", {"brows": "soft"}),
    ],
)
def test_ones_own_eyes_and_brows_stay_where_a_face_does_nothing_special(
    person: Recipe, emotion: str, strength: str, shown: dict[str, str]
) -> None:
    recipe = showing(person, emotion, strength)
    assert {name: getattr(recipe, name) for name in shown} == shown


@pytest.mark.parametrize(("emotion", "strength"), [("bored", "mild"), ("happy", "wild"), ("own", "eyes")])
def test_other_names_are_refused(emotion: str, strength: str) -> None:
    with pytest.raises(KeyError):
        showing(Recipe(), emotion, strength)
