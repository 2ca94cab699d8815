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
from core.commands.options import path, target_named
from core.errors import SelfmojiError
from core.folders.aside import aside
from core.folders.outcomes import Failure
from core.folders.outputs import OutputError, folded, key_of, owned
from core.writing import write_whole

if TYPE_CHECKING:
    from core.extras.targets import Target
    from core.recipe.recipe import Recipe

HELP = "make a sticker pack for messengers, of pictures or of stickers that move, and a ZIP of it"

MAX_KILOBYTES = 64
"""A recipe takes about one."""


class SourceError(SelfmojiError):
    """A photo or recipe that no pack can be made of; the message says why."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        type=path,
        metavar="PHOTO_OR_RECIPE",
        help="a photo (the largest face, and all together), or a recipe's .json file",
    )
    parser.add_argument(
        "--out", required=True, type=path, metavar="DIR", help="folder for the pack; made if need be"
    )
    parser.add_argument("--name", help="the pack's name (default: that of the photo or recipe)")
    parser.add_argument(
        "--caption", default="", metavar="TEXT", help="letters below each sticker, such as LOL"
    )
    parser.add_argument(
        "--for",
        dest="target",
        metavar="MESSENGER",
        help="one file alone, as it is taken by whatsapp, telegram, signal, imessage, discord, slack or mastodon",
    )
    parser.add_argument(
        "--moving",
        action="store_true",
        help="stickers that move, each as WebP, GIF, APNG and WebM; with --for, as the messenger takes them",
    )


def run(options: argparse.Namespace) -> int:
    name = options.name if options.name is not None else printable(options.source.stem)
    target = None if options.target is None else aside(partial(target_named, options.target, packs=True))
    archive, files = aside(partial(_begun, options, name, target))
    with owned(
        options.out, partial(complain, f"Another run writes into {options.out}: waiting for its end.")
    ):
        # Nothing is written before everything is drawn.
        pack = aside(partial(_drawn, archive, files, target))
        _check_free(options.source, options.out, pack)
        try:
            for file, content in pack.items():
                write_whole(options.out / file, content)
        except OSError as error:
            raise OutputError(f"The pack cannot be written: {error.strerror or error}.") from error
    tell(f"{options.source}: {options.out / archive}")
    for step in target.steps if target else ():
        complain(step)
    return DONE


def _begun(
    options: argparse.Namespace, name: str, target: Target | None
) -> tuple[str, tqdm[tuple[str, bytes]]]:
    """The name of the archive, and (file name, content) of the pack, still to be drawn. Raises SourceError."""
    from core.extras.moving import moving_pack_files, moving_stickers_of
    from core.extras.stickers import StickerError, captioned, pack_files, slug, stickers_of, together
    from core.extras.targets import pack_name, target_files
    from core.recipe.choices import RecipeError

    try:
        recipe, *others = _recipes_of(options.source)
        moving = captioned(moving_stickers_of(recipe), options.caption)
        still = captioned([*stickers_of(recipe), *together([recipe, *others])], options.caption)
        if target is not None:
            archive = pack_name(target, name)
            drawing = target_files(target, name, recipe, moving if options.moving else still)
        elif options.moving:
            archive, drawing = f"{slug(name)}.zip", moving_pack_files(name, recipe, moving)
        else:
            archive, drawing = f"{slug(name)}.zip", pack_files(name, recipe, still)
    except (RecipeError, StickerError) as error:
        raise SourceError(f"{options.source}: {error}") from error
    return archive, tqdm(drawing, unit="file", disable=None)


def _drawn(archive: str, files: Iterable[tuple[str, bytes]], target: Target | None) -> dict[str, bytes]:
    """{file name: content} of what is written: a pack and its archive, or for a target the archive alone."""
    from core.extras.stickers import zip_of
    from core.extras.targets import pack_of

    pack = dict(files)
    return {archive: pack_of(pack)} if target else pack | {archive: zip_of(pack)}


def _recipes_of(source: Path) -> list[Recipe]:
    """The recipe in a .json file, or those of a photo's faces, the largest first. Raises RecipeError or SourceError."""
    from core.folders.batch import people_in
    from core.recipe.choices import RecipeError
    from core.recipe.recipe import Recipe

    if source.suffix.lower() != ".json":
        [people] = people_in([source])
        if isinstance(people, Failure):
            raise SourceError(f"{source}: {people.message}")
        return [person.recipe for person in people]
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
        return [Recipe.from_json(data.decode())]
    except UnicodeDecodeError as error:
        raise RecipeError("This recipe is not JSON: it is no UTF-8 text.") from error


def _check_free(source: Path, out: Path, pack: Iterable[str]) -> None:
    """Raises OutputError if a file would be replaced that is not of an earlier pack of ours."""
    if key_of(source) in {key_of(out / file) for file in pack}:
        raise OutputError(f"{source} would be overwritten. Please give another folder to --out.")
    ours = _earlier_pack(out)
    for file in pack:
        if folded(file) not in ours and os.path.lexists(out / file) and not _is_target_pack(out / file):
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
        # One of stickers that move has each in more formats than it lists.
        others = [
            Path(file).with_suffix(ending).name for file in pictures for ending in (".gif", ".png", ".webm")
        ]
        names = [
            contents.name,
            "LICENSE.txt",
            "animation.webp",
            f"{slug(pack['name'])}.zip",
            *pictures,
            *others,
        ]
        return set(map(folded, names)) if pack["publisher"] == TITLE else set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()  # Somebody else's, of whatever shape.


def _is_target_pack(file: Path) -> bool:
    """Whether a file is an earlier pack of ours for one messenger, which stands in no list."""
    from core.extras.targets import is_ours

    try:
        return file.is_file() and is_ours(file.read_bytes())
    except OSError:
        return False
