"""The pictures of the app in the README, taken anew from a running server: `python -m tests.screenshots`.

Who is in them is scikit-image's public-domain portrait (Eileen Collins, NASA); before the camera she is a film of it.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.photo_page import drawn, open_editor, try_sample
from tests.conftest import ROOT
from tests.video import film
from tests.visitors import app_server

FOLDER = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
QUALITY = 80
LARGEST = 150_000
"""Bytes of a picture: a README should be there at once."""
SWITCHES = (
    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)  # fmt: skip
PATIENCE = 45_000
"""Milliseconds until a part of a page must be there."""


def photo(page: Page) -> None:
    try_sample(page)
    drawn(page)


def editor(page: Page) -> None:
    photo(page)
    open_editor(page)


def stickers(page: Page) -> None:
    photo(page)
    page.get_by_role("link", name="Stickers").first.click()
    pictures = page.locator(".st-key-sticker-grid img.sticker")
    expect(pictures.first).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('.st-key-sticker-grid img.sticker')].every(image => image.complete)"
    )


def mirror(page: Page) -> None:
    page.get_by_role("link", name="Mirror").first.click()
    page.get_by_role("button", name="Turn on the camera").click()
    expect(page.locator(".live-message")).to_contain_text("That's you")
    page.locator(".live-bars").wait_for()


PICTURES: dict[str, Callable[[Page], None]] = {
    "photo": photo, "editor": editor, "stickers": stickers, "mirror": mirror,
}  # fmt: skip
"""{name of a picture: what brings a new visitor there}."""


def webp(png: bytes) -> bytes:
    """A screenshot as a small file. Raises ValueError where it is larger than LARGEST."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(buffer, "WEBP", quality=QUALITY, method=6)
    data = buffer.getvalue()
    if len(data) > LARGEST:
        raise ValueError(f"The picture has {len(data):,} bytes, and may have {LARGEST:,}: lower its quality.")
    return data


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}; all by default")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        camera = Path(name) / "face.mjpeg"
        film(camera)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*SWITCHES, f"--use-file-for-fake-video-capture={camera}"],
        )
        with app_server(Path(name) / "log") as (_, address):
            for title in options.names or PICTURES:
                context = browser.new_context(
                    viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", permissions=["camera"]
                )
                context.set_default_timeout(PATIENCE)
                page = context.new_page()
                page.goto(address)
                page.locator("footer.credits").wait_for()
                PICTURES[title](page)
                # What moves into its place has arrived, and the page's own running sign is gone.
                expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
                page.wait_for_timeout(1500)
                path = options.out / f"{title}.webp"
                path.write_bytes(webp(page.screenshot()))
                context.close()
                print(f"wrote {path}, {path.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
