"""The mirror's video through the real coturn: the browser may use the relay alone, and says that it does."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.cameras import ALLOWED, chromium, running_video, turn_on, visit_mirror
from tests.coturn import SECRET, Coturn, running_coturn
from tests.video import film

KEEP_CONNECTIONS = """
    const Original = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = new Proxy(Original, {
        construct(target, args) { const made = new target(...args); window.connections.push(made); return made; },
    });
"""
CANDIDATE = """
    async () => {
        const connection = window.connections.find((one) => one.connectionState === "connected");
        if (!connection) return null;
        const report = await connection.getStats();
        const all = [...report.values()];
        const pair = all.find((stat) => stat.type === "candidate-pair" && stat.nominated && stat.bytesReceived > 0);
        return pair ? report.get(pair.localCandidateId).candidateType : null;
    }
"""


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with running_coturn(tmp_path_factory.mktemp("coturn")) as turn:
        yield turn


@pytest.fixture(scope="module")
def relayed_server(turn: Coturn, request: pytest.FixtureRequest) -> Iterator[str]:
    """The app, set up by its environment to relay everything; the server inherits this process's environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SELFMOJI_TURN_URLS", turn.url)
        patch.setenv("SELFMOJI_TURN_SECRET", SECRET)
        patch.setenv("SELFMOJI_RELAY_ONLY", "true")
        yield request.getfixturevalue("server")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    camera = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    film(camera, seconds=1)
    with chromium(*ALLOWED, f"--use-file-for-fake-video-capture={camera}") as browser:
        yield browser


def test_the_video_goes_through_the_relay_which_is_given_back(
    relayed_server: str, turn: Coturn, browser: Browser
) -> None:
    page = visit_mirror(browser, relayed_server)
    page.context.add_init_script(KEEP_CONNECTIONS)
    turn_on(page)
    running_video(page)
    frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    deadline = time.monotonic() + 60
    while (candidate := frame.evaluate(CANDIDATE)) is None and time.monotonic() < deadline:
        page.wait_for_timeout(500)
    assert candidate == "relay"
    assert turn.allocations() >= 1
    page.get_by_role("button", name="Turn off").click()
    while turn.returned() < turn.allocations() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert turn.returned() == turn.allocations(), "a relay was kept after the camera was turned off"
