"""The emoji on the page, whose portrait blinks, and its editor's line for words and its search."""

from base64 import b64decode
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

from core import Recipe, draw_svg
from core.extras.gallery import people
from core.recipe.choices import GROUPS
from pages.parts.editor import GROUP_ICONS, picture, portrait
from tests.pages.visits import draft, new_visit, notices

SVG = "{http://www.w3.org/2000/svg}"


def document(uri: str) -> ElementTree.Element:
    head, _, data = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return ElementTree.fromstring(b64decode(data))


@pytest.mark.parametrize(("caption", "person"), people())
def test_the_portrait_is_the_emoji_and_a_style_that_asks_for_its_eyes(caption: str, person: Recipe) -> None:
    alive = document(portrait(person))
    [style] = alive.iter(f"{SVG}style")
    assert ".eyes {" in (style.text or "") and "prefers-reduced-motion" in (style.text or "")
    eyes = [element for element in alive.iter() if element.get("class") == "eyes"]
    assert len(eyes) == (person.glasses == "none" or person.lenses == "clear")
    alive.remove(style)
    assert ElementTree.tostring(alive) == ElementTree.tostring(ElementTree.fromstring(draw_svg(person)))


def test_tiles_and_files_keep_still() -> None:
    assert not list(document(picture(Recipe())).iter(f"{SVG}style"))


# --- In words ---------------------------------------------------------------------------------------------------------

BOB = Recipe(hair="bob", beard="full")


@pytest.fixture
def editing() -> AppTest:
    """A visit with the editor open."""
    app = new_visit(BOB.to_code())
    app.button(key="edit").click().run()
    return app


def say(app: AppTest, text: str) -> None:
    [line] = app.chat_input
    line.set_value(text).run()
    assert not app.exception


def test_what_is_said_is_done_told_and_undone_in_one_tap(editing: AppTest) -> None:
    say(editing, "round glasses, no beard")
    assert draft(editing).recipe == BOB.replace(glasses="round", beard="none")
    assert editing.query_params["emoji"] == draft(editing).recipe.to_code()
    assert notices(editing, "hint") == ["Glasses: Round; Beard: None"]
    assert notices(editing, "warning") == []
    editing.button(key="undo_granted").click().run()
    assert draft(editing).recipe == BOB
    assert notices(editing, "hint") == []


def test_what_is_not_understood_is_told_and_is_no_markup(editing: AppTest) -> None:
    say(editing, "<b>dragon</b> ![x](http://example.org/x.png)")
    assert draft(editing).recipe == BOB
    [warning] = notices(editing, "warning")
    assert warning.startswith("Not understood: '<', 'b', '>', 'dragon'")
    assert "<b>" not in "".join(element.value for element in editing.html)
    assert not any("example" in element.value for element in editing.markdown)


def test_a_text_of_marks_alone_is_answered_with_an_example(editing: AppTest) -> None:
    say(editing, "...")
    assert "round glasses, no beard" in notices(editing, "warning")[0]


def options(app: AppTest, field: str) -> list[str]:
    return [option for radio in app.radio if radio.key == f"choice-{field}" for option in radio.options]


def test_a_search_offers_what_it_has_found_until_it_is_closed(editing: AppTest) -> None:
    editing.text_input(key="search").set_value("beanie").run()
    assert not editing.exception
    assert not editing.tabs
    assert options(editing, "headwear") == ["Beanie"]
    editing.radio(key="choice-headwear").set_value("beanie").run()
    assert draft(editing).recipe == BOB.replace(headwear="beanie")
    editing.button(key="close_search").click().run()
    assert editing.text_input(key="search").value == ""
    assert editing.tabs


def test_a_search_finds_switches_and_nothing_that_is_not_seen(editing: AppTest) -> None:
    editing.text_input(key="search").set_value("freckles").run()
    assert [toggle.label for toggle in editing.toggle] == ["Freckles"]
    editing.text_input(key="search").set_value("hat color").run()
    assert not editing.radio
    assert "beanie" in notices(editing, "hint")[0]


def test_every_group_has_a_picture_of_its_own() -> None:
    assert list(GROUP_ICONS) == list(GROUPS)
    assert len(set(GROUP_ICONS.values())) == len(GROUPS)


def test_the_emoji_is_flipped_and_flipped_back(editing: AppTest) -> None:
    recipe = draft(editing).recipe
    editing.button(key="flip_emoji").click().run()
    assert draft(editing).recipe == recipe.replace(flipped=True)
    assert editing.query_params["emoji"].endswith(".fx-1")
    editing.button(key="flip_emoji").click().run()
    assert draft(editing).recipe == recipe
