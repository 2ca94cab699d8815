"""Chromium with a camera, and what tests of the mirror's page wait for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

PATIENCE = 120_000
"""Milliseconds until the video must run or a part of the page be there: generous, since a busy machine is no broken
product, and connecting alone has taken a minute on one."""

SWITCHES = (
    "--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-component-update",
    "--disable-sync", "--disable-features=WebRtcHideLocalIpsWithMdns",
)  # fmt: skip
ALLOWED = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@contextmanager
def chromium(*switches: str) -> Iterator[Browser]:
    """Debian's Chromium, started with these switches besides the usual ones."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is missing: install it with `apt-get install chromium`.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*SWITCHES, *switches])
        yield browser
        browser.close()


def visit(browser: Browser, server: str, **context: object) -> Page:
    """The front page, as a new visitor finds it."""
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(server)
    page.locator("footer.credits").wait_for()
    return page


def go_to_mirror(page: Page) -> None:
    page.get_by_role("link", name="Mirror").click()
    page.get_by_role("heading", name="The mirror", exact=True).wait_for()


def visit_mirror(browser: Browser, server: str, **context: object) -> Page:
    """The mirror's page, as a new visitor finds it by way of the front page."""
    page = visit(browser, server, **context)
    go_to_mirror(page)
    return page


def turn_on(page: Page) -> None:
    page.get_by_role("button", name="Turn on the camera").click()


def video_frame(page: Page) -> FrameLocator:
    return page.frame_locator(".st-key-stage iframe")


def running_video(page: Page) -> Locator:
    """The video, once its time moves."""
    video = video_frame(page).locator("video")
    video.wait_for()
    page.wait_for_function(
        "() => { const video = document.querySelector('.st-key-stage iframe')?.contentDocument?.querySelector('video');"
        " return video && video.currentTime > 0.5 }"
    )
    return video
