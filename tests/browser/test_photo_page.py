"""The photo page in a real Chromium, from the upload to the files that leave it."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core import Recipe
from core.recipe.choices import GROUPS
from tests.browser.photo_page import choose, drawn, recipe_in_address, upload

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
    expect(page.get_by_role("heading", name="What the models saw")).to_be_visible()
    assert page.get_by_role("meter").count() > 60

    choose(page, "Accessories", "Glasses", "Round")
    with_glasses = drawn(page)
    assert with_glasses != seen
    choose(page, "Face", "Skin tone", "Dark")
    changed = drawn(page)
    assert changed not in (seen, with_glasses)
    expect(page).to_have_url(re.compile(r"sk-dark.*gl-round"))

    for name, side in (("Download PNG (512 px)", 512), ("72 px", 72), ("1024 px", 1024)):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        assert download.value.suggested_filename == f"selfmoji-{side}.png"
        png = tmp_path / download.value.suggested_filename
        download.value.save_as(png)
        with Image.open(png) as image:
            image.load()
            assert (image.format, image.size) == ("PNG", (side, side))
            assert "OpenMoji" in " ".join(map(str, image.info.values()))
    with page.expect_download() as download:
        page.locator(".st-key-downloads").get_by_role("button", name="SVG", exact=True).click()
    svg = tmp_path / download.value.suggested_filename
    download.value.save_as(svg)
    assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "OpenMoji" in svg.read_text("utf-8")

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
    page.wait_for_function("document.querySelector('[data-testid=stCameraInput] video').videoWidth > 0")
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
    for group in GROUPS.values():
        page.get_by_role("tab", name=group, exact=True).click()
        expect(page.get_by_role("tabpanel", name=group)).to_be_visible()
        page.locator("footer.credits").scroll_into_view_if_needed()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
        page.get_by_role("radiogroup").last.scroll_into_view_if_needed()
        assert page.locator("img.emoji").evaluate(
            "image => { const box = image.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
        ), f"the emoji is out of sight in {group}"


def test_the_models_page_has_an_address_of_its_own(visit: Visit) -> None:
    page = visit("model-cards")
    expect(page.get_by_role("heading", name="The models", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=3)).to_have_count(5)
    page.get_by_role("link", name="Your emoji").click()
    expect(page.get_by_role("button", name="Try a sample")).to_be_visible()
