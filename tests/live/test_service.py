"""core/live/service.py: one thread for all, in turn, newest first, and nothing left behind."""

import gc
import logging
import os
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar, cast

import pytest
import torch

from core.live import service as service_module
from core.live.service import Service, Work
from core.seeing.reading import Reader

PATIENCE = 20.0
"""Seconds until a test gives up waiting for the thread."""

T = TypeVar("T")


class Gate:
    """Work that keeps the thread until it is opened."""

    def __init__(self) -> None:
        self.entered, self._open = threading.Event(), threading.Event()

    def __call__(self, reader: Reader) -> None:
        self.entered.set()
        assert self._open.wait(PATIENCE)

    def open(self) -> None:
        self._open.set()


def no_reader() -> Reader:
    """These tests' work reads nothing."""
    return cast(Reader, object())


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service(no_reader)
    yield service
    service.close()


def blocked(service: Service) -> Gate:
    gate = Gate()
    service.submit("gate", gate)
    assert gate.entered.wait(PATIENCE)
    return gate


def noting(done: list[T], thing: T) -> Work:
    return lambda reader: done.append(thing)


def finish(service: Service) -> None:
    """Waits until everything that was submitted before is done."""
    done = threading.Event()
    service.submit("finish", lambda reader: done.set())
    assert done.wait(PATIENCE)


def test_newer_work_replaces_older_without_losing_its_turn(service: Service) -> None:
    done: list[str] = []
    gate = blocked(service)
    for number in range(5):
        for session in ("a", "b"):
            service.submit(session, noting(done, f"{session}{number}"))
    gate.open()
    finish(service)
    assert done == ["a4", "b4"]


def test_sessions_take_turns_however_much_they_ask_for(service: Service) -> None:
    done: Counter[str] = Counter()
    enough = threading.Event()
    frames = {"eager": 10, "calm": 1, "third": 3}

    def work(session: str) -> Callable[[Reader], None]:
        def update(reader: Reader) -> None:
            done[session] += 1
            for name, times in frames.items():
                for _ in range(times):
                    service.submit(name, work(name))
            if done.total() >= 60:
                enough.set()

        return update

    service.submit("eager", work("eager"))
    assert enough.wait(PATIENCE)
    service.close()
    assert max(done.values()) - min(done.values()) <= 2, done


def test_who_leaves_has_nothing_done_and_nothing_kept(service: Service) -> None:
    class Frame:
        pass

    done: list[Frame] = []
    frame = Frame()
    kept = weakref.ref(frame)
    gate = blocked(service)
    service.submit("leaving", noting(done, frame))
    service.leave("leaving")
    del frame
    gate.open()
    finish(service)
    gc.collect()
    assert not done and kept() is None


def test_work_that_is_done_is_not_kept(service: Service) -> None:
    class Frame:
        pass

    frame = Frame()
    kept = weakref.ref(frame)
    done = threading.Event()

    def update(reader: Reader, frame: Frame = frame) -> None:
        done.set()

    service.submit("one", update)
    del update, frame
    assert done.wait(PATIENCE)
    finish(service)
    gc.collect()
    assert kept() is None


def test_one_sessions_trouble_is_logged_once_and_ends_nobody_elses(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    def update(reader: Reader) -> None:
        raise ZeroDivisionError("trouble")

    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            service.submit("broken", update)
            finish(service)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_models_that_cannot_be_loaded_are_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def factory() -> Reader:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("no weights")
        return no_reader()

    service = Service(factory)
    done: list[int] = []

    def submit_and_wait() -> None:
        service.submit("one", lambda reader: done.append(1))
        while service._waiting:
            pass
        threading.Event().wait(0.05)

    try:
        submit_and_wait()
        assert str(service.failure) == "no weights"
        submit_and_wait()
        assert len(attempts) == 1 and not done
        monkeypatch.setattr(service_module, "RETRY", 0.0)
        finish(service)
        assert len(attempts) == 2 and service.failure is None
    finally:
        service.close()


def test_closing_ends_the_thread_and_ignores_what_comes_later(service: Service) -> None:
    before = set(threading.enumerate())
    finish(service)
    assert set(threading.enumerate()) - before
    service.close()
    assert not set(threading.enumerate()) - before
    service.submit("late", lambda reader: pytest.fail("This came too late."))
    assert not set(threading.enumerate()) - before


def test_the_thread_starts_with_the_first_work() -> None:
    loads: list[int] = []

    def factory() -> Reader:
        loads.append(1)
        return no_reader()

    service = Service(factory)
    assert not loads
    finish(service)
    finish(service)
    assert len(loads) == 1
    service.close()


def test_the_models_leave_a_core_to_the_video(service: Service) -> None:
    threads: list[int] = []
    service.submit("one", lambda reader: threads.append(torch.get_num_threads()))
    finish(service)
    assert threads == [min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) - 1))]
