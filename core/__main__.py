"""Command line: photos to emojis in a folder, standard emojis that fit, sticker packs, a sheet of every choice.

python -m core emoji me.jpg holidays/ "2024/**/*.heic" --out emojis --workers 2 --resume
python -m core suggest me.jpg --json
python -m core stickers me.jpg --out stickers --name "My moods"
python -m core gallery --out gallery.png --photos me.jpg friends.heic
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import core
from core.commands import INCOMPLETE, WRONG_USAGE
from core.folders.batch import BatchError
from core.folders.manifest import ManifestError
from core.folders.outputs import OutputError
from core.folders.selection import SelectionError
from core.folders.workers import RayError

SIZES = range(16, 4097)
"""Sides, pixels, that a PNG may have."""

TILES = range(16, 513)
"""Sides, pixels, that an emoji on the contact sheet may have; with larger ones the sheet would not fit in memory."""

COUNTS = range(1, 101)
"""How many emojis may be suggested for a face."""

WORKERS = range(1, 257)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Raises SystemExit, as argparse does, for arguments that make no sense."""
    options = _parser().parse_args(arguments)
    # A command's own room is entered when it is wanted, since some take long to load.
    command = importlib.import_module(f"core.commands.{options.command}")
    try:
        return command.run(options)
    except (OutputError, SelectionError, ManifestError, RayError) as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except (BatchError, core.WeightsError) as error:
        print(error, file=sys.stderr)
        return INCOMPLETE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Selfies to personal emojis.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_emoji(commands)

    suggest = commands.add_parser(
        "suggest", help="name the standard emojis that fit the faces of photos best"
    )
    suggest.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="JPEG, PNG, WebP or HEIC file")
    suggest.add_argument("--count", type=_one_of(COUNTS), default=6, help="emojis for each face (default: 6)")
    suggest.add_argument("--json", action="store_true", help="print one JSON document, with scores")

    stickers = commands.add_parser("stickers", help="make a sticker pack for messengers, and a ZIP of it")
    stickers.add_argument(
        "source",
        type=Path,
        metavar="PHOTO_OR_RECIPE",
        help="a photo (the largest face), or a recipe's .json file",
    )
    stickers.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="folder for the pack; made if need be"
    )
    stickers.add_argument("--name", help="the pack's name (default: that of the photo or recipe)")

    gallery = commands.add_parser("gallery", help="draw a contact sheet of every drawing and every choice")
    gallery.add_argument("--out", required=True, type=Path, metavar="FILE.png", help="the picture to write")
    gallery.add_argument(
        "--photos",
        nargs="+",
        type=Path,
        default=[],
        metavar="PHOTO",
        help="photos of people to put on it too",
    )
    gallery.add_argument(
        "--size", type=_one_of(TILES), default=144, help="side of an emoji in pixels (default: 144)"
    )
    return parser


def _add_emoji(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    emoji = commands.add_parser(
        "emoji", help="make emojis: PHOTO.png of the largest face, PHOTO-face2.png of the next ..."
    )
    emoji.add_argument(
        "photos",
        nargs="+",
        type=Path,
        metavar="PHOTO",
        help="JPEG, PNG, WebP or HEIC file, folder of such files, or pattern in quotes",
    )
    emoji.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="folder for the emojis; made if need be"
    )
    emoji.add_argument(
        "--size", type=_one_of(SIZES), default=512, help="side of the PNG in pixels (default: 512)"
    )
    emoji.add_argument("--svg", action="store_true", help="write an SVG beside each PNG")
    emoji.add_argument("--json", action="store_true", help="print one JSON document with all that was found")
    emoji.add_argument("--resume", action="store_true", help="go on where a run into the same folder stopped")
    emoji.add_argument(
        "--workers",
        type=_one_of(WORKERS),
        metavar="N",
        help="processes that make emojis (default: 1; on Ray, the cluster's CPUs)",
    )
    emoji.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="let a Ray cluster make them: its host:port, or auto (the one of this machine, or a new one)",
    )


def _one_of(numbers: range) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) not in numbers:
            raise argparse.ArgumentTypeError(
                f"{text!r} is no whole number from {numbers[0]} to {numbers[-1]}"
            )
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
