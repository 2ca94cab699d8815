"""Files that are written whole or not at all: beside the old one, which they replace once they are complete."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LEFT_BEHIND = ".selfmoji-*.part"
"""What files are called, as a pattern, before they have their names; a killed process may leave one."""


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Gives another path in the same folder to write to; what is there gets the name `path` when the block ends.

    If the block raises anything, or the file cannot be renamed (OSError), what was at `path` before stays.
    """
    # A name of its own length, since that of `path` may be as long as names can be.
    part = path.with_name(LEFT_BEHIND.replace("*", secrets.token_hex(8)))
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that has its name only once it is complete. Raises OSError, and leaves what was there before."""
    with written_whole(path) as part:
        part.write_bytes(data)
