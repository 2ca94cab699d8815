"""A report of a model: its figures beside published ones, as plots and a Markdown page."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine.tables import read_table

REFERENCES = Path(str(files("engine") / "references.csv"))
"""Published accuracies in percent: task, attribute or `mean`, method, source, and the data they are on."""

PAGE = """# {title}

Measured on split `{split}`, {images:,} pictures.

| | |
|---|---|
{headline}

{sections}
"""
BARS = {
    "attributes": ("per_class", "accuracy", "Attribute by attribute"),
    "look": ("per_question", "accuracy", "Question by question"),
    "emotion": ("per_class", "recall", "Class by class: how many of each are recognized"),
    "skin_tone": ("per_class", "recall", "Type by type: how many of each are recognized"),
}
"""{task: (where its rows are in the figures, the figure of a row, heading)}."""


def write(measured: Mapping[str, Any], run: Path, out: Path) -> Path:
    """Write `report.md` and its plots to `out`, and give the page's path.

    measured: the figures of `measuring.measure`; run: a run's folder, for its metrics.csv. Raises TrainingError where
    matplotlib is not installed.
    """
    # Not at the top: training and measuring do without plots.
    from engine import plotting

    out.mkdir(parents=True, exist_ok=True)
    task = measured["task"]
    sections = []
    published = _published(task)
    if task in BARS:
        rows, figure, heading = BARS[task]
        shares = {name: row[figure] for name, row in measured[rows].items()}
        marks, mark = _marks(task, measured[rows], published)
        plotting.bars(out / "bars.png", shares, marks, mark, _means(measured, published))
        sections.append(_section(heading, "bars.png", _sources(published)))
    if "confusion" in measured:
        tables, labels = measured["confusion"], measured["labels"]
        if not isinstance(tables, dict):
            tables, labels = {"": tables}, {"": labels}
        plotting.confusion(out / "confusion.png", tables, labels)
        sections.append(_section("What it takes for what", "confusion.png"))
    if (run / "metrics.csv").is_file():
        plotting.curves(out / "curves.png", read_table(run / "metrics.csv", ("epoch", "loss")))
        sections.append(_section("Training", "curves.png", f"Epochs of `{run}`."))
    if "reliability" in measured:
        plotting.reliability(out / "reliability.png", measured["reliability"])
        note = f"Expected calibration error: {measured['calibration_error']:.3f}."
        sections.append(_section("How far its confidence can be trusted", "reliability.png", note))
    for name, heading in (("groups", "By label"), ("skin_tones", "By predicted skin tone")):
        if name in measured:
            sections.append(f"## {heading}\n\n{_table(measured[name])}")
    page = out / "report.md"
    page.write_text(
        PAGE.format(
            title=f"{task.replace('_', ' ').capitalize()}: how well it does",
            split=measured["split"],
            images=measured["images"],
            headline="\n".join(_headline(measured)),
            sections="\n\n".join(sections),
        ).rstrip() + "\n"
    )  # fmt: skip
    return page


def _published(task: str) -> list[dict[str, str]]:
    rows = read_table(REFERENCES, ("task", "name", "accuracy", "method", "source", "on"))
    return [row for row in rows if row["task"] == task]


def _marks(
    task: str, rows: Mapping[str, Mapping[str, float]], published: Iterable[Mapping[str, str]]
) -> tuple[dict[str, float], str]:
    """What each bar is compared with, and what that is."""
    if task == "look":
        return {name: row["majority_accuracy"] for name, row in rows.items()}, "always saying the commonest"
    one_by_one = [row for row in published if row["name"] != "mean"]
    methods = ", ".join(dict.fromkeys(f"{row['method']}, {row['on']}" for row in one_by_one))
    return {row["name"]: float(row["accuracy"]) / 100 for row in one_by_one}, methods


def _means(measured: Mapping[str, Any], published: Iterable[Mapping[str, str]]) -> dict[str, float]:
    """The means to compare with, ours first. FER+ votes are another task than the labels of the literature."""
    ours = measured.get("mean_accuracy", measured.get("accuracy"))
    means = {} if ours is None else {"mean, measured here": float(ours)}
    if measured.get("head") == "ferplus":
        return means
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
        f"| {name.replace('_', ' ')} | {value:.4f} |" if isinstance(value, float) else f"| {name} | {value} |"
        for name, value in measured.items()
        if isinstance(value, float | int | str) and name not in ("task", "split", "images")
    ]


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    figures = list(next(iter(rows.values())))
    lines = [
        f"| {name} | " + " | ".join(_cell(row[figure]) for figure in figures) + " |"
        for name, row in rows.items()
    ]
    head = f"| | {' | '.join(figure.replace('_', ' ') for figure in figures)} |"
    return "\n".join([head, "|---" * (1 + len(figures)) + "|", *lines])


def _cell(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.1%}"
