"""Emojis by their address: what comes back, what does not, and what is said about it."""

import io
import json
from xml.etree import ElementTree

import pytest
from PIL import Image

from core import Recipe, draw_png, draw_svg
from core.drawing.png import draw_image
from pages.parts import emoji_files
from pages.parts.emoji_files import EXAMPLE, KINDS, LONGEST_CODE
from pages.parts.limits import Buckets
from tests.pages.asking import ask

RECIPE = Recipe(hair="afro", glasses="round")
CODE = RECIPE.to_code()


@pytest.fixture(autouse=True)
def full_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji_files, "asked", Buckets(1000, 1))


def test_an_svg_is_the_one_of_the_page() -> None:
    answer = ask(f"/emoji/{CODE}.svg")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.body.decode() == draw_svg(RECIPE)
    assert ElementTree.fromstring(answer.body).tag == "{http://www.w3.org/2000/svg}svg"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["png", "webp"])
@pytest.mark.parametrize(
    ("query", "side"), [("", 512), ("?size=16", 16), ("?size=1024", 1024), ("?other=1", 512)]
)
def test_a_picture_has_the_size_that_was_asked_for(kind: str, query: str, side: int) -> None:
    answer = ask(f"/emoji/{CODE}.{kind}{query}")
    assert (answer.status, answer.headers["content-type"]) == (200, f"image/{kind}")
    with Image.open(io.BytesIO(answer.body)) as image, Image.open(io.BytesIO(draw_png(RECIPE, side))) as png:
        assert image.format == kind.upper()
        assert image.size == (side, side)
        # A file may drop the color of what is transparent.
        assert image.convert("RGBa").tobytes() == png.convert("RGBa").tobytes()


@pytest.mark.parametrize(("query", "halo"), [("&rim=1", True), ("&rim=0", False), ("", False)])
def test_a_rim_is_drawn_on_request(query: str, halo: bool) -> None:
    assert ask(f"/emoji/{CODE}.png?size=64{query}").body == draw_png(RECIPE, 64, halo)
    assert ask(f"/emoji/{CODE}.svg?size=64{query}").body.decode() == draw_svg(RECIPE, halo)
    with Image.open(io.BytesIO(ask(f"/emoji/{CODE}.webp?size=64{query}").body)) as image:
        assert image.convert("RGBa").tobytes() == draw_image(RECIPE, 64, halo).convert("RGBa").tobytes()


def test_a_code_of_the_first_version_still_draws() -> None:
    old = "1.gl-round"
    assert ask(f"/emoji/{old}.svg").body.decode() == draw_svg(Recipe.from_code(old))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("2.ha-mohawk.png", "hair cannot be 'mohawk'"),
        ("2.zz-1.svg", "'zz-1' in the code of this emoji is unknown"),
        ("99.png", "only versions 1 to 2 can be read here"),
        ("hello.png", "is not the code of an emoji"),
        (f"{CODE}.gif", "ends with .svg, .png or .webp, not with 'gif'"),
        (CODE, "ends with .svg, .png or .webp"),
        ("2." + "a" * LONGEST_CODE + ".png", "at most 1500 characters"),
        (f"{CODE}.png?size=15", "from 16 to 1024, not '15'"),
        (f"{CODE}.png?size=1025", "from 16 to 1024"),
        (f"{CODE}.webp?size=-64", "from 16 to 1024"),
        (f"{CODE}.webp?size=", "from 16 to 1024"),
        (f"{CODE}.png?rim=yes", "The rim must be 1"),
        (f"{CODE}.png?size=٦٤", "from 16 to 1024"),
        (f"{CODE}.png?size={'9' * 5000}", "from 16 to 1024"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line_of_plain_text(name: str, sentence: str) -> None:
    answer = ask(f"/emoji/{name}")
    assert answer.status == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    text = answer.body.decode()
    assert sentence in text
    assert text.count("\n") == 1


def test_a_file_that_a_browser_has_is_not_sent_again() -> None:
    first = ask(f"/emoji/{CODE}.png?size=32")
    assert first.headers["cache-control"] == "public, max-age=86400"
    tag = first.headers["etag"]
    assert ask(f"/emoji/{CODE}.png?size=64").headers["etag"] != tag
    for known in (tag, f"W/{tag}", f'"another", {tag}'):
        again = ask(f"/emoji/{CODE}.png?size=32", {"If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert ask(f"/emoji/{CODE}.png?size=32", {"If-None-Match": '"another"'}).body == first.body


def test_who_asks_too_often_waits_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji_files, "asked", Buckets(2, 0.25, clock=lambda: 0.0))
    target = f"/emoji/{CODE}.svg"
    assert [ask(target).status for _ in range(3)] == [200, 200, 429]
    refused = ask(target)
    assert refused.headers["retry-after"] == "4"
    assert "wait a moment" in refused.body.decode()
    assert ask(target, address="192.0.2.2").status == 200


def test_the_description_names_every_kind_and_its_example_works() -> None:
    described = json.loads(ask("/emoji/openapi.json").body)
    assert described["openapi"] == "3.1.0"
    assert {path.rpartition(".")[2] for path in described["paths"]} == set(KINDS)
    for path, methods in described["paths"].items():
        answers = methods["get"]["responses"]
        assert set(answers) == {"200", "304", "400", "429"}
        answer = ask(path.replace("{code}", EXAMPLE))
        assert answer.status == 200
        assert list(answers["200"]["content"]) == [answer.headers["content-type"]]


def test_the_manual_shows_pictures_that_are_there() -> None:
    answer = ask("/emoji")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    pictures = [
        part.split('"')[0] for part in answer.body.decode().split('src="https://selfmoji.example')[1:]
    ]
    assert len(pictures) == len(KINDS)
    assert [ask(picture).status for picture in pictures] == [200] * len(KINDS)
