"""A time of day that jumps breaks nothing: all waiting is by the monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pages.parts import emoji_files
from pages.parts.camera import Camera
from pages.parts.limits import Buckets
from pages.parts.queue import Queue
from tests.pages.asking import ask
from tests.visitors import Visitor, app_server

YEAR = 365 * 24 * 3600.0
JUMPS = (0.0, YEAR, -YEAR, 3600.0, -3600.0)

JUMPING = f"""
import itertools, time
_offsets = itertools.cycle({JUMPS})
_true = time.time
time.time = lambda: _true() + next(_offsets)
open(__file__ + ".loaded", "w").close()
"""
"""A `sitecustomize` module, which Python runs before all else: the time of day is another each time it is asked for."""


@pytest.fixture
def jumps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    true, number = time.time, 0

    def jumping() -> float:
        nonlocal number
        number += 1
        return true() + JUMPS[number % len(JUMPS)]

    with monkeypatch.context() as patch:
        patch.setattr(time, "time", jumping)
        yield


def test_a_server_whose_clock_jumps_makes_an_emoji(
    tmp_path: Path, portrait_jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(JUMPING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with app_server(tmp_path / "log") as (_, address), Visitor(address) as visitor:
        visitor.upload(portrait_jpeg)
        assert visitor.draft and not visitor.problems
        code = visitor.code
        visitor.press("edit")
        visitor.choose("face_shape", visitor.labels("face_shape")[-1])
        assert visitor.code != code
    assert (tmp_path / "sitecustomize.py.loaded").exists()
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.usefixtures("jumps")
def test_a_jump_neither_fills_a_bucket_nor_empties_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji_files, "asked", Buckets(3, 0.001))
    answers = [ask("/emoji/2.svg") for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 3 + [429] * 3
    assert all(0 < int(answer.headers["retry-after"]) <= 1000 for answer in answers[3:])


@pytest.mark.usefixtures("jumps")
def test_a_jump_leaves_the_queue_in_order() -> None:
    queue = Queue()
    done: list[int] = []
    turns = [queue.submit(partial(done.append, number)) for number in range(5)]
    for turn in turns:
        turn.result(lambda place: None)
    assert done == list(range(5))


@pytest.mark.usefixtures("jumps")
def test_a_jump_makes_no_camera_slow() -> None:
    camera = Camera()
    camera.wait()
    assert not any(camera.is_slow for _ in JUMPS)
