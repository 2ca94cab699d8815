"""A model's figures, as its card in weights/ keeps them, in HTML: headline numbers and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from core.recipe.names import ATTRIBUTE_GROUPS, EMOTIONS, LOOK_QUESTIONS, SKIN_TONES

MEASUREMENTS = {
    "val": "On photos kept for validation",
    "val_original": "On the original files of photos kept for validation",
    "val_original_degraded": "On these files, spoiled as cameras and messengers do",
    "test": "On photos kept for the test",
    "unaligned": "When the face must first be found in a larger picture",
    "ferplus": "Against the votes of ten people (FER+)",
    "fer2013": "Against the original labels (FER-2013)",
    "cross-validation": "On photos it was not trained with (five-fold cross-validation)",
}
"""{name of a measurement in a card: what it says about it}."""

SHARES = {
    "accuracy": "Right",
    "mean_accuracy": "Right",
    "majority_accuracy": "Right by always saying the commonest",
    "balanced_accuracy": "Balanced accuracy",
    "within_one": "At most one type off",
    "found": "Faces found",
    "macro_f1": "F1, mean of classes",
    "f1": "F1",
    "auc": "AUC",
    "recall": "Recognized",
    "share": "Photos that have it",
    "calibration_error": "Calibration error",
    "with": "With the label",
    "without": "Without",
    "aligned_accuracy": "Right on the aligned pictures",
    "basics_accuracy": "Right, the nine basic questions",
    "details_accuracy": "Right, the twelve finer questions",
    "point_error": "Points off by, of the distance between the eyes",
    "correlation": "Agrees with its teacher (correlation)",
    "mean_accuracy_with_thresholds_of_the_other_half": "Right with thresholds fitted on other photos",
}
"""{figure between 0 and 1: its name for people}."""

NUMBERS = {
    "images": ("Photos measured", "{:,.0f}"),
    "eye_error": ("Eyes off by, mean", "{:.1f} px"),
    "eye_error_p95": ("Eyes off by, 95th percentile", "{:.1f} px"),
    "images_with": ("Photos with", "{:,.0f}"),
    "images_without": ("Photos without", "{:,.0f}"),
    "cost_in_points": ("Points lost by finding the face", "{:.2f}"),
    "missed_faces": ("Faces not found", "{:,.0f}"),
    "faces_elsewhere": ("Faces seen where none is", "{:,.0f}"),
}
"""{figure of another kind: (its name for people, its format)}."""

TABLES = {
    "per_class": "Class by class",
    "per_question": "Question by question",
    "groups": "By group: right among photos with and without a label",
    "skin_tones": "By group: right among photos by the skin tone that the model sees",
}
"""{figures of several rows: the table's title}; each row is {figure: value}."""

Counts = Sequence[Sequence[int]]
"""A confusion: counts[true][said]."""

_NAMES = {name: label for labels in ATTRIBUTE_GROUPS.values() for name, label in labels.items()}
_NAMES |= EMOTIONS | LOOK_QUESTIONS | {name: f"{label} ({name})" for name, label in SKIN_TONES.items()}


def headline(figures: Mapping[str, Any]) -> str:
    """The single numbers of a measurement; those that this page has no words for are left out."""
    items = "".join(
        f"<div><dt>{escape(_label(name))}</dt><dd>{_text(name, value)}</dd></div>"
        for name, value in figures.items()
        if name in SHARES or name in NUMBERS
    )
    return f'<dl class="figures">{items}</dl>'


def fact_list(facts: Mapping[str, str]) -> str:
    """What a card says in words, as it stands there. facts: {what about: text}."""
    items = "".join(
        f"<li><strong>{escape(name)}:</strong> {escape(fact)}</li>" for name, fact in facts.items()
    )
    return f'<ul class="facts">{items}</ul>'


def row_table(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    """One line a class, question or group. rows: {name: {figure: value}}, the same figures in every row."""
    figures = [name for name in next(iter(rows.values()), {}) if name in SHARES or name in NUMBERS]
    lines = (
        [_NAMES.get(name, name), *(_text(figure, row[figure]) for figure in figures)]
        for name, row in rows.items()
    )
    return _table(["", *map(_label, figures)], lines)


def confusions(
    counts: Mapping[str, Counts] | Counts, labels: Any
) -> Iterable[tuple[str, Counts, Sequence[str]]]:
    """(question, counts, labels) of each confusion: one without a question, or one for each in a dictionary."""
    if not isinstance(counts, Mapping):
        return [("", counts, labels)]
    return [(_NAMES.get(question, question), table, labels[question]) for question, table in counts.items()]


def confusion_table(counts: Counts, labels: Sequence[str]) -> str:
    """What was said (columns) of what was there (rows)."""
    names = [_NAMES.get(label, label) for label in labels]
    cells = []
    for name, row in zip(names, counts, strict=True):
        total = max(sum(row), 1)
        shares = (f'<td style="--share: {count / total:.3f}">{count / total:.0%}</td>' for count in row)
        cells.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(shares)}</tr>')
    return _framed(["Is \\ said", *names], cells, "confusion")


def _label(name: str) -> str:
    return SHARES[name] if name in SHARES else NUMBERS[name][0]


def _text(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1%}" if name in SHARES else NUMBERS[name][1].format(value)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    body = (
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in lines
    )
    return _framed(head, body, "")


def _framed(head: Sequence[str], body: Iterable[str], kind: str) -> str:
    columns = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    return (
        f'<div class="table {kind}"><table><thead><tr>{columns}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
