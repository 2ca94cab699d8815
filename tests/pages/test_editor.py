"""The emoji on the page: its portrait blinks, what is downloaded does not."""

from base64 import b64decode
from xml.etree import ElementTree

import pytest

from core import Recipe, draw_svg
from core.extras.gallery import people
from pages.parts.editor import picture, portrait

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
