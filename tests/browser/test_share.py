"""Sharing: what the phone's sheet, the clipboard and the browser's downloads are given."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, Route, expect

from core import Recipe, draw_png
from pages.parts.share import for_profile

Visit = Callable[..., Page]

RECIPE = Recipe(hair="afro", glasses="round", skin_tone="dark")
LOOKS = (
    ("Sticker", "sticker", RECIPE, True),
    ("Profile, round", "profile", for_profile(RECIPE), False),
    ("Profile, square", "square", for_profile(RECIPE).replace(background="square"), False),
)

PHONE = """
navigator.canShare = ({ files }) => files.length === 1 && files[0].type === "image/png";
navigator.share = async ({ files }) => {
    if (!navigator.userActivation.isActive) throw new DOMException("no tap", "NotAllowedError");
    const bytes = new Uint8Array(await files[0].arrayBuffer());
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    window.sheet = { name: files[0].name, bytes: btoa(text) };
};
"""
"""A browser with a sheet, as phones have it; Chromium on Linux has none."""


def open_share(page: Page) -> None:
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("radio", name="Sticker")).to_be_checked()


def assert_same_picture(one: bytes, other: bytes) -> None:
    with Image.open(io.BytesIO(one)) as a, Image.open(io.BytesIO(other)) as b:
        assert a.size == b.size
        assert ImageChops.difference(a.convert("RGBa"), b.convert("RGBa")).getbbox() is None


def test_downloads_of_every_look(visit: Visit, tmp_path: Path) -> None:
    page = visit(f"?emoji={RECIPE.to_code()}")
    open_share(page)
    expect(page.get_by_role("button", name="Share picture")).to_be_hidden()
    for label, name, recipe, halo in LOOKS:
        page.get_by_role("radio", name=label).check(force=True)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download", exact=True).click()
        assert download.value.suggested_filename == f"selfmoji-{name}.png"
        file = tmp_path / f"{name}.png"
        download.value.save_as(file)
        assert file.read_bytes() == draw_png(recipe, 512, halo)


def test_the_clipboard_gets_the_picture(visit: Visit) -> None:
    page = visit(f"?emoji={RECIPE.to_code()}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_share(page)
    page.get_by_role("radio", name="Profile, round").check(force=True)
    page.get_by_role("button", name="Copy picture").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    copied = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const bytes = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
            return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
        }"""
    )
    assert_same_picture(base64.b64decode(copied), draw_png(for_profile(RECIPE), 512))


def test_a_phones_sheet_gets_the_file_of_the_emoji_as_it_is_by_now(visit: Visit) -> None:
    page = visit(width=390)
    page.add_init_script(PHONE)
    page.goto(f"{page.url.split('?')[0]}?emoji={RECIPE.to_code()}")
    open_share(page)
    page.get_by_role("button", name="Share picture").click()
    page.wait_for_function("() => window.sheet")
    assert page.evaluate("sheet.name") == "selfmoji-sticker.png"
    assert base64.b64decode(page.evaluate("sheet.bytes")) == draw_png(RECIPE, 512, halo=True)


@pytest.mark.parametrize("way", ["Copy picture", "Download"])
def test_a_picture_that_does_not_come_is_told(visit: Visit, way: str) -> None:
    page = visit(f"?emoji={RECIPE.to_code()}")

    def refuse(route: Route) -> None:
        route.fulfill(status=429, body="wait")

    page.route("**/emoji/*.png*", refuse)
    open_share(page)
    page.get_by_role("button", name=way, exact=True).click()
    expect(page.get_by_role("status").filter(has_text="did not arrive")).to_be_visible()
