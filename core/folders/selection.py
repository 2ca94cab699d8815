"""Which photos are meant by the files, folders and patterns of a command.

One walk serves folders and patterns, by one set of rules: what is hidden is passed over, and so is the folder of the
emojis; a folder that is a link is entered where it is named or matched, but not on the way down, where links may lead
in circles; what is neither a file nor a link to one, such as a pipe, is no photo; a folder that cannot be read is told
and costs its own photos alone.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".hif", ".avif")
"""How names of photos end, in lower case. Files that are named themselves may be called anything."""


class SelectionError(UsageError):
    """A folder or pattern that means no photo; the message says why."""


@dataclass(frozen=True)
class Selection:
    """What is meant. photos: each once; unreadable: {folder on the way that could not be read: why}."""

    photos: Sequence[Path]
    unreadable: dict[Path, str]


def photos_of(named: Iterable[Path], out: Path) -> Selection:
    """Each photo once: the files as they are named, those of folders and their subfolders sorted.

    out: the folder of the emojis. A path that exists nowhere is taken for a file's.
    Raises SelectionError for a folder or pattern without photos.
    """
    walk = _Walk(out)
    photos: dict[str, Path] = {}
    for path in named:
        for photo in walk.meant(path):
            photos.setdefault(os.path.abspath(photo), photo)  # noqa: PTH100 -- a link is a photo of its own
    return Selection(list(photos.values()), walk.unreadable)


class _Walk:
    def __init__(self, out: Path) -> None:
        self._out = os.path.realpath(out)
        self.unreadable: dict[Path, str] = {}

    def meant(self, path: Path) -> list[Path]:
        """The photos that one argument stands for."""
        # These functions of os.path, unlike Path's, raise nothing for names that are too long or links in circles.
        if os.path.isdir(path):  # noqa: PTH112
            if self._is_out(path):
                raise SelectionError(
                    f"The emojis cannot go into {path}, the folder of the photos. Please give another folder to --out."
                )
            return list(self._photos_in(path)) or self._none(
                path, f"There is no photo in {path}: no file's name ends with {_any_of(SUFFIXES)}."
            )
        if glob.has_magic(str(path)) and not os.path.lexists(path):
            return list(self._fitting(path)) or self._none(
                path, f"No photo fits the pattern {path}, unless it is in the folder of the emojis."
            )
        return [path]

    def _none(self, path: Path, why: str) -> list[Path]:
        if path in self.unreadable:
            why = f"The folder {path} cannot be read: {self.unreadable[path]}."
        raise SelectionError(why)

    def _fitting(self, pattern: Path) -> Iterator[Path]:
        base, parts = Path(pattern.anchor), pattern.parts[bool(pattern.anchor) :]
        for match in self._matches(base, parts, set()):
            if os.path.isdir(match):  # noqa: PTH112
                yield from self._photos_in(match)
            elif _is_photo(match):
                yield match

    def _matches(self, base: Path, parts: Sequence[str], seen: set[tuple[Path, int]]) -> Iterator[Path]:
        """What fits the parts of a pattern below `base`; seen: (folder, parts left) that need no second look."""
        if (base, len(parts)) in seen:
            return
        seen.add((base, len(parts)))
        if not parts:
            yield base
            return
        if self._is_out(base):
            return
        part, rest = parts[0], parts[1:]
        if part == "**":
            for folder in self._folders(base):
                yield from self._matches(folder, rest, seen)
        elif not glob.has_magic(part):
            if os.path.lexists(base / part):
                yield from self._matches(base / part, rest, seen)
        else:
            for entry in self._entries(base):
                hidden = entry.name.startswith(".") and not part.startswith(".")
                if not hidden and fnmatch.fnmatch(entry.name, part) and (not rest or _is_folder(entry)):
                    yield from self._matches(base / entry.name, rest, seen)

    def _photos_in(self, top: Path) -> Iterator[Path]:
        for folder in self._folders(top):
            for entry in self._entries(folder):
                if not entry.name.startswith(".") and _is_photo(folder / entry.name):
                    yield folder / entry.name

    def _folders(self, top: Path) -> Iterator[Path]:
        """A folder and all below it, each before what is in it."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            if self._is_out(folder):
                continue
            yield folder
            below = [
                folder / entry.name
                for entry in self._entries(folder)
                if not entry.name.startswith(".") and _is_folder(entry, follow=False)
            ]
            waiting += reversed(below)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if not isinstance(error, NotADirectoryError):
                self.unreadable[folder] = error.strerror or str(error)
            return []

    def _is_out(self, folder: Path) -> bool:
        return os.path.realpath(folder) == self._out


def _is_folder(entry: os.DirEntry[str], follow: bool = True) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        return False


def _is_photo(path: Path) -> bool:
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True  # A link to what is away just now: worth a try, and a message.


def _any_of(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
