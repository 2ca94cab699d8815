"""Which photos are meant by the files, folders and patterns of a command."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import SelfmojiError

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".hif")
"""How names of photos end, in lower case. Files that are named themselves may be called anything."""


class SelectionError(SelfmojiError):
    """A folder or pattern that means no photo; the message says why."""


def photos_of(named: Iterable[Path], out: Path) -> list[Path]:
    """Each photo once: the files as they are named, those of folders and their subfolders sorted.

    Hidden files, and what lies in `out`, are no photos of a folder. A path that exists nowhere is taken for a file's.
    Raises SelectionError for a folder or pattern without photos.
    """
    photos: dict[str, Path] = {}
    for path in named:
        for photo in _meant(path, out.resolve()):
            photos.setdefault(os.path.abspath(photo), photo)  # noqa: PTH100 -- a link is a photo of its own
    return list(photos.values())


def _meant(path: Path, out: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _photos_in(path, out)
    elif glob.has_magic(str(path)) and not path.exists():
        yield from _fitting(path, out)
    else:
        yield path


def _fitting(pattern: Path, out: Path) -> list[Path]:
    photos: list[Path] = []
    for match in sorted(map(Path, glob.iglob(str(pattern), recursive=True))):  # noqa: PTH207 -- takes absolute ones
        if match.is_dir() and match.resolve() != out:
            photos += _walk(match, out)
        elif match.suffix.lower() in SUFFIXES and match.parent.resolve() != out:
            photos.append(match)
    if not photos:
        raise SelectionError(
            f"No photo fits the pattern {pattern}, unless it is in the folder of the emojis."
        )
    return photos


def _photos_in(folder: Path, out: Path) -> list[Path]:
    if folder.resolve() == out:
        raise SelectionError(
            f"The emojis cannot go into {folder}, the folder of the photos. Please give another folder to --out."
        )
    photos = list(_walk(folder, out))
    if not photos:
        raise SelectionError(
            f"There is no photo in {folder}: no file's name ends with {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )
    return photos


def _walk(folder: Path, out: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder, onerror=_refuse):
        parent = Path(where)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (parent / name).resolve() != out
        )
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield parent / name


def _refuse(error: OSError) -> None:
    raise SelectionError(f"The folder {error.filename} cannot be read: {error.strerror}.") from error
