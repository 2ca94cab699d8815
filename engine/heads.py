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

from core.features import describe, to_tensor
from core.weights import load_network
from engine import datasets
from engine.augmentation import Augmentation
from engine.datasets import Dataset

REPLICAS = 6
AUGMENTATION = Augmentation(
    rotation=5, scale=0.05, shift=0.02, brightness=0.15, contrast=0.15, saturation=0.1
)
FOLDS = 5


def look(data: Path, split: str) -> Dataset:
    """Features of the crops with answers to the look questions; the training crops in REPLICAS versions."""
    return featured(datasets.look(data, split), REPLICAS if split == "train" else 0)


def skin_tone(data: Path, split: str) -> Dataset:
    """Features of the crops with Fitzpatrick votes. `val` is every fifth of them, `train` the others, `all` both."""
    crops = datasets.skin_tone(data)
    rows = np.arange(len(crops))
    held_out = rows % FOLDS == 0
    chosen = {"train": rows[~held_out], "val": rows[held_out], "all": rows}[split]
    return featured(crops.take(chosen), 0 if split == "val" else 2 * REPLICAS)


def featured(crops: Dataset, replicas: int) -> Dataset:
    """The features (N * (1 + replicas), F) of crops: as they are, then changed at random."""
    network, card = load_network("attributes")
    generator = torch.Generator().manual_seed(0)
    parts = []
    for version in range(1 + replicas):
        change = AUGMENTATION if version else None
        parts.append(_features(network, crops.images, card.size, change, generator))
    targets = {name: np.concatenate([target] * len(parts)) for name, target in crops.targets.items()}
    return Dataset(np.concatenate(parts), targets, crops.ids * len(parts))


@torch.inference_mode()
def _features(
    network: torch.nn.Module,
    images: NDArray,
    size: tuple[int, int],
    change: Augmentation | None,
    generator: torch.Generator,
) -> NDArray[np.float32]:
    out = []
    for start in tqdm(range(0, len(images), 64), "features", disable=None, leave=False):
        batch = to_tensor(images[start : start + 64], size)
        if change:
            batch = change(batch, generator).contiguous(memory_format=torch.channels_last)
        out.append(describe(network, batch)[0].numpy())
    return np.concatenate(out)


def prepare(
    data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """The features of some rows and their targets."""
    del size, generator  # features have no size, and were changed when they were read
    return inputs(data.images[rows]), {
        name: torch.from_numpy(target[rows]) for name, target in data.targets.items()
    }


def inputs(features: NDArray[np.float32], size: tuple[int, int] | None = None) -> Tensor:
    """Features as a tensor."""
    del size
    return torch.from_numpy(np.ascontiguousarray(features))
