"""What the small models read: the attribute network's feature maps, and the crop's own colours.

The look and skin tone models have few labelled photos, so they stand on the backbone that learnt 40 attributes from
many. Where things are matters to them (clothes are below, hair around), hence the maps as they are; and light and dye
are colours, to which the backbone was taught not to listen, hence a Lab thumbnail.
"""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.efficientnet import EfficientNetLite

BACKBONE = "efficientnet_lite2"
"""The architecture that they are read off."""
MIDDLE, LAST = (120, 11, 9), (352, 6, 5)
"""Channels, rows and columns of the feature maps on 164x134 pixels; at another size they are resampled to this."""
COLORS = (3, 44, 36)
"""Channels, rows and columns of the Lab thumbnail, about 5 pixels of the crop each."""
LAB_MEAN, LAB_SPREAD = (0.5, 0.0, 0.1), (0.33, 0.125, 0.125)
"""About those of photos of faces, Lab over 100."""
PARTS = {"middle": MIDDLE, "last": LAST, "colors": COLORS, "logits": (40,)}
"""What the features of a crop are, in this order."""
FEATURES = sum(math.prod(shape) for shape in PARTS.values())
"""How many features a crop has."""


def to_tensor(crops: NDArray[np.uint8], size: tuple[int, int]) -> Tensor:
    """uint8 (N, H, W[, 3]) -> float (N, C, *size) in [0, 1], channels last; area-averaged to become smaller."""
    if crops.shape[1:3] != size:
        smaller = size[0] < crops.shape[1]
        how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        crops = np.stack([cv2.resize(crop, size[::-1], interpolation=how) for crop in crops])
    batch = torch.from_numpy(np.array(crops))
    batch = batch.unsqueeze(1) if batch.ndim == 3 else batch.permute(0, 3, 1, 2)
    return (batch.float() / 255).contiguous(memory_format=torch.channels_last)


def describe(network: EfficientNetLite, images: Tensor) -> tuple[Tensor, Tensor]:
    """One pass of the backbone: (features (N, FEATURES), logits (N, 40)) for float images (N, 3, H, W) in [0, 1]."""
    middle, last, logits = network.read(images)
    parts = (_resampled(middle, MIDDLE), _resampled(last, LAST), lab_thumbnail(images), logits)
    return torch.cat([part.flatten(1).float() for part in parts], 1), logits


def describe_both(network: EfficientNetLite, images: Tensor) -> tuple[Tensor, Tensor]:
    """Images and their mirror images: (features (N, 2, FEATURES), logits (N, 40), the mean over both)."""
    features, logits = describe(network, torch.cat([images, images.flip(3)]))
    return features.unflatten(0, (2, -1)).transpose(0, 1), logits.unflatten(0, (2, -1)).mean(0)


def split(features: Tensor) -> tuple[Tensor, ...]:
    """Features (N, FEATURES) -> each of PARTS in its own shape."""
    parts = features.split([math.prod(shape) for shape in PARTS.values()], 1)
    return tuple(part.unflatten(1, shape) for part, shape in zip(parts, PARTS.values(), strict=True))


def _resampled(maps: Tensor, shape: tuple[int, int, int]) -> Tensor:
    if maps.shape[2:] == shape[1:]:
        return maps
    return functional.interpolate(maps, shape[1:], mode="bilinear", align_corners=False)


def lab_thumbnail(images: Tensor) -> Tensor:
    """Float sRGB (N, 3, H, W) in [0, 1] -> CIE Lab under D65 (N, *COLORS), shifted and scaled to about unit spread."""
    small = functional.interpolate(images, COLORS[1:], mode="area")
    linear = torch.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055).clamp_min(0) ** 2.4)
    matrix = linear.new_tensor([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    white = linear.new_tensor([0.95047, 1.0, 1.08883]).view(1, 3, 1, 1)
    xyz = torch.einsum("ij,njhw->nihw", matrix, linear) / white
    f = torch.where(xyz > 0.008856, xyz.clamp_min(1e-6) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(1)
    lab = torch.stack([1.16 * y - 0.16, 5 * (x - y), 2 * (y - z)], 1)
    return (lab - lab.new_tensor(LAB_MEAN).view(3, 1, 1)) / lab.new_tensor(LAB_SPREAD).view(3, 1, 1)
