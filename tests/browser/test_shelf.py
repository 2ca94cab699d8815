"""My emojis: kept in the browser, found again, taken along as a file, and never anything but text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from core import Recipe
from tests.browser.photo_page import recipe_in_address

Visit = Callable[..., Page]

RECIPE = Recipe(hair="afro", glasses="round")
OTHER = Recipe(hair="bob", hair_color="ginger")
LURE = "<img src=//elsewhere.example onerror=alert(1)> [x](http://elsewhere.example)"


def open_shelf(page: Page) -> None:
    page.get_by_text("My emojis").click()
    page.get_by_role("button", name="Import").wait_for()


def names(page: Page) -> list[str]:
    return [box.input_value() for box in page.get_by_label("Name of").all()]


def written(*emojis: tuple[str, str]) -> bytes:
    return json.dumps(
        {"selfmoji": 1, "emojis": [{"name": name, "code": code} for name, code in emojis]}
    ).encode()


def bring(page: Page, content: bytes) -> None:
    file = FilePayload(name="emojis.json", mimeType="application/json", buffer=content)
    page.locator(".shelf input[type=file]").set_input_files(file)


def test_kept_emojis_are_there_on_the_next_visit(visit: Visit, tmp_path: Path) -> None:
    page = visit(f"?emoji={RECIPE.to_code()}")
    open_shelf(page)
    page.get_by_role("button", name="Keep this emoji").click()
    expect(page.get_by_role("button", name="Kept", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Copy My emoji", exact=True).click()
    expect(page.get_by_label("Name of")).to_have_count(2)
    page.get_by_label("Name of My emoji 2").fill(LURE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Renamed.")).to_be_visible()

    page.goto(page.url.split("?")[0])
    page.locator("footer.credits").wait_for()
    open_shelf(page)
    expect(page.get_by_role("button", name="Keep this emoji")).to_be_hidden()
    assert names(page) == ["My emoji", LURE[:60].strip()]
    assert page.locator("[src*=elsewhere], [href*=elsewhere]").count() == 0

    with page.expect_download() as download:
        page.get_by_role("button", name="Export all").click()
    exported = tmp_path / "emojis.json"
    download.value.save_as(exported)
    page.get_by_role("button", name="Delete My emoji", exact=True).click()
    expect(page.get_by_label("Name of")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Name of")).to_have_count(2)

    page.get_by_role("button", name="Open My emoji", exact=True).click()
    page.locator("img.emoji").wait_for()
    assert recipe_in_address(page) == RECIPE

    stranger = visit()
    open_shelf(stranger)
    assert names(stranger) == []
    bring(stranger, exported.read_bytes())
    expect(stranger.get_by_text("2 emojis have come.")).to_be_visible()
    assert names(stranger) == ["My emoji", LURE[:60].strip()]
    bring(stranger, exported.read_bytes())
    expect(stranger.get_by_text("0 emojis have come.")).to_be_visible()


@pytest.mark.parametrize(
    ("content", "said", "kept"),
    [
        (b"not JSON", "holds no emojis of Selfmoji", []),
        (b'{"emojis": []}', "holds no emojis of Selfmoji", []),
        (b"[" * 100_000, "holds no emojis of Selfmoji", []),
        (written(("Ada", "2.gl-round"), ("Bad", LURE)), "1 emoji has come.", ["Ada"]),
        (written(("a\nb\u2028c", "1.gl-round")), "1 emoji has come.", ["a b c"]),
        (written(*[("x", f"2.hc-x{n:06x}") for n in range(101)]), "room for 100", []),
    ],
)  # fmt: skip
def test_a_foreign_file_brings_emojis_or_a_sentence(
    visit: Visit, content: bytes, said: str, kept: list[str]
) -> None:
    page = visit()
    open_shelf(page)
    bring(page, content)
    expect(page.get_by_text(said)).to_be_visible()
    assert names(page) == kept


def test_a_code_that_this_version_cannot_read_is_told(visit: Visit) -> None:
    page = visit(f"?emoji={OTHER.to_code()}")
    open_shelf(page)
    bring(page, written(("Of the future", "9.gl-round")))
    page.get_by_role("button", name="Open Of the future").click()
    expect(page.get_by_role("alert")).to_contain_text("This link is broken")
    assert recipe_in_address(page) == OTHER
