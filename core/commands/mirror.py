"""A recorded video as your emoji's performance, and a table of what the face does."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from core.commands import DONE
from core.commands.console import tell
from core.commands.options import path
from core.errors import UsageError
from core.folders.aside import aside
from core.folders.outputs import OutputError, check_writable, key_of
from core.stopping import say_stopped
from core.writing import written_whole

if TYPE_CHECKING:
    from core.live.performance import Video
    from core.recipe.recipe import Recipe
    from core.seeing.reading import Reader

HELP = "turn a video of a face into its emoji's performance, and into a table of its movements"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=path, metavar="VIDEO", help="a video of one person, such as an MP4")
    parser.add_argument("--out", type=path, metavar="FILE.mp4", help="the emoji's performance, to be written")
    parser.add_argument(
        "--csv",
        type=path,
        metavar="FILE.csv",
        help="a table to be written: time, pose, 52 movements, action units and emotion for every frame",
    )


def run(options: argparse.Namespace) -> int:
    outputs: list[Path] = [out for out in (options.out, options.csv) if out is not None]
    if not outputs:
        raise UsageError("Nothing is asked for. Please give --out FILE.mp4, --csv FILE.csv or both.")
    if len({key_of(file) for file in (options.video, *outputs)}) <= len(outputs):
        raise OutputError("The video and what is written must be different files.")
    for out in outputs:
        check_writable(out.parent)
    video, reader, person = aside(partial(_begun, options.video))
    try:
        is_whole = _written(video, reader, person, options.out, options.csv)
    except OSError as error:
        raise OutputError(f"No more can be written: {error.strerror or error}. Please make room.") from error
    if not is_whole:
        return say_stopped(" What was done until then is kept.")
    tell(f"{options.video}: {', '.join(map(str, outputs))}")
    return DONE


def _begun(source: Path) -> tuple[Video, Reader, Recipe]:
    from core.live.performance import Video, cast
    from core.seeing.reading import Reader

    video, reader = Video(source), Reader()
    return video, reader, cast(video, reader)


def _written(video: Video, reader: Reader, person: Recipe, out: Path | None, table: Path | None) -> bool:
    """Writes what is asked for, and says whether it is all there is: Ctrl-C ends it where it is."""
    from core.live.performance import Film, Table, perform

    with ExitStack() as stack:
        writers: list[Film | Table] = []
        if table is not None:
            part = stack.enter_context(written_whole(table))
            writers.append(Table(stack.enter_context(part.open("w", encoding="utf-8", newline=""))))
        if out is not None:
            film = Film(stack.enter_context(written_whole(out)), video.rate)
            stack.callback(film.close)
            writers.append(film)
        try:
            for moment in tqdm(perform(video, reader, person), total=video.count, unit="frame", disable=None):
                for writer in writers:
                    writer.add(moment)
        except KeyboardInterrupt:
            return False
    return True
