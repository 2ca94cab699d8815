"""Photos, faces and emojis in a real browser's history: what belongs together stays together."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core import Recipe
from core.seeing.photo import Photo
from tests.browser.photo_page import choose, drawn, open_editor, recipe_in_address, try_sample, upload
from tests.conftest import encode

Visit = Callable[..., Page]


@pytest.fixture
def photo_a(tmp_path: Path, portrait: Photo) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(Image.fromarray(portrait.pixels), "JPEG", quality=92))
    return path


@pytest.fixture
def photo_b(tmp_path: Path, portrait: Photo) -> Path:
    """Two people: the same in smaller, and mirrored."""
    large = Image.fromarray(portrait.pixels[:320])
    group = Image.new("RGB", (1000, 400), (120, 130, 140))
    group.paste(large, (0, 0))
    group.paste(large.resize((384, 240)).transpose(Image.Transpose.FLIP_LEFT_RIGHT), (560, 60))
    path = tmp_path / "b.png"
    path.write_bytes(encode(group, "PNG"))
    return path


def face(page: Page) -> str | None:
    return page.locator("img.crop").get_attribute("src")


def bars(page: Page) -> list[str]:
    return page.get_by_role("meter").evaluate_all("all => all.map(meter => meter.ariaValueText)")


def test_back_brings_the_photo_before_with_its_bars_and_changes(
    visit: Visit, photo_a: Path, photo_b: Path
) -> None:
    page = visit()
    upload(page, photo_a)
    seen = drawn(page)
    choose(page, "Accessories", "Glasses", "Round")
    changed, face_a = drawn(page), face(page)
    page.get_by_text("What the models saw").click()
    page.get_by_role("meter").first.wait_for()
    bars_a = bars(page)
    upload(page, photo_b)
    expect(page.get_by_text("2 faces found.")).to_be_visible()
    expect(page.locator("img.crop")).not_to_have_attribute("src", face_a or "")

    page.go_back()
    expect(page.locator("img.emoji")).to_have_attribute("src", changed)
    expect(page.locator("img.crop")).to_have_attribute("src", face_a or "")
    expect(page.get_by_text("2 faces found.")).to_have_count(0)
    if not page.get_by_role("meter").count():
        page.get_by_text("What the models saw").click()
    expect(page.get_by_role("meter")).to_have_count(len(bars_a))
    assert bars(page) == bars_a
    open_editor(page)
    page.get_by_role("button", name="Back to what was seen").click()
    expect(page.locator("img.emoji")).to_have_attribute("src", seen)
    expect(page.locator("img.crop")).to_have_attribute("src", face_a or "")


def test_a_change_to_one_face_survives_a_look_at_the_other(visit: Visit, photo_b: Path) -> None:
    page = visit()
    upload(page, photo_b)
    drawn(page)
    choose(page, "Accessories", "Glasses", "Round")
    changed, first = drawn(page), face(page)
    faces = page.get_by_role("radiogroup", name="Face", exact=True)
    faces.get_by_text("Face 2", exact=True).click()
    expect(page.locator("img.crop")).not_to_have_attribute("src", first or "")
    assert drawn(page) != changed
    faces.get_by_text("Face 1", exact=True).click()
    expect(page.locator("img.crop")).to_have_attribute("src", first or "")
    expect(page.locator("img.emoji")).to_have_attribute("src", changed)


def test_a_refreshed_page_has_the_same_emoji_and_speaks_of_no_link(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Try a sample").click()
    drawn(page)
    choose(page, "Accessories", "Glasses", "Round")
    recipe, before = recipe_in_address(page), drawn(page)
    page.reload()
    expect(page.locator("img.emoji")).to_have_attribute("src", before)
    open_editor(page)
    expect(page.get_by_role("button", name="Undo all changes")).to_be_disabled()
    expect(page.get_by_role("button", name=re.compile("link", re.IGNORECASE))).to_have_count(0)

    page.get_by_role("link", name="Stickers").first.click()
    pictures = page.locator(".st-key-sticker-grid img.sticker")
    pictures.first.wait_for()
    sticker = pictures.first.get_attribute("src")
    assert recipe_in_address(page) == recipe
    page.reload()
    expect(pictures.first).to_have_attribute("src", sticker or "")
    expect(page.get_by_role("status").filter(has_text="example person")).to_have_count(0)


def test_a_link_to_somebodys_stickers_shows_theirs(visit: Visit) -> None:
    linked = Recipe(skin_tone="dark", hair="afro", glasses="round")
    page = visit(f"sticker-pack?emoji={linked.to_code()}")
    page.get_by_role("button", name="Make the pack").wait_for()
    expect(page.get_by_text("example person")).to_have_count(0)
    page.get_by_role("link", name="Your emoji").click()
    drawn(page)
    assert recipe_in_address(page) == linked


@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_that_is_too_large_has_a_reason_until_the_next_photo(
    visit: Visit, tmp_path: Path, photo_a: Path, width: int
) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(photo_a.read_bytes() + bytes(15 * 1024**2))
    page = visit(width=width)
    takes: tuple[Callable[[], None], ...] = (
        lambda: upload(page, photo_a),
        lambda: try_sample(page),
    )
    for take in takes:
        upload(page, large)
        reason = page.get_by_role("alert").filter(has_text="15.0MB or smaller")
        expect(reason).to_be_in_viewport(ratio=1)
        box = reason.bounding_box()
        assert box and box["width"] > 100 and box["height"] > 10
        take()
        expect(reason).to_have_count(0)
        drawn(page)
        expect(page.get_by_text("large.jpg")).to_have_count(0)


def test_a_broken_link_gets_a_friendly_sentence(visit: Visit) -> None:
    page = visit("?emoji=2.ha-mohawk")
    expect(page.get_by_role("alert")).to_contain_text("or make an emoji of your own here")
    assert "mohawk" not in page.locator("body").inner_text()
    page.get_by_role("button", name="Try a sample").click()
    drawn(page)
    expect(page.get_by_role("alert")).to_have_count(0)
