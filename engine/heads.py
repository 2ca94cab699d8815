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
from engine import datasets, degradation, fairface
from engine.augmentation import Augmentation, Photography
from engine.datasets import Dataset
from engine.degradation import Hardship
from engine.predicting import autocast

VERSIONS = 4
"""How many times a training crop is read."""
AUGMENTATION = Augmentation(
    rotation=5, scale=0.05, shift=0.02, brightness=0.15, contrast=0.15, saturation=0.1, tint=0.04
)
SELDOM_RIMS = Hardship(degradation.rims, 0.1, 0.1, 0.35)
LAMPS = (
    Hardship(degradation.bend, 0.25, 0.75, 1.35),
    Hardship(degradation.expose, 0.30, 0.55, 1.3),
    Hardship(degradation.warm, 0.30, -0.15, 0.25),
    Hardship(degradation.cast, 0.15, 0.03, 0.12),
    Hardship(degradation.blur, 0.10, 0.5, 1.5),
    Hardship(degradation.jpeg, 0.20, 30, 95),
)
"""Light and cameras, which change how skin looks but not what it is: befall crops that skin tones are learnt from."""
FOLDS = 5


def look(data: Path, split: str) -> Dataset:
    """Features of the crops with answers to the look questions."""
    crops = datasets.look(data, split)
    return changed(crops) if split == "train" else plain(crops)


def faces_with_skin_tones(data: Path) -> Dataset:
    """The crops with Fitzpatrick votes: CelebA's, and FairFace's if its labels are there. Raises DataError."""
    crops = datasets.skin_tone(data)
    if not (data / "skintone" / "fairface_labels.csv").is_file():
        return crops
    further = fairface.load(data)
    votes = np.concatenate([crops.targets["votes"], further.targets["votes"]])
    return Dataset(np.concatenate([crops.images, further.images]), {"votes": votes}, crops.ids + further.ids)


def skin_tone(data: Path, split: str) -> Dataset:
    """Features of the crops with Fitzpatrick votes. `train` and `all` are all of them, `val` every fifth: too few for
    a split, so the figures that count come from cross-validation (`python -m engine evaluate skin-tone`)."""
    crops = faces_with_skin_tones(data)
    if split == "val":
        return plain(crops.take(np.arange(0, len(crops), FOLDS)))
    return changed(crops, LAMPS) if split == "train" else plain(crops)


def plain(crops: Dataset) -> Dataset:
    """Features of crops as they are and of their mirror images, float16 (N, 2, F)."""
    return Dataset(_features(crops.images), crops.targets, crops.ids)


def changed(crops: Dataset, hardships: tuple[Hardship, ...] = ()) -> Dataset:
    """Features of crops changed at random, float16 (N * VERSIONS, F)."""
    generator = torch.Generator().manual_seed(0)
    change = Photography(AUGMENTATION, hardships, SELDOM_RIMS)
    parts = [_features(crops.images, change, generator) for _ in range(VERSIONS)]
    targets = {name: np.concatenate([target] * VERSIONS) for name, target in crops.targets.items()}
    return Dataset(np.concatenate(parts), targets, crops.ids * VERSIONS)


@torch.inference_mode()
def _features(
    images: NDArray[np.uint8], change: Photography | None = None, generator: torch.Generator | None = None
) -> NDArray[np.float16]:
    network, card = load_backbone()
    cpu = torch.device("cpu")
    out = []
    for start in tqdm(range(0, len(images), 64), "features", disable=None, leave=False):
        crops = images[start : start + 64]
        if change and generator:
            # Rounding is nothing beside what the change does.
            with autocast(cpu):
                features = describe(network.read, change(crops, card.size, generator))[0]
        else:
            features = describe_both(network.read, to_tensor(crops, card.size))[0]
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
