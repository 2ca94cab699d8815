"""Ctrl-C: one line and exit code 130, whenever it is pressed. A room of its own, since it must be there first."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

TYPE_CHECKING = False  # see core/__init__.py
if TYPE_CHECKING:
    from typing import NoReturn

STOPPED = 130
"""The exit code after Ctrl-C, by custom: 128 and the number of the signal."""


def leave_at_ctrl_c() -> None:
    """From now on, Ctrl-C ends the process at once, as is."""
    if _is_ours():
        signal.signal(signal.SIGINT, _leave)


@contextmanager
def raised_at_ctrl_c() -> Iterator[None]:
    """Within, the first Ctrl-C raises KeyboardInterrupt, to end in order; a second one ends the process at once."""
    if not _is_ours():
        yield
        return
    before = signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def say_stopped(more: str = "") -> int:
    """Tell that the run was stopped, once and for all; the exit code."""
    if _is_ours():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(f"Stopped.{more}", file=sys.stderr, flush=True)
    return STOPPED


def _is_ours() -> bool:
    """Whether signals are this thread's to handle, and the process was not started so that Ctrl-C spares it."""
    main_thread = threading.current_thread() is threading.main_thread()
    return main_thread and signal.getsignal(signal.SIGINT) != signal.SIG_IGN


def _raise(*signal_and_frame: object) -> NoReturn:
    signal.signal(signal.SIGINT, _leave)
    raise KeyboardInterrupt


def _leave(*signal_and_frame: object) -> NoReturn:
    os.write(2, b"Stopped.\n")
    os._exit(STOPPED)
