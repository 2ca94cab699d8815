"""What a messenger reads when it looks at a link: title, description and picture, and the headers of every answer."""

import io
import re
from html import unescape
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image

from core import Recipe
from pages.parts.menu import MENU, Entry
from tests.pages.asking import ask

LURE = '"><script src=//elsewhere.example></script>'


def metas(html: str) -> dict[str, str]:
    return {
        name: unescape(text)
        for name, text in re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html)
    }


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.file)
def test_every_page_has_a_title_and_a_description_of_its_own(entry: Entry) -> None:
    answer = ask(f"/{entry.path}")
    html = answer.body.decode()
    assert re.findall("<title>(.*?)</title>", html) == [f"{entry.title} · Selfmoji"]
    assert metas(html)["description"] == metas(html)["og:description"] == entry.summary
    assert "og:image" not in metas(html)
    assert '<div id="root">' in html
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("code", ["2.ha-afro.gl-round", "1.gl-round", "2.bg-confetti.bc-lime.fr-profile"])
def test_a_shared_emoji_is_its_links_picture(code: str) -> None:
    shown = metas(ask(f"/?emoji={code}").body.decode())
    assert shown["og:title"] == "An emoji made with Selfmoji"
    address = urlsplit(shown["og:image"])
    assert (address.scheme, address.netloc) == ("https", "selfmoji.example")
    answer = ask(f"{address.path}?{address.query}")
    assert answer.status == 200
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.size == (int(shown["og:image:width"]), int(shown["og:image:height"]))
        assert image.getchannel("A").getpixel((image.width // 2, 8)) == 255, "it has no ground"
    recipe = Recipe.from_code(code)
    drawn = Recipe.from_code(address.path.removeprefix("/emoji/").removesuffix(".png"))
    assert (drawn.hair, drawn.glasses, drawn.framing) == (recipe.hair, recipe.glasses, "profile")


def test_words_for_the_picture_name_what_it_shows() -> None:
    assert "Glasses: Round" in metas(ask("/?emoji=2.gl-round").body.decode())["og:image:alt"]


@pytest.mark.parametrize("code", ["2.ha-mohawk", LURE, f"2.ha-afro.{LURE}", ""])
def test_nothing_of_a_broken_link_is_written(code: str) -> None:
    html = ask(f"/?emoji={quote(code)}").body.decode()
    assert html == ask("/").body.decode()


def test_a_host_that_is_no_name_cannot_write_into_the_page() -> None:
    html = ask("/?emoji=2.gl-round", {"host": f"a{LURE}"}).body.decode()
    assert "<script src=//" not in html


def test_every_answer_says_what_browsers_must_not_do() -> None:
    for target in ("/", "/emoji", "/emoji/2.png", "/emoji/wrong", "/nowhere"):
        headers = ask(target).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors" in headers["content-security-policy"]
    policy = ask("/").headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "sha256-" in scripts
    assert "unsafe" not in scripts
