"""core/models/groups.py: shares, gaps and intervals worked by hand, and what a card says of groups."""

import json
from pathlib import Path

import pytest

from core.models.groups import FOUND, LABELS, TONE, Comparison, Share, of_card, of_report, widest, wilson


def test_a_share_is_written_with_its_number() -> None:
    assert str(Share(20, 25)) == "80.0% (25)"
    assert str(Share(0, 0)) == "none"


def test_an_interval_is_wilsons() -> None:
    # 18 of 20 and 6 of 20, as statsmodels' proportion_confint(method="wilson") gives them.
    assert wilson(18, 20) == pytest.approx((0.6990, 0.9721), abs=1e-3)
    assert wilson(6, 20) == pytest.approx((0.1455, 0.5190), abs=1e-3)


def test_small_groups_are_shown_and_not_compared() -> None:
    comparison = Comparison("", FOUND, {"old": Share(10, 10), "young": Share(5, 10), "unborn": Share(0, 9)})
    gap = comparison.gap
    assert gap is not None
    assert (gap.best[0], gap.worst[0], gap.points) == ("old", "young", 50)
    assert Comparison("", FOUND, {"old": Share(10, 10), "unborn": Share(0, 9)}).gap is None


def test_the_widest_gap_is_the_surest() -> None:
    few = Comparison("few", FOUND, {"old": Share(10, 10), "young": Share(5, 10)})
    many = Comparison("many", FOUND, {"old": Share(950, 1000), "young": Share(700, 1000)})
    gap = widest([few, many])
    assert gap is not None and gap.where == "many"
    assert gap.told({"young": "Young people"}) == (
        "many: the face is found in 70.0% of 1,000 photos of “Young people”, and in 95.0% of 1,000 photos of “old”."
    )


@pytest.mark.parametrize("groups", [{}, {"old": Share(6, 10), "young": Share(8, 10)}])
def test_a_gap_that_chance_explains_is_none(groups: dict[str, Share]) -> None:
    assert widest([Comparison("", FOUND, groups)]) is None


def test_a_card_of_attributes_compares_by_labels_and_tones_of_its_first_figures() -> None:
    figures = {
        "groups": {"Male": {"with": 0.9, "images_with": 20, "without": 0.8, "images_without": 10}},
        "skin_tones": {"type2": {"accuracy": 0.5, "images": 4}, "type6": {"accuracy": None, "images": 0}},
    }
    other = {"groups": {"Male": {"with": 0.1, "images_with": 20, "without": 0.1, "images_without": 10}}}
    sex, tone = of_card({"task": "attributes", "metrics": {"val_original": figures, "val": other}})
    assert sex == Comparison(
        "CelebA, by sex as labeled", LABELS, {"Male": Share(18, 20), "not Male": Share(8, 10)}
    )
    assert tone.groups == {"type2": Share(2, 4), "type6": Share(0, 0)}


def test_a_card_of_skin_tone_compares_by_what_people_rated_and_by_race_group() -> None:
    figures = {
        "per_class": {"type2": {"recall": 0.75, "images": 8}},
        "fairface": {"groups": {"Black": {"accuracy": 0.5, "images": 2, "within_one": 1.0}}},
    }
    rated, race = of_card({"task": "skin_tone", "metrics": {"val": figures}})
    assert rated == Comparison("CelebA, by skin tone as rated", TONE, {"type2": Share(6, 8)})
    assert race == Comparison("FairFace, by race group as labeled", TONE, {"Black": Share(1, 2)})


def test_classes_of_other_cards_are_no_groups_of_people() -> None:
    per_class = {"angry": {"recall": 0.5, "images": 20}, "happy": {"recall": 1.0, "images": 20}}
    assert of_card({"task": "emotion", "metrics": {"val": {"per_class": per_class}}}) == []


def test_a_report_is_read_and_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "fairness.json"
    assert of_report(path) == []
    path.write_text(json.dumps({"comparisons": [{"where": "W", "measure": FOUND, "groups": {"a": [1, 2]}}]}))
    assert of_report(path) == [Comparison("W", FOUND, {"a": Share(1, 2)})]
