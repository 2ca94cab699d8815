"""Values that options of several commands take; argparse shows the messages of what they refuse."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from core.errors import shortened


def path(text: str) -> Path:
    """A path. An empty one, as an unset variable of a shell gives, is refused: it would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name means no file and no folder")
    return Path(text)


def one_of(numbers: range) -> Callable[[str], int]:
    """A whole number of these."""
    longest = len(str(numbers[-1]))

    def number(text: str) -> int:
        if not text.isdecimal() or len(text) > longest or int(text) not in numbers:
            raise argparse.ArgumentTypeError(
                f"{shortened(text)} is no whole number from {numbers[0]} to {numbers[-1]}"
            )
        return int(text)

    return number
