"""What is particular to each task: its data, outputs, loss and figures. The loop that trains them is shared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.labels import ATTRIBUTES, EMOTIONS
from core.networks import classifier
from engine import datasets
from engine.augmentation import Augmentation
from engine.datasets import Dataset

Targets = dict[str, Tensor]


@dataclass(frozen=True)
class Task:
    """One thing to learn.

    outputs: width of the network's last layer; loss: (logits, targets) -> scalar;
    metrics: (logits, target arrays) -> {figure: value in [0, 1]}, the first of them ranks checkpoints.
    """

    name: str
    outputs: int
    architecture: str
    load: Callable[[Path, str], Dataset]
    loss: Callable[[Tensor, Targets], Tensor]
    metrics: Callable[[NDArray, dict[str, NDArray]], dict[str, float]]
    augmentation: Callable[[Tensor, torch.Generator], Tensor]

    def network(self, architecture: str, pretrained: bool = False) -> nn.Module:
        """A fresh network for this task."""
        return classifier(architecture, self.outputs, pretrained)


def _attribute_loss(logits: Tensor, targets: Targets) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, targets["attributes"])


def _attribute_metrics(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, float]:
    right = (logits > 0) == (targets["attributes"] > 0.5)
    return {"accuracy": float(right.mean())}


def _emotion_loss(logits: Tensor, targets: Targets) -> Tensor:
    """Two heads: the original labels, smoothed, and the FER+ votes as a distribution where there are any."""
    original, ferplus = logits.split(len(EMOTIONS), 1)
    votes = targets["ferplus"]
    voted = votes.sum(1) > 0
    loss = functional.cross_entropy(original, targets["fer2013"], label_smoothing=0.1)
    shares = votes[voted] / votes[voted].sum(1, keepdim=True)
    return loss + functional.cross_entropy(ferplus[voted], shares) if voted.any() else loss


def ferplus_majority(votes: NDArray) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pictures have five or more of the ten votes on one of the seven emotions, and that emotion."""
    return votes.max(1) >= 5, votes.argmax(1)


def _emotion_metrics(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, float]:
    original, ferplus = np.split(logits, 2, 1)
    clear, majority = ferplus_majority(targets["ferplus"])
    figures = {"fer2013": float((original.argmax(1) == targets["fer2013"]).mean())}
    if clear.any():
        figures = {"ferplus": float((ferplus.argmax(1) == majority)[clear].mean())} | figures
    return figures


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            "attributes", len(ATTRIBUTES), "resnet18", datasets.celeba, _attribute_loss, _attribute_metrics, Augmentation()
        ),
        Task(
            "emotion", 2 * len(EMOTIONS), "gray_vgg", datasets.fer2013, _emotion_loss, _emotion_metrics,
            Augmentation(rotation=12, scale=0.12, shift=0.08, brightness=0.3, contrast=0.3, erase=0.3),
        ),
    )
}  # fmt: skip
