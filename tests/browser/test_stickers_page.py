"""Stickers and suggestions in a real Chromium: what is downloaded and copied is what was shown."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core import Reader, Recipe, find_faces, sample_photo
from core.extras.stickers import stickers_of
from core.extras.suggest import Suggestion, suggest

Visit = Callable[..., Page]

LINKED = Recipe(skin_tone="dark", hair="afro", glasses="round")


def downloaded(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download() as download:
        button.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


@pytest.mark.parametrize("width", [1280, 390])
def test_a_pack_is_chosen_named_and_downloaded(visit: Visit, tmp_path: Path, width: int) -> None:
    page = visit(f"?emoji={LINKED.to_code()}", width)
    page.locator("img.emoji").wait_for()
    page.get_by_role("link", name="Stickers").first.click()
    names = [sticker.name for sticker in stickers_of(LINKED)]
    pictures = page.locator(".st-key-sticker-grid img.sticker")
    expect(pictures).to_have_count(len(names))
    shown = pictures.evaluate_all("images => images.map(image => image.src)")
    page.get_by_text("Coffee first", exact=True).click()
    expect(page.get_by_role("checkbox", name="Coffee first")).not_to_be_checked()
    expect(page.get_by_text(f"{len(names) - 1} of at most")).to_be_visible()
    name = page.get_by_role("textbox", name="Name of the pack")
    name.fill("My moods")
    name.press("Enter")
    page.get_by_role("button", name="Make the pack").click()
    file = downloaded(page, page.get_by_role("button", name="Download my-moods.zip"), tmp_path)
    assert file.name == "my-moods.zip"

    chosen = [name for name in names if name != "coffee"]
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        [pack] = json.loads(archive.read("contents.json"))["sticker_packs"]
        assert pack["name"] == "My moods"
        assert [sticker["image_file"] for sticker in pack["stickers"]] == [f"{name}.webp" for name in chosen]
        assert set(archive.namelist()) == {
            "contents.json", "LICENSE.txt", "tray.png", "animation.webp", *(f"{name}.webp" for name in chosen)
        }  # fmt: skip
        for entry in archive.namelist():
            if entry.endswith((".webp", ".png")):
                with Image.open(io.BytesIO(archive.read(entry))) as image:
                    image.load()
                    assert image.size == ((96, 96) if entry == "tray.png" else (512, 512))
    assert len(set(shown)) == len(names)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def best() -> Suggestion:
    """The emoji that comes first for the sample photo."""
    [reading] = Reader().read([find_faces(sample_photo())[0].crop])
    return suggest(reading)[0]


def test_a_suggestion_is_copied_and_downloaded(visit: Visit, best: Suggestion, tmp_path: Path) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Try a sample").click()
    page.get_by_text("Emojis that fit your expression").click()
    card = page.locator(f".st-key-suggestion-{best.hexcode}")
    card.scroll_into_view_if_needed()
    page.evaluate("navigator.clipboard.writeText('before')")
    card.get_by_test_id("stCode").hover()
    card.get_by_role("button", name="Copy to clipboard").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()) !== 'before'")
    assert page.evaluate("navigator.clipboard.readText()") == best.character

    png = downloaded(page, card.get_by_role("button", name="PNG"), tmp_path)
    with Image.open(png) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (512, 512))
        assert image.info["Title"] == best.name
    svg = downloaded(page, card.get_by_role("button", name="SVG"), tmp_path)
    root = ElementTree.parse(svg).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].text == best.name
