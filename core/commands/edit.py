"""An emoji's code and what to change, in words: the new code, and its picture if one is asked for."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from core.commands import DONE, INCOMPLETE
from core.commands.console import complain, tell
from core.commands.emoji import SIZES
from core.commands.options import one_of, path
from core.errors import shortened
from core.folders.aside import aside
from core.folders.outputs import OutputError, check_writable
from core.writing import write_whole

if TYPE_CHECKING:
    from core.recipe.recipe import Recipe
    from core.recipe.wishes import Outcome

HELP = 'change an emoji in words: CODE "shorter hair, round glasses, no beard"'


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="the emoji's code, which its link has after ?emoji=")
    parser.add_argument("wishes", nargs="+", metavar="WORDS", help="what to change, in English")
    parser.add_argument(
        "--out", type=path, metavar="FILE.png", help="a picture of it to write; .svg for an SVG"
    )
    parser.add_argument(
        "--size", type=one_of(SIZES), default=512, help="side of the PNG in pixels (default: 512)"
    )


def run(options: argparse.Namespace) -> int:
    outcome = aside(partial(_granted, options.code, " ".join(options.wishes)))
    if options.out is not None:
        check_writable(options.out.parent)
        picture = aside(partial(_drawn, outcome.recipe, options.out.suffix.lower() == ".svg", options.size))
        try:
            write_whole(options.out, picture)
        except OSError as error:
            raise OutputError(f"{options.out} cannot be written: {error.strerror or error}.") from error
    for text in outcome.understood:
        complain(text)
    tell(outcome.recipe.to_code())
    return _judged(outcome)


def _granted(code: str, wishes: str) -> Outcome:
    from core.recipe.recipe import Recipe
    from core.recipe.wishes import grant

    return grant(Recipe.from_code(code), wishes)


def _judged(outcome: Outcome) -> int:
    if outcome.missed:
        complain(f"Not understood: {', '.join(map(shortened, outcome.missed))}.")
    elif not outcome.understood:
        complain(
            "There is nothing to change in this. Say it like this: round glasses, no beard, shorter hair."
        )
    return INCOMPLETE if outcome.missed or not outcome.understood else DONE


def _drawn(recipe: Recipe, as_svg: bool, size: int) -> bytes:
    from core.drawing.png import draw_png
    from core.drawing.svg import draw_svg

    return draw_svg(recipe).encode() if as_svg else draw_png(recipe, size)
