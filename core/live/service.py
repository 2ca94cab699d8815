"""One set of models for all mirrors of the server: a queue with a place a session, and one thread that empties it."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable

import torch

from core.seeing.reading import Reader

Work = Callable[[Reader], object]

RETRY = 10.0
"""Seconds until models that could not be loaded are tried again."""
SWITCH = 0.0005
"""Seconds after which a thread that computes lets another one have the interpreter."""

_LOG = logging.getLogger(__name__)


class Service:
    """Does the work that sessions hand in, one piece at a time, in turn.

    A session has one place in the queue: newer work replaces older work there without losing the turn, so that a full
    queue means fewer pieces for everyone, evenly, and the queue is never longer than there are sessions. The thread
    starts with the first work and makes the reader itself, since loading takes seconds.
    """

    def __init__(
        self, reader_factory: Callable[[], Reader], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader_factory = reader_factory
        self._clock = clock
        self._waiting: dict[Hashable, Work] = {}  # in the order of their turns
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._reader: Reader | None = None
        self._failure: Exception | None = None
        self._failed_at = 0.0
        self._logged = ""

    @property
    def failure(self) -> Exception | None:
        """Why the models could not be loaded, if so."""
        return self._failure

    def submit(self, session: Hashable, work: Work) -> None:
        """Queues work, in place of the session's work that has not begun. Never waits; ignored after `close`."""
        with self._changed:
            if self._closed:
                return
            self._waiting[session] = work
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="selfmoji-models", daemon=True)
                self._thread.start()
            self._changed.notify()

    def leave(self, session: Hashable) -> None:
        """Forgets a session's waiting work."""
        with self._changed:
            self._waiting.pop(session, None)

    def close(self) -> None:
        """Drops what waits, ends the thread and lets the models go."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _serve(self) -> None:
        _make_room()
        while (work := self._next()) is not None:
            try:
                if (reader := self._loaded()) is not None:
                    work(reader)
            except Exception as error:  # noqa: BLE001 - one session's trouble must not end everyone's mirror
                self._log("A mirror's update failed.", error)
            # An idle thread must not keep the last session's frame.
            del work
        self._reader = None

    def _next(self) -> Work | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            return None if self._closed else self._waiting.pop(next(iter(self._waiting)))

    def _loaded(self) -> Reader | None:
        """The models, loaded when they are first needed; None for a while after that has failed."""
        if self._reader is None and (self._failure is None or self._clock() >= self._failed_at + RETRY):
            try:
                self._reader, self._failure = self._reader_factory(), None
            except Exception as error:  # noqa: BLE001 - shown to the people in front of the mirrors
                self._failure, self._failed_at = error, self._clock()
                self._log("The models could not be loaded.", error)
        return self._reader

    def _log(self, message: str, error: Exception) -> None:
        """Once, not thirty times a second."""
        if repr(error) != self._logged:
            self._logged = repr(error)
            _LOG.error(message, exc_info=error)


def _make_room() -> None:
    """Makes room for the video's threads beside this one: a core, and quick turns at the interpreter, which a network
    lets go of at each of its hundred steps. To be called by the thread that runs the models."""
    torch.set_num_threads(min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) - 1)))
    sys.setswitchinterval(SWITCH)


class AtOnce(Service):
    """Does all work where it is handed in, so that every frame shows what was seen in itself: for recorded videos."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(lambda: reader)
        self._at_once = reader

    def submit(self, session: Hashable, work: Work) -> None:
        work(self._at_once)
