"""The mirror's page as Streamlit's AppTest drives it: a real mirror on frames of the sample portrait, no browser.

What only a browser has, the camera and the connection, stands in tests/browser/.
"""

import io
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import replace
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qs

import numpy as np
import pytest
from av import VideoFrame
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import PageLink
from streamlit_webrtc import WebRtcStreamerContext, WebRtcStreamerState

from core import Reader, Recipe
from core.live.action_units import action_units
from core.live.arrivals import Arrival
from core.live.clips import KINDS
from core.live.mirror import NO_FACE, RELAXING, Settings, View
from core.live.service import Service
from core.live.teaching import Correction
from core.recipe.names import EMOTIONS
from pages.parts import keys
from pages.parts.camera import PROBLEMS, SLOW_SECONDS, Camera
from pages.parts.live_panel import STATUS, status_of
from pages.parts.recorder import COUNTDOWN
from pages.parts.suggestions import suggestion_row
from pages.parts.video import KEY, STILL_SECONDS, Viewer, _keep_connection, trouble
from pages.parts.webrtc import RUN_COUNT
from tests.conftest import frame_count
from tests.live.mirrors import EMPTY, AtOnce
from tests.live.test_teaching import lesson
from tests.pages.visits import draft, give_emoji, new_visit, notices, session, written
from tests.video import Portrait, window_at


@pytest.fixture
def app() -> AppTest:
    return new_visit(page="live")


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
    assert session(app).glass.camera.status == "off"
    assert not app.get("bidi_component")
    assert not app.get("component_instance")
    assert not notices(app, "problem")


def test_opening_asks_for_the_camera_and_says_so(app: AppTest) -> None:
    turn_on(app)
    assert not app.exception
    assert session(app).glass.camera == Camera(status="open", attempt=1)
    assert "allow it" in notices(app, "hint")[0]
    assert "Waiting for the camera" in written(app)
    assert len(app.get("bidi_component")) == 2, "what opens the camera and what watches the video"


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_is_told_with_what_to_do_and_a_way_to_try_again(problem: str, app: AppTest) -> None:
    session(app).glass.camera.status = problem
    app.run()
    assert notices(app, "problem") == [" ".join(PROBLEMS[problem])]
    button = app.button(key="camera_on")
    assert button.label == "Try again"
    button.click().run()
    assert session(app).glass.camera.status == "open"
    assert not notices(app, "problem")


def test_wrong_connection_settings_are_told(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELFMOJI_TURN_URLS", "https://turn.example.org")
    turn_on(app)
    assert not app.exception
    assert "SELFMOJI_TURN_URLS: address 1" in notices(app, "problem")[0]


def test_the_emoji_of_the_photo_page_lends_its_changes(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    start = Recipe(hair="afro")
    changed = start.replace(hair_color="ginger", glasses="round", mouth="down")
    give_emoji(app, start, changed)
    app.run()
    app.toggle(key=keys.MINE).set_value(False).run()
    [pills] = [group for group in app.button_group if group.label == "Kept from your emoji"]
    assert [str(option).split(":")[0] for option in pills.options] == ["Hair color", "Mouth", "Glasses"]
    assert set(pills.value or ()) == {"hair_color", "glasses"}
    turn_on(app)
    play()
    recipe = connected.video_processor.mirror.seen.recipe
    assert (recipe.hair_color, recipe.glasses) == ("ginger", "round")


def test_the_emoji_of_the_photo_page_plays(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    mine = Recipe(hair="afro", hair_color="ginger", skin_tone="dark", eyes="large", clothes="suit")
    give_emoji(app, Recipe(), mine)
    app.run()
    assert app.toggle(key=keys.MINE).value
    turn_on(app)
    play()
    mirror = connected.video_processor.mirror
    assert mirror.settings.person == mine
    for name in ("hair", "hair_color", "skin_tone", "clothes"):
        assert getattr(mirror.seen.recipe, name) == getattr(mine, name)
    assert mirror.seen.play.smile_left > 0.5, "it smiles as the portrait does"


def test_a_rest_is_measured_skipped_and_remembered(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    assert app.button(key="relax").disabled
    play()
    app.run().button(key="relax").click().run()
    viewer = connected.video_processor
    frame = VideoFrame.from_ndarray(np.zeros((480, 640, 3), np.uint8), format="rgb24")
    viewer.recv(frame)
    app.run()
    assert RELAXING in written(app) or viewer.mirror.seen.relaxed is not None
    app.button(key="relax_skip").click().run()
    viewer.recv(frame)
    assert viewer.mirror.seen.relaxed is None
    app.run()
    assert session(app).glass.rest == viewer.mirror.rest


def test_the_action_units_are_named_and_explained(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    play()
    app.run()
    [folded] = [box for box in app.expander if box.label == "Action units"]
    assert not folded.proto.expanded
    text = written(app)
    for code, unit in action_units().items():
        assert f"{code} {unit.name}" in text
        assert unit.says.replace("'", "&#x27;") in text


def test_the_look_reaches_the_running_mirror_and_survives_another_page(
    connected: SimpleNamespace, app: AppTest
) -> None:
    turn_on(app)
    app.toggle(key=keys.FLIP).set_value(False)
    app.segmented_control(key=keys.VIEW).set_value(View.only).run()
    settings = connected.video_processor.mirror.settings
    assert (settings.view, settings.flip) == (View.only, False)
    app.switch_page("pages/models.py").run()
    app.switch_page("pages/live.py").run()
    assert session(app).glass.camera.status == "off", "coming back turned on the camera"
    assert app.segmented_control(key=keys.VIEW).value == View.only
    assert not app.toggle(key=keys.FLIP).value


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
    mine = Recipe(hair_color="ginger")
    give_emoji(app, mine, mine)
    turn_on(app)
    play()
    app.run().switch_page("pages/photo.py").run()
    assert draft(app).recipe == mine
    assert draft(app).reading is None
    assert app.query_params["emoji"] == mine.to_code()


def test_edit_this_one_opens_the_emoji_with_what_was_seen(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    give_emoji(app, Recipe(), Recipe(hair_color="ginger"))
    mine = draft(app)
    mine.photo = b"a face"
    app.run()
    turn_on(app)
    play()
    app.run()
    seen = connected.video_processor.mirror.seen
    app.query_params.clear()
    app.query_params |= {key: value for key, [value] in parse_qs(edit_link(app).proto.query_string).items()}
    assert app.query_params["emoji"] == seen.recipe.to_code()
    app.switch_page("pages/photo.py").run()
    assert not app.exception
    assert app.title[0].value == "Your selfie as an emoji"
    edited = draft(app)
    assert edited is not mine
    assert edited.recipe == seen.recipe
    assert edited.recipe.hair_color == "ginger"
    assert edited.reading == seen.reading
    assert edited.start.hair_color == Recipe.from_reading(seen.reading).hair_color
    assert edited.photo is None
    assert app.query_params["emoji"] == seen.recipe.to_code()
    app.query_params.clear()
    app.query_params["emoji"] = mine.recipe.to_code()
    assert draft(app.run()) is mine, "the browser's Back finds what was there before"


def test_a_recording_counts_down_and_becomes_a_film_and_what_else_is_chosen(
    connected: SimpleNamespace,
    play: Callable[[], None],
    frames: list[np.ndarray],
    app: AppTest,
) -> None:
    turn_on(app)
    play()
    app.run()
    app.button(key="record").click().run()
    assert re.search(rf'class="countdown"[^>]*>[1-{COUNTDOWN}]<', written(app))
    begun = session(app).glass.take
    assert begun is not None
    begun.begin = time.monotonic()
    app.run()
    for frame in frames[:8]:
        connected.video_processor.recv(VideoFrame.from_ndarray(frame, format="rgb24"))
        time.sleep(0.1)
    app.button(key="record_stop").click().run()
    kept = session(app).glass.takes["recording"]
    assert session(app).glass.take is None
    for kind in ("mp4", "sticker-webp"):
        app.pills(key=keys.KIND).set_value(kind).run()
        if kept.making is not None:
            wait([kept.making._file], 60)
            app.run()
        assert not app.exception
        assert f"data:{KINDS[kind].mime};base64," in written(app)
    assert set(kept.files) == {"mp4", "sticker-webp"}
    with Image.open(io.BytesIO(kept.files["sticker-webp"])) as sticker:
        assert sticker.size == (512, 512)
        assert frame_count(sticker) > 1
    app.button(key="recording-away").click().run()
    assert not session(app).glass.takes


def test_a_lesson_goes_through_seven_faces(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    play()
    app.run().button(key="lesson_begin").click().run()
    mirror = connected.video_processor.mirror
    begun = session(app).glass.lesson
    assert begun is not None and mirror.lesson is begun
    first = next(iter(EMOTIONS))
    app.button(key=f"lesson_show_{first}").click().run()
    assert begun.showing == first
    app.run()
    session(app).glass.lesson = None
    assert app.run().button(key="lesson_begin")


@pytest.mark.parametrize(("read_as", "helps"), [({"sad": "neutral", "fear": "surprise"}, True), ({}, False)])
def test_what_was_learnt_is_told_and_kept_by_the_browser_if_it_helps(
    read_as: dict[str, str], helps: bool, connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    play()
    glass = session(app).glass
    glass.lesson = lesson(read_as)
    app.run()
    assert not app.exception
    outcome = glass.outcome
    assert outcome is not None
    figures = [metric.value for metric in app.metric]
    assert figures == [f"{outcome.before} / {outcome.count}", f"{outcome.after} / {outcome.count}"]
    if helps:
        app.button(key="lesson_use").click().run()
        number, text = glass.to_keep
        assert number == 1
        assert Correction.from_text(text).to_text() == text
    else:
        assert "lesson_use" not in [button.key for button in app.button]
        app.button(key="lesson_leave").click().run()
        assert glass.to_keep == (0, "")
    assert glass.lesson is None
    assert connected.video_processor.mirror.lesson is None


def test_what_was_taught_reaches_the_running_mirror(connected: SimpleNamespace, app: AppTest) -> None:
    taught = lesson({"sad": "neutral"}).learn().correction
    session(app).glass.taught = taught
    turn_on(app)
    assert connected.video_processor.mirror.settings.taught is taught


def test_stop_before_a_recording_has_begun_makes_none(
    connected: SimpleNamespace, play: Callable[[], None], app: AppTest
) -> None:
    turn_on(app)
    play()
    app.run().button(key="record").click().run()
    app.button(key="record_stop").click().run()
    assert session(app).glass.take is None
    assert not session(app).glass.takes
    assert connected.video_processor.mirror.recorder is None


def test_only_a_video_that_was_away_may_be_taken_for_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    context: WebRtcStreamerContext = WebRtcStreamerContext(
        worker=None, state=WebRtcStreamerState(playing=True, signalling=False)
    )
    setattr(context, RUN_COUNT, 5)
    monkeypatch.setattr("streamlit.session_state", {KEY: context})
    camera = Camera()
    camera.open()
    _keep_connection(camera)
    assert getattr(context, RUN_COUNT) == 5, "shown for the first time since it was opened"
    _keep_connection(camera)
    assert getattr(context, RUN_COUNT) is None


@pytest.mark.parametrize(
    ("connecting", "arrival", "moves", "status"),
    [
        (False, "none", False, "waiting"),
        (True, "none", False, "none"),
        (True, "none", True, "none"),
        (True, "dark", True, "dark"),
        (True, "still", True, "still"),
        (True, "late", True, "late"),
        (True, "live", False, "unseen"),
        (True, "live", True, "live"),
    ],
)
def test_live_is_said_of_a_picture_that_comes_and_is_shown(
    connecting: bool, arrival: Arrival, moves: bool, status: str
) -> None:
    assert status_of(connecting, arrival, moves) == status
    assert (status == "live") == (status not in STATUS)


def test_the_status_is_not_green_before_a_frame_has_come(connected: SimpleNamespace, app: AppTest) -> None:
    turn_on(app)
    text = written(app)
    assert STATUS["none"] in text
    assert "dot on" not in text
    for _ in range(2):
        connected.video_processor.recv(
            VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        )
    text = written(app.run())
    assert STATUS["dark"] in text
    assert "dot on" not in text


def test_a_phones_other_camera_opens_anew(connected: SimpleNamespace, app: AppTest) -> None:
    turn_on(app)
    app.radio(key=keys.FACING).set_value("environment").run()
    camera = session(app).glass.camera
    assert (camera.facing, camera.status, camera.then) == ("environment", "closing", "open")


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
