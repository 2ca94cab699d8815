"""Answers that are right as often as they say: a slope and an offset for each, which go into the last layer.

A network that learnt on compressed pictures sees more of this and less of that in photos as cameras make them, and
its answers move, though it ranks photos as well as before. So this is fitted to original files of validation photos.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.models.weights import Card, load_network, read_tensors, save_network
from engine.evaluation import sigmoid
from engine.predicting import predict
from engine.settings import TrainingError
from engine.tasks import TASKS

TRUST = 2.0
"""How many photos' worth of doubt there is that anything must change: rare answers have few photos to learn from."""
STEPS = 30


def fit(logits: NDArray, truth: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(slopes, offsets), each (K,), of logits (N, K): Platt's scaling (1999), question by question, by Newton's
    method."""
    lines = [_line(column, right) for column, right in zip(logits.T, truth.T, strict=True)]
    slopes, offsets = np.array(lines).T
    return slopes, offsets


def _line(logits: NDArray, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    inputs = np.stack([logits, np.ones_like(logits)], 1).astype(np.float64)
    start = np.array([1.0, 0.0])

    def loss(line: NDArray[np.float64]) -> float:
        said = inputs @ line
        return float((np.logaddexp(0, said) - truth * said).sum() + TRUST / 2 * ((line - start) ** 2).sum())

    line = start
    for _ in range(STEPS):
        said = sigmoid(inputs @ line)
        slope = inputs.T @ (said - truth) + TRUST * (line - start)
        curve = (inputs * (said * (1 - said))[:, None]).T @ inputs + TRUST * np.eye(2)
        step = np.linalg.solve(curve, slope)
        # A whole step may go too far where answers were very sure.
        while loss(line - step) > loss(line):
            step = step / 2
        line = line - step
    return line


def figures(logits: NDArray, truth: NDArray[np.bool_]) -> dict[str, float]:
    """Mean accuracy as it was, where the lines were fitted, and what to expect of other photos: each half of these
    measured with lines fitted to the other half."""
    half = np.zeros(len(truth), bool)
    half[np.random.default_rng(17).permutation(len(truth))[::2]] = True
    crossed = np.empty_like(truth)
    for part in (half, ~half):
        slopes, offsets = fit(logits[part], truth[part])
        crossed[~part] = logits[~part] * slopes + offsets > 0
    slopes, offsets = fit(logits, truth)
    return {
        "accuracy_before": float(((logits > 0) == truth).mean()),
        "accuracy_where_fitted": float(((logits * slopes + offsets > 0) == truth).mean()),
        "accuracy_with_lines_of_the_other_half": float((crossed == truth).mean()),
    }


def calibrate(task: str, data: Path, split: str, folder: Path) -> Card:
    """Fit the exported weights' answers to the pictures of a split, and write the weights and their card again.

    Raises TrainingError for a task whose answers are not yes or no; DataError and WeightsError.
    """
    spec = TASKS[task]
    if not spec.teachable:
        raise TrainingError(f"Only answers of yes or no are calibrated, and {task} has others.")
    network, card = load_network(task, folder)
    pictures = spec.load(data, split)
    logits = predict(spec, network, pictures, card.size, torch.device("cpu"), "calibrating")
    truth = pictures.targets[spec.teachable] > 0.5
    as_trained = spec.network(card.content["architecture"])
    as_trained.load_state_dict(read_tensors(task, folder)[0])
    bend(as_trained, *fit(logits, truth))
    further: dict[str, Any] = {"calibration": {"split": split, **figures(logits, truth)}, "metrics": {}}
    return save_network(as_trained, {**card.content, **further}, folder)


@torch.no_grad()
def bend(network: nn.Module, slopes: NDArray, offsets: NDArray) -> None:
    """Let a network give slope * logit + offset: its last layer does the arithmetic."""
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    slope = torch.tensor(slopes, dtype=last.weight.dtype)
    last.weight *= slope[:, None]
    last.bias.copy_(last.bias * slope + torch.tensor(offsets, dtype=last.weight.dtype))
