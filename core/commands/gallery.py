"""A contact sheet of every drawing and every choice, and of people from photos."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.commands import DONE, INCOMPLETE
from core.commands.console import complain, printable
from core.commands.options import one_of, path
from core.folders.aside import aside
from core.folders.outcomes import Failure
from core.folders.outputs import OutputError, check_writable, key_of
from core.writing import write_whole

HELP = "draw a contact sheet of every drawing and every choice"

TILES = range(16, 513)
"""Sides, pixels, that an emoji on the contact sheet may have; with larger ones the sheet would not fit in memory."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, type=path, metavar="FILE.png", help="the picture to write")
    parser.add_argument(
        "--photos", nargs="+", type=path, default=[], metavar="PHOTO", help="photos of people to put on it too"
    )  # fmt: skip
    parser.add_argument(
        "--size", type=one_of(TILES), default=144, help="side of an emoji in pixels (default: 144)"
    )


def run(options: argparse.Namespace) -> int:
    check_writable(options.out.parent)
    if key_of(options.out) in map(key_of, options.photos):
        raise OutputError(f"{options.out} is one of the photos. Please give another file to --out.")
    sheet, failures = aside(partial(_sheet, options.photos, options.size))
    for photo, failure in failures.items():
        complain(f"{photo}: {failure.message}")
    try:
        write_whole(options.out, sheet)
    except OSError as error:
        raise OutputError(f"{options.out} cannot be written: {error.strerror or error}.") from error
    return INCOMPLETE if failures else DONE


def _sheet(photos: Sequence[Path], size: int) -> tuple[bytes, dict[Path, Failure]]:
    """The picture, and why some photos have nobody on it."""
    from core.extras.gallery import gallery_png
    from core.folders.batch import people_in

    persons, failures = [], {}
    for photo in photos:
        [people] = people_in([photo])
        if isinstance(people, Failure):
            failures[photo] = people
        else:
            persons += [(printable(photo.stem), person.recipe) for person in people]
    return gallery_png(persons, size), failures
