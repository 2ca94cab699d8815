"""Files that the command line writes: into which folder, and under which names."""

from __future__ import annotations

import itertools
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import UsageError
from core.writing import LEFT_BEHIND

LOCK = ".selfmoji.lock"
"""The file by which a run owns a folder. The lock on it ends with the process; the file alone means nothing."""

LONGEST = 255
"""Bytes that the name of a file may have nearly everywhere."""


class OutputError(UsageError):
    """Output that cannot be written where it was asked for; the message says why."""


def check_writable(folder: Path) -> None:
    """Make a folder if need be, and raise OutputError if nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _cannot_be_written(folder, error) from error


@contextmanager
def owned(folder: Path, must_wait: Callable[[], None]) -> Iterator[None]:
    """Nobody else who asks for the same writes into the folder meanwhile; it is made if need be.

    must_wait is called once if somebody else owns it, before waiting until they have ended. Raises OutputError.
    """
    check_writable(folder)
    lock = FileLock(folder / LOCK)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            must_wait()
            lock.acquire()
        for part in folder.glob(LEFT_BEHIND):
            part.unlink(missing_ok=True)
    except OSError as error:
        lock.release()
        raise _cannot_be_written(folder, error) from error
    try:
        yield
    finally:
        # Who waits with the old file open sees that it has no name any more, and makes a new one.
        with suppress(OSError):
            (folder / LOCK).unlink()
        lock.release()


def _cannot_be_written(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The folder {folder} cannot be written: {error.strerror or error}. Please give another folder to --out."
    )


class Names:
    """Which names the emojis of a run may have in its folder: none twice, and none of a file that must stay.

    Must stay: every file that nobody has recorded as an emoji of ours, and the photos, wherever they lie.
    """

    def __init__(
        self, folder: Path, photos: Iterable[Path], recorded: Mapping[str, str], endings: Sequence[str]
    ) -> None:
        """recorded: {name of a file, `folded`: whose emoji it is}; who writes goes on to add to it.

        endings: of the files that each emoji has.
        """
        self._folder = folder
        self._endings = endings
        self._recorded = recorded
        self._reserved: dict[str, str] = {}
        place = os.path.realpath(folder)
        self._photos = {
            folded(Path(real).name)
            for photo in photos
            for real in (os.path.realpath(photo), _in_real_folder(photo))
            if os.path.dirname(real) == place  # noqa: PTH120
        }

    def reserve(self, stem: str, owner: str) -> None:
        """Nobody else gets this name."""
        for ending in self._endings:
            self._reserved.setdefault(folded(f"{stem}{ending}"), owner)

    def claim(self, stem: str, owner: str) -> str:
        """The owner's from now on: `stem`, or with a number where files of that name may not be written."""
        numbered = (fitting(stem, f"-{number}") for number in itertools.count(2))
        free = next(name for name in itertools.chain([fitting(stem)], numbered) if self.is_free(name, owner))
        self.reserve(free, owner)
        return free

    def is_free(self, stem: str, owner: str) -> bool:
        """Whether the owner may write files of this name now."""
        return not any(self._is_kept(f"{stem}{ending}", owner) for ending in self._endings)

    def _is_kept(self, file: str, owner: str) -> bool:
        name = folded(file)
        if name in self._photos or self._reserved.get(name, owner) != owner:
            return True
        if name in self._recorded:
            return self._recorded[name] != owner
        return os.path.lexists(self._folder / file)


def fitting(stem: str, suffix: str = "") -> str:
    """The stem, cut if need be, and the suffix: with an ending as well, no longer than names of files can be."""
    room = LONGEST - len(".png") - len(suffix)
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + suffix


def folded(name: str) -> str:
    """Equal for two names that may be the same file: some file systems do not tell A from a, or Å from A with °."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def key_of(path: Path) -> str:
    """Equal for two paths that may be the same file."""
    return folded(os.path.realpath(path))


def _in_real_folder(path: Path) -> str:
    """The path, which may be a link, in a folder that is none."""
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118
