"""What browser tests do on the photo page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from core import Recipe


def upload(page: Page, path: Path) -> None:
    open_sources(page)
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(path)


def open_sources(page: Page) -> None:
    """Unfolds where photos come from, if an emoji has folded it away."""
    folded = page.locator("details:not([open]) > summary").filter(has_text="New photo")
    if folded.count():
        folded.click()
        expect(folded).to_have_count(0)


def open_editor(page: Page) -> None:
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("heading", name="Make it yours").wait_for()


def try_sample(page: Page) -> None:
    open_sources(page)
    page.get_by_role("button", name="Try a sample").click()


def drawn(page: Page) -> str:
    """The big emoji's source, once the browser has drawn it."""
    emoji = page.locator("img.emoji")
    emoji.wait_for()
    assert emoji.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
    source = emoji.get_attribute("src")
    assert source
    return source


def choose(page: Page, group: str, field: str, option: str) -> None:
    """Clicks a tile, in an editor that is opened for it, and waits until the page agrees."""
    if not page.get_by_role("heading", name="Make it yours").count():
        open_editor(page)
    page.get_by_role("tab", name=group, exact=True).click()
    tiles = page.get_by_role("radiogroup", name=field, exact=True)
    tiles.get_by_text(option, exact=True).click()
    expect(tiles.get_by_role("radio", name=option, exact=True)).to_be_checked()
    expect(page.locator("p", has=page.locator("strong", has_text=field))).to_contain_text(option)


def recipe_in_address(page: Page) -> Recipe:
    found = re.search(r"[?&]emoji=([^&]+)", page.url)
    assert found, page.url
    return Recipe.from_code(found[1])
