"""The plots of a report: bars beside published figures, confusion, training curves, reliability. One PNG each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.files import swapped
from engine.settings import TrainingError
from engine.tables import decimal, whole_number

try:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as missing:
    raise TrainingError(
        "Plots need matplotlib: pip install -r requirements-dev.txt (the app does without)."
    ) from missing

BLUE, PALE_BLUE, ORANGE, GRAY, BLACK = "#2a6fb0", "#a9cdee", "#d9731a", "#6b7280", "#111827"
LINES = ("#b91c1c", "#15803d", "#7c3aed", "#92400e", "#0e7490")
DOTS = 110


def bars(
    path: Path, shares: Mapping[str, float], marks: Mapping[str, float], mark: str, means: Mapping[str, float]
) -> None:
    """Bars of shares (0 to 1), the longest on top; a mark on those that have one, and a dashed line for each mean.

    mark: what the marks are; means: {name: share}.
    """
    names = sorted(shares, key=lambda name: shares[name])
    height = 1.6 + 0.23 * len(names) + 0.22 * len(means)
    figure, axes = _figure(8.5, height)
    axes.barh([_plain(name) for name in names], [100 * shares[name] for name in names], color=PALE_BLUE, height=0.7,
              label="measured here")  # fmt: skip
    marked = [name for name in names if name in marks]
    if marked:
        axes.plot([100 * marks[name] for name in marked], [_plain(name) for name in marked], "D", color=ORANGE,
                  markersize=5, markeredgecolor="white", linestyle="none", label=mark)  # fmt: skip
    for number, (name, share) in enumerate(means.items()):
        # Ours is the first.
        color, style = (LINES[(number - 1) % len(LINES)], "--") if number else (BLACK, "-")
        axes.axvline(
            100 * share, color=color, linewidth=1.4, linestyle=style, label=f"{name}: {100 * share:.1f}"
        )
    everything = [*shares.values(), *marks.values(), *means.values()]
    axes.set_xlim(max(0.0, 100 * min(everything) - 5), 100)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel("%")
    axes.grid(axis="x", color="#e5e7eb")
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    _save(figure, path)


def confusion(
    path: Path, tables: Mapping[str, Sequence[Sequence[int]]], labels: Mapping[str, Sequence[str]]
) -> None:
    """Counts [true][said] in one panel a table, colored by the share of what was there."""
    columns = min(3, len(tables))
    rows = -(-len(tables) // columns)
    side = 5.6 if columns == 1 else 4.6
    figure = Figure(figsize=(side * columns, side * rows), dpi=DOTS, layout="constrained", facecolor="white")
    for number, (title, table) in enumerate(tables.items(), 1):
        axes = figure.add_subplot(rows, columns, number)
        counts = np.array(table)
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        places, names = range(len(counts)), [_plain(name) for name in labels[title]]
        axes.set_xticks(places, names, rotation=45, ha="right", fontsize=8)
        axes.set_yticks(places, names, fontsize=8)
        axes.set_xlabel("said")
        axes.set_ylabel("is")
        if title:
            axes.set_title(_plain(title), fontsize=11)
        size = 9 if len(counts) <= 8 else 6
        for row in places:
            for column in places:
                axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=size,
                          color="white" if shares[row, column] > 0.55 else "#111827")  # fmt: skip
    _save(figure, path)


def curves(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Loss and validation figures of the epochs of a run. rows: of its metrics.csv. Raises DataError."""
    epochs = [whole_number(row["epoch"], "epoch") for row in rows]
    plumbing = ("epoch", "loss", "seconds", "learning_rate", "images_per_second")
    names = [name for name in rows[0] if name not in plumbing]
    figure = Figure(figsize=(9, 4), dpi=DOTS, layout="constrained", facecolor="white")
    panels = {"training loss": ["loss"], "validation": names}
    for number, (title, shown) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(1, 2, number)
        for name in shown:
            axes.plot(
                epochs,
                [decimal(row[name], name) for row in rows],
                marker="o",
                markersize=4,
                label=_plain(name),
            )
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("epoch")
        axes.locator_params(axis="x", integer=True)
        axes.grid(color="#e5e7eb")
        if shown != ["loss"]:
            axes.legend(fontsize=8, frameon=False)
        _open(axes)
    _save(figure, path)


def reliability(path: Path, bins: Sequence[Mapping[str, float]]) -> None:
    """How often predictions of each confidence are right, and below how many there are of each."""
    figure = Figure(figsize=(5.2, 5.8), dpi=DOTS, layout="constrained", facecolor="white")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    confidence = [100 * row["confidence"] for row in bins]
    start = max(0.0, min(confidence) - 5)
    axes.plot([0, 100], [0, 100], color=GRAY, linestyle="--", linewidth=1.2, label="as sure as right")
    axes.plot(confidence, [100 * row["accuracy"] for row in bins], "o-", color=BLUE, label="measured")
    axes.set_xlim(start, 100.5)
    axes.set_ylim(min(start, 100 * min(row["accuracy"] for row in bins) - 5), 101)
    axes.set_ylabel("right, %")
    axes.legend(frameon=False, loc="upper left")
    axes.grid(color="#e5e7eb")
    below.bar(confidence, [100 * row["share"] for row in bins], width=2.2, color=BLUE)
    below.set_xlabel("confidence, %")
    below.set_ylabel("of all, %")
    for panel in (axes, below):
        _open(panel)
    _save(figure, path)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), dpi=DOTS, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.tick_params(axis="y", labelsize=9)
    _open(axes)
    return figure, axes


def _open(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _save(figure: Any, path: Path) -> None:
    with swapped(path) as file:
        figure.savefig(file, format="png")
