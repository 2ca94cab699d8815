"""The pages in a real Chromium whose visitor refuses the camera, or that has none: each needs its own Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browser.cameras import ALLOWED, chromium, turn_on, visit, visit_mirror

without_camera = pytest.mark.parametrize(
    ("switches", "message"),
    [
        (("--use-fake-ui-for-media-stream=deny", ALLOWED[1]), "This page may not use the camera"),
        ((ALLOWED[0],), "There is no camera"),
    ],
    ids=["refused", "absent"],
)


@without_camera
def test_a_camera_that_does_not_open(server: str, switches: tuple[str, ...], message: str) -> None:
    with chromium(*switches) as browser:
        page = visit_mirror(browser, server)
        turn_on(page)
        expect(page.get_by_role("alert")).to_contain_text(message)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("alert")).to_contain_text(message)
        assert page.locator("video").count() == 0


@without_camera
def test_a_photo_that_cannot_be_taken(server: str, switches: tuple[str, ...], message: str) -> None:
    with chromium(*switches) as browser:
        page = visit(browser, server)
        page.get_by_role("button", name="Take a photo").click()
        expect(page.get_by_role("alert")).to_contain_text(message)
        expect(page.locator("[data-testid=stCameraInput]")).to_have_count(0)
        page.get_by_role("button", name="Try a sample").click()
        page.locator("img.emoji").wait_for()
        expect(page.get_by_role("alert")).to_have_count(0)
