"""The mirror in a real Chromium whose camera films a moving face: from the welcome to the files that leave it."""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pages.parts.teacher import ABOUT, TAUGHT
from tests.browser.cameras import ALLOWED, chromium, running_video, turn_on, visit_mirror
from tests.conftest import frame_count
from tests.live.test_teaching import lesson
from tests.video import film


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    camera = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    film(camera)
    with chromium(*ALLOWED, f"--use-file-for-fake-video-capture={camera}") as browser:
        yield browser


@pytest.fixture(scope="module")
def mirror(server: str, browser: Browser) -> Page:
    """The page with its video running and an emoji made: connecting takes long enough to do it once."""
    page = visit_mirror(browser, server, viewport={"width": 1280, "height": 900})
    turn_on(page)
    running_video(page)
    page.locator(".live-bars").wait_for()
    return page


def save(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_the_video_runs_and_the_face_is_known(mirror: Page) -> None:
    expect(mirror.locator(".live-status")).to_contain_text("updates a second")
    expect(mirror.locator(".live-message")).to_contain_text("That's you")
    assert mirror.locator(".suggestion-row img").count() == 4
    before = running_video(mirror).evaluate("video => video.currentTime")
    mirror.wait_for_function(
        "before => document.querySelector('.st-key-stage iframe').contentDocument"
        ".querySelector('video').currentTime > before + 1",
        arg=before,
    )


def test_the_bars_move_and_the_video_is_not_started_anew(mirror: Page) -> None:
    video = running_video(mirror).element_handle()
    bars = mirror.locator(".live-bars").inner_html()
    mirror.wait_for_function("bars => document.querySelector('.live-bars')?.innerHTML !== bars", arg=bars)
    assert video.evaluate("video => video.isConnected && video.srcObject.active")


def test_the_view_changes_while_the_video_runs(mirror: Page) -> None:
    running_video(mirror)
    wide = "document.querySelector('.st-key-stage iframe').contentDocument.querySelector('video')"
    mirror.wait_for_function(f"() => {wide}.videoWidth > 2 * {wide}.videoHeight")
    mirror.get_by_role("radio", name="Emoji only").click()
    mirror.wait_for_function(f"() => {wide}.videoWidth < 1.5 * {wide}.videoHeight")
    mirror.get_by_role("radio", name="Beside me").click()
    mirror.wait_for_function(f"() => {wide}.videoWidth > 2 * {wide}.videoHeight")


def test_hasty_clicks_do_not_cut_the_video(mirror: Page) -> None:
    video = running_video(mirror).element_handle()
    for _ in range(4):
        for view in ("Over my face", "Emoji only", "Beside me"):
            mirror.get_by_role("radio", name=view).click()
            mirror.wait_for_timeout(300)
    expect(mirror.locator(".live-status")).to_contain_text("Live")
    assert video.evaluate("video => video.isConnected && video.srcObject.active")


def test_a_snapshot(mirror: Page, tmp_path: Path) -> None:
    mirror.get_by_role("button", name="Snapshot").click()
    expect(mirror.locator("img.snapshot")).to_be_in_viewport(ratio=1)
    with Image.open(save(mirror, "Save", tmp_path)) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (512, 512))


def test_a_recording(mirror: Page, tmp_path: Path) -> None:
    mirror.get_by_role("button", name="Throw away").click()
    mirror.get_by_role("button", name="Record").click()
    mirror.locator(".countdown").wait_for()
    mirror.get_by_role("progressbar").wait_for()
    mirror.wait_for_timeout(1500)
    mirror.get_by_role("button", name="Stop").click()
    expect(mirror.locator("video.recording")).to_be_in_viewport(ratio=0.9)
    mirror.wait_for_function("() => document.querySelector('video.recording').currentTime > 0.2")
    with av.open(save(mirror, "Save", tmp_path)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
    for name, form in (("GIF", "GIF"), ("Sticker (WebP)", "WEBP")):
        mirror.get_by_role("radio", name=name, exact=True).click()
        mirror.locator("img.recording").wait_for()
        with Image.open(save(mirror, "Save", tmp_path)) as clip:
            assert clip.format == form
            assert frame_count(clip) > 1
        mirror.get_by_role("radio", name="MP4").click()
        mirror.locator("video.recording").wait_for()


@pytest.mark.parametrize("kind", ["WebP", "Sticker (WebM)"])
def test_other_kinds_are_made_when_they_are_chosen(mirror: Page, kind: str, tmp_path: Path) -> None:
    mirror.get_by_role("radio", name=kind, exact=True).click()
    ending = "webm" if "WebM" in kind else "webp"
    mirror.locator(f".recording[src^='data:{'video' if ending == 'webm' else 'image'}/{ending}']").wait_for()
    assert save(mirror, "Save", tmp_path).suffix == f".{ending}"


def test_on_a_phone_the_mirror_is_a_camera(server: str, browser: Browser, tmp_path: Path) -> None:
    phone = visit_mirror(
        browser,
        server,
        viewport={"width": 390, "height": 844},
        color_scheme="dark",
        has_touch=True,
        is_mobile=True,
    )
    turn_on(phone)
    running_video(phone)
    shutter = phone.get_by_role("button", name="Snapshot")
    expect(shutter).to_be_enabled()
    expect(phone.locator(".live-status .dot.on")).to_be_visible()
    boxes = [phone.locator(".st-key-stage iframe").bounding_box(), shutter.bounding_box()]
    assert [box and (round(box["x"]), round(box["width"])) for box in boxes] == [(0, 390), (155, 80)]
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    expect(phone.locator(".live-bars")).to_be_hidden()
    phone.get_by_text("Show what the mirror reads").click()
    expect(phone.locator(".live-bars")).to_be_visible()
    # What was taught is kept by the browser, and there again after it was closed.
    file = tmp_path / "expressions.json"
    file.write_text(lesson({"sad": "neutral"}).learn().correction.to_text())
    phone.locator("input[type=file]").set_input_files(file)
    phone.get_by_text(TAUGHT).wait_for(state="attached")
    assert phone.evaluate("localStorage.getItem('selfmoji.expressions')") == file.read_text()
    phone.reload()
    phone.get_by_role("heading", name="The mirror", exact=True).wait_for()
    turn_on(phone)
    phone.get_by_text(TAUGHT).wait_for(state="attached")
    phone.get_by_text("Teach it your expressions").click()
    phone.get_by_role("button", name="Forget it").click()
    phone.get_by_text(ABOUT).wait_for()
    assert phone.evaluate("localStorage.getItem('selfmoji.expressions')") is None
    phone.context.close()


def test_edit_this_one_opens_the_editor_and_ends_the_video_on_a_slow_computer_too(mirror: Page) -> None:
    # A slow browser goes on looking at the mirror while the editor opens.
    mirror.context.new_cdp_session(mirror).send("Emulation.setCPUThrottlingRate", {"rate": 8})
    mirror.get_by_role("link", name="Edit this one").click()
    expect(mirror.get_by_role("heading", name="Make it yours")).to_be_visible()
    expect(mirror.locator("img.emoji")).to_be_visible()
    expect(mirror.locator("iframe")).to_have_count(0)
