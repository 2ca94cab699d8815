"""Files that the command line writes: where they may go, under which names, and never by halves."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable
from pathlib import Path

from core.errors import SelfmojiError


class OutputError(SelfmojiError):
    """Output that cannot be written where it was asked for; the message says why."""


def check_writable(folder: Path) -> None:
    """Make a folder if need be, and raise OutputError if nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be written: {error.strerror or error}. Please give another folder to --out."
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that has its name only once it is complete. Raises OSError, and leaves what was there before."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


class Names:
    """Which names emojis may have: one for each, and none of a file that must stay."""

    def __init__(self, kept: Iterable[Path]) -> None:
        self._taken = {key_of(path) for path in kept}

    def take(self, stem: Path) -> None:
        """Nothing else gets this name, with .png or .svg."""
        self._taken |= _keys(stem)

    def claim(self, stem: Path) -> Path:
        """A name that is taken from now on: `stem`, with a number where a .png or .svg of that name is taken."""
        numbered = (stem.with_name(f"{stem.name}-{number}") for number in itertools.count(2))
        free = next(name for name in itertools.chain([stem], numbered) if not _keys(name) & self._taken)
        self.take(free)
        return free


def key_of(path: Path) -> str:
    """Equal for two paths that may be the same file; some file systems do not tell A from a."""
    return str(path.resolve()).casefold()


def _keys(stem: Path) -> set[str]:
    return {key_of(Path(f"{stem}{ending}")) for ending in (".png", ".svg")}
