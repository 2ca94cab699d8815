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

from core.live.service import RETRY, Service, Work
from core.seeing.reading import Reader
from tests.live.mirrors import PATIENCE, finish

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


class Clock:
    """Stands still until it is set, and tells that somebody looked."""

    def __init__(self) -> None:
        self.now, self.looked = 0.0, threading.Event()

    def __call__(self) -> float:
        self.looked.set()
        return self.now


def test_models_that_cannot_be_loaded_are_tried_again_later() -> None:
    attempts: list[int] = []
    done: list[int] = []
    clock = Clock()

    def factory() -> Reader:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("no weights")
        return no_reader()

    service = Service(factory, clock)
    try:
        for now in (0.0, RETRY - 0.1):
            clock.now = now
            clock.looked.clear()
            service.submit("one", noting(done, 1))
            assert clock.looked.wait(PATIENCE)
        clock.now = RETRY
        finish(service)
        assert len(attempts) == 2 and service.failure is None
        assert not done, "work from before was done with nothing to do it"
    finally:
        service.close()


def test_why_the_models_cannot_be_loaded_is_told() -> None:
    def missing() -> Reader:
        tried.set()
        raise OSError("no weights")

    tried, service = threading.Event(), Service(missing)
    service.submit("one", lambda reader: None)
    assert tried.wait(PATIENCE)
    service.close()  # which waits for the thread
    assert str(service.failure) == "no weights"


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
