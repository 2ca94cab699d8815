"""Data for the heads: features of the labelled crops, read through the trained attribute network.

The backbone stays as it is; each training crop is read several times, changed at random, so that the head learns to
ignore what light, framing and the aligner's small errors do to the features.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from core.models.features import describe, describe_both, to_tensor
from core.models.weights import load_backbone
from engine import datasets
from engine.augmentation import Augmentation
from engine.datasets import Dataset

VERSIONS = 4
"""How many times a training crop is read."""
AUGMENTATION = Augmentation(
    rotation=5, scale=0.05, shift=0.02, brightness=0.15, contrast=0.15, saturation=0.1, tint=0.04
)
FOLDS = 5


def look(data: Path, split: str) -> Dataset:
    """Features of the crops with answers to the look questions."""
    crops = datasets.look(data, split)
    return changed(crops) if split == "train" else plain(crops)


def skin_tone(data: Path, split: str) -> Dataset:
    """Features of the crops with Fitzpatrick votes. `train` and `all` are all of them, `val` every fifth: too few for
    a split, so the figures that count come from cross-validation (`python -m engine evaluate skin-tone`)."""
    crops = datasets.skin_tone(data)
    if split == "val":
        return plain(crops.take(np.arange(0, len(crops), FOLDS)))
    return changed(crops) if split == "train" else plain(crops)


def plain(crops: Dataset) -> Dataset:
    """Features of crops as they are and of their mirror images, float16 (N, 2, F)."""
    return Dataset(_features(crops.images), crops.targets, crops.ids)


def changed(crops: Dataset) -> Dataset:
    """Features of crops changed at random, float16 (N * VERSIONS, F)."""
    generator = torch.Generator().manual_seed(0)
    parts = [_features(crops.images, generator) for _ in range(VERSIONS)]
    targets = {name: np.concatenate([target] * VERSIONS) for name, target in crops.targets.items()}
    return Dataset(np.concatenate(parts), targets, crops.ids * VERSIONS)


@torch.inference_mode()
def _features(images: NDArray, generator: torch.Generator | None = None) -> NDArray[np.float16]:
    network, card = load_backbone()
    out = []
    for start in tqdm(range(0, len(images), 64), "features", disable=None, leave=False):
        batch = to_tensor(images[start : start + 64], card.size)
        if generator:
            batch = AUGMENTATION(batch, generator).contiguous(memory_format=torch.channels_last)
            features = describe(network, batch)[0]
        else:
            features = describe_both(network, batch)[0]
        # Half precision is finer than what the changes above do, and fits in memory.
        out.append(features.half().numpy())
    return np.concatenate(out)


def prepare(
    data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """The features of some rows and their targets."""
    del size, generator  # features have no size, and were changed when they were read
    return inputs(data.images[rows]), {
        name: torch.from_numpy(target[rows]) for name, target in data.targets.items()
    }


def inputs(features: NDArray[np.float16], size: tuple[int, int] | None = None) -> Tensor:
    """Features as a tensor."""
    del size
    return torch.from_numpy(np.ascontiguousarray(features)).float()
