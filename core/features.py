"""What the small models read: the attribute network's feature maps, and the crop's own colours.

The look and skin tone models have few labelled photos, so they stand on the backbone that learnt 40 attributes from
many. Where things are matters to them (clothes are below, hair around), hence a grid of averages; and light and dye
are colours, to which the backbone was taught not to listen, hence a coarse Lab thumbnail.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

GRID = (4, 3)
"""Rows and columns of averages over the last feature map."""
THUMBNAIL = (11, 9)
"""Rows and columns of the Lab thumbnail, about 20 pixels of the crop each."""

FEATURES = (256 + 512) * GRID[0] * GRID[1] + 40 + 3 * THUMBNAIL[0] * THUMBNAIL[1]
"""How many features a crop has on a ResNet-18 or ResNet-34 with 40 outputs."""


def to_tensor(crops: NDArray[np.uint8], size: tuple[int, int]) -> Tensor:
    """uint8 (N, H, W[, 3]) -> float (N, C, *size) in [0, 1], area-averaged, channels last."""
    if crops.shape[1:3] != size:
        crops = np.stack([cv2.resize(crop, size[::-1], interpolation=cv2.INTER_AREA) for crop in crops])
    batch = torch.from_numpy(np.array(crops))
    batch = batch.unsqueeze(1) if batch.ndim == 3 else batch.permute(0, 3, 1, 2)
    return (batch.float() / 255).contiguous(memory_format=torch.channels_last)


def describe(network: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """One pass of a ResNet: (features (N, F), logits (N, outputs)) for float images (N, 3, H, W) in [0, 1].

    The features are layer 3 and 4 averaged over a GRID, the logits themselves, and the Lab thumbnail.
    """
    x = network.maxpool(network.relu(network.bn1(network.conv1(images))))
    middle = network.layer3(network.layer2(network.layer1(x)))
    last = network.layer4(middle)
    logits = network.fc(last.mean((2, 3)))
    parts = [
        functional.adaptive_avg_pool2d(middle, GRID).flatten(1),
        functional.adaptive_avg_pool2d(last, GRID).flatten(1),
        logits,
        thumbnail(images).flatten(1),
    ]
    return torch.cat([part.float() for part in parts], 1), logits


def thumbnail(images: Tensor) -> Tensor:
    """Float RGB (N, 3, H, W) in [0, 1] -> CIE Lab (N, 3, *THUMBNAIL), each channel over 100 (D65, sRGB)."""
    small = functional.adaptive_avg_pool2d(images, THUMBNAIL)
    linear = torch.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055).clamp_min(0) ** 2.4)
    matrix = linear.new_tensor([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = torch.einsum("ij,njhw->nihw", matrix, linear) / linear.new_tensor([0.95047, 1.0, 1.08883]).view(
        1, 3, 1, 1
    )
    f = torch.where(xyz > 0.008856, xyz.clamp_min(1e-6) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(1)
    return torch.stack([1.16 * y - 0.16, 5 * (x - y), 2 * (y - z)], 1)
