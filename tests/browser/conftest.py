"""A real server and a real Chromium for the browser tests, for no longer than one file needs them."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from core.seeing.photo import Photo
from tests.conftest import ROOT

ColorScheme = Literal["light", "dark"]

CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
START_SECONDS = 60
VISITOR_GONE = "starlette.websockets.WebSocketDisconnected: "
"""What Streamlit's server logs when a page is left while it connects."""
PATIENCE = 60_000
"""Milliseconds until a part of the page must be there: generous, since a busy machine is no broken product."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started as the README says; what it logged must hold no error."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [
        sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}",
        "--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
    ]  # fmt: skip
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process, log)
            yield address
        finally:
            process.terminate()
    errors = set(re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)+(\S.*)", log.read_text()))
    assert {error for error in errors if not error.startswith(VISITOR_GONE)} == set()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory, portrait: Photo) -> Iterator[Browser]:
    """Debian's Chromium with a camera that sees the sample portrait."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is missing: install it with `apt-get install chromium`.")
    camera = tmp_path_factory.mktemp("camera") / "portrait.mjpeg"
    Image.fromarray(portrait.pixels).save(camera, "JPEG")
    camera.write_bytes(camera.read_bytes() * 2)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[*CHROMIUM_SWITCHES, f"--use-file-for-fake-video-capture={camera}"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(server: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the app in a fresh context, as a new visitor: visit("?emoji=...", width=390, color_scheme="dark")."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(path: str = "", width: int = 1280, color_scheme: ColorScheme = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, permissions=["camera"], color_scheme=color_scheme
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server}/{path}")
        page.locator("footer.credits").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors
