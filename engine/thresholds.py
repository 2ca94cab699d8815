"""Decision thresholds fitted to labelled pictures: where to say yes, if accuracy is what counts.

The emoji's rules have thresholds of their own (`engine/likeness.py`), which match shares instead.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.models.labels import ATTRIBUTES
from engine.evaluation import Figures, sigmoid


def best_split(data: Path) -> str:
    """Where thresholds are fitted: on original files of validation photos, which are what people's photos are like,
    or on validation as it is where there are none."""
    return "val_original" if (data / "celeba" / "val_original.zip").is_file() else "val"


def fit(probability: NDArray, truth: NDArray[np.bool_]) -> float:
    """The threshold, 0 to 1, over which saying yes is right most often; of equally good ones the nearest to 0.5.

    Also 0.5 where all pictures have the same label, which says nothing about where to cut.
    """
    if truth.all() or not truth.any():
        return 0.5
    order = np.argsort(probability)
    ranked, labels = probability[order], truth[order]
    # With the cut before row i, the negatives among the first i rows and the positives among the others are right.
    right = np.concatenate([[0], np.cumsum(~labels)]) + np.concatenate([np.cumsum(labels[::-1])[::-1], [0]])
    cuts = np.concatenate([[0.0], (ranked[1:] + ranked[:-1]) / 2, [1.0]])
    possible = np.concatenate([[True], ranked[1:] > ranked[:-1], [True]])
    # The default takes part: where nothing is better, nothing changes.
    cuts, right = (
        np.append(cuts[possible], 0.5),
        np.append(right[possible], ((probability > 0.5) == truth).sum()),
    )
    best = np.flatnonzero(right == right.max())
    return float(cuts[best[np.abs(cuts[best] - 0.5).argmin()]])


def attribute_thresholds(logits: NDArray, truth: NDArray[np.bool_]) -> tuple[dict[str, float], Figures]:
    """({attribute: threshold}, figures): the mean accuracy on the pictures the thresholds were fitted to, and what is
    to be expected of others: each half of the pictures measured with thresholds fitted to the other half."""
    probability = sigmoid(logits)
    half = np.zeros(len(truth), bool)
    half[np.random.default_rng(17).permutation(len(truth))[::2]] = True
    crossed = [
        (
            _accuracy(probability[~part], truth[~part], _fit_all(probability[part], truth[part])),
            (~part).sum().item(),
        )
        for part in (half, ~half)
        if part.any() and not part.all()
    ]
    chosen = _fit_all(probability, truth)
    return dict(zip(ATTRIBUTES, chosen.round(4).tolist(), strict=True)), {
        "mean_accuracy_where_thresholds_were_fitted": _accuracy(probability, truth, chosen),
        "mean_accuracy_with_thresholds_of_the_other_half": (
            sum(accuracy * count for accuracy, count in crossed) / len(truth) if len(truth) > 1 else None
        ),
    }


def _fit_all(probability: NDArray, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.array([fit(probability[:, i], truth[:, i]) for i in range(truth.shape[1])])


def _accuracy(probability: NDArray, truth: NDArray[np.bool_], thresholds: NDArray) -> float:
    return float(((probability > thresholds) == truth).mean())
