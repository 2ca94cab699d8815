"""A browser to which the code of a part of the page comes late: the page runs again before that part was ever there."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from core import Recipe
from core.extras.stickers import stickers_of
from tests.browser.cameras import ALLOWED, chromium, go_to_mirror, running_video, turn_on, visit

COUNT_CONNECTIONS = """
top.connections ??= 0;
window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...settings) {
        super(...settings);
        top.connections += 1;
    }
};
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*ALLOWED) as browser:
        yield browser


@contextmanager
def late(page: Page, script: str) -> Iterator[None]:
    """Holds back the scripts whose file's name begins so until the end."""
    held: list[Route] = []
    page.route(f"**/{script}*.js", lambda route: held.append(route))
    yield
    assert held, f"{script} is no script that the page fetches"
    for route in held:
        route.continue_()


def test_the_view_that_is_shown_stays_chosen(browser: Browser, server: str) -> None:
    page = visit(browser, server)
    with late(page, "ButtonGroup."), late(page, "Checkbox."):
        go_to_mirror(page)
        turn_on(page)
        page.get_by_role("button", name="Turn off").wait_for()
    expect(page.get_by_role("radio", name="Beside me")).to_be_checked()
    expect(page.get_by_role("switch", name="As a mirror")).to_be_checked()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on the camera")).to_be_visible()
    expect(page.get_by_role("radio", name="Beside me")).to_be_checked()
    expect(page.get_by_role("switch", name="As a mirror")).to_be_checked()


def test_all_stickers_stay_chosen(browser: Browser, server: str) -> None:
    stickers = len(stickers_of(Recipe()))
    page = visit(browser, server)
    with late(page, "Checkbox."):
        page.get_by_role("link", name="Stickers").click()
        page.get_by_role("button", name="Make the pack").click()
        page.get_by_role("button", name="Download selfmoji.zip").wait_for()
    page.get_by_role("button", name="Make the pack").click()
    page.get_by_role("button", name="Download selfmoji.zip").wait_for()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(stickers)
    page.get_by_role("button", name="Choose none").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(stickers)


def test_the_camera_connects_once(browser: Browser, server: str) -> None:
    page = visit(browser, server)
    page.add_init_script(COUNT_CONNECTIONS)
    go_to_mirror(page)
    with late(page, "adapter_core-"):
        turn_on(page)
        page.get_by_text("Connecting …").wait_for()
        page.wait_for_timeout(2000)
    running_video(page)
    assert page.evaluate("connections") == 1


def test_the_old_emoji_steps_back_while_a_photo_is_on_its_way(
    browser: Browser, server: str, portrait_jpeg: bytes
) -> None:
    page = visit(browser, server)
    page.goto(f"{server}/?emoji={Recipe(glasses='round').to_code()}")
    old = page.locator("img.emoji").get_attribute("src")
    held: list[Route] = []
    page.route("**/_stcore/upload_file/**", lambda route: held.append(route))
    page.get_by_text("Make yours").click()
    photo = FilePayload(name="me.jpg", mimeType="image/jpeg", buffer=portrait_jpeg)
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(photo)
    expect(page.locator(".portrait")).to_have_css("opacity", "0.35")
    for route in held:
        route.continue_()
    expect(page.locator("img.emoji")).not_to_have_attribute("src", str(old))
    expect(page.locator(".portrait")).to_have_css("opacity", "1")
