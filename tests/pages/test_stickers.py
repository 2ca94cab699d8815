"""The sticker page, and the suggestions on the photo page, as Streamlit's AppTest drives them."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox, Element

from core import Recipe
from core.extras.moving import WRITERS, moves
from core.extras.stickers import stickers_of, together
from core.extras.suggest import suggest
from core.extras.targets import Target, orders, targets
from pages.parts.session import Draft
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


def downloads(app: AppTest) -> dict[str, str]:
    """{key: label} of the buttons that download something."""
    found = app.get("download_button")
    return {button.key or "": button.label for button in found if isinstance(button, Element)}


def chosen(app: AppTest) -> list[str]:
    return [name for name in NAMES if tick(app, name).value]


def test_every_sticker_is_shown_and_chosen_at_first(visited: AppTest) -> None:
    assert not visited.exception
    assert session(visited).sheet.drawn == LINKED
    assert written(visited).count("data:image/webp;base64,") == len(NAMES) + 1 + len(moves())
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
    assert "zip" in downloads(visited)
    tick(visited, "rain").uncheck().run()
    assert "zip" not in downloads(visited)


def test_every_sticker_can_be_taken_by_itself(visited: AppTest) -> None:
    buttons = downloads(visited)
    assert {f"single-{name}" for name in NAMES} <= set(buttons)
    assert len(set(buttons.values())) == len(buttons), "two buttons of the same name"


def test_stickers_that_move_can_be_taken_in_every_format(visited: AppTest) -> None:
    assert written(visited).count('media="(prefers-reduced-motion: reduce)"><img') == len(moves())
    assert len(visited.radio(key="moving_kind").options) == len(WRITERS)
    for kind in WRITERS:
        visited.radio(key="moving_kind").set_value(kind).run()
        assert not visited.exception
        assert {f"single-moving-{move}" for move in moves()} <= set(downloads(visited))


@pytest.mark.parametrize("target", targets().values(), ids=lambda target: target.name)
def test_a_target_is_offered_what_moves_or_told_that_it_takes_none(visited: AppTest, target: Target) -> None:
    visited.selectbox(key="target").set_value(target.name).run()
    assert not visited.exception
    takes = bool(target.moving)
    assert takes == ("single-moving-wink" in downloads(visited))
    told = any("takes no stickers that move" in caption.value for caption in visited.caption)
    assert told == (bool(target.pack) and not takes)


@pytest.mark.parametrize("target", targets().values(), ids=lambda target: target.name)
def test_the_menu_offers_what_a_target_takes_and_tells_how(visited: AppTest, target: Target) -> None:
    visited.selectbox(key="target").set_value(target.name).run()
    assert not visited.exception
    assert {f"alone-{order.file}" for order in orders(target, f"selfmoji-{target.name}")} <= set(
        downloads(visited)
    )
    assert all(any(step in text.value for text in visited.markdown) for step in target.steps)
    assert bool(target.pack) == any(button.key == "make_pack" for button in visited.button)


def test_a_pack_for_a_messenger_is_offered_under_its_own_name_and_the_menu_stays(visited: AppTest) -> None:
    visited.selectbox(key="target").set_value("slack").run()
    visited.text_input(key="pack_name").set_value("Mine").run()
    visited.selectbox(key="target").set_value("favicon").run()
    visited.selectbox(key="target").set_value("slack").run()
    assert visited.text_input(key="pack_name").value == "Mine"
    visited.button(key="make_pack").click().run()
    assert not visited.exception
    assert "mine-slack.zip" in downloads(visited)["zip"]
    visited.switch_page("pages/models.py").run()
    visited.switch_page("pages/stickers.py").run()
    assert visited.selectbox(key="target").value == "slack"
    visited.selectbox(key="target").set_value("").run()
    assert "zip" not in downloads(visited)


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


def test_a_caption_is_drawn_and_one_that_cannot_be_is_told(visited: AppTest) -> None:
    before = session(visited).sheet.previews["happy-mild"]
    visited.text_input(key="caption").set_value("LOL").run()
    assert not visited.exception
    assert session(visited).sheet.previews["happy-mild"] != before
    visited.text_input(key="caption").set_value("おはよう").run()
    assert "no 'おはよう'" in notices(visited, "problem")[0]
    assert session(visited).sheet.previews["happy-mild"] == before
    visited.text_input(key="caption").set_value("").run()


def test_without_an_emoji_an_example_is_shown() -> None:
    app = new_visit(page="stickers")
    assert not app.exception
    assert "example" in notices(app, "hint")[0]


def test_faces_of_one_photo_stand_together_too() -> None:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    other = Recipe(hair="bob")
    session(app).add([Draft(LINKED, LINKED, photo=b"one"), Draft(other, other, photo=b"two")])
    app.run()
    app.switch_page("pages/stickers.py").run()
    assert not app.exception
    shown = [sticker.name for sticker in [*stickers_of(LINKED), *together([LINKED, other])]]
    assert list(session(app).sheet.previews) == shown
    assert "together-happy-mild" in shown


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
