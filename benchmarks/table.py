"""Selfmoji as a whole in one table, beside the reference way and beside what the machine's arithmetic allows.

python -m benchmarks.table                    # all of it; what it prints belongs into docs/performance.md
python -m benchmarks.table reading redraw     # some rows

Everything is measured in one run, by the benchmarks of `python -m benchmarks`. The limit is the time that the networks'
multiply-adds would take at the rate of a float32 matrix product on the same number of cores, with nothing else to do.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from benchmarks import folders, limit, mirror, picture, reading
from benchmarks.__main__ import BENCHMARKS, machine


@dataclass(frozen=True)
class Row:
    """A line of the table.

    name: of our benchmark; reference: of that of the reference way, or "" for none; gain: of the one that says how many
    times as fast we are; work: billions of multiply-adds of the networks for one of what is measured, on so many cores.
    """

    title: str
    name: str
    reference: str = ""
    gain: str = ""
    work: Callable[[], float] | None = None
    cores: int = torch.get_num_threads()


ROWS = (
    Row(
        "a photo of a megapixel to its emoji",
        "photo_to_png",
        "photo_reference",
        "photo_gain",
        picture.multiply_adds,
    ),
    Row("an emoji drawn anew after a choice", "redraw"),
    Row("an aligned face read", "reading", "reading_reference", "reading_gain", reading.multiply_adds),
    Row(
        "the mirror: updates of the emoji",
        "mirror_updates",
        "mirror_reference",
        "mirror_gain",
        mirror.multiply_adds,
    ),
    Row(
        "a folder of aligned faces to emojis, 2 workers",
        "folders",
        gain="folders_gain",
        work=reading.multiply_adds,
        cores=folders.WORKERS,
    ),
    Row("from a new process to the models", "start"),
    Row("from `streamlit run` to a page to use", "first_page"),
    Row("a server that has made emojis, in memory", "server_memory"),
)


@dataclass(frozen=True)
class Measured:
    """Medians of a row, in the unit of its benchmark; gain: times the reference. None for what it does not have."""

    ours: float
    reference: float | None
    gain: float | None
    limit: float | None


def measure(row: Row, rate: float) -> Measured:
    """rate: billions of multiply-adds a second on one core."""
    benchmark = BENCHMARKS[row.name]
    ours = _median(row.name)
    gain = _median(row.gain) if row.gain else None
    reference = _median(row.reference) if row.reference else None
    if reference is None and gain is not None:
        reference = ours / gain if benchmark.more_is_better else ours * gain
    return Measured(ours, reference, gain, None if row.work is None else _limit(row, row.work(), rate))


def _median(name: str) -> float:
    print(f"{name} ...", file=sys.stderr)
    return statistics.median(BENCHMARKS[name].measure())


def _limit(row: Row, work: float, rate: float) -> float:
    seconds = work / (rate * row.cores)
    return 1 / seconds if BENCHMARKS[row.name].more_is_better else seconds * 1000


def line(row: Row, measured: Measured) -> str:
    """A line of the table in Markdown."""
    benchmark = BENCHMARKS[row.name]
    share = ""
    if measured.limit is not None:
        faster, slower = sorted((measured.ours, measured.limit))
        share = f"{slower / faster:.1f}"
    cells = (
        row.title,
        f"{measured.ours:.3g} {benchmark.unit}",
        "" if measured.reference is None else f"{measured.reference:.3g} {benchmark.unit}",
        "" if measured.gain is None else f"{measured.gain:.1f}",
        "" if measured.limit is None else f"{measured.limit:.3g} {benchmark.unit}",
        share,
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.table", description="Measure Selfmoji as a whole."
    )
    names = [row.name for row in ROWS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"rows: {', '.join(names)}; all by default")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"there is no row {', '.join(unknown)}; choose from {', '.join(names)}")
    rate = statistics.median(limit.matrix_rate())
    print("| | Selfmoji | reference | times as fast | limit of the networks | times the limit |")
    print("|---|---|---|---|---|---|")
    for row in ROWS:
        if not options.names or row.name in options.names:
            print(line(row, measure(row, rate)), flush=True)
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    print(
        f"\nMachine: {told}; {rate:.1f} billion multiply-adds a second in a float32 matrix product on one core."
    )


if __name__ == "__main__":
    main()
