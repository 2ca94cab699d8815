"""A report of a model: its figures beside published ones, as plots and a Markdown page."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine.files import folder, swapped
from engine.tables import read_table
from engine.task import Bars
from engine.tasks import TASKS

REFERENCES = Path(str(files("engine") / "references.csv"))
"""Published accuracies in percent: task, attribute or `mean`, method, source, and the data they are on."""

PAGE = """# {title}

Measured on split `{split}`, {images:,} pictures.

| | |
|---|---|
{headline}

{sections}
"""


def write(measured: Mapping[str, Any], run: Path, out: Path) -> Path:
    """Write `report.md` and its plots to `out`, and give the page's path.

    measured: the figures of `measuring.measure`; run: a run's folder, for its metrics.csv. Raises TrainingError where
    matplotlib is not installed.
    """
    # Not at the top: training and measuring do without plots.
    from engine import plotting

    folder(out)
    task = measured["task"]
    sections = []
    published = _published(task)
    if bars := TASKS[task].bars:
        rows = measured[bars.rows]
        shares = _shares(rows, bars.figure)
        marks, mark = _marks(bars, rows, published)
        means = _means(measured, published if measured.get("head", bars.labels) == bars.labels else [])
        if shares:
            plotting.bars(out / "bars.png", shares, marks, mark, means)
            sections.append(_section(bars.heading, "bars.png", _sources(published)))
    if "confusion" in measured:
        tables, labels = measured["confusion"], measured["labels"]
        if not isinstance(tables, dict):
            tables, labels = {"": tables}, {"": labels}
        plotting.confusion(out / "confusion.png", tables, labels)
        sections.append(_section("What it takes for what", "confusion.png"))
    if (run / "metrics.csv").is_file():
        plotting.curves(out / "curves.png", read_table(run / "metrics.csv", ("epoch", "loss")))
        sections.append(_section("Training", "curves.png", f"Epochs of `{run}`."))
    if measured.get("reliability"):
        plotting.reliability(out / "reliability.png", measured["reliability"])
        note = f"Expected calibration error: {measured['calibration_error']:.3f}."
        sections.append(_section("How far its confidence can be trusted", "reliability.png", note))
    for name, heading in (("groups", "By label"), ("skin_tones", "By predicted skin tone")):
        if name in measured:
            sections.append(f"## {heading}\n\n{_table(measured[name])}")
    page = out / "report.md"
    text = (
        PAGE.format(
            title=f"{task.replace('_', ' ').capitalize()}: how well it does",
            split=measured["split"],
            images=measured["images"],
            headline="\n".join(_headline(measured)),
            sections="\n\n".join(sections),
        ).rstrip() + "\n"
    )  # fmt: skip
    with swapped(page) as file:
        file.write_text(text)
    return page


def _published(task: str) -> list[dict[str, str]]:
    rows = read_table(REFERENCES, ("task", "name", "accuracy", "method", "source", "on"))
    return [row for row in rows if row["task"] == task]


def _marks(
    bars: Bars, rows: Mapping[str, Mapping[str, float | None]], published: Iterable[Mapping[str, str]]
) -> tuple[dict[str, float], str]:
    """What each bar is compared with, and what that is."""
    if bars.beside:
        figure, what = bars.beside
        return _shares(rows, figure), what
    one_by_one = [row for row in published if row["name"] != "mean"]
    methods = ", ".join(dict.fromkeys(f"{row['method']}, {row['on']}" for row in one_by_one))
    return {row["name"]: float(row["accuracy"]) / 100 for row in one_by_one}, methods


def _shares(rows: Mapping[str, Mapping[str, float | None]], figure: str) -> dict[str, float]:
    """A figure of each row that has it."""
    return {name: value for name, row in rows.items() for value in [row[figure]] if value is not None}


def _means(measured: Mapping[str, Any], published: Iterable[Mapping[str, str]]) -> dict[str, float]:
    """The means to compare with, ours first."""
    ours = measured.get("mean_accuracy", measured.get("accuracy"))
    means = {} if ours is None else {"mean, measured here": float(ours)}
    return means | {
        f"mean, {row['method']}": float(row["accuracy"]) / 100 for row in published if row["name"] == "mean"
    }


def _sources(published: list[dict[str, str]]) -> str:
    sources = dict.fromkeys(f"{row['method']}: {row['source']}, on {row['on']}" for row in published)
    return f"Published figures, on pictures other than these: {'; '.join(sources)}." if sources else ""


def _section(heading: str, picture: str, note: str = "") -> str:
    return f"## {heading}\n\n![{heading}]({picture})" + (f"\n\n{note}" if note else "")


def _headline(measured: Mapping[str, Any]) -> list[str]:
    return [
        f"| {name.replace('_', ' ')} | none: {why} |" for name, why in measured.get("reasons", {}).items()
    ] + [
        f"| {name.replace('_', ' ')} | {value:.4f} |" if isinstance(value, float) else f"| {name} | {value} |"
        for name, value in measured.items()
        if isinstance(value, float | int | str) and name not in ("task", "split", "images")
    ]


def _table(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    figures = list(next(iter(rows.values())))
    lines = [
        f"| {name} | " + " | ".join(_cell(row[figure]) for figure in figures) + " |"
        for name, row in rows.items()
    ]
    head = f"| | {' | '.join(figure.replace('_', ' ') for figure in figures)} |"
    return "\n".join([head, "|---" * (1 + len(figures)) + "|", *lines])


def _cell(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:.1%}"
