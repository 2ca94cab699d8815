"""The sticker page, and the suggestions on the photo page, as Streamlit's AppTest drives them."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox

from core import Recipe
from core.extras.stickers import stickers_of
from core.extras.suggest import suggest
from tests.conftest import ROOT
from tests.pages.visits import PATIENCE, new_visit, notices, reading, session, written

LINKED = Recipe(skin_tone="dark", hair="afro", glasses="round")
NAMES = [sticker.name for sticker in stickers_of(LINKED)]


@pytest.fixture(scope="module")
def visited() -> Iterator[AppTest]:
    """A visit that comes from a linked emoji to its stickers."""
    yield new_visit(LINKED.to_code(), "stickers")


def tick(app: AppTest, name: str) -> Checkbox:
    [box] = [box for box in app.checkbox if box.key and box.key.startswith(f"tick-{name}-")]
    return box


def chosen(app: AppTest) -> list[str]:
    return [name for name in NAMES if tick(app, name).value]


def test_every_sticker_is_shown_and_chosen_at_first(visited: AppTest) -> None:
    assert not visited.exception
    assert session(visited).sheet.drawn == LINKED
    assert written(visited).count("data:image/webp;base64,") == len(NAMES) + 1
    assert chosen(visited) == NAMES


def test_choices_and_the_name_survive_a_look_at_another_page(visited: AppTest) -> None:
    tick(visited, "coffee").uncheck().run()
    visited.text_input(key="pack_name").set_value("Mine").run()
    visited.switch_page("pages/models.py").run()
    visited.switch_page("pages/stickers.py").run()
    assert not visited.exception
    assert chosen(visited) == [name for name in NAMES if name != "coffee"]
    assert visited.text_input(key="pack_name").value == "Mine"


def test_a_pack_is_offered_until_something_else_is_chosen(visited: AppTest) -> None:
    visited.button(key="make_pack").click().run()
    assert not visited.exception
    assert not notices(visited, "problem")
    assert [button.key for button in visited.get("download_button")] == ["zip"]
    tick(visited, "rain").uncheck().run()
    assert not visited.get("download_button")


@pytest.mark.parametrize(
    ("name", "message"), [(" ", "1 to 128 characters"), ("Mine", "3 to 30 stickers, not 0")]
)
def test_a_pack_that_cannot_be_is_refused_with_a_reason(name: str, message: str, visited: AppTest) -> None:
    visited.text_input(key="pack_name").set_value(name).run()
    visited.button(key="choose_none").click().run()
    visited.button(key="make_pack").click().run()
    assert not visited.exception
    assert message in notices(visited, "problem")[0]
    visited.button(key="choose_all").click().run()
    assert chosen(visited) == NAMES


def test_without_an_emoji_an_example_is_shown() -> None:
    app = new_visit(page="stickers")
    assert not app.exception
    assert "example" in notices(app, "hint")[0]


def test_a_refreshed_page_knows_whose_stickers_it_shows() -> None:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE).run()
    app.switch_page("pages/stickers.py")
    app.query_params["emoji"] = LINKED.to_code()
    app.run()
    assert session(app).sheet.drawn == LINKED
    assert not notices(app, "hint")


def test_a_photo_brings_six_suggestions_to_copy() -> None:
    app = new_visit()
    app.button(key="sample").click().run()
    assert not app.exception
    best = suggest(reading(app))
    assert [code.value for code in app.code if len(code.value) < 12] == [s.character for s in best]
    text = written(app).lower()
    assert all(f"<figcaption>{suggestion.name}</figcaption>".lower() in text for suggestion in best)
    keys = {button.key for button in app.get("download_button")}
    assert {f"get-{kind}-{suggestion.hexcode}" for suggestion in best for kind in ("PNG", "SVG")} <= keys
