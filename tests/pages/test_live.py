"""The mirror's page as Streamlit's AppTest drives it: a real mirror on frames of the sample portrait, no browser.

What only a browser has, the camera and the connection, stands in tests/browser/.
"""

import html
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from av import VideoFrame
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import PageLink
from streamlit_webrtc import WebRtcStreamerContext

from core import Reader, Recipe
from core.live.mirror import NO_FACE, Settings, View
from core.live.service import Service
from core.recipe.names import EMOTIONS
from pages.parts.camera import PROBLEMS, SLOW_SECONDS, Camera
from pages.parts.recorder import COUNTDOWN
from pages.parts.suggestions import suggestion_row
from pages.parts.video import KEY, STILL_SECONDS, Viewer, _keep_connection, trouble
from tests.conftest import ROOT, frame_count
from tests.live.mirrors import EMPTY, AtOnce
from tests.video import Portrait, window_at

PATIENCE = 120
"""Seconds for a run; the first one imports torch."""


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit reads .streamlit/ where it is started."""
    monkeypatch.chdir(ROOT)


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    return app.run().switch_page("pages/live.py").run()


@pytest.fixture(scope="module")
def service(reader: Reader) -> Service:
    return AtOnce(reader)


@pytest.fixture(scope="module")
def frames(person: Portrait) -> list[np.ndarray]:
    return [person.frame(window_at(number / 10)) for number in range(25)]


@pytest.fixture
def viewer(service: Service) -> Iterator[Viewer]:
    viewer = Viewer(service, Settings())
    yield viewer
    viewer.on_ended()


@pytest.fixture
def play(viewer: Viewer, frames: list[np.ndarray]) -> Callable[[], None]:
    """Plays the portrait's video to the viewer until it knows who that is."""

    def play() -> None:
        for frame in frames:
            viewer.recv(VideoFrame.from_ndarray(frame, format="rgb24"))
            if viewer.mirror.seen.locked:
                return
            time.sleep(0.1)
        pytest.fail("the mirror does not know who it sees")

    return play


@pytest.fixture
def connected(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A connection without a browser: the page gets the viewer as if a camera's video went through it."""
    context = SimpleNamespace(video_processor=viewer, state=SimpleNamespace(playing=True, signalling=False))

    def show_video(camera: Camera, settings: Settings) -> SimpleNamespace:
        viewer.mirror.settings = settings
        return context

    monkeypatch.setattr("pages.parts.video.show_video", show_video)
    return context


def written(app: AppTest) -> str:
    """Everything in HTML on the page."""
    return html.unescape("\n".join(element.value for element in app.html))


def turn_on(app: AppTest) -> AppTest:
    return app.button(key="camera_on").click().run()


def edit_link(app: AppTest) -> PageLink:
    [link] = [
        link for link in app.get("page_link") if isinstance(link, PageLink) and link.label == "Edit this one"
    ]
    return link


def test_the_camera_is_off_until_it_is_asked_for(app: AppTest) -> None:
    assert not app.exception
    assert app.title[0].value == "The mirror"
    assert "nothing is saved" in written(app)
    assert app.session_state["camera"].status == "off"
    assert not app.get("bidi_component")
    assert not app.get("component_instance")
    assert not app.error


def test_opening_asks_for_the_camera_and_says_so(app: AppTest) -> None:
    turn_on(app)
    assert not app.exception
    assert app.session_state["camera"] == Camera(status="open", attempt=1)
    assert "allow it" in app.info[0].value
    assert "Waiting for the camera" in written(app)
    assert len(app.get("bidi_component")) == 1


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_is_told_with_what_to_do_and_a_way_to_try_again(problem: str, app: AppTest) -> None:
    app.session_state["camera"].status = problem
    app.run()
    what, todo = PROBLEMS[problem]
    assert app.error[0].value == f"**{what}** {todo}"
    button = app.button(key="camera_on")
    assert button.label == "Try again"
    button.click().run()
    assert app.session_state["camera"].status == "open"
    assert not app.error


def test_wrong_connection_settings_are_told(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELFMOJI_TURN_URLS", "https://turn.example.org")
    turn_on(app)
    assert not app.exception
    assert "SELFMOJI_TURN_URLS: address 1" in app.error[0].value


def test_the_emoji_of_the_photo_page_lends_its_changes(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    start = Recipe(hair="afro")
    changed = start.replace(hair_color="red", glasses="round", expression="sad")
    app.session_state["start"], app.session_state["recipe"] = start, changed
    app.run()
    [pills] = [group for group in app.button_group if group.label == "Kept from your emoji"]
    assert [str(option).split(":")[0] for option in pills.options] == ["Hair color", "Expression", "Glasses"]
    assert set(pills.value or ()) == {"hair_color", "glasses"}
    turn_on(app)
    play()
    recipe = connected.video_processor.mirror.seen.recipe
    assert (recipe.hair_color, recipe.glasses) == ("red", "round")


def test_the_look_reaches_the_running_mirror_and_survives_another_page(
    connected: SimpleNamespace, app: AppTest
) -> None:
    turn_on(app)
    app.toggle(key="mirror_flip").set_value(False)
    app.segmented_control(key="mirror_view").set_value(View.only).run()
    settings = connected.video_processor.mirror.settings
    assert (settings.view, settings.flip) == (View.only, False)
    app.switch_page("pages/models.py").run()
    app.switch_page("pages/live.py").run()
    assert app.session_state["camera"].status == "off", "coming back turned on the camera"
    assert app.segmented_control(key="mirror_view").value == View.only
    assert not app.toggle(key="mirror_flip").value


def test_what_the_mirror_sees_stands_beside_it(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    assert edit_link(app).proto.disabled
    play()
    app.run()
    assert not edit_link(app).proto.disabled
    text = written(app)
    assert "That's you" in text
    for label in EMOTIONS.values():
        assert f'aria-label="{label}"' in text
    assert text.count('class="suggestion"') == 4
    assert "; --before: 0." in written(app.run()), "the bars do not start from where they were"


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_what_is_drawn_again_and_again_is_not_cached(reader: Reader, emotion: str) -> None:
    [reading] = reader.read([np.zeros((218, 178, 3), np.uint8)])
    row = suggestion_row(replace(reading, emotion={name: float(name == emotion) for name in EMOTIONS}), 4)
    assert len(row) < config.get_option("global.minCachedMessageSize") / 2


def test_a_face_that_leaves_is_missed(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    play()
    for _ in range(12):
        connected.video_processor.recv(VideoFrame.from_ndarray(EMPTY, format="rgb24"))
        time.sleep(0.1)
    assert NO_FACE in written(app.run())


def test_only_the_link_takes_the_emoji_along(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    mine = Recipe(hair_color="red")
    app.session_state["start"] = app.session_state["recipe"] = mine
    turn_on(app)
    play()
    app.run().switch_page("pages/photo.py").run()
    assert app.session_state["recipe"] == mine
    assert "reading" not in app.session_state
    assert app.query_params["emoji"] == mine.to_code()


def test_edit_this_one_opens_the_emoji_with_what_was_seen(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    app.session_state["start"], app.session_state["recipe"] = Recipe(), Recipe(hair_color="red")
    app.session_state["crop"] = np.zeros((218, 178, 3), np.uint8)
    app.run()
    turn_on(app)
    play()
    app.run()
    seen = connected.video_processor.mirror.seen
    assert edit_link(app).proto.query_string == f"emoji={seen.recipe.to_code()}"
    app.query_params["emoji"] = seen.recipe.to_code()
    app.switch_page("pages/photo.py").run()
    assert not app.exception
    assert app.title[0].value == "Your selfie as an emoji"
    assert app.session_state["recipe"] == seen.recipe
    assert app.session_state["recipe"].hair_color == "red"
    assert app.session_state["reading"] == seen.reading
    assert app.session_state["start"].hair_color == Recipe.from_reading(seen.reading).hair_color
    assert "crop" not in app.session_state
    assert app.query_params["emoji"] == seen.recipe.to_code()


def test_a_recording_counts_down_and_becomes_a_clip(
    connected: SimpleNamespace,
    play: Callable[[], None],
    frames: list[np.ndarray],
    app: AppTest,
) -> None:
    turn_on(app)
    play()
    app.session_state["mirror_seconds"] = 1
    app.run()
    app.button(key="record").click().run()
    assert re.search(rf'class="countdown"[^>]*>[1-{COUNTDOWN}]<', written(app))
    app.session_state["take"].begin = time.monotonic()
    app.run()
    for frame in frames[:13]:
        connected.video_processor.recv(VideoFrame.from_ndarray(frame, format="rgb24"))
        time.sleep(0.1)
    app.run()
    assert not app.exception
    assert "take" not in app.session_state
    for kind, form in (("webp", "WEBP"), ("gif", "GIF")):
        with Image.open(io.BytesIO(app.session_state["takes"]["recording"][kind])) as clip:
            assert clip.format == form
            assert frame_count(clip) > 1
    app.button(key="recording-away").click().run()
    assert not app.session_state["takes"]


def test_only_a_video_that_was_away_may_be_taken_for_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    context = SimpleNamespace(_last_rendered_run_count=5)
    monkeypatch.setattr("streamlit.session_state", {KEY: context})
    camera = Camera()
    camera.open()
    _keep_connection(camera)
    assert context._last_rendered_run_count == 5, "shown for the first time since it was opened"
    _keep_connection(camera)
    assert context._last_rendered_run_count is None


def test_trouble_is_named(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    state = SimpleNamespace(playing=True, signalling=False)
    context = cast(WebRtcStreamerContext, SimpleNamespace(video_processor=viewer, state=state))
    camera = Camera()
    camera.open()
    assert trouble(camera, None) == ""
    assert trouble(camera, context) == ""
    viewer.last_frame -= STILL_SECONDS + 1
    assert trouble(camera, context) == "still"
    state.playing = False
    camera.wait()
    assert trouble(camera, context) == ""
    camera.since = time.monotonic() - SLOW_SECONDS - 1
    assert trouble(camera, context) == "unreachable"


def test_a_camera_that_is_opened_again_is_closed_first() -> None:
    camera = Camera()
    camera.open()
    assert (camera.status, camera.attempt) == ("open", 1)
    camera.open()
    assert camera.status == "closing"
    camera.ended()
    assert (camera.status, camera.attempt) == ("open", 2)
    camera.close("unplugged")
    camera.ended()
    assert camera.status == "unplugged"


def test_a_video_that_ends_lets_its_mirror_go(viewer: Viewer, play: Callable[[], None]) -> None:
    play()
    viewer.on_ended()
    assert viewer.mirror.seen.recipe is None
