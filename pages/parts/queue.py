"""One photo after the other, in the order in which they came: side by side they would all be late.

A `Queue` has a thread of its own. A page waits for its photo's `Turn`, and hears its place in the queue each time it
changes. A page that is run anew goes on waiting for the same turn: what a visitor clicks meanwhile costs no place.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Turn(Generic[T]):
    """A piece of work that waits, is done, or has gone wrong. What it needs is let go once it is over."""

    def __init__(self, queue: Queue, work: Callable[[], T]) -> None:
        self._queue = queue
        self._work: Callable[[], T] | None = work
        self._results: list[T] = []
        self._error: BaseException | None = None

    def result(self, tell: Callable[[int], None]) -> T:
        """What the work gives, or raises, once it is done.

        tell: called with the place in the queue, 1 for the next, when it is known and when it changes; with 0 when the
        turn has come. What `tell` raises ends the waiting, but not the work.
        """
        told: int | None = None
        while not self._is_over:
            with self._queue.changed:
                while not self._is_over and (place := self._queue.place(self)) == told:
                    self._queue.changed.wait()
            # Not while the queue is held: telling takes time, and may raise.
            if not self._is_over:
                tell(place)
                told = place
        if self._error is not None:
            raise self._error
        return self._results[0]

    def leave(self) -> None:
        """Gives the place up. Work that has begun is done, and nobody gets it."""
        self._queue.drop(self)

    @property
    def _is_over(self) -> bool:
        return self._work is None

    def do(self) -> None:
        """For the queue's thread."""
        assert self._work is not None
        try:
            self._results.append(self._work())
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self._error = error
        finally:
            self._work = None


class Queue:
    """Work that is done one piece at a time, first come, first served. The thread starts with the first piece.

    changed: held while the queue is looked at, and notified when it moves.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._waiting: deque[Turn[Any]] = deque()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """How many wait, without the one that is being done."""
        return len(self._waiting)

    def submit(self, work: Callable[[], T]) -> Turn[T]:
        """Queues work at the end. Never waits."""
        turn = Turn(self, work)
        with self.changed:
            self._waiting.append(turn)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="selfmoji-photos", daemon=True)
                self._thread.start()
            self.changed.notify_all()
        return turn

    def place(self, turn: Turn[Any]) -> int:
        """1 for the next, 0 for one that is being done, is over or has left."""
        return self._waiting.index(turn) + 1 if turn in self._waiting else 0

    def drop(self, turn: Turn[Any]) -> None:
        """Takes out one that waits."""
        with self.changed:
            if turn in self._waiting:
                self._waiting.remove(turn)
                self.changed.notify_all()

    def _serve(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self._waiting)
                turn = self._waiting.popleft()
                self.changed.notify_all()
            turn.do()
            with self.changed:
                self.changed.notify_all()
            # An idle thread must not keep the last visitor's photo.
            del turn
