"""Text for people: what a console cannot show is told in other characters, and nobody listening stops no work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast


@contextmanager
def patient_console() -> Iterator[None]:
    """Within, writing to stdout and stderr raises nothing, whatever the text and wherever it goes."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, _Patient(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


class _Patient:
    """A stream that takes every text. Lines are passed on at once, so that who reads along sees the work go on."""

    def __init__(self, stream: TextIO | None) -> None:
        # There is none where a program was started without one.
        self._stream = stream if stream is not None else open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            if "\n" in text:
                self._stream.flush()
        except OSError:
            self._give_up()
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        """Nobody reads this stream any more, or its disk is full: what else is said goes nowhere."""
        try:
            number = self._stream.fileno()
        except OSError:
            return
        # In place of the stream itself, which Python flushes once more when it ends.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def printable(text: str) -> str:
    """The text on one line: escapes for control characters, and for bytes of a file's name that are no characters."""
    return "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text
    )  # fmt: skip


def tell(text: str) -> None:
    """A line on stdout."""
    print(printable(text))


def complain(text: str) -> None:
    """A line on stderr."""
    print(printable(text), file=sys.stderr)
