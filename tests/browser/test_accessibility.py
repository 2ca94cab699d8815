"""axe-core finds nothing on any page that would keep somebody from using it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.recipe.choices import GROUPS
from tests.browser.photo_page import drawn, open_editor, try_sample

Visit = Callable[..., Page]

GRAVE = {"serious", "critical"}
ALSO = {"heading-order"}
"""Rules that axe-core calls moderate, and we hold nevertheless."""


def assert_usable(page: Page) -> None:
    # What is about to change is dimmed, and what fades in is faint for a moment.
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.wait_for_function("() => document.getAnimations().every((one) => one.playState !== 'running')")
    results = Axe().run(page).response
    assert len(results["passes"]) > 20
    grave = [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in results["violations"]
        if rule["impact"] in GRAVE or rule["id"] in ALSO
        for node in rule["nodes"]
    ]
    assert grave == []


@pytest.mark.parametrize(
    ("color_scheme", "width"),
    [
        ("light", 1280),
        ("dark", 390),
        pytest.param("light", 390, marks=pytest.mark.slow),
        pytest.param("dark", 1280, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_grave(color_scheme: str, width: int, visit: Visit) -> None:
    page = visit(width=width, color_scheme=color_scheme)
    assert_usable(page)
    try_sample(page)
    drawn(page)
    page.get_by_text("What the models saw").click()
    page.get_by_role("meter").first.wait_for()
    page.get_by_text("My emojis").click()
    page.get_by_role("button", name="Keep this emoji").click()
    page.get_by_label("Name of My emoji").wait_for()
    assert_usable(page)
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("radio", name="Sticker").wait_for()
    page.get_by_text("More", exact=True).click()
    assert_usable(page)
    page.keyboard.press("Escape")
    open_editor(page)
    for group in GROUPS.values():
        page.get_by_role("tab", name=group, exact=True).click()
        expect(page.get_by_role("tabpanel", name=group)).to_be_visible()
        assert_usable(page)
    page.get_by_role("link", name="Stickers").first.click()
    page.get_by_role("button", name="Make the pack").wait_for()
    assert_usable(page)
    page.get_by_role("link", name="The models").click()
    page.get_by_role("heading", name="Looking for faces").wait_for()
    assert_usable(page)
    page.get_by_role("link", name="Mirror").first.click()
    page.get_by_role("button", name="Turn on the camera").click()
    page.get_by_role("button", name="Snapshot").click()
    page.locator("img.clip").wait_for()
    assert_usable(page)
    page.goto(f"{page.url.split('/mirror')[0]}/emoji")
    assert_usable(page)
