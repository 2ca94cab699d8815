"""A real `streamlit run` as a visitor's Chromium meets it: time until the page is there, memory it takes, and the
mirror with a film before the camera. Chromium runs beside the server, on the same cores.
"""

import contextlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.video import film

ROOT = Path(__file__).parents[1]
PATIENCE = 60_000
"""Milliseconds until the browser gives up waiting for a part of the page."""
MIRROR_VISITS = 3
MIRROR_SETTLES, MIRROR_WATCHED = 3, 10
"""Seconds for which a mirror is left alone before its updates are counted, and for which they are."""
FAKE_CAMERA = (
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)  # fmt: skip


def first_page() -> list[float]:
    """Seconds from the command to an upload field that a visitor can use, each with a new server and a new visitor."""
    times = []
    with _chromium() as browser:
        for _ in range(5):
            start = time.perf_counter()
            with _server() as (_, address):
                _usable(browser.new_page(), address)
                times.append(time.perf_counter() - start)
    return times


def server_memory() -> list[float]:
    """Megabytes that the server's processes hold after it has made three emojis from photos."""
    with _server() as (process, address), _chromium() as browser:
        for _ in range(3):
            page = browser.new_page()
            _usable(page, address)
            page.get_by_role("button", name="Try a sample").click()
            page.locator("img.emoji").wait_for(timeout=PATIENCE)
            page.close()
        return [_resident(process) / 1e6]


def mirror_start() -> list[float]:
    """Seconds from a click on "Turn on the camera" to a running video, each with a new server and a new visitor."""
    return [start for start, _ in _mirrors()]


def mirror_page() -> list[float]:
    """Emoji updates a second that the page tells of while it is watched, the mean of each visit."""
    return [updates for _, updates in _mirrors()]


@cache
def _mirrors() -> tuple[tuple[float, float], ...]:
    """(seconds to the video, updates a second) of each visit to the mirror."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "face.mjpeg"
        film(camera)
        return tuple(_visit_mirror(camera) for _ in range(MIRROR_VISITS))


def _visit_mirror(camera: Path) -> tuple[float, float]:
    switches = (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera}")
    with _server() as (_, address), _chromium(*switches) as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        _usable(page, address)
        page.get_by_role("link", name="Mirror").click()
        page.get_by_role("button", name="Turn on the camera").click()
        start = time.perf_counter()
        page.wait_for_function(
            "() => document.querySelector('.st-key-stage iframe')"
            "?.contentDocument?.querySelector('video')?.currentTime > 0"
        )
        seconds = time.perf_counter() - start
        page.locator(".live-bars").wait_for()
        page.wait_for_timeout(MIRROR_SETTLES * 1000)
        told = []
        for _ in range(MIRROR_WATCHED * 2):
            page.wait_for_timeout(500)
            rate = re.search(r"(\d+) updates", page.locator(".live-status").inner_text())
            told.append(int(rate[1]) if rate else 0)
        return seconds, statistics.fmean(told)


def _usable(page: Page, address: str) -> None:
    page.goto(address)
    upload = page.get_by_test_id("stFileUploaderDropzone").get_by_test_id("stBaseButton-secondary")
    upload.click(trial=True, timeout=PATIENCE)


def _resident(process: subprocess.Popen[bytes]) -> int:
    """Bytes of memory of a process and its children."""
    root = psutil.Process(process.pid)
    return sum(member.memory_info().rss for member in [root, *root.children(recursive=True)])


@contextlib.contextmanager
def _server() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A new server of the app and its address, as soon as it accepts connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true",
         f"--server.port={port}", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await_connection(port, process)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _await_connection(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("The server did not start; run `streamlit run streamlit_app.py` to see why.")


@contextlib.contextmanager
def _chromium(*switches: str) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("This benchmark needs Chromium on the PATH (Debian's package `chromium`).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *switches])
        yield browser
        browser.close()
