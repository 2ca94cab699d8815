"""What is particular to each task: its data, outputs, loss and figures. The loop that trains them is shared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models.architectures import classifier
from core.models.features import to_tensor
from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, LOOK_SIZE, LOOK_SLICES, SKIN_TONES
from engine import alignment, datasets, heads
from engine.augmentation import Augmentation
from engine.datasets import Dataset

Targets = dict[str, Tensor]


@dataclass(frozen=True)
class Task:
    """One thing to learn.

    outputs: width of the network's last layer;
    architecture, stages: what `train` takes unless told otherwise;
    loss: (logits, targets) -> scalar;
    metrics: (logits, target arrays) -> {figure: value}, the first of them ranks checkpoints;
    prepare: (data, rows, (height, width), generator) -> the training batch in [0, 1] and its targets;
    inputs: (images, (height, width)) -> what the network takes at prediction;
    mirror: whether a picture and its mirror image have the same answer, so that prediction may average them.
    """

    name: str
    outputs: int
    architecture: str
    stages: tuple[str, ...]
    load: Callable[[Path, str], Dataset]
    loss: Callable[[Tensor, Targets], Tensor]
    metrics: Callable[[NDArray, dict[str, NDArray]], dict[str, float]]
    prepare: Callable[[Dataset, NDArray, tuple[int, int], torch.Generator], tuple[Tensor, Targets]]
    inputs: Callable[[NDArray, tuple[int, int]], Tensor] = to_tensor
    mirror: bool = True

    def network(self, architecture: str, pretrained: bool = False) -> nn.Module:
        """A fresh network for this task."""
        return classifier(architecture, self.outputs, pretrained)


def augmented(augmentation: Augmentation) -> Callable[..., tuple[Tensor, Targets]]:
    """Prepare batches by changing the pictures at random and keeping their targets."""

    def prepare(
        data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
    ) -> tuple[Tensor, Targets]:
        images = augmentation(to_tensor(data.images[rows], size), generator)
        return images, {name: torch.from_numpy(target[rows]) for name, target in data.targets.items()}

    return prepare


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


def _look_loss(logits: Tensor, targets: Targets) -> Tensor:
    losses = [
        functional.cross_entropy(
            logits[:, LOOK_SLICES[question]], targets[question], ignore_index=-1, label_smoothing=0.05
        )
        for question in LOOK
    ]
    return torch.stack(losses).mean()


def _look_metrics(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, float]:
    right = {
        q: float((logits[:, LOOK_SLICES[q]].argmax(1) == targets[q])[targets[q] >= 0].mean()) for q in LOOK
    }
    return {"accuracy": float(np.mean(list(right.values()))), **right}


def _skin_tone_loss(logits: Tensor, targets: Targets) -> Tensor:
    """The scale is ordered: of each vote 0.15 spill to either neighbour, so that near misses cost less."""
    shares = targets["votes"] / targets["votes"].sum(1, keepdim=True)
    spread = 0.7 * shares
    spread[:, 1:] += 0.15 * shares[:, :-1]
    spread[:, :-1] += 0.15 * shares[:, 1:]
    return functional.cross_entropy(logits, spread / spread.sum(1, keepdim=True))


def _skin_tone_metrics(logits: NDArray, targets: dict[str, NDArray]) -> dict[str, float]:
    votes, chosen = targets["votes"], logits.argmax(1)
    rows = np.arange(len(chosen))
    padded = np.pad(votes, ((0, 0), (1, 1)))
    near = padded[rows, chosen] + padded[rows, chosen + 1] + padded[rows, chosen + 2]
    return {"accuracy": float((votes[rows, chosen] > 0).mean()), "within_one": float((near > 0).mean())}


_EMOTION_CHANGES = Augmentation(rotation=12, scale=0.12, shift=0.08, brightness=0.3, contrast=0.3, erase=0.3)

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="attributes",
            outputs=len(ATTRIBUTES),
            architecture="efficientnet_lite2",
            stages=("3x112x92", "2x164x134"),
            load=datasets.celeba,
            loss=_attribute_loss,
            metrics=_attribute_metrics,
            prepare=augmented(Augmentation()),
        ),
        Task(
            name="emotion",
            outputs=2 * len(EMOTIONS),
            architecture="efficientnet_lite2",
            stages=("4x64x64", "4x96x96"),
            load=datasets.fer2013,
            loss=_emotion_loss,
            metrics=_emotion_metrics,
            prepare=augmented(_EMOTION_CHANGES),
        ),
        Task(
            name="look",
            outputs=LOOK_SIZE,
            architecture="look_head",
            stages=("6x1x1",),
            load=heads.look,
            loss=_look_loss,
            metrics=_look_metrics,
            prepare=heads.prepare,
            inputs=heads.inputs,
            mirror=False,
        ),
        Task(
            name="skin_tone",
            outputs=len(SKIN_TONES),
            architecture="skin_tone_head",
            stages=("14x1x1",),
            load=heads.skin_tone,
            loss=_skin_tone_loss,
            metrics=_skin_tone_metrics,
            prepare=heads.prepare,
            inputs=heads.inputs,
            mirror=False,
        ),
        Task(
            name="alignment",
            outputs=5,
            architecture="alignment",
            stages=("14x64x64",),
            load=alignment.load,
            loss=alignment.loss,
            metrics=alignment.metrics,
            prepare=alignment.prepare,
            mirror=False,
        ),
    )
}
