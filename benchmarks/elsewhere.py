"""The way faces are read elsewhere, to compare with: a whole ResNeXt-50 for attributes and another one for emotion.

What their weights are makes no difference to their speed, so they are fresh.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models.architectures import classifier
from core.models.features import to_tensor
from core.models.labels import ATTRIBUTES, EMOTIONS

ARCHITECTURE = "resnext50_32x4d"
SIZE = (218, 178)
"""Height and width of a CelebA crop, pixels."""


def networks() -> list[nn.Module]:
    return [classifier(ARCHITECTURE, len(labels)).eval() for labels in (ATTRIBUTES, EMOTIONS)]


@torch.inference_mode()
def answers(networks: list[nn.Module], crop: NDArray[np.uint8]) -> list[Tensor]:
    """What they say of a crop, uint8 (218, 178, 3)."""
    return [network(to_tensor(crop[None], SIZE)) for network in networks]
