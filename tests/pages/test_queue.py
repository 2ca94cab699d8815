"""pages/parts/queue.py: one after the other, everybody knows their place, and nothing is left behind."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from functools import partial

import pytest

from pages.parts.queue import Queue, Turn

PATIENCE = 60


class Gate:
    """Work that keeps the queue's thread until it is opened."""

    def __init__(self, queue: Queue) -> None:
        self._entered, self._open = threading.Event(), threading.Event()
        self.turn = queue.submit(self._work)
        assert self._entered.wait(PATIENCE)

    def _work(self) -> str:
        self._entered.set()
        assert self._open.wait(PATIENCE)
        return "through"

    def open(self) -> None:
        self._open.set()


class Waiter:
    """Somebody who waits for a turn in a thread of their own; told: the places that they heard of."""

    def __init__(self, turn: Turn[str]) -> None:
        self.told: list[int] = []
        self._heard = threading.Condition()
        self.got: list[str] = []
        self._thread = threading.Thread(target=lambda: self.got.append(turn.result(self._tell)))
        self._thread.start()

    def _tell(self, place: int) -> None:
        with self._heard:
            self.told.append(place)
            self._heard.notify_all()

    def hear(self, place: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: place in self.told, PATIENCE)

    def finish(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def nothing(place: int) -> None:
    """Of somebody who does not look."""


def test_first_come_first_served() -> None:
    queue, done = Queue(), list[str]()
    gate = Gate(queue)
    turns = [queue.submit(partial(done.append, name)) for name in "abc"]
    gate.open()
    for turn in reversed(turns):
        turn.result(nothing)
    assert done == ["a", "b", "c"]


def test_everybody_hears_their_place_as_it_changes() -> None:
    queue = Queue()
    first = Gate(queue)
    waiters = [Waiter(queue.submit(partial(str, name))) for name in "abc"]
    for place, waiter in enumerate(waiters, start=1):
        waiter.hear(place)
    assert len(queue) == 3
    first.open()
    for waiter in waiters:
        waiter.finish()
    assert [waiter.got for waiter in waiters] == [["a"], ["b"], ["c"]]
    for place, waiter in enumerate(waiters, start=1):
        assert waiter.told[0] == place
        assert waiter.told == sorted(set(waiter.told), reverse=True)


def test_who_does_not_wait_any_more_keeps_the_place_and_can_come_back() -> None:
    queue = Queue()
    gate = Gate(queue)
    turn = queue.submit(lambda: "emoji")

    def run_anew(place: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turn.result(run_anew)
    assert queue.place(turn) == 1
    gate.open()
    assert turn.result(nothing) == "emoji"


def test_who_leaves_makes_room() -> None:
    queue, done = Queue(), list[str]()
    gate = Gate(queue)
    leaving = queue.submit(lambda: done.append("leaving"))
    staying = Waiter(queue.submit(lambda: "staying"))
    staying.hear(2)
    leaving.leave()
    staying.hear(1)
    gate.open()
    staying.finish()
    assert not done and staying.got == ["staying"]


def test_one_photos_trouble_is_its_own() -> None:
    queue = Queue()
    broken = queue.submit(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken.result(nothing)
    assert queue.submit(lambda: "next").result(nothing) == "next"


@pytest.mark.parametrize("outcome", [lambda photo: None, lambda photo: 1 / 0])
def test_a_photo_is_let_go_when_its_turn_is_over(outcome: Callable[[object], object]) -> None:
    class Photo:
        pass

    def give() -> tuple[Turn[object], weakref.ref[Photo]]:
        photo = Photo()
        return queue.submit(lambda: outcome(photo)), weakref.ref(photo)

    queue = Queue()
    turn, kept = give()
    queue.submit(lambda: None).result(nothing)
    del turn
    gc.collect()
    assert kept() is None
