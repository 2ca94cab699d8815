"""What browser tests do on the photo page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from core import Recipe


def upload(page: Page, path: Path) -> None:
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(path)


def drawn(page: Page) -> str:
    """The big emoji's source, once the browser has drawn it."""
    emoji = page.locator("img.emoji")
    emoji.wait_for()
    assert emoji.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
    source = emoji.get_attribute("src")
    assert source
    return source


def choose(page: Page, group: str, field: str, option: str) -> None:
    """Clicks a tile and waits until the page agrees."""
    page.get_by_role("tab", name=group, exact=True).click()
    tiles = page.get_by_role("radiogroup", name=field, exact=True)
    tiles.get_by_text(option, exact=True).click()
    expect(tiles.get_by_role("radio", name=option, exact=True)).to_be_checked()
    expect(page.locator("p", has=page.locator("strong", has_text=field))).to_contain_text(option)


def recipe_in_address(page: Page) -> Recipe:
    found = re.search(r"[?&]emoji=([^&]+)", page.url)
    assert found, page.url
    return Recipe.from_code(found[1])
