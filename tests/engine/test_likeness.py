"""The figures of the likeness study, on recipes and numbers whose answers are known."""

import numpy as np
import pytest

from core.recipe.recipe import Recipe
from engine.likeness import entropy, matching_threshold, nearest, shown_answers, sure_threshold, unique_share


def test_unique_share_counts_those_without_a_double() -> None:
    assert unique_share(["a", "b", "b", "c"]) == 0.5


def test_nearest_counts_differing_fields_of_the_closest_others() -> None:
    plain = Recipe()
    recipes = [plain, plain.replace(hair="bob"), plain.replace(hair="bob", hairline="blunt"), plain]

    assert nearest(recipes, 2).tolist() == [[0, 1], [1, 1], [1, 2], [0, 1]]


@pytest.mark.parametrize(
    ("values", "bits"),
    [
        # Everyone the same: a choice that says nothing.
        ("aaaa", 0.0),
        # A fair coin.
        ("abab", 1.0),
        # Four values, equally often.
        ("abcd", 2.0),
    ],
)
def test_entropy(values: str, bits: float) -> None:
    assert entropy(values) == pytest.approx(bits)


def test_threshold_lets_the_wanted_share_through() -> None:
    probabilities = [i / 100 for i in range(100)]

    threshold = matching_threshold(probabilities, 0.2)

    assert sum(p > threshold for p in probabilities) == 20


def test_threshold_stays_where_log_odds_are_small() -> None:
    assert matching_threshold([0.001] * 10, 0.5) == 0.02


def test_sure_threshold_is_where_19_of_20_are_right() -> None:
    probabilities = np.linspace(1, 0, 101)
    labeled = np.ones(101, bool)
    labeled[10] = labeled[40:] = False

    # 40 photos with one wrong, then one more wrong: 39 of 41 are 95.1%, 39 of 42 are not.
    assert sure_threshold(probabilities, labeled) == pytest.approx(probabilities[40])


def test_nothing_is_sure_that_is_seen_on_few_photos() -> None:
    probabilities = np.linspace(1, 0, 101)
    labeled = probabilities > 0.85

    assert sure_threshold(probabilities, labeled) == 1.0


def test_answers_shown_are_those_that_speak_most_for_a_value() -> None:
    assert shown_answers("lenses", "eyewear")["dark"] == {"sunglasses"}
    hair = shown_answers("hair", "hair_length")
    assert (hair["long"], hair["pixie"], hair["lob"]) == ({"long"}, {"short"}, {"medium", "long"})
