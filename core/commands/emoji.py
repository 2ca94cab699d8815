"""Emojis of photos, folders and patterns in a folder, with a record by which a stopped run can go on."""

from __future__ import annotations

import argparse
import errno
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.commands import DONE, INCOMPLETE, STOPPED, printable
from core.folders.batch import BatchError, Emoji, Failure, Outcome, Settings
from core.folders.manifest import Manifest
from core.folders.outputs import Names, check_writable, write_whole
from core.folders.selection import photos_of
from core.folders.workers import outcomes_here, outcomes_on_ray

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}
"""What happens to every file that is written, not to one alone."""


def run(options: argparse.Namespace) -> int:
    """Write the emojis; raises BatchError as well, when the run must stop before its end."""
    photos = photos_of(options.photos, options.out)
    check_writable(options.out)
    settings = Settings(options.size, options.svg, options.json)
    kept = len(photos) > 1 or options.resume
    with _unless_full(Manifest, options.out, settings, options.resume) if kept else nullcontext() as manifest:
        return _Run(photos, settings, options, manifest).carry_out()


class _Run:
    """One run of the command."""

    def __init__(
        self,
        photos: Sequence[Path],
        settings: Settings,
        options: argparse.Namespace,
        manifest: Manifest | None,
    ) -> None:
        self.photos = photos
        self.settings = settings
        self.options = options
        self.manifest = manifest
        self.before = {photo for photo in photos if manifest is not None and photo in manifest}
        self.failed = self.emojis = 0
        # Photos are never written over, even when they lie in the output folder.
        self.names = Names(photos)
        self.stems = self._stems()

    def carry_out(self) -> int:
        told = _Document() if self.options.json else nullcontext()
        # None shows the bar on a terminal only.
        hidden = None if len(self.photos) > 1 else True
        bar = tqdm(total=len(self.photos), initial=len(self.before), unit="photo", disable=hidden)
        try:
            with bar, told as document:
                for photo, entry in self._entries():
                    self._tell(photo, entry, document)
                    bar.update(photo not in self.before)
        except KeyboardInterrupt:
            print(f"Stopped.{self._how_to_go_on()}", file=sys.stderr)
            return STOPPED
        except BatchError as error:
            raise BatchError(f"{error}{self._how_to_go_on()}") from error
        if self.manifest is not None:
            print(self._summary(self.manifest), file=sys.stderr)
        return INCOMPLETE if self.failed else DONE

    def _stems(self) -> dict[Path, Path]:
        """{photo: its emoji's path without ending}; an earlier run's stay what they were."""
        out: Path = self.options.out
        stems: dict[Path, Path] = {}
        if self.manifest is not None:
            for stem in self.manifest.stems():
                self.names.take(out / stem)
            stems = {photo: out / had for photo in self.photos if (had := self.manifest.stem(photo))}
        return stems | {
            photo: self.names.claim(out / photo.stem) for photo in self.photos if photo not in stems
        }

    def _entries(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """(photo, what the record and the JSON document say of it), as soon as it is written."""
        rest = [photo for photo in self.photos if photo not in self.before]
        with closing(self._outcomes(rest)) as outcomes:
            for photo in self.photos:
                if self.manifest is not None and photo in self.before:
                    yield photo, self.manifest.entry(photo)
                else:
                    yield photo, self._written(photo, next(outcomes))
        if self.manifest is not None:
            done = len(self.photos) - self.failed
            _unless_full(self.manifest.finish, {"photos": done, "emojis": self.emojis, "failed": self.failed})

    def _outcomes(self, photos: Sequence[Path]) -> Any:
        ray, workers = self.options.ray, self.options.workers
        if ray is not None and photos:
            return outcomes_on_ray(photos, self.settings, ray, workers)
        return outcomes_here(photos, self.settings, workers or 1)

    def _written(self, photo: Path, outcome: Outcome) -> dict[str, Any]:
        entry: dict[str, Any] = {"file": str(photo)}
        if isinstance(outcome, Failure):
            entry["error"], again = outcome.message, not outcome.lasting
        else:
            try:
                entry["faces"], again = self._faces(self.stems[photo], outcome), False
            except OSError as error:
                if self.manifest is not None and error.errno in _FULL:
                    raise _cannot_go_on(error) from error
                entry["error"] = f"The emoji cannot be written: {error.strerror or error}."
                again = True
        if self.manifest is not None:
            _unless_full(self.manifest.add, self.stems[photo].name, entry, again)
        return entry

    def _faces(self, stem: Path, emojis: Sequence[Emoji]) -> list[dict[str, Any]]:
        """Write the emojis of one photo; the largest face's to `stem`, plus its ending."""
        others = (f"{stem.name}-face{number}" for number in range(2, len(emojis) + 1))
        stems = [stem, *(self.names.claim(stem.with_name(name)) for name in others)]
        return [
            emoji.details | {ending[1:]: _write(f"{stem}{ending}", data) for ending, data in emoji.files.items()}
            for stem, emoji in zip(stems, emojis, strict=True)
        ]  # fmt: skip

    def _tell(self, photo: Path, entry: dict[str, Any], document: _Document | None) -> None:
        self.emojis += len(entry.get("faces", ()))
        self.failed += "error" in entry
        if document is not None:
            document.add(entry)
        if "error" in entry:
            tqdm.write(printable(f"{photo}: {entry['error']}"), file=sys.stderr)
        elif document is None and photo not in self.before:
            tqdm.write(printable(f"{photo}: {', '.join(face['png'] for face in entry['faces'])}"))

    def _summary(self, manifest: Manifest) -> str:
        parts = [f"{len(self.photos) - self.failed} of {len(self.photos)} photos gave {self.emojis} emojis"]
        if self.before:
            parts.append(f"{len(self.before)} photos were done before")
        if self.failed:
            parts.append(f"{self.failed} gave none: {manifest.path} says why")
        return "; ".join(parts) + "."

    def _how_to_go_on(self) -> str:
        return (
            "" if self.manifest is None else " What is done is kept; the same command with --resume goes on."
        )


class _Document:
    """The JSON document on stdout: a list that is written entry by entry, and closed however the run ends."""

    def __enter__(self) -> _Document:
        self._separator = "["
        return self

    def add(self, entry: dict[str, Any]) -> None:
        print(f"{self._separator}\n{textwrap.indent(json.dumps(entry, indent=2), '  ')}", end="")
        self._separator = ","

    def __exit__(self, *error: object) -> None:
        print("[]" if self._separator == "[" else "\n]")


def _write(path: str, data: bytes) -> str:
    write_whole(Path(path), data)
    return path


def _unless_full(work: Any, *arguments: Any) -> Any:
    """What `work` gives; BatchError when the record cannot be written."""
    try:
        return work(*arguments)
    except OSError as error:
        raise _cannot_go_on(error) from error


def _cannot_go_on(error: OSError) -> BatchError:
    return BatchError(
        f"No more can be written: {error.strerror or error}. Please make room in the output folder."
    )
