"""An emoji's code and what to change, in words: the new code, and its picture or its files if they are asked for."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands import DONE, INCOMPLETE
from core.commands.console import complain, tell
from core.commands.emoji import SIZES
from core.commands.options import one_of, path, target_named
from core.errors import UsageError, shortened
from core.folders.aside import aside
from core.folders.outputs import OutputError, check_writable
from core.writing import write_whole

if TYPE_CHECKING:
    from core.recipe.recipe import Recipe
    from core.recipe.wishes import Outcome

HELP = (
    'change an emoji in words: CODE "shorter hair, round glasses, no beard"; draw one, also for a messenger'
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="the emoji's code, which its link has after ?emoji=")
    parser.add_argument("wishes", nargs="*", metavar="WORDS", help="what to change, in English")
    parser.add_argument(
        "--out",
        type=path,
        metavar="FILE.png",
        help="a picture of it to write (.svg for an SVG); a folder with --for",
    )
    parser.add_argument(
        "--size", type=one_of(SIZES), default=512, help="side of the PNG in pixels (default: 512)"
    )
    parser.add_argument(
        "--moving", action="store_true", help="let the SVG blink and breathe, where a system allows motion"
    )
    parser.add_argument(
        "--for",
        dest="target",
        metavar="TARGET",
        help="write what it takes into the folder --out: whatsapp, telegram, signal, imessage, discord, slack, "
        "mastodon, github, gravatar, favicon",
    )


def run(options: argparse.Namespace) -> int:
    if options.target is not None and options.out is None:
        raise UsageError("--for needs a folder for its files. Please give one to --out.")
    if options.moving and (options.target is not None or not _is_svg(options.out)):
        raise UsageError("--moving is for an SVG. Please give a file that ends with .svg to --out.")
    outcome = aside(partial(_granted, options.code, " ".join(options.wishes)))
    if options.out is not None:
        check_writable(options.out if options.target is not None else options.out.parent)
        for file, content in aside(partial(_drawn, outcome.recipe, options)).items():
            try:
                write_whole(file, content)
            except OSError as error:
                raise OutputError(f"{file} cannot be written: {error.strerror or error}.") from error
            complain(str(file))
    for text in outcome.understood:
        complain(text)
    tell(outcome.recipe.to_code())
    if outcome.missed:
        complain(f"Not understood: {', '.join(map(shortened, outcome.missed))}.")
    elif not outcome.understood and (options.wishes or options.out is None):
        complain(
            "There is nothing to change in this. Say it like this: round glasses, no beard, shorter hair."
        )
    else:
        return DONE
    return INCOMPLETE


def _granted(code: str, wishes: str) -> Outcome:
    from core.recipe.recipe import Recipe
    from core.recipe.wishes import grant

    return grant(Recipe.from_code(code), wishes)


def _drawn(recipe: Recipe, options: argparse.Namespace) -> dict[Path, bytes]:
    """{file: content} of all that is written."""
    from core.drawing.png import draw_png
    from core.drawing.svg import draw_moving_svg, draw_svg
    from core.extras.targets import emoji_files

    out: Path = options.out
    if options.target is not None:
        target = target_named(options.target, packs=False)
        return {out / file: content for file, content in emoji_files(target, recipe)}
    if not _is_svg(out):
        return {out: draw_png(recipe, options.size)}
    return {out: (draw_moving_svg if options.moving else draw_svg)(recipe).encode()}


def _is_svg(file: Path | None) -> bool:
    return file is not None and file.suffix.lower() == ".svg"
