"""Work beside the main thread, which alone is told of Ctrl-C: that is then raised at once, and never inside a library.

Libraries that are half loaded when Ctrl-C is raised in them crash (torch), or say that a part of theirs is missing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

_GLANCE = 0.5
"""Seconds between two looks at whether Ctrl-C was pressed; where waiting can be interrupted, it is seen at once."""

_idle: list[SimpleQueue[tuple[Callable[[], Any], Future[Any]]]] = []
"""By what threads that have nothing to do are given work. They are kept, since each new one costs memory for good."""


def aside(work: Callable[[], T], seconds: float = float("inf")) -> T:
    """What `work` gives or raises; TimeoutError if it takes longer than so many seconds, and then goes on unheard."""
    future: Future[T] = Future()
    try:
        queue = _idle.pop()
    except IndexError:
        queue = SimpleQueue()
        threading.Thread(target=_serve, args=(queue,), daemon=True).start()
    queue.put((work, future))
    deadline = time.monotonic() + seconds
    while not future.done():
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wait([future], min(_GLANCE, left))
    return future.result()


def _serve(queue: SimpleQueue[tuple[Callable[[], Any], Future[Any]]]) -> None:
    while True:
        work, future = queue.get()
        try:
            result, error = work(), None
        except BaseException as raised:  # noqa: BLE001 -- it is raised where somebody waits for it
            result, error = None, raised
        _idle.append(queue)
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
        # What was made is not kept until there is other work.
        del work, future, result, error
