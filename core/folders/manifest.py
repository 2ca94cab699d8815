"""The record of a run over many photos: one line of JSON for each, written as soon as it is done.

A line that begins a run tells the folder that its photos' names start from, and its settings; a line for each photo
tells what became of it and the name (`stem`) that its emojis have; a last line tells that the run came to its end. A
killed run leaves at most one line unfinished, which the next one cuts off.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core.errors import SelfmojiError
from core.folders.batch import Settings

NAME = "manifest.jsonl"

SYNC_SECONDS = 5
"""How much work a power failure may cost. What a killed process wrote is safe at once."""

_ENDINGS = {".png": b"IEND\xaeB`\x82", ".svg": b"</svg>"}
"""How a file of ours ends when it is whole."""


class ManifestError(SelfmojiError):
    """A manifest that this run cannot go on with, or must not replace; the message says what to do."""


@dataclass(frozen=True)
class _Line:
    """A photo's line. offset: bytes from the record's beginning; files: names of what was written."""

    offset: int
    stem: str
    files: tuple[str, ...]
    done: bool


class Manifest:
    """The record in one folder, open for one run; a context manager. Writing raises OSError."""

    def __init__(self, folder: Path, settings: Settings, resume: bool) -> None:
        """resume: go on with the record that is there, if any; else begin one, unless that would lose unfinished work.

        Raises ManifestError for a record of other settings, an unfinished one, or a file that is none.
        """
        self.path = folder / NAME
        self._run = {"selfmoji": core.__version__} | settings.to_dict()
        self._lines: dict[str, _Line] = {}
        end = self._read(resume)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        self._synced = time.monotonic()
        try:
            os.ftruncate(self._file, end)
            self._append({"run": self._run, "folder": str(Path.cwd())})
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._file)

    def __contains__(self, photo: Path) -> bool:
        """Whether a photo is done: it gave emojis, which are still there, or never will."""
        line = self._lines.get(_key(photo))
        return line is not None and line.done

    def entry(self, photo: Path) -> dict[str, Any]:
        """What was recorded of a photo that is done."""
        with self.path.open("rb") as file:
            file.seek(self._lines[_key(photo)].offset)
            return _entry(json.loads(file.readline()))

    def stem(self, photo: Path) -> str | None:
        """The name that a photo's emojis have had before, whether or not it is done."""
        line = self._lines.get(_key(photo))
        return line.stem if line else None

    def stems(self) -> Iterator[str]:
        """All names that the record speaks of."""
        for line in self._lines.values():
            yield line.stem
            yield from (Path(file).stem for file in line.files)

    def add(self, stem: str, entry: dict[str, Any], again: bool) -> None:
        """Record what became of a photo; again: a later run should try it once more."""
        self._append({"stem": stem} | entry | ({"again": True} if again else {}))

    def finish(self, summary: dict[str, int]) -> None:
        """Record that every photo was done, or tried."""
        self._append({"end": summary})
        os.fsync(self._file)

    def _append(self, document: dict[str, Any]) -> None:
        end = os.lseek(self._file, 0, os.SEEK_END)
        data = json.dumps(document).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            os.ftruncate(self._file, end)
            raise
        if time.monotonic() - self._synced > SYNC_SECONDS:
            os.fsync(self._file)
            self._synced = time.monotonic()

    def _read(self, resume: bool) -> int:
        """Take over what is recorded; the number of bytes to keep."""
        run, folder, finished, offset = None, Path(), False, 0
        for line in self._whole_lines():
            document = _parsed(line)
            if "run" in document:
                run, folder = document["run"], Path(document["folder"])
            elif run is None:
                raise ManifestError(self._foreign())
            elif "file" in document:
                self._take(folder, offset, document)
            finished = "end" in document
            offset += len(line)
        if resume:
            self._check_settings(run)
            return offset
        if self._lines and not finished:
            raise ManifestError(
                f"{self.path} is the record of a run that did not come to its end. Please add --resume to go on with "
                "it, or delete the record to start over."
            )
        self._lines.clear()
        return 0

    def _whole_lines(self) -> Iterator[bytes]:
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise ManifestError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        with file:
            for number, line in enumerate(file):
                if line.endswith(b"\n"):
                    yield line
                elif number == 0 and not line.startswith(_BEGINNING[: len(line)]):
                    raise ManifestError(self._foreign())

    def _take(self, folder: Path, offset: int, document: dict[str, Any]) -> None:
        faces = document.get("faces", ())
        files = tuple(Path(face[kind]).name for face in faces for kind in ("png", "svg") if kind in face)
        done = "again" not in document and all(_is_whole(self.path.parent / name) for name in files)
        self._lines[_key(folder / document["file"])] = _Line(offset, document["stem"], files, done)

    def _check_settings(self, run: dict[str, Any] | None) -> None:
        if run is None or run == self._run:
            return
        changed = [
            f"{name} {run.get(name)} instead of {value}"
            for name, value in self._run.items()
            if run.get(name) != value
        ]
        raise ManifestError(
            f"The emojis in {self.path.parent} were made with other settings ({', '.join(changed)}). Please use the "
            "same to go on, or give another folder to --out."
        )

    def _foreign(self) -> str:
        return (
            f"{self.path} is no record of Selfmoji's. Please move it away, or give another folder to --out."
        )


_BEGINNING = b'{"run": '


def _parsed(line: bytes) -> dict[str, Any]:
    """A line's content; none for one that a failing disk has garbled, so that its photo is done again."""
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _entry(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("stem", "again")}


def _key(photo: Path) -> str:
    return os.path.abspath(photo)  # noqa: PTH100 -- a link is a photo of its own


def _is_whole(file: Path) -> bool:
    ending = _ENDINGS[file.suffix]
    try:
        with file.open("rb") as stream:
            stream.seek(-len(ending), os.SEEK_END)
            return stream.read() == ending
    except OSError:
        return False
