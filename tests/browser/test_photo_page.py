"""The photo page in a real Chromium, from the upload to the files that leave it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core import Recipe
from core.recipe.choices import GROUPS
from tests.browser.photo_page import choose, drawn, open_editor, recipe_in_address, upload

Visit = Callable[..., Page]


@pytest.fixture
def photo(tmp_path: Path, portrait_jpeg: bytes) -> Path:
    path = tmp_path / "me.jpg"
    path.write_bytes(portrait_jpeg)
    return path


def test_from_a_photo_to_files_and_a_link(visit: Visit, photo: Path, tmp_path: Path) -> None:
    page = visit()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    upload(page, photo)
    seen = drawn(page)
    assert page.locator("img.crop").evaluate("image => image.naturalWidth") == 178
    page.get_by_text("What the models saw").click()
    page.get_by_role("meter").first.wait_for()
    assert page.get_by_role("meter").count() > 60

    choose(page, "Accessories", "Glasses", "Round")
    with_glasses = drawn(page)
    assert with_glasses != seen
    choose(page, "Face", "Skin tone", "Dark")
    changed = drawn(page)
    assert changed not in (seen, with_glasses)
    expect(page).to_have_url(re.compile(r"sk-dark.*gl-round"))

    page.get_by_role("button", name="Share").click()
    page.get_by_text("More", exact=True).click()
    for name, file, side in (
        ("PNG, 512 px", "512", 512),
        ("PNG, 72 px", "72", 72),
        ("PNG, 1024 px", "1024", 1024),
    ):
        with page.expect_download() as download:
            page.locator(".st-key-downloads").get_by_role("button", name=name, exact=True).click()
        assert download.value.suggested_filename == f"selfmoji-{file}.png"
        png = tmp_path / download.value.suggested_filename
        download.value.save_as(png)
        with Image.open(png) as image:
            image.load()
            assert (image.format, image.size) == ("PNG", (side, side))
            assert "OpenMoji" in " ".join(map(str, image.info.values()))
            corner, middle = (image.convert("RGBA").getpixel((side // 2 * k, side // 2 * k)) for k in (0, 1))
            assert isinstance(corner, tuple) and isinstance(middle, tuple)
            assert (corner[3], middle[3]) == (0, 255)
    with page.expect_download() as download:
        page.locator(".st-key-downloads").get_by_role("button", name="SVG", exact=True).click()
    svg = tmp_path / download.value.suggested_filename
    download.value.save_as(svg)
    assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "OpenMoji" in svg.read_text("utf-8")
    page.keyboard.press("Escape")

    reopened = visit(page.url.split("/")[-1])
    assert drawn(reopened) == changed
    assert recipe_in_address(reopened) == recipe_in_address(page)
    assert reopened.get_by_role("meter").count() == 0
    choose(reopened, "Accessories", "Glasses", "Cat eye")
    assert drawn(reopened) != changed

    page.get_by_role("button", name="Back to what was seen").click()
    expect(page.locator("img.emoji")).to_have_attribute("src", seen)
    own = page.url.split("?")[0]
    assert [url for url in requests if not url.startswith((own, "data:", "blob:"))] == []


def test_the_editor_by_keyboard(visit: Visit) -> None:
    page = visit(f"?emoji={Recipe(glasses='round').to_code()}")
    before = drawn(page)
    open_editor(page)
    page.get_by_role("tab", name="Face", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Hair", exact=True)).to_be_focused()
    hair = page.get_by_role("radiogroup", name="Hair", exact=True)
    hair.get_by_role("radio", name="Short", exact=True).focus()
    page.keyboard.press("ArrowRight")
    flat = hair.get_by_role("radio", name="Flat top", exact=True)
    expect(flat).to_be_checked()
    expect(page).to_have_url(re.compile("ha-flat"))
    expect(page.locator("img.emoji")).not_to_have_attribute("src", before)
    expect(flat).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("img.emoji")).to_have_attribute("src", before)
    page.keyboard.press("Control+Shift+z")
    expect(page).to_have_url(re.compile("ha-flat"))
    expect(page.locator("img.emoji")).not_to_have_attribute("src", before)


def test_the_browsers_back_button_undoes_and_then_leaves(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Try a sample").click()
    seen = drawn(page)
    choose(page, "Accessories", "Glasses", "Round")
    assert drawn(page) != seen
    page.go_back()
    expect(page.locator("img.emoji")).to_have_attribute("src", seen)
    page.go_back()
    page.go_back()
    expect(page).to_have_url("about:blank")


def test_a_snapshot_from_the_camera(visit: Visit) -> None:
    page = visit()
    assert page.locator("video").count() == 0
    page.get_by_role("button", name="Take a photo").click()
    shutter = page.locator("[data-testid=stCameraInputButton]")
    expect(shutter).to_be_enabled()
    page.wait_for_function("() => document.querySelector('[data-testid=stCameraInput] video').videoWidth > 0")
    shutter.click()
    drawn(page)
    expect(page.locator("img.crop")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)


def test_bad_files_and_links_get_a_message_and_the_app_goes_on(
    visit: Visit, tmp_path: Path, photo: Path
) -> None:
    page = visit("?emoji=2.ha-mohawk")
    expect(page.get_by_role("alert")).to_contain_text("This link is broken or was cut off")
    letter = tmp_path / "letter.jpg"
    letter.write_text("This is no photo.")
    upload(page, letter)
    expect(page.get_by_role("alert").last).to_contain_text("This file is text, not a photo")
    upload(page, photo)
    drawn(page)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert "Traceback" not in page.locator("body").inner_text()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(visit: Visit, color_scheme: str) -> None:
    page = visit(
        f"?emoji={Recipe(headwear='cap', background='circle').to_code()}", 390, color_scheme=color_scheme
    )
    open_editor(page)
    for group in GROUPS.values():
        page.get_by_role("tab", name=group, exact=True).click()
        expect(page.get_by_role("tabpanel", name=group)).to_be_visible()
        page.locator("footer.credits").scroll_into_view_if_needed()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
        page.get_by_role("radiogroup").last.scroll_into_view_if_needed()
        assert page.locator("img.emoji").evaluate(
            "image => { const box = image.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
        ), f"the emoji is out of sight in {group}"


@pytest.mark.parametrize(("width", "height", "most"), [(390, 844, 1600), (1280, 900, 1200)])
def test_the_emoji_stands_in_a_short_page(
    visit: Visit, photo: Path, width: int, height: int, most: int
) -> None:
    page = visit(width=width)
    page.set_viewport_size({"width": width, "height": height})
    upload(page, photo)
    drawn(page)
    page.get_by_text("What the models saw").wait_for()
    expect(page.locator(".stSpinner")).to_have_count(0)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= most
    expect(page.locator("img.emoji")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("tab")).to_have_count(0)
    for way in (
        page.get_by_role("button", name="Share"),
        page.get_by_role("button", name="Edit", exact=True),
        *(page.locator(".st-key-ways-on").get_by_role("link", name=name) for name in ("Stickers", "Mirror")),
    ):
        box = way.bounding_box()
        assert box and box["width"] >= 60 and box["height"] >= 60


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_confetti_flies_for_those_who_like_motion(
    visit: Visit, photo: Path, motion: Literal["reduce", "no-preference"]
) -> None:
    page = visit()
    page.emulate_media(reduced_motion=motion)
    upload(page, photo)
    drawn(page)
    style = page.locator(".spark").first.evaluate("spark => getComputedStyle(spark).animationName")
    assert style == ("none" if motion == "reduce" else "flies")


def test_a_phone_has_four_tiles_in_a_row_as_large_as_a_finger(visit: Visit) -> None:
    page = visit(f"?emoji={Recipe(background='circle').to_code()}", 390)
    open_editor(page)
    for group in GROUPS.values():
        page.get_by_role("tab", name=group, exact=True).click()
        panel = page.get_by_role("tabpanel", name=group)
        expect(panel.get_by_role("radiogroup").first).to_be_visible()
        for tiles in panel.locator("[class*=picture-tiles-choice-], [class*=closeup-tiles-choice-]").all():
            boxes = tiles.get_by_test_id("stRadioOption").evaluate_all(
                "all => all.map(tile => tile.getBoundingClientRect().toJSON())"
            )
            assert sum(box["top"] == boxes[0]["top"] for box in boxes) == min(4, len(boxes))
            assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)


def test_the_views_of_the_mirror_fit_the_smallest_phone(visit: Visit) -> None:
    page = visit(width=320)
    page.get_by_role("link", name="Mirror").click()
    for view in ("Beside me", "Over my face", "Emoji only"):
        expect(page.locator(".st-key-mirror-look").get_by_text(view)).to_be_in_viewport(ratio=1)


def test_the_models_page_has_an_address_of_its_own(visit: Visit) -> None:
    page = visit("model-cards")
    expect(page.get_by_role("heading", name="The models", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=2)).to_have_count(8)
    page.get_by_role("link", name="Your emoji").click()
    expect(page.get_by_role("button", name="Try a sample")).to_be_visible()
