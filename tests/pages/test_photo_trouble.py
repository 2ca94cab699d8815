"""pages/photo.py where others wait too, and where the models fail on one photo."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from core import Reader
from pages.parts.notices import UNREADABLE
from pages.parts.queue import Turn
from tests.pages.visits import draft, new_visit, notices, session, written


def test_who_waits_is_told_their_place_and_keeps_it_when_they_click(monkeypatch: pytest.MonkeyPatch) -> None:
    app = new_visit()

    def busy(turn: Turn[Any], tell: Callable[[int], None]) -> None:
        tell(3)
        st.stop()

    with monkeypatch.context() as patch:
        patch.setattr(Turn, "result", busy)
        app.button(key="sample").click().run()
        assert notices(app, "hint") == [
            "It is busy here: you are number 3 in the queue. Your photo keeps its place."
        ]
        turn = session(app).desk.turn
        app.button(key="camera_toggle").click().run()
        assert session(app).desk.turn is turn
    app.run()
    assert draft(app).reading is not None
    assert session(app).desk.turn is None
    assert "in the queue" not in written(app)


def test_who_goes_to_another_page_gives_up_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = new_visit()
    left: list[Turn[Any]] = []
    monkeypatch.setattr(Turn, "result", lambda turn, tell: st.stop())
    monkeypatch.setattr(Turn, "leave", lambda turn: left.append(turn))
    app.button(key="sample").click().run()
    turn = session(app).desk.turn
    app.switch_page("pages/stickers.py").run()
    assert left == [turn]
    assert session(app).desk.turn is None


def test_models_that_fail_on_one_photo_do_not_spoil_the_session(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_visit()

    def fail(self: Reader, crops: list[Any]) -> None:
        raise RuntimeError("shape mismatch")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(Reader, "read", fail)
        app.button(key="sample").click().run()
    assert not app.exception
    assert notices(app, "problem") == [UNREADABLE]
    assert "RuntimeError" in caplog.text
    app.button(key="sample").click().run()
    assert not notices(app, "problem")
    assert draft(app).reading is not None
