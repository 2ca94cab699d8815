"""A sticker pack for messengers, as files and as a ZIP of them."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from core.commands import DONE
from core.commands.console import complain, printable, tell
from core.commands.options import path
from core.errors import SelfmojiError
from core.folders.aside import aside
from core.folders.outcomes import Failure
from core.folders.outputs import OutputError, folded, key_of, owned
from core.writing import write_whole

if TYPE_CHECKING:
    from core.recipe.recipe import Recipe

HELP = "make a sticker pack for messengers, and a ZIP of it"

MAX_KILOBYTES = 64
"""A recipe takes about one."""


class SourceError(SelfmojiError):
    """A photo or recipe that no pack can be made of; the message says why."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        type=path,
        metavar="PHOTO_OR_RECIPE",
        help="a photo (the largest face), or a recipe's .json file",
    )
    parser.add_argument(
        "--out", required=True, type=path, metavar="DIR", help="folder for the pack; made if need be"
    )
    parser.add_argument("--name", help="the pack's name (default: that of the photo or recipe)")


def run(options: argparse.Namespace) -> int:
    name = options.name if options.name is not None else printable(options.source.stem)
    archive, files = aside(partial(_begun, options.source, name))
    with owned(
        options.out, partial(complain, f"Another run writes into {options.out}: waiting for its end.")
    ):
        # Nothing is written before everything is drawn.
        pack = aside(partial(_drawn, archive, files))
        _check_free(options.source, options.out, pack)
        try:
            for file, content in pack.items():
                write_whole(options.out / file, content)
        except OSError as error:
            raise OutputError(f"The pack cannot be written: {error.strerror or error}.") from error
    tell(f"{options.source}: {options.out / archive}")
    return DONE


def _begun(source: Path, name: str) -> tuple[str, tqdm[tuple[str, bytes]]]:
    """The name of the archive, and (file name, content) of the pack, still to be drawn. Raises SourceError."""
    from core.extras.stickers import StickerError, pack_files, pack_size, slug, stickers_of
    from core.recipe.choices import RecipeError

    try:
        recipe = _recipe_of(source)
        stickers = stickers_of(recipe)
        drawing = pack_files(name, recipe, stickers)
    except (RecipeError, StickerError) as error:
        raise SourceError(f"{source}: {error}") from error
    return f"{slug(name)}.zip", tqdm(drawing, total=pack_size(stickers), unit="file", disable=None)


def _drawn(archive: str, files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """{file name: content} of a pack and of its archive."""
    from core.extras.stickers import zip_of

    pack = dict(files)
    return pack | {archive: zip_of(pack)}


def _recipe_of(source: Path) -> Recipe:
    """The recipe in a .json file, or of the largest face of a photo. Raises RecipeError, or SourceError for a photo."""
    from core.folders.batch import people_in
    from core.recipe.choices import RecipeError
    from core.recipe.recipe import Recipe

    if source.suffix.lower() != ".json":
        [people] = people_in([source])
        if isinstance(people, Failure):
            raise SourceError(f"{source}: {people.message}")
        return people[0].recipe
    try:
        # Opening a pipe would wait for somebody who writes into it.
        if os.path.exists(source) and not os.path.isfile(source):  # noqa: PTH110, PTH113 -- these never raise
            raise RecipeError("This is no file. Please give a recipe's .json file.")
        with source.open("rb") as file:
            data = file.read(MAX_KILOBYTES * 1024 + 1)
    except OSError as error:
        raise RecipeError(f"This recipe cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_KILOBYTES * 1024:
        raise RecipeError(f"This file is larger than {MAX_KILOBYTES} KB, and no recipe.")
    try:
        return Recipe.from_json(data.decode())
    except UnicodeDecodeError as error:
        raise RecipeError("This recipe is not JSON: it is no UTF-8 text.") from error


def _check_free(source: Path, out: Path, pack: Iterable[str]) -> None:
    """Raises OutputError if a file would be replaced that is not of an earlier pack of ours."""
    if key_of(source) in {key_of(out / file) for file in pack}:
        raise OutputError(f"{source} would be overwritten. Please give another folder to --out.")
    ours = _earlier_pack(out)
    for file in pack:
        if folded(file) not in ours and os.path.lexists(out / file):
            raise OutputError(
                f"{out / file} is not of a sticker pack of ours, and would be replaced. Please give another folder to "
                "--out."
            )


def _earlier_pack(folder: Path) -> set[str]:
    """The names, `folded`, of the files of the pack that lies in a folder; none if there is no pack of ours."""
    from core.drawing.credit import TITLE
    from core.extras.stickers import slug

    contents = folder / "contents.json"
    if not contents.is_file():
        return set()
    try:
        [pack] = json.loads(contents.read_bytes())["sticker_packs"]
        pictures = [pack["tray_image_file"], *(sticker["image_file"] for sticker in pack["stickers"])]
        names = [contents.name, "LICENSE.txt", "animation.webp", f"{slug(pack['name'])}.zip", *pictures]
        return set(map(folded, names)) if pack["publisher"] == TITLE else set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()  # Somebody else's, of whatever shape.
