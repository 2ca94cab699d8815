"""What is taken from inside streamlit-webrtc is there in the real package, and is missed with a sentence."""

from importlib.metadata import version
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import webrtc
from pages.parts.webrtc import RUN_COUNT, WebRtcChangedError, keep_connection, needed

RUNS = 7


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page with the real video component; AppTest alone has no sessions that count their runs."""

    def page() -> None:
        import streamlit as st
        from streamlit_webrtc import webrtc_streamer

        webrtc_streamer(
            "video",
            frontend_rtc_configuration={"iceServers": []},
            server_rtc_configuration={"iceServers": []},
        )
        st.session_state["keys"] = list(st.session_state)

    session = SimpleNamespace(script_run_count=RUNS)
    monkeypatch.setattr("streamlit_webrtc.component.get_this_session_info", lambda: session)
    app = AppTest.from_function(page).run()
    assert not app.exception
    return app


def test_a_real_context_counts_runs_where_the_mirror_takes_it_to(app: AppTest) -> None:
    context = app.session_state["video"]
    assert needed(context, RUN_COUNT) == RUNS
    keep_connection(context)
    assert getattr(context, RUN_COUNT) is None


def test_the_frame_reports_under_the_key_that_is_looked_at(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported = dict.fromkeys(app.session_state["keys"], "loaded")
    assert len(reported) == 2, "the context and what the frame says"
    del reported["video"]
    monkeypatch.setattr("streamlit.session_state", reported)
    assert webrtc.frame_is_there("video")
    assert not webrtc.frame_is_there("another")


@pytest.mark.parametrize("name", [RUN_COUNT, "generate_frontend_component_key"])
def test_a_version_that_lacks_it_is_named(name: str) -> None:
    with pytest.raises(
        WebRtcChangedError, match=rf"streamlit-webrtc {version('streamlit-webrtc')} lacks {name}"
    ):
        needed(SimpleNamespace(), name)


def test_a_context_of_another_version_is_refused() -> None:
    with pytest.raises(WebRtcChangedError, match=RUN_COUNT):
        keep_connection(SimpleNamespace())  # type: ignore[arg-type]
