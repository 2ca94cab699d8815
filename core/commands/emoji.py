"""Emojis of photos, folders and patterns in a folder, with a record by which a stopped run can go on."""

from __future__ import annotations

import argparse
import errno
import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from core.commands import DONE, INCOMPLETE
from core.commands.console import complain, printable
from core.commands.options import one_of, path
from core.folders.manifest import Manifest, key
from core.folders.outcomes import BatchError, Emoji, Failure, Outcome, Settings
from core.folders.outputs import Names, fitting, owned
from core.folders.selection import Selection, photos_of
from core.folders.workers import Outcomes, outcomes_here, outcomes_on_ray
from core.stopping import say_stopped
from core.writing import write_whole

T = TypeVar("T")

HELP = "make emojis: PHOTO.png of the largest face, PHOTO-face2.png of the next ..."

SIZES = range(16, 4097)
"""Sides, pixels, that a PNG may have."""

WORKERS = range(1, 257)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}
"""What happens to every file that is written, not to one alone."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "photos",
        nargs="+",
        type=path,
        metavar="PHOTO",
        help="JPEG, PNG, WebP, HEIC or AVIF file, folder of such files, or pattern in quotes",
    )
    parser.add_argument(
        "--out", required=True, type=path, metavar="DIR", help="folder for the emojis; made if need be"
    )
    parser.add_argument(
        "--size", type=one_of(SIZES), default=512, help="side of the PNG in pixels (default: 512)"
    )
    parser.add_argument("--svg", action="store_true", help="write an SVG beside each PNG")
    parser.add_argument("--json", action="store_true", help="print one JSON document with all that was found")
    parser.add_argument(
        "--resume", action="store_true", help="go on where a run into the same folder stopped"
    )
    parser.add_argument(
        "--workers",
        type=one_of(WORKERS),
        metavar="N",
        help="processes that make emojis (default: 1; on Ray, the cluster's CPUs)",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="let a Ray cluster make them: its host:port, or auto (the one of this machine, or a new one)",
    )


def run(options: argparse.Namespace) -> int:
    """Write the emojis; raises BatchError as well, when the run must stop before its end."""
    selection = photos_of(options.photos, options.out)
    settings = Settings(options.size, options.svg, options.json)
    with (
        owned(options.out, partial(complain, f"Another run writes into {options.out}: waiting for its end.")),
        _unless_full(lambda: Manifest(options.out, settings, options.resume)) as manifest,
    ):
        return _Run(selection, settings, options, manifest).carry_out()


class _Run:
    """One run of the command."""

    def __init__(
        self, selection: Selection, settings: Settings, options: argparse.Namespace, manifest: Manifest
    ) -> None:
        self.photos = selection.photos
        self.unreadable = selection.unreadable
        self.settings = settings
        self.options = options
        self.manifest = manifest
        self.before = {photo for photo in self.photos if photo in manifest}
        self.failed = self.emojis = 0
        self.names = Names(options.out, self.photos, manifest.owners, settings.endings)
        self.stems = self._stems()

    def carry_out(self) -> int:
        for folder, why in self.unreadable.items():
            complain(f"{folder}: This folder cannot be read: {why}.")
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
            return say_stopped(self._how_to_go_on())
        except BatchError as error:
            raise BatchError(f"{error}{self._how_to_go_on()}") from error
        if len(self.photos) > 1:
            complain(self._summary())
        return INCOMPLETE if self.failed or self.unreadable else DONE

    def _stems(self) -> dict[Path, str]:
        """{photo: its emoji's name without ending}; an earlier run's stay what they were."""
        recorded = {}
        for owner, stem in self.manifest.stems():
            self.names.reserve(stem, owner)
            recorded[owner] = stem
        return {
            photo: recorded.get(key(photo)) or self.names.claim(photo.stem, key(photo))
            for photo in self.photos
        }

    def _entries(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """(photo, what the record and the JSON document say of it), as soon as it is written."""
        rest = [photo for photo in self.photos if photo not in self.before]
        with closing(self._outcomes(rest)) as outcomes:
            for photo in self.photos:
                if photo in self.before:
                    yield photo, self.manifest.entry(photo)
                else:
                    yield photo, self._written(photo, next(outcomes))
        done = len(self.photos) - self.failed
        summary = {"photos": done, "emojis": self.emojis, "failed": self.failed}
        _unless_full(lambda: self.manifest.finish(summary))

    def _outcomes(self, photos: Sequence[Path]) -> Outcomes:
        ray, workers = self.options.ray, self.options.workers
        if ray is not None and photos:
            return outcomes_on_ray(photos, self.settings, ray, workers)
        return outcomes_here(photos, self.settings, workers or 1)

    def _written(self, photo: Path, outcome: Outcome) -> dict[str, Any]:
        entry: dict[str, Any] = {"file": str(photo)}
        again = False
        if isinstance(outcome, Failure):
            entry["error"], again = outcome.message, not outcome.lasting
        else:
            try:
                entry["faces"] = self._faces(photo, outcome)
            except OSError as error:
                if error.errno in _FULL:
                    raise _cannot_go_on(error) from error
                entry["error"] = f"The emoji cannot be written: {error.strerror or error}."
                again = True
        _unless_full(lambda: self.manifest.add(self.stems[photo], entry, again))
        return entry

    def _faces(self, photo: Path, emojis: Sequence[Emoji]) -> list[dict[str, Any]]:
        """Write the emojis of one photo, under names that are recorded first; the largest face's are the photo's."""
        owner = key(photo)
        stem = self.stems[photo]
        if not self.names.is_free(stem, owner):  # Somebody has put a file of that name there since.
            stem = self.stems[photo] = self.names.claim(stem, owner)
        others = (fitting(stem, f"-face{number}") for number in range(2, len(emojis) + 1))
        stems = [stem, *(self.names.claim(other, owner) for other in others)]
        self.manifest.claim(photo, stem, [f"{name}{end}" for name in stems for end in self.settings.endings])
        faces = []
        for name, emoji in zip(stems, emojis, strict=True):
            face = dict(emoji.details)
            for ending, content in emoji.files.items():
                file = self.options.out / f"{name}{ending}"
                write_whole(file, content)
                face[ending[1:]] = str(file)
            faces.append(face)
        return faces

    def _tell(self, photo: Path, entry: dict[str, Any], document: _Document | None) -> None:
        self.emojis += len(entry.get("faces", ()))
        self.failed += "error" in entry
        if document is not None:
            document.add(entry)
        if "error" in entry:
            tqdm.write(printable(f"{photo}: {entry['error']}"), file=sys.stderr)
        elif document is None and photo not in self.before:
            tqdm.write(printable(f"{photo}: {', '.join(face['png'] for face in entry['faces'])}"))

    def _summary(self) -> str:
        parts = [f"{len(self.photos) - self.failed} of {len(self.photos)} photos gave {self.emojis} emojis"]
        if self.before:
            parts.append(f"{len(self.before)} photos were done before")
        if self.failed:
            parts.append(f"{self.failed} gave none: {self.manifest.path} says why")
        return "; ".join(parts) + "."

    def _how_to_go_on(self) -> str:
        return (
            " What is done is kept; the same command with --resume goes on." if len(self.photos) > 1 else ""
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


def _unless_full(work: Callable[[], T]) -> T:
    """What `work` gives; BatchError when the record cannot be written."""
    try:
        return work()
    except OSError as error:
        raise _cannot_go_on(error) from error


def _cannot_go_on(error: OSError) -> BatchError:
    return BatchError(
        f"No more can be written: {error.strerror or error}. Please make room in the output folder."
    )
