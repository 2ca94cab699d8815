"""Figures of a trained network on a split: what the cards and `python -m engine evaluate` report."""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from core.models.groups import wilson
from core.models.labels import ATTRIBUTES, EMOTIONS, SKIN_TONES, slices

Figures = dict[str, Any]
"""JSON-ready figures by name; None where there was nothing to measure, and why not under `reasons`."""
GROUPS = ("Male", "Young", "Pale_Skin")
"""Labels by whose two values accuracy is compared, so that a model that fails a group is seen to."""
CALIBRATION_BINS = 15
SUMMARY = ("accuracy", "balanced_accuracy", "macro_f1", "auc", "calibration_error")
"""The figures of a question of many."""


def attributes(
    logits: NDArray, targets: dict[str, NDArray], tones: NDArray[np.integer] | None = None
) -> Figures:
    """Accuracy, balanced accuracy, F1 and AUC per attribute and in the mean, calibration, and accuracy by group.

    tones: (N,), the skin tone that was predicted for each picture, a row of SKIN_TONES.
    """
    truth = targets["attributes"] > 0.5
    probability = sigmoid(logits)
    chosen = logits > 0
    per_class = {
        name: binary(probability[:, i], chosen[:, i], truth[:, i]) for i, name in enumerate(ATTRIBUTES)
    }
    right = chosen == truth
    confidence = np.maximum(probability, 1 - probability).ravel()
    figures: Figures = {
        "mean_accuracy": float(right.mean()),
        "balanced_accuracy": mean(row["balanced_accuracy"] for row in per_class.values()),
        "macro_f1": mean(row["f1"] for row in per_class.values()),
        "auc": mean(row["auc"] for row in per_class.values()),
        "calibration_error": calibration_error(confidence, right.ravel()),
        "majority_accuracy": float(np.maximum(truth.mean(0), 1 - truth.mean(0)).mean()),
        "per_class": per_class,
        "groups": {
            name: _either(right, truth[:, ATTRIBUTES.index(name)]) for name in GROUPS
        },
    }  # fmt: skip
    if tones is not None:
        figures["skin_tones"] = {
            name: {"accuracy": share_of(right[tones == i]), "images": int((tones == i).sum())}
            for i, name in enumerate(SKIN_TONES)
        }
    figures |= {"reliability": reliability(confidence, right.ravel())}
    return figures | reasons(figures, "no label is there on some pictures and absent from others")


def _either(right: NDArray[np.bool_], inside: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "with": share_of(right[inside]), "images_with": int(inside.sum()),
        "without": share_of(right[~inside]), "images_without": int((~inside).sum()),
    }  # fmt: skip


def emotion(logits: NDArray, targets: dict[str, NDArray], labels: str = "ferplus") -> Figures:
    """Accuracy and confusion of one head: `fer2013`, the original labels, or `ferplus`, five or more of ten votes."""
    original, voted = np.split(logits, 2, 1)
    if labels == "fer2013":
        return multiclass(original, targets["fer2013"], EMOTIONS)
    clear, majority = ferplus_majority(targets["ferplus"])
    return multiclass(
        voted[clear], majority[clear], EMOTIONS, "no picture has five FER+ votes on one emotion"
    )


def ferplus_majority(votes: NDArray) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pictures have five or more of the ten votes on one of the seven emotions, and that emotion."""
    return votes.max(1) >= 5, votes.argmax(1)


def questions(logits: NDArray, targets: dict[str, NDArray], asked: Mapping[str, tuple[str, ...]]) -> Figures:
    """Figures per question beside the accuracy of always giving its most frequent answer, and the mean accuracy."""
    per_question, confusions = {}, {}
    where = slices(asked)
    for question, answers in asked.items():
        answered = targets[question] >= 0
        row = multiclass(logits[answered, where[question]], targets[question][answered], answers)
        confusions[question] = row["confusion"]
        per_question[question] = {name: row[name] for name in (*SUMMARY, "majority_accuracy")} | {
            "images": int(answered.sum())
        }
    figures = {
        "accuracy": mean(row["accuracy"] for row in per_question.values()),
        "balanced_accuracy": mean(row["balanced_accuracy"] for row in per_question.values()),
        "macro_f1": mean(row["macro_f1"] for row in per_question.values()),
        "majority_accuracy": mean(row["majority_accuracy"] for row in per_question.values()),
        "per_question": per_question,
        "confusion": confusions,
        "labels": {question: list(answers) for question, answers in asked.items()},
    }
    return figures | reasons(figures, "no question is answered on these pictures")


def skin_tone(logits: NDArray, targets: dict[str, NDArray]) -> Figures:
    """Shares equal to a rater and within one type of a rater, with 95% intervals.

    Confusion, F1 and the like take the type that most raters said, or the predicted one where some rater said it.
    """
    votes, chosen = targets["votes"], logits.argmax(1)
    rows = np.arange(len(chosen))
    exact = votes[rows, chosen] > 0
    near = np.pad(votes, ((0, 0), (1, 1)))
    within = (near[rows, chosen] + near[rows, chosen + 1] + near[rows, chosen + 2]) > 0
    figures = multiclass(logits, np.where(exact, chosen, votes.argmax(1)), SKIN_TONES)
    intervals = {
        "accuracy_interval": list(wilson(int(exact.sum()), len(exact))),
        "within_one": float(within.mean()),
        "within_one_interval": list(wilson(int(within.sum()), len(within))),
    }
    return {"accuracy": figures.pop("accuracy")} | intervals | figures


def multiclass(
    logits: NDArray, truth: NDArray, labels: tuple[str, ...], nothing: str = "there are no pictures"
) -> Figures:
    """Accuracy, balanced accuracy, macro F1, AUC, calibration error, confusion[true][predicted], per-class recall.

    The means are over the classes that occur; the AUC of a class is that of telling it from all others. Figures over
    no pictures are None. nothing: why there may be none.
    """
    chosen = logits.argmax(1)
    table = np.array(confusion(chosen, truth, len(labels)))
    support, predicted, hits = table.sum(1), table.sum(0), table.diagonal()
    seen = support > 0
    recall = hits / np.maximum(support, 1)
    precision = hits / np.maximum(predicted, 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    scores = np.exp(logits - logits.max(1, keepdims=True))
    scores /= scores.sum(1, keepdims=True)
    areas = [auc(scores[:, i], truth == i) for i in range(len(labels))]
    figures = {
        "accuracy": share_of(chosen == truth),
        "balanced_accuracy": mean(recall[seen]),
        "macro_f1": mean(f1[seen]),
        "auc": mean(areas),
        "calibration_error": calibration_error(scores.max(1), chosen == truth),
        "majority_accuracy": float(support.max() / support.sum()) if seen.any() else None,
        "confusion": table.tolist(),
        "labels": list(labels),
        "per_class": {
            name: {"recall": float(r) if n else None, "images": int(n)}
            for name, r, n in zip(labels, recall, support, strict=True)
        },
        "reliability": reliability(scores.max(1), chosen == truth),
    }
    return figures | reasons(figures, "these pictures are all of one class" if seen.any() else nothing)


class Binary(TypedDict):
    """Figures of an attribute. auc: None where one class is absent; f1: None where no picture has it, or is said to;
    share: of the pictures that have it."""

    accuracy: float | None
    balanced_accuracy: float | None
    f1: float | None
    auc: float | None
    share: float | None


def binary(probability: NDArray, chosen: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Binary:
    """What the answers to one question are worth."""
    hits, either = int((chosen & truth).sum()), int(chosen.sum() + truth.sum())
    sides = [share_of(chosen[truth == side] == side) for side in (True, False) if (truth == side).any()]
    return {
        "accuracy": share_of(chosen == truth),
        "balanced_accuracy": mean(sides),
        "f1": 2 * hits / either if either else None,
        "auc": auc(probability, truth),
        "share": share_of(truth),
    }


def auc(score: NDArray, truth: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve: how often a positive outscores a negative, ties counting half. None without either."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return None
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def reliability(confidence: NDArray, right: NDArray[np.bool_]) -> list[dict[str, float]]:
    """For each bin of confidence that occurs: its mean confidence, how often it was right, and its share of all."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        {
            "confidence": float(confidence[inside].mean()),
            "accuracy": float(right[inside].mean()),
            "share": float(inside.mean()),
        }
        for inside in (bins == number for number in range(CALIBRATION_BINS))
        if inside.any()
    ]


def calibration_error(confidence: NDArray, right: NDArray[np.bool_]) -> float | None:
    """Expected calibration error over equal-width bins (Guo et al., 2017); None of no pictures."""
    rows = reliability(confidence, right)
    if not rows:
        return None
    return float(sum(abs(row["confidence"] - row["accuracy"]) * row["share"] for row in rows))


def confusion(chosen: NDArray, truth: NDArray, classes: int) -> list[list[int]]:
    """Counts [true][predicted]."""
    return (
        np.bincount(truth * classes + chosen, minlength=classes * classes).reshape(classes, classes).tolist()
    )


def sigmoid(logits: NDArray) -> NDArray:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * logits))


def mean(values: Iterable[float | None]) -> float | None:
    """The arithmetic mean of those that there are; None of none."""
    numbers = [value for value in values if value is not None]
    return float(np.mean(numbers)) if numbers else None


def share_of(hits: NDArray[np.bool_]) -> float | None:
    """The share of True; None of none."""
    return float(hits.mean()) if hits.size else None


def reasons(figures: Mapping[str, Any], why: str) -> dict[str, dict[str, str]]:
    """{"reasons": {figure that is None: why}}, or nothing where all figures are there."""
    missing = {name: why for name, value in figures.items() if value is None}
    return {"reasons": missing} if missing else {}
