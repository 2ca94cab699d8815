"""Figures of a trained network on a split: what the cards and `python -m engine evaluate` report."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.labels import ATTRIBUTES, EMOTIONS, LOOK, LOOK_SLICES, SKIN_TONES
from engine.tasks import ferplus_majority

GROUPS = ("Male", "Young", "Pale_Skin")
"""Labels by whose two values accuracy is compared, so that a model that fails a group is seen to."""
CALIBRATION_BINS = 15


def attributes(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, Any]:
    """Accuracy, balanced accuracy, F1 and AUC per attribute and in the mean, calibration error, and by group."""
    truth = targets["attributes"] > 0.5
    probability = sigmoid(logits)
    chosen = logits > 0
    per_class = {
        name: binary(probability[:, i], chosen[:, i], truth[:, i]) for i, name in enumerate(ATTRIBUTES)
    }
    right = chosen == truth
    groups = {}
    for name in GROUPS:
        inside = truth[:, ATTRIBUTES.index(name)]
        groups[name] = {"with": float(right[inside].mean()), "without": float(right[~inside].mean())}
    return {
        "mean_accuracy": float(right.mean()),
        "balanced_accuracy": mean(row["balanced_accuracy"] for row in per_class.values()),
        "macro_f1": mean(row["f1"] for row in per_class.values()),
        "auc": mean(row["auc"] for row in per_class.values()),
        "calibration_error": calibration_error(
            np.maximum(probability, 1 - probability).ravel(), right.ravel()
        ),
        "majority_accuracy": float(np.maximum(truth.mean(0), 1 - truth.mean(0)).mean()),
        "per_class": per_class,
        "groups": groups,
    }


def emotion(logits: NDArray, targets: dict[str, NDArray], labels: str = "ferplus") -> dict[str, Any]:
    """Accuracy and confusion of one head: `fer2013`, the original labels, or `ferplus`, five or more of ten votes."""
    original, voted = np.split(logits, 2, 1)
    if labels == "fer2013":
        return multiclass(original, targets["fer2013"], EMOTIONS)
    clear, majority = ferplus_majority(targets["ferplus"])
    return multiclass(voted[clear], majority[clear], EMOTIONS)


def look(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, Any]:
    """Accuracy per question beside that of always giving its most frequent answer, and the mean over questions."""
    per_question = {}
    for question, answers in LOOK.items():
        answered = targets[question] >= 0
        row = multiclass(logits[answered, LOOK_SLICES[question]], targets[question][answered], answers)
        per_question[question] = {"accuracy": row["accuracy"], "majority_accuracy": row["majority_accuracy"]}
    return {"accuracy": mean(row["accuracy"] for row in per_question.values()), "per_question": per_question}


def skin_tone(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, Any]:
    """Shares equal to a rater and within one type of a rater, with 95% intervals; confusion with the nearest rater."""
    votes, chosen = targets["votes"], logits.argmax(1)
    rows = np.arange(len(chosen))
    exact = votes[rows, chosen] > 0
    near = np.pad(votes, ((0, 0), (1, 1)))
    within = (near[rows, chosen] + near[rows, chosen + 1] + near[rows, chosen + 2]) > 0
    truth = np.where(exact, chosen, votes.argmax(1))
    return {
        "accuracy": float(exact.mean()),
        "accuracy_interval": wilson(int(exact.sum()), len(exact)),
        "within_one": float(within.mean()),
        "within_one_interval": wilson(int(within.sum()), len(within)),
        "confusion": confusion(chosen, truth, len(SKIN_TONES)),
        "labels": list(SKIN_TONES),
    }


def multiclass(logits: NDArray, truth: NDArray, labels: tuple[str, ...]) -> dict[str, Any]:
    """Accuracy, balanced accuracy, macro F1, calibration error, confusion[true][predicted] and per-class recall."""
    chosen = logits.argmax(1)
    table = np.array(confusion(chosen, truth, len(labels)))
    support, predicted, hits = table.sum(1), table.sum(0), table.diagonal()
    seen = support > 0
    recall = hits / np.maximum(support, 1)
    precision = hits / np.maximum(predicted, 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    scores = np.exp(logits - logits.max(1, keepdims=True))
    confidence = (scores / scores.sum(1, keepdims=True)).max(1)
    return {
        "accuracy": float((chosen == truth).mean()),
        "balanced_accuracy": float(recall[seen].mean()),
        "macro_f1": float(f1[seen].mean()),
        "calibration_error": calibration_error(confidence, chosen == truth),
        "majority_accuracy": float(support.max() / support.sum()),
        "confusion": table.tolist(),
        "labels": list(labels),
        "per_class": {
            name: {"recall": float(r), "images": int(n)}
            for name, r, n in zip(labels, recall, support, strict=True)
        },
    }


def binary(probability: NDArray, chosen: NDArray, truth: NDArray) -> dict[str, float]:
    """Accuracy, balanced accuracy, F1, AUC and the label's share for one attribute."""
    positive, negative = truth.sum(), (~truth).sum()
    hits, rejections = (chosen & truth).sum(), (~chosen & ~truth).sum()
    return {
        "accuracy": float((chosen == truth).mean()),
        "balanced_accuracy": float((hits / max(positive, 1) + rejections / max(negative, 1)) / 2),
        "f1": float(2 * hits / max(2 * hits + (chosen & ~truth).sum() + (~chosen & truth).sum(), 1)),
        "auc": auc(probability, truth),
        "share": float(truth.mean()),
    }


def auc(score: NDArray, truth: NDArray) -> float:
    """Area under the ROC curve: how often a positive outscores a negative, ties counting half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_error(confidence: NDArray, right: NDArray) -> float:
    """Expected calibration error over equal-width bins (Guo et al., 2017)."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(CALIBRATION_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def wilson(hits: int, total: int, z: float = 1.96) -> list[float]:
    """The 95% confidence interval of a share (Wilson, 1927)."""
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return [float(middle - reach), float(middle + reach)]


def confusion(chosen: NDArray, truth: NDArray, classes: int) -> list[list[int]]:
    """Counts [true][predicted]."""
    return (
        np.bincount(truth * classes + chosen, minlength=classes * classes).reshape(classes, classes).tolist()
    )


def sigmoid(logits: NDArray) -> NDArray:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * logits))


def mean(values: Any) -> float:
    """The arithmetic mean of some numbers."""
    return float(np.mean(list(values)))
