"""The emojis to begin with: shown when there are some, taken with one tap."""

import pytest
from streamlit.testing.v1 import AppTest

from core import Recipe
from pages.parts import keys
from pages.parts.session import DraftName
from tests.pages.visits import draft, session, written

STARTS = [
    ("True", Recipe(glasses="round")),
    ("Softer", Recipe(glasses="round", mouth="smile")),
    ("Bolder", Recipe(glasses="round", mouth="grin")),
]


@pytest.fixture
def app() -> AppTest:
    def page() -> None:
        from pages.parts.starts import show_starts
        from tests.pages.test_starts import STARTS

        show_starts(STARTS)

    app = AppTest.from_function(page)
    session(app).open(DraftName(), STARTS[0][1])
    return app.run()


def test_each_is_a_tile_and_the_one_that_is_shown_is_chosen(app: AppTest) -> None:
    assert not app.exception
    tiles = app.radio(key=keys.START)
    assert list(tiles.options) == ["True", "Softer", "Bolder"]
    assert tiles.value == "True"
    assert written(app).count("data:image/svg+xml;base64,") == 3


def test_one_tap_takes_one_as_the_new_start(app: AppTest) -> None:
    app.radio(key=keys.START).set_value("Bolder").run()
    assert draft(app).recipe == draft(app).start == STARTS[2][1]
    assert app.query_params["emoji"] == STARTS[2][1].to_code()


def test_after_a_change_of_ones_own_none_is_chosen(app: AppTest) -> None:
    draft(app).recipe = Recipe()
    assert app.run().radio(key=keys.START).value is None


def test_without_any_there_is_nothing() -> None:
    def page() -> None:
        from pages.parts.starts import show_starts

        show_starts([])

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert not app.radio
    assert not app.html
