"""A server that is told to end lets the runs of pages come to their end first: who waits for a photo gets it.

Uvicorn by itself closes all websockets as soon as SIGTERM comes, and an emoji that is on its way is lost.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

PATIENCE = 15.0
"""Seconds after which the server ends whatever is being run; `deploy/selfmoji.service` gives it 20."""
SETTLED = 0.5
"""Seconds without a run after which nothing more is on its way: a page with a new emoji is run again at once, and what
it shows must reach the browser."""
BETWEEN_LOOKS = 0.05
"""Seconds."""


class Runs:
    """The runs of pages, of all visitors. The live parts of a page that is watched are none."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0
        self._last = clock() - SETTLED

    @contextmanager
    def one(self) -> Iterator[None]:
        """Around the run of a page."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                self._last = self._clock()

    @property
    def settled(self) -> bool:
        """Whether none is on, and none was just before."""
        with self._lock:
            return not self._count and self._clock() - self._last >= SETTLED


runs = Runs()


@asynccontextmanager
async def in_order(app: object) -> AsyncIterator[None]:
    """The server's lifespan: SIGTERM is passed on when runs have settled, or after PATIENCE; a second one at once."""
    before = signal.getsignal(signal.SIGTERM)
    # Only the main thread may listen to signals; a server in another one is ended by whoever started it.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    ending = threading.Event()

    def end(number: int, frame: Any) -> None:
        if ending.is_set():
            before(number, frame)
        else:
            ending.set()
            # The loop goes on in this thread, which runs what must come to its end.
            threading.Thread(
                target=pass_on, args=(number, frame), name="selfmoji-ending", daemon=True
            ).start()

    def pass_on(number: int, frame: Any) -> None:
        give_up = time.monotonic() + PATIENCE
        while not runs.settled and time.monotonic() < give_up:
            time.sleep(BETWEEN_LOOKS)
        before(number, frame)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
