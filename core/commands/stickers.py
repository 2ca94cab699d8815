"""A sticker pack for messengers, as files and as a ZIP of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from core import PhotoError, Recipe, RecipeError
from core.commands import DONE, INCOMPLETE, printable
from core.extras.stickers import StickerError, pack_files, pack_size, slug, stickers_of, zip_of
from core.folders.batch import Failure, people_in
from core.folders.outputs import OutputError, check_writable, key_of, write_whole


def run(options: argparse.Namespace) -> int:
    name = options.name if options.name is not None else printable(options.source.stem)
    try:
        recipe = _recipe_of(options.source)
        stickers = stickers_of(recipe)
        drawing = pack_files(name, recipe, stickers)
    except (PhotoError, RecipeError, StickerError) as error:
        print(printable(f"{options.source}: {error}"), file=sys.stderr)
        return INCOMPLETE
    check_writable(options.out)
    # Nothing is written before everything is drawn.
    files = dict(tqdm(drawing, total=pack_size(stickers), unit="file", disable=None))
    archive = f"{slug(name)}.zip"
    files[archive] = zip_of(files)
    if key_of(options.source) in {key_of(options.out / file) for file in files}:
        raise OutputError(f"{options.source} would be overwritten. Please give another folder to --out.")
    try:
        for file, content in files.items():
            write_whole(options.out / file, content)
    except OSError as error:
        raise OutputError(f"The pack cannot be written: {error.strerror or error}.") from error
    print(printable(f"{options.source}: {options.out / archive}"))
    return DONE


def _recipe_of(source: Path) -> Recipe:
    """The recipe in a .json file, or of the largest face of a photo. Raises RecipeError, or PhotoError for a photo."""
    if source.suffix.lower() != ".json":
        [people] = people_in([source])
        if isinstance(people, Failure):
            raise PhotoError(people.message)
        return people[0].recipe
    try:
        return Recipe.from_json(source.read_text("utf-8"))
    except OSError as error:
        raise RecipeError(f"This recipe cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise RecipeError("This recipe is not JSON: it is no UTF-8 text.") from error
