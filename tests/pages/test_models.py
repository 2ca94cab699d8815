"""pages/models.py and pages/parts/groups.py: what each reading gets right, and for whom it is worse."""

from __future__ import annotations

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.models.groups import FEWEST, FOUND, HAIR, SMILE, TONE, Comparison, Share, of_card, of_report, widest
from core.models.weights import FOLDER
from pages.parts import groups
from tests.pages.visits import new_visit, notices, written


@pytest.fixture(scope="module")
def page() -> AppTest:
    app = new_visit(page="models")
    assert not app.exception
    return app


def test_each_reading_says_what_it_gets_right_and_for_whom_it_is_worse(page: AppTest) -> None:
    said = [text.value for text in page.markdown]
    right = [text for text in said if text.startswith("**Right.**")]
    worse = [text for text in said if text.startswith("**For whom it is worse.**")]
    assert len(right) == len(worse) == len(page.header)
    assert not any("Not measured yet" in text for text in right)
    card = json.loads((FOLDER / "skin_tone.json").read_text())["metrics"]["val"]
    assert any(f"{card['accuracy']:.1%} of {card['images']:,} faces" in text for text in right)


def test_the_widest_gap_of_all_is_named(page: AppTest) -> None:
    cards = [json.loads(path.with_suffix(".json").read_text()) for path in FOLDER.glob("*.safetensors")]
    gap = widest([*(one for card in cards for one in of_card(card)), *of_report(FOLDER / "fairness.json")])
    assert gap is not None
    [told] = re.findall(r'<p class="widest-gap">(.*?)</p>', written(page))
    assert gap.told(groups.NAMES) in told


def test_a_bar_stands_for_each_group_of_the_report(page: AppTest) -> None:
    charts = written(page)
    for one in of_report(FOLDER / "fairness.json"):
        if one.measure == FOUND:
            assert f"<p>{one.where}</p>" in charts
            for share in one.groups.values():
                assert share.total < FEWEST or f"of {share.total:,} photos" in charts
    assert not notices(page, "warning")


def test_a_chart_names_groups_for_people_and_leaves_small_ones_out() -> None:
    compared = Comparison(
        "CelebA, by skin tone as seen", SMILE, {"type2": Share(30, 40), "type6": Share(9, 9)}
    )
    chart = groups.charts([compared])
    assert "<h3>The smile is right</h3><p>CelebA, by skin tone as seen</p>" in chart
    assert 'aria-label="Light skin"' in chart and 'aria-valuenow="75"' in chart
    assert "<small>of 40 photos</small>" in chart
    assert "Dark skin" not in chart


def test_a_reading_has_its_own_comparisons_each_once() -> None:
    where = "FairFace, by race group as labeled"
    few, many = (
        Comparison(where, TONE, {"Black": Share(1, count), "White": Share(1, count)}) for count in (20, 30)
    )
    hair = Comparison("CelebA, by age as labeled", HAIR, {"Young": Share(1, 20), "not Young": Share(1, 20)})
    rated = Comparison("CelebA, by skin tone as rated", TONE, {"type2": Share(1, 20), "type3": Share(1, 20)})
    lone = Comparison("FairFace, by sex as labeled", TONE, {"Male": Share(1, 20), "Female": Share(1, 9)})
    assert groups.of_reading("skin_tone", [few, hair, many, rated, lone]) == [rated, many]
    assert groups.of_reading("look", [few, hair, many]) == [hair]
    assert groups.of_reading("motion", [few, hair]) == []


def test_without_a_sure_gap_that_is_said() -> None:
    compared = Comparison(
        "CelebA, by age as labeled", HAIR, {"Young": Share(9, 10), "not Young": Share(8, 10)}
    )
    assert groups.widest_gap([compared]) == "There is none that the number of pictures does not explain."
