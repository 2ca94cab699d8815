"""What is particular to each task: its data, outputs, loss and figures. The loop that trains them is shared."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.models.features import to_tensor
from core.models.labels import (
    ATTRIBUTES,
    BASICS,
    DETAILS,
    EMOTIONS,
    LOOK_SIZE,
    LOOK_SLICES,
    REGIONS,
    SKIN_TONES,
)  # fmt: skip
from core.seeing.motion import OUTPUTS
from engine import alignment, datasets, examining, finder, finding, heads, motion, parsing
from engine.augmentation import Augmentation, Photography
from engine.datasets import Dataset
from engine.evaluation import ferplus_majority, mean, share_of
from engine.task import Bars, Metrics, Targets, Task

_KINDS = {"basics": BASICS, "details": DETAILS}
"""Questions whose mean is told apart."""
_CELEBA_TERMS = "For non-commercial research, as CelebA is."


def augmented(augmentation: Augmentation) -> Callable[..., tuple[Tensor, Targets]]:
    """Prepare batches by changing the pictures at random and keeping their targets."""

    def prepare(
        data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
    ) -> tuple[Tensor, Targets]:
        images = augmentation(to_tensor(data.images[rows], size), generator)
        return images, {name: torch.from_numpy(target[rows]) for name, target in data.targets.items()}

    return prepare


def photographed(photography: Photography) -> Callable[..., tuple[Tensor, Targets]]:
    """Prepare batches by making the crops look like anybody's photos and keeping their targets."""

    def prepare(
        data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
    ) -> tuple[Tensor, Targets]:
        images = photography(data.images[rows], size, generator)
        return images, {name: torch.from_numpy(target[rows]) for name, target in data.targets.items()}

    return prepare


def _attribute_loss(logits: Tensor, targets: Targets) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, targets["attributes"])


def _attribute_metrics(logits: NDArray, targets: dict[str, NDArray]) -> Metrics:
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


def _emotion_metrics(logits: NDArray, targets: dict[str, NDArray]) -> Metrics:
    original, ferplus = np.split(logits, 2, 1)
    clear, majority = ferplus_majority(targets["ferplus"])
    return {
        "ferplus": share_of((ferplus.argmax(1) == majority)[clear]),
        "fer2013": share_of(original.argmax(1) == targets["fer2013"]),
    }


def _questions_loss(parts: Mapping[str, slice]) -> Callable[[Tensor, Targets], Tensor]:
    def loss(logits: Tensor, targets: Targets) -> Tensor:
        # A question that nobody in the batch has an answer to would have a mean over nothing.
        losses = [
            functional.cross_entropy(
                logits[:, part], targets[question], ignore_index=-1, label_smoothing=0.05
            )
            for question, part in parts.items()
            if (targets[question] >= 0).any()
        ]
        return torch.stack(losses).mean() if losses else 0 * logits.sum()

    return loss


def _questions_metrics(parts: Mapping[str, slice]) -> Callable[[NDArray, dict[str, NDArray]], Metrics]:
    def metrics(logits: NDArray, targets: dict[str, NDArray]) -> Metrics:
        right = {
            question: share_of((logits[:, part].argmax(1) == targets[question])[targets[question] >= 0])
            for question, part in parts.items()
        }
        means = {name: mean(right[question] for question in asked) for name, asked in _KINDS.items()}
        return {"accuracy": mean(right.values()), **means, **right}

    return metrics


def _skin_tone_loss(logits: Tensor, targets: Targets) -> Tensor:
    """The scale is ordered: of each vote 0.15 spill to either neighbour, so that near misses cost less."""
    shares = targets["votes"] / targets["votes"].sum(1, keepdim=True)
    spread = 0.7 * shares
    spread[:, 1:] += 0.15 * shares[:, :-1]
    spread[:, :-1] += 0.15 * shares[:, 1:]
    return functional.cross_entropy(logits, spread / spread.sum(1, keepdim=True))


def _skin_tone_metrics(logits: NDArray, targets: dict[str, NDArray]) -> Metrics:
    votes, chosen = targets["votes"], logits.argmax(1)
    rows = np.arange(len(chosen))
    padded = np.pad(votes, ((0, 0), (1, 1)))
    near = padded[rows, chosen] + padded[rows, chosen + 1] + padded[rows, chosen + 2]
    return {"accuracy": float((votes[rows, chosen] > 0).mean()), "within_one": float((near > 0).mean())}


def _attributes_name(figures: Mapping[str, Any]) -> str:
    if figures.get("unaligned"):
        return "unaligned"
    return f"{figures['split']}_degraded" if "degraded" in figures else figures["split"]


_EMOTION_CHANGES = Augmentation(rotation=12, scale=0.12, shift=0.08, brightness=0.3, contrast=0.3, erase=0.3)

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="attributes",
            outputs=len(ATTRIBUTES),
            architecture="efficientnet_lite2",
            stages=("3x112x92", "2x164x134"),
            load=datasets.celeba_with_originals,
            loss=_attribute_loss,
            metrics=_attribute_metrics,
            prepare=photographed(Photography(Augmentation())),
            source="CelebA (Liu et al., 2015), aligned crops: 37,540 of the train partition",
            terms=_CELEBA_TERMS,
            evaluate=examining.attributes,
            teachable="attributes",
            options=frozenset({"--limit", "--unaligned", "--degrade"}),
            kept_as=_attributes_name,
            bars=Bars("per_class", "accuracy", "Attribute by attribute"),
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
            source="FER-2013 (Goodfellow et al., 2013) Training, 26,798 pictures, "
            "with FER+ votes (Barsoum et al., 2016)",
            terms="For non-commercial research, as FER-2013 is.",
            evaluate=examining.emotion,
            labels=("ferplus", "fer2013"),
            heads={"fer2013": slice(0, len(EMOTIONS)), "ferplus": slice(len(EMOTIONS), 2 * len(EMOTIONS))},
            stand_ins={"ferplus": "fer2013"},
            kept_as=lambda figures: figures["head"],
            bars=Bars(
                "per_class", "recall", "Class by class: how many of each are recognized", labels="fer2013"
            ),
        ),
        Task(
            name="look",
            outputs=LOOK_SIZE,
            architecture="look_head",
            stages=("6x1x1",),
            load=heads.look,
            loss=_questions_loss(LOOK_SLICES),
            metrics=_questions_metrics(LOOK_SLICES),
            prepare=heads.prepare,
            inputs=heads.inputs,
            mirror=False,
            source="2,640 CelebA train crops with nine questions, 1,440 of them with twelve finer ones, answered by "
            "a vision-model rater, "
            "on the attributes backbone",
            terms=_CELEBA_TERMS,
            evaluate=examining.look,
            heads=LOOK_SLICES,
            bars=Bars(
                "per_question",
                "accuracy",
                "Question by question",
                beside=("majority_accuracy", "always saying the commonest"),
            ),
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
            source="595 CelebA crops with Fitzpatrick types from one person (96) and two vision-model raters (499) "
            "and 784 FairFace faces from two raters, on the attributes backbone",
            terms=_CELEBA_TERMS,
            evaluate=examining.skin_tone,
            options=frozenset(),
            kept_as=lambda figures: "val",
            bars=Bars("per_class", "recall", "Type by type: how many of each are recognized"),
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
            source="Windows drawn from 37,540 CelebA train crops, "
            "and from faceless pictures of scikit-image as negatives",
            terms=_CELEBA_TERMS,
            evaluate=examining.alignment,
        ),
        Task(
            name="finder",
            outputs=5,
            architecture="finder",
            stages=("25x128x128",),
            load=finder.load,
            loss=finder.loss,
            metrics=finder.metrics,
            prepare=finder.prepare,
            mirror=False,
            source="Pictures drawn from 10,000 CelebA train crops, FairFace (Karkkainen and Joo, 2021) and UTKFace "
            "faces, in pictures without faces",
            terms=_CELEBA_TERMS,
            evaluate=finding.evaluate,
        ),
        Task(
            name="motion",
            outputs=OUTPUTS,
            architecture="motion",
            stages=("14x96x96",),
            load=motion.load,
            loss=motion.loss,
            metrics=motion.metrics,
            prepare=motion.prepare,
            mirror=False,
            source="What MediaPipe's face landmark and blendshape networks (Google, Apache-2.0; Kartynnik et al., "
            "2019; Grishchenko et al., 2023) saw in 37,540 CelebA train crops and 26,798 FER-2013 Training pictures",
            terms="For non-commercial research, as CelebA and FER-2013 are.",
            evaluate=motion.evaluate,
            options=frozenset(),
        ),
        Task(
            name="parser",
            outputs=len(REGIONS),
            architecture="face_parser",
            stages=("40x160x160",),
            load=parsing.load,
            loss=parsing.loss,
            metrics=parsing.metrics,
            prepare=parsing.prepare,
            mirror=False,
            source="761 faces of CelebAMask-HQ (Lee et al., 2020) with masks of 19 classes, and 444 photos of "
            "Figaro-1k (Svanera et al., 2016) and LFW (Huang et al., 2007) with masks of hair",
            terms="For non-commercial research, as CelebAMask-HQ is.",
            evaluate=parsing.evaluate,
            options=frozenset(),
            bars=Bars("per_class", "f1", "Region by region", beside=("bar", "what it should be")),
        ),
    )
}
