"""Command line: photos to emojis in a folder, standard emojis that fit, sticker packs, a sheet of every choice.

python -m core emoji me.jpg friends.heic --out emojis --svg --json
python -m core suggest me.jpg --json
python -m core stickers me.jpg --out stickers --name "My moods"
python -m core gallery --out gallery.png --photos me.jpg friends.heic
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

import core

if TYPE_CHECKING:
    from core import Face, Reader, Reading, Recipe

SIZES = range(16, 4097)
"""Sides, pixels, that a PNG may have."""

TILES = range(16, 513)
"""Sides, pixels, that an emoji on the contact sheet may have; with larger ones the sheet would not fit in memory."""

COUNTS = range(1, 101)
"""How many emojis may be suggested for a face."""

DONE, INCOMPLETE, WRONG_USAGE = 0, 1, 2
"""Exit codes: every photo gave a result, some did not, the command itself makes no sense."""


class OutputError(Exception):
    """Output that cannot be written where it was asked for; the message says why."""


@dataclass(frozen=True)
class Person:
    """One face of a photo, what the models saw in it and the emoji that follows."""

    face: Face
    reading: Reading
    recipe: Recipe


def people_in(source: bytes | Path) -> list[Person]:
    """Everyone in a photo, the largest face first. Raises PhotoError, FaceError or WeightsError."""
    faces = core.find_faces(core.read_photo(source))
    readings = _reader().read([face.crop for face in faces])
    return [
        Person(face, reading, core.Recipe.from_reading(reading))
        for face, reading in zip(faces, readings, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Raises SystemExit, as argparse does, for arguments that make no sense."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except OutputError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE


@cache
def _reader() -> Reader:
    return core.Reader()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Selfies to personal emojis.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    emoji = commands.add_parser(
        "emoji", help="make emojis: PHOTO.png of the largest face, PHOTO-face2.png of the next ..."
    )
    emoji.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="JPEG, PNG, WebP or HEIC file")
    emoji.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="folder for the emojis; made if need be"
    )
    emoji.add_argument("--size", type=_size, default=512, help="side of the PNG in pixels (default: 512)")
    emoji.add_argument("--svg", action="store_true", help="write an SVG beside each PNG")
    emoji.add_argument("--json", action="store_true", help="print one JSON document with all that was found")
    emoji.set_defaults(run=_emoji)

    suggest = commands.add_parser(
        "suggest", help="name the standard emojis that fit the faces of photos best"
    )
    suggest.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="JPEG, PNG, WebP or HEIC file")
    suggest.add_argument("--count", type=_count, default=6, help="emojis for each face (default: 6)")
    suggest.add_argument("--json", action="store_true", help="print one JSON document, with scores")
    suggest.set_defaults(run=_suggest)

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
    stickers.set_defaults(run=_stickers)

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
    gallery.add_argument("--size", type=_tile, default=144, help="side of an emoji in pixels (default: 144)")
    gallery.set_defaults(run=_gallery)
    return parser


def _size(text: str) -> int:
    if not text.isdecimal() or int(text) not in SIZES:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {SIZES[0]} to {SIZES[-1]}")
    return int(text)


def _tile(text: str) -> int:
    if not text.isdecimal() or int(text) not in TILES:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {TILES[0]} to {TILES[-1]}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) not in COUNTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {COUNTS[0]} to {COUNTS[-1]}")
    return int(text)


def _emoji(options: argparse.Namespace) -> int:
    _check_writable(options.out)
    # Photos are never written over, even when they lie in the output folder.
    taken = {_key(photo) for photo in options.photos}
    targets = [_claim(options.out, photo.stem, taken) for photo in options.photos]
    progress = tqdm(
        zip(options.photos, targets, strict=True),
        total=len(options.photos),
        unit="photo",
        # None shows the bar on a terminal only.
        disable=None if len(options.photos) > 1 else True,
    )
    entries = []
    for photo, target in progress:
        entry = {"file": str(photo)} | _outcome(photo, partial(_emojis, target, options, taken))
        entries.append(entry)
        if "error" in entry:
            tqdm.write(f"{photo}: {entry['error']}", file=sys.stderr)
        elif not options.json:
            tqdm.write(_printable(f"{photo}: {', '.join(face['png'] for face in entry['faces'])}"))
    if options.json:
        print(json.dumps(entries, indent=2))
    return INCOMPLETE if any("error" in entry for entry in entries) else DONE


def _suggest(options: argparse.Namespace) -> int:
    entries = []
    for photo in options.photos:
        entry = {"file": str(photo)} | _outcome(photo, partial(_suggestions, count=options.count))
        entries.append(entry)
        if "error" in entry:
            print(f"{photo}: {entry['error']}", file=sys.stderr)
        elif not options.json:
            for number, face in enumerate(entry["faces"], start=1):
                emojis = ", ".join(f"{found['character']} {found['name']}" for found in face["suggestions"])
                print(_printable(f"{photo}{f' (face {number})' if number > 1 else ''}: {emojis}"))
    if options.json:
        print(json.dumps(entries, indent=2))
    return INCOMPLETE if any("error" in entry for entry in entries) else DONE


def _stickers(options: argparse.Namespace) -> int:
    from core.stickers import StickerError, pack_files, pack_size, slug, stickers_of, zip_of

    name = options.name if options.name is not None else _printable(options.source.stem)
    try:
        recipe = _recipe_of(options.source)
        stickers = stickers_of(recipe)
        drawing = pack_files(name, recipe, stickers)
        _check_writable(options.out)
        # Nothing is written before everything is drawn.
        files = dict(tqdm(drawing, total=pack_size(stickers), unit="file", disable=None))
    except (core.PhotoError, core.FaceError, core.WeightsError, core.RecipeError, StickerError) as error:
        print(f"{options.source}: {error}", file=sys.stderr)
        return INCOMPLETE
    files[f"{slug(name)}.zip"] = zip_of(files)
    if _key(options.source) in {_key(options.out / file) for file in files}:
        raise OutputError(f"{options.source} would be overwritten. Please give another folder to --out.")
    try:
        for file, content in files.items():
            (options.out / file).write_bytes(content)
    except OSError as error:
        raise OutputError(f"The pack cannot be written: {error.strerror or error}.") from error
    print(_printable(f"{options.source}: {options.out / file}"))
    return DONE


def _recipe_of(source: Path) -> Recipe:
    """The recipe in a .json file, or of the largest face of a photo. Raises what either may raise."""
    if source.suffix.lower() != ".json":
        return people_in(source)[0].recipe
    try:
        return core.Recipe.from_json(source.read_text("utf-8"))
    except OSError as error:
        raise core.RecipeError(f"This recipe cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise core.RecipeError("This recipe is not JSON: it is no UTF-8 text.") from error


def _outcome(photo: Path, work: Callable[[list[Person]], list[dict[str, Any]]]) -> dict[str, Any]:
    """What `work` makes of the people in one photo: its `faces` or its `error`, as the JSON document has them."""
    try:
        faces = work(people_in(photo))
    except (core.PhotoError, core.FaceError, core.WeightsError, core.RecipeError) as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": f"The emoji cannot be written: {error.strerror or error}."}
    except Exception as error:
        # A bug of ours that this one photo met; the other photos should not have to wait for its repair.
        logging.exception("%s", photo)
        return {"error": f"Selfmoji failed on this photo, which is a bug: {type(error).__name__}."}
    return {"faces": faces}


def _emojis(
    target: Path, options: argparse.Namespace, taken: set[str], people: list[Person]
) -> list[dict[str, Any]]:
    """Write the emojis of one photo; the largest face's to `target`, plus its ending."""
    others = [_claim(target.parent, f"{target.name}-face{n}", taken) for n in range(2, len(people) + 1)]
    return [_written(person, stem, options) for person, stem in zip(people, [target, *others], strict=True)]


def _suggestions(people: list[Person], count: int) -> list[dict[str, Any]]:
    from core.suggest import suggest

    return [
        {
            "box": list(person.face.box),
            "emotion": person.reading.emotion,
            "suggestions": [asdict(suggestion) for suggestion in suggest(person.reading, count)],
        }
        for person in people
    ]


def _written(person: Person, stem: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Write one emoji to `stem` plus .png (and .svg); the face's entry in the JSON document."""
    entry = {"box": list(person.face.box)} | person.reading.to_dict() | {"recipe": person.recipe.to_json()}
    entry["png"] = _write(stem, ".png", core.draw_png(person.recipe, options.size))
    if options.svg:
        entry["svg"] = _write(stem, ".svg", core.draw_svg(person.recipe).encode())
    return entry


def _gallery(options: argparse.Namespace) -> int:
    from core.gallery import gallery_png

    _check_writable(options.out.parent)
    if _key(options.out) in map(_key, options.photos):
        raise OutputError(f"{options.out} is one of the photos. Please give another file to --out.")
    persons: list[tuple[str, Recipe]] = []
    complete = True
    for photo in options.photos:
        outcome = _outcome(photo, _recipes)
        if "error" in outcome:
            complete = False
            print(f"{photo}: {outcome['error']}", file=sys.stderr)
        persons += [(_printable(photo.stem), face["recipe"]) for face in outcome.get("faces", ())]
    try:
        options.out.write_bytes(gallery_png(persons, options.size))
    except OSError as error:
        raise OutputError(f"{options.out} cannot be written: {error.strerror or error}.") from error
    return DONE if complete else INCOMPLETE


def _recipes(people: list[Person]) -> list[dict[str, Any]]:
    return [{"recipe": person.recipe} for person in people]


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be written: {error.strerror or error}. Please give another folder to --out."
        ) from error


def _claim(folder: Path, stem: str, taken: set[str]) -> Path:
    """`folder/stem`, with a number where a .png or .svg of this name is taken; takes both names."""
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    target = next(folder / name for name in names if not _keys(folder / name) & taken)
    taken |= _keys(target)
    return target


def _keys(target: Path) -> set[str]:
    return {_key(Path(f"{target}{ending}")) for ending in (".png", ".svg")}


def _key(path: Path) -> str:
    """Equal for two paths that may be the same file; some file systems do not tell A from a."""
    return str(path.resolve()).casefold()


def _write(stem: Path, ending: str, data: bytes) -> str:
    path = Path(f"{stem}{ending}")
    path.write_bytes(data)
    return str(path)


def _printable(text: str) -> str:
    """The text with escapes for the bytes of a file name that are no characters."""
    return text.encode(errors="backslashreplace").decode()


if __name__ == "__main__":
    sys.exit(main())
