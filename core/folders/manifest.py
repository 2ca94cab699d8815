"""The record of the emojis in a folder: one line of JSON for each photo, written as soon as it is done.

A line that begins a run tells the folder that its photos' names start from, its settings and what else its emojis
depend on. Before files get new names, a line says which photo they belong to: what the record names is ours to replace,
and nothing else is. A line for each photo tells what became of it and the name (`stem`) that its emojis have; a last
line tells that the run came to its end. A killed run leaves at most one line unfinished, which the next one cuts off.

Whatever is read may have been written by anybody: a line of another shape is passed over, and costs its own photo.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError, shortened
from core.folders.generation import generation
from core.folders.outcomes import Settings
from core.folders.outputs import folded
from core.writing import write_whole

NAME = "manifest.jsonl"

SYNC_SECONDS = 5
"""How much work a power failure may cost. What a killed process wrote is safe at once."""

LONGEST_LINE = 1 << 24
"""Bytes; the readings of a photo of a hundred faces take less than a fiftieth of it."""

LONGEST_ERROR = 10_000
"""Characters of what was told of a photo, the path of its file included."""

_ENDINGS = {".png": b"IEND\xaeB`\x82", ".svg": b"</svg>"}
"""How a file of ours ends when it is whole."""


class ManifestError(UsageError):
    """A manifest that this run cannot go on with, or must not replace; the message says what to do."""


@dataclass(slots=True)
class _Known:
    """What the record says of a photo. names: of files that were or may have been written; offset: of its line, bytes
    from the record's beginning; done: nothing is left to do."""

    stem: str
    names: tuple[str, ...] = ()
    offset: int = 0
    done: bool = False


class Manifest:
    """The record in one folder, open for one run that owns it; a context manager. Writing raises OSError."""

    def __init__(self, folder: Path, settings: Settings, resume: bool) -> None:
        """resume: go on with the record that is there, if any; else begin one, which keeps the names of the one before.

        Raises ManifestError for a record of other settings or of another generation, an unfinished one that this run
        could have gone on with, or a file that is none.
        """
        self.path = folder / NAME
        self._run = generation() | settings.to_dict()
        self._photos: dict[str, _Known] = {}
        self.owners: dict[str, str] = {}
        """{name of a file, `folded`: the `key` of the photo whose emoji it is}."""
        end = self._read(resume)
        if not resume:
            self._begin_anew()
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        self._synced = time.monotonic()
        try:
            if resume:
                os.ftruncate(self._file, end)
                self._append(self._beginning())
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._file)

    def __contains__(self, photo: Path) -> bool:
        """Whether a photo is done: it gave emojis, which are still there, or never will."""
        known = self._photos.get(key(photo))
        return known is not None and known.done

    def entry(self, photo: Path) -> dict[str, Any]:
        """What was recorded of a photo that is done."""
        with self.path.open("rb") as file:
            file.seek(self._photos[key(photo)].offset)
            document = json.loads(file.readline())
        return {name: value for name, value in document.items() if name not in ("stem", "again")}

    def stem(self, photo: Path) -> str | None:
        """The name that a photo's emojis have had before, whether or not it is done."""
        known = self._photos.get(key(photo))
        return known.stem if known else None

    def stems(self) -> Iterator[tuple[str, str]]:
        """(`key` of a photo, its emojis' name) of every photo that the record speaks of."""
        return ((photo, known.stem) for photo, known in self._photos.items())

    def claim(self, photo: Path, stem: str, files: Iterable[str]) -> None:
        """Record that files with these names are this photo's, before they are written."""
        owner = key(photo)
        new = [name for name in files if self.owners.get(folded(name)) != owner]
        if new:
            self._append({"photo": owner, "stem": stem, "names": new})
            self._name(owner, stem, new)

    def add(self, stem: str, entry: dict[str, Any], again: bool) -> None:
        """Record what became of a photo; again: a later run should try it once more."""
        self._append({"stem": stem} | entry | ({"again": True} if again else {}))

    def finish(self, summary: dict[str, int]) -> None:
        """Record that every photo was done, or tried."""
        self._append({"end": summary})
        os.fsync(self._file)

    # --- Writing ----------------------------------------------------------------------------------------------------

    def _beginning(self) -> dict[str, Any]:
        return {"run": self._run, "folder": str(Path.cwd())}

    def _begin_anew(self) -> None:
        """A record without any photo that is done, but with all names."""
        names = [
            {"photo": photo, "stem": known.stem, "names": known.names}
            for photo, known in self._photos.items()
        ]
        write_whole(self.path, b"".join(map(_line, [self._beginning(), *names])))
        for known in self._photos.values():
            known.done = False

    def _append(self, document: dict[str, Any]) -> None:
        end = os.lseek(self._file, 0, os.SEEK_END)
        data = _line(document)
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            os.ftruncate(self._file, end)
            raise
        if time.monotonic() - self._synced > SYNC_SECONDS:
            os.fsync(self._file)
            self._synced = time.monotonic()

    def _name(self, owner: str, stem: str, names: Sequence[str]) -> _Known:
        known = self._photos.setdefault(owner, _Known(stem))
        known.stem = stem
        known.names += tuple(name for name in names if name not in known.names)
        self.owners |= {folded(name): owner for name in names}
        return known

    # --- Reading ----------------------------------------------------------------------------------------------------

    def _read(self, resume: bool) -> int:
        """Take over what is recorded; the number of bytes to keep."""
        run: Mapping[str, Any] | None = None
        folder, finished, told, offset = Path(), False, False, 0
        for line in self._whole_lines():
            document = _parsed(line)
            if "run" in document:
                run, place = document["run"], document.get("folder")
                if not isinstance(run, dict) or not isinstance(place, str):
                    raise ManifestError(self._foreign())
                folder = Path(place)
            elif run is None:
                raise ManifestError(self._foreign())
            elif "names" in document:
                self._take_names(document)
            elif "file" in document:
                told = self._take_photo(folder, offset, document) or told
            finished = "end" in document
            offset += len(line)
        if run is None:
            return offset
        if resume:
            self._check_same(run)
        elif told and not finished and run == self._run:
            raise ManifestError(
                f"{self.path} is the record of a run that did not come to its end. Please add --resume to go on with "
                "it, or give another folder to --out to start over."
            )
        return offset

    def _whole_lines(self) -> Iterator[bytes]:
        try:
            # Opening a pipe would wait for somebody who writes into it.
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise ManifestError(self._foreign())
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise ManifestError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        with file:
            first = True
            while line := file.readline(LONGEST_LINE):
                if line.endswith(b"\n"):
                    yield line
                elif len(line) == LONGEST_LINE or (first and not line.startswith(_BEGINNING[: len(line)])):
                    raise ManifestError(self._foreign())
                first = False

    def _take_names(self, document: Mapping[str, Any]) -> None:
        """Take over a line that gives names, if it is one."""
        photo, stem, names = document.get("photo"), _stem(document), document["names"]
        if isinstance(photo, str) and stem and isinstance(names, list) and all(map(_is_ours, names)):
            self._name(photo, stem, names)

    def _take_photo(self, folder: Path, offset: int, document: Mapping[str, Any]) -> bool:
        """Take over a photo's line, if it is one."""
        file, stem, files = document["file"], _stem(document), _files(document)
        if not isinstance(file, str) or stem is None or files is None:
            return False
        known = self._name(key(folder / file), stem, files)
        known.offset = offset
        known.done = "again" not in document and all(_is_whole(self.path.parent / name) for name in files)
        return True

    def _check_same(self, run: Mapping[str, Any]) -> None:
        changed = [
            f"other {name}" if name in _FINGERPRINTS
            else f"{_LABELS.get(name, name)} {shortened(run.get(name))} instead of {shortened(value)}"
            for name, value in self._run.items()
            if run.get(name) != value
        ]  # fmt: skip
        if changed:
            raise ManifestError(
                f"The emojis in {self.path.parent} were made with {', '.join(changed)}. Please leave out --resume to "
                "make these anew, or give another folder to --out."
            )

    def _foreign(self) -> str:
        return (
            f"{self.path} is no record of Selfmoji's. Please move it away, or give another folder to --out."
        )


_BEGINNING = b'{"run": '

_LABELS = {"selfmoji": "version"}
_FINGERPRINTS = ("weights", "rules", "drawings")
"""What of a run's line says nothing to people."""


def key(photo: Path) -> str:
    """Which photo is meant, wherever a command was given."""
    return os.path.abspath(photo)  # noqa: PTH100 -- a link is a photo of its own


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"


def _parsed(line: bytes) -> dict[str, Any]:
    """A line's content; none for one that a failing disk has garbled, so that its photo is done again."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _files(document: Mapping[str, Any]) -> list[str] | None:
    """The names of the files that a photo's line speaks of; None if it has not the shape of one."""
    faces, error = document.get("faces"), document.get("error")
    if faces is None:
        return [] if isinstance(error, str) and len(error) <= LONGEST_ERROR else None
    if not isinstance(faces, list) or not all(isinstance(face, dict) and "png" in face for face in faces):
        return None
    files = [face[kind] for face in faces for kind in ("png", "svg") if kind in face]
    # They are told as paths from where the command was given, but all lie beside the record.
    names = [os.path.basename(file) if isinstance(file, str) else file for file in files]  # noqa: PTH119
    return names if all(map(_is_ours, names)) else None


def _stem(document: Mapping[str, Any]) -> str | None:
    stem = document.get("stem")
    return stem if isinstance(stem, str) and _is_ours(f"{stem}.png") else None


def _is_ours(name: object) -> bool:
    """Whether this may be the name of a file beside the record, of a kind that we write."""
    if not isinstance(name, str) or "\0" in name or os.path.basename(name) != name:  # noqa: PTH119
        return False
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return Path(name).suffix in _ENDINGS


def _is_whole(file: Path) -> bool:
    ending = _ENDINGS[file.suffix]
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return False
        with file.open("rb") as stream:
            stream.seek(-len(ending), os.SEEK_END)
            return stream.read() == ending
    except OSError:
        return False
