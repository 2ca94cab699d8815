"""Every text of every page stands out from its ground enough to be read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.photo_page import open_editor

Visit = Callable[..., Page]

FAINT = (Path(__file__).parent / "contrast.js").read_text("utf-8")


def assert_readable(page: Page) -> None:
    page.mouse.move(0, 0)
    # What fades in or out is faint for a moment.
    page.wait_for_function(f"() => ({FAINT})().length === 0 || document.getAnimations().length === 0")
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    assert page.evaluate(FAINT) == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_every_text_can_be_read(color_scheme: str, width: int, visit: Visit) -> None:
    page = visit("?emoji=broken", width, color_scheme=color_scheme)
    expect(page.get_by_role("alert")).to_be_visible()
    assert_readable(page)
    page.get_by_role("button", name="Try a sample").click()
    page.get_by_text("What the models saw").click()
    page.get_by_role("meter").first.wait_for()
    assert_readable(page)
    open_editor(page)
    assert_readable(page)
    page.get_by_role("link", name="Stickers").first.click()
    page.get_by_role("button", name="Make the pack").wait_for()
    assert_readable(page)
    page.get_by_role("link", name="Mirror").first.click()
    page.get_by_role("button", name="Turn on the camera").wait_for()
    assert_readable(page)
    page.get_by_role("link", name="The models").click()
    page.get_by_role("heading", name="Looking for faces").wait_for()
    assert_readable(page)
