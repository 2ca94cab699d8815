"""Cameras whose connection is open and whose picture is dead: the mirror does not call it live."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from pages.parts.live_panel import STATUS
from tests.browser.cameras import ALLOWED, chromium, turn_on, visit_mirror
from tests.video import SIZE, sample_portrait, window_at

BLACK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


@pytest.mark.parametrize("state", ["dark", "still"])
def test_a_dead_picture_is_not_live(state: str, server: str, tmp_path: Path) -> None:
    pixels = BLACK if state == "dark" else sample_portrait().frame(window_at(0.0))
    camera = tmp_path / "camera.mjpeg"
    camera.write_bytes(cv2.imencode(".jpg", pixels[..., ::-1])[1].tobytes() * 2)
    with chromium(*ALLOWED, f"--use-file-for-fake-video-capture={camera}") as browser:
        page = visit_mirror(browser, server)
        turn_on(page)
        expect(page.locator(".live-status")).to_contain_text(STATUS[state])
        expect(page.locator(".live-status .dot.on")).to_have_count(0)
        # Nothing below the video starts, stops or changes the camera but our own buttons.
        inner = page.frame_locator(".st-key-stage iframe").get_by_role("button")
        expect(inner).to_have_count(0)
