"""The shape of a task: everything that is particular to one thing a network can learn. The tasks are in `tasks.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models.architectures import classifier
from core.models.features import to_tensor
from core.models.weights import FOLDER
from engine.datasets import Dataset
from engine.evaluation import Figures

Targets = dict[str, Tensor]
Metrics = dict[str, float | None]
"""A network's figures after an epoch; None where there was nothing to measure."""


@dataclass(frozen=True)
class Request:
    """What to measure, and how.

    labels: which of the task's ways to label pictures the answers are compared with, "" where it has one alone;
    unaligned: whether to paste the pictures into larger ones and to find the faces there first;
    limit: how many pictures to measure, evenly spread, or all of them; folder: of the weights;
    degrade: the ways of `engine/degradation.py` to degrade the pictures whose costs are asked for.
    """

    data: Path
    split: str = "val"
    labels: str = ""
    unaligned: bool = False
    limit: int | None = None
    folder: Path = FOLDER
    degrade: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """Figures, how many pictures they are of, and how long these took; None where that says nothing about the network.

    split: what the pictures are, if not the split that was asked for.
    """

    figures: Figures
    images: int
    seconds: float | None = None
    split: str = ""


@dataclass(frozen=True)
class Bars:
    """The bars of a report: one for each row of `figures[rows]`, as long as the row's `figure`.

    beside: (another figure of each row to mark, what it is), instead of published figures;
    labels: the way to label pictures that the published figures are about.
    """

    rows: str
    figure: str
    heading: str
    beside: tuple[str, str] | None = None
    labels: str = ""


def by_split(figures: Mapping[str, Any]) -> str:
    """A card keeps figures under the name of their split."""
    return figures["split"]


@dataclass(frozen=True)
class Task:
    """One thing to learn.

    outputs: width of the network's last layer;
    architecture, stages: what `train` takes unless told otherwise;
    source, terms: for the card, what the weights learnt from and what they may be used for;
    loss: (logits, targets) -> scalar;
    metrics: (logits, target arrays) -> {figure: value}, the first of them that is not None ranks checkpoints;
    prepare: (data, rows, (height, width), generator) -> the training batch in [0, 1] and its targets;
    evaluate: (task, request) -> what `evaluate` and `report` show;
    inputs: (images, (height, width)) -> what the network takes at prediction;
    mirror: whether a picture and its mirror image have the same answer, so that prediction may average them;
    teachable: the target of yes and no into which teachers' answers can be mixed, if there is one;
    labels: the ways to label pictures, where there are several, the first unless told otherwise;
    options: those of `evaluate` that make sense for this task;
    kept_as: figures -> the name under which the card keeps them;
    bars: what a report shows of the figures row by row;
    heads: {target: outputs that learn it}, where pictures may lack some targets;
    stand_ins: {head: another one that answers the same}, for weights whose head had nothing to learn from.
    """

    name: str
    outputs: int
    architecture: str
    stages: tuple[str, ...]
    source: str
    terms: str
    load: Callable[[Path, str], Dataset]
    loss: Callable[[Tensor, Targets], Tensor]
    metrics: Callable[[NDArray, dict[str, NDArray]], Metrics]
    prepare: Callable[[Dataset, NDArray, tuple[int, int], torch.Generator], tuple[Tensor, Targets]]
    evaluate: Callable[["Task", Request], Measured]
    inputs: Callable[[NDArray, tuple[int, int]], Tensor] = to_tensor
    mirror: bool = True
    teachable: str = ""
    labels: tuple[str, ...] = ()
    options: frozenset[str] = frozenset({"--limit"})
    kept_as: Callable[[Mapping[str, Any]], str] = by_split
    bars: Bars | None = None
    heads: Mapping[str, slice] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)

    def learnable(self, targets: Mapping[str, NDArray]) -> set[str]:
        """The heads for which some picture has a target: a class number from 0, or votes."""
        return {head for head in self.heads if _labeled(targets[head])}

    def network(self, architecture: str, pretrained: bool = False) -> nn.Module:
        """A fresh network for this task."""
        return classifier(architecture, self.outputs, pretrained)


def _labeled(target: NDArray) -> bool:
    return bool((target >= 0).any() if target.ndim == 1 else (target > 0).any())
