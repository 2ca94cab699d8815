"""One set of models for all mirrors of the server: a queue with a place a session, and one thread that empties it."""

import logging
import threading
from collections.abc import Callable, Hashable

from core.reading import Reader

Work = Callable[[Reader], None]

_LOG = logging.getLogger(__name__)


class Service:
    """Does the work that sessions hand in, one piece at a time, in turn.

    A session has one place in the queue: newer work replaces older work there without losing the turn, so that a full
    queue means fewer pieces for everyone, evenly, and the queue is never longer than there are sessions. The thread
    starts with the first work and makes the reader itself, since loading takes seconds.
    """

    def __init__(self, reader_factory: Callable[[], Reader]) -> None:
        self._reader_factory = reader_factory
        self._waiting: dict[Hashable, Work] = {}  # in the order of their turns
        self._running: Hashable | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._failure: Exception | None = None

    @property
    def failure(self) -> Exception | None:
        """Why the models could not be loaded, if so; every new piece of work tries again."""
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
            self._changed.notify_all()

    def leave(self, session: Hashable) -> None:
        """Forgets a session's waiting work, and returns when its running work, if any, is done."""
        with self._changed:
            self._waiting.pop(session, None)
            if self._thread is not threading.current_thread():
                self._changed.wait_for(lambda: self._running is not session)

    def close(self) -> None:
        """Drops what waits, ends the thread and lets the models go."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _serve(self) -> None:
        reader: Reader | None = None
        while (turn := self._next()) is not None:
            session, work = turn
            try:
                reader = reader or self._load()
                if reader is not None:
                    work(reader)
            except Exception:  # noqa: BLE001 - one session's trouble must not end everyone's mirror
                _LOG.exception("A mirror's update failed.")
            finally:
                del work, turn
                with self._changed:
                    self._running = None
                    self._changed.notify_all()
                del session

    def _next(self) -> tuple[Hashable, Work] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            if self._closed:
                return None
            session = next(iter(self._waiting))
            self._running = session
            return session, self._waiting.pop(session)

    def _load(self) -> Reader | None:
        try:
            reader = self._reader_factory()
        except Exception as error:  # noqa: BLE001 - shown to the people in front of the mirrors
            _LOG.exception("The models could not be loaded.")
            self._failure = error
            return None
        self._failure = None
        return reader
