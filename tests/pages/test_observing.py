"""pages/parts/observing.py: what happens is counted and logged, and nothing about a person is among it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from core import PhotoError, Reader, WeightsError
from pages.parts import observing
from pages.parts.observing import a_photo, health, log_to_stderr, metrics
from pages.parts.queue import Queue


def ask(endpoint: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    return asyncio.run(endpoint(Request({"type": "http"})))


def figures() -> str:
    return bytes(ask(metrics).body).decode()


def value(name: str) -> float:
    return float(
        next(line.rsplit(" ", 1)[1] for line in figures().splitlines() if line.startswith(f"{name} "))
    )


@pytest.mark.parametrize(
    ("error", "outcome", "level"),
    [
        (None, "emoji", logging.INFO),
        (PhotoError("Grandma's file is damaged."), "refused", logging.INFO),
        (WeightsError("look.json is missing."), "failed", logging.WARNING),
        (RuntimeError("Grandma"), "failed", logging.WARNING),
    ],
)
def test_a_photo_is_counted_and_logged_without_a_word_of_its_own(
    error: Exception | None, outcome: str, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    count = f'selfmoji_photos_total{{outcome="{outcome}"}}'
    before, timed = value(count), value("selfmoji_photo_seconds_count")
    with caplog.at_level(logging.INFO):
        try:
            with a_photo():
                if error:
                    raise error
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is the same that went in
            assert raised is error
    assert value(count) == before + 1
    assert value("selfmoji_photo_seconds_count") == timed + 1
    [record] = [record for record in caplog.records if record.name == "selfmoji.photos"]
    line = json.loads(record.getMessage())
    assert record.levelno == level
    assert line["outcome"] == outcome
    assert line["trouble"] == (type(error).__name__ if error else None)
    assert "Grandma" not in record.getMessage()


def test_the_queue_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Three(Queue):
        def __len__(self) -> int:
            return 3

    monkeypatch.setattr(observing, "photos", Three)
    assert value("selfmoji_queue") == 3


def test_metrics_are_prometheus_text() -> None:
    assert ask(metrics).headers["content-type"].startswith("text/plain")
    assert "# TYPE selfmoji_sessions gauge" in figures()
    assert 'selfmoji_photos_total{outcome="refused"}' in figures()


@pytest.mark.parametrize(
    ("result", "status", "code"),
    [
        (None, "loading", 200),
        (object(), "ready", 200),
        (WeightsError("look.json is missing: restore weights/."), "broken", 503),
    ],
)
def test_health_says_whether_photos_can_be_read(
    result: object, status: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading: Future[Reader] = Future()
    if isinstance(result, Exception):
        loading.set_exception(result)
    elif result is not None:
        loading.set_result(result)  # type: ignore[arg-type]
    cleared: list[bool] = []

    def start_loading() -> Future[Reader]:
        return loading

    start_loading.clear = lambda: cleared.append(True)  # type: ignore[attr-defined]
    monkeypatch.setattr(observing, "start_loading", start_loading)
    answer = ask(health)
    assert (json.loads(bytes(answer.body))["status"], answer.status_code) == (status, code)
    assert bool(cleared) == (status == "broken"), "broken weights are not tried again, or good ones are"


def test_log_lines_are_json_objects(capfd: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("selfmoji.photos")
    before = log.handlers, log.propagate, log.level
    try:
        log_to_stderr()
        with a_photo():
            pass
    finally:
        log.handlers, log.propagate, level = before
        log.setLevel(level)
    [line] = [line for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert json.loads(line)["event"] == "photo"
