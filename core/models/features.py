"""What the small models read: the attribute network's feature maps, and the crop's own colors.

The look and skin tone models have few labelled photos, so they stand on the backbone that learnt 40 attributes from
many. Where things are matters to them (clothes are below, hair around), hence the maps as they are; and light and dye
are colors, to which the backbone was taught not to listen, hence a Lab thumbnail; skin tone takes figures of it, too.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Read = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]
"""How a backbone is asked: `EfficientNetLite.read`, or what answers like it."""
BACKBONE = "efficientnet_lite2"
"""The architecture that they are read off."""
MIDDLE, LAST = (120, 11, 9), (352, 6, 5)
"""Channels, rows and columns of the feature maps on 164x134 pixels; at another size they are resampled to this."""
COLORS = (3, 44, 36)
"""Channels, rows and columns of the Lab thumbnail, about 5 pixels of the crop each."""
LAB_MEAN, LAB_SPREAD = (0.5, 0.0, 0.1), (0.33, 0.125, 0.125)
"""About those of photos of faces, Lab over 100."""
SKIN = ((15, 19, 13, 23), (26, 30, 10, 14), (26, 30, 22, 26), (24, 28, 16, 20))
"""Top, bottom, left and right in the Lab thumbnail of what shows skin: forehead, cheeks, nose."""
AROUND = (
    (34, 37, 15, 21), (38, 43, 14, 22), (21, 24, 12, 16), (21, 24, 20, 24), (30, 33, 14, 22), (4, 11, 12, 24),
    (0, 10, 0, 6), (0, 10, 30, 36), (36, 44, 0, 8), (36, 44, 28, 36),
)  # fmt: skip
"""And of what light on skin can be told by: chin, neck, both eyes, mouth, hair, the four corners."""
COLOR_STATISTICS = 5 + 5 * 3 + 3 * len(SKIN + AROUND)
"""How many figures `color_statistics` gives."""
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


def describe(read: Read, images: Tensor) -> tuple[Tensor, Tensor]:
    """One pass of the backbone: (features (N, FEATURES), logits (N, 40)) for float images (N, 3, H, W) in [0, 1]."""
    middle, last, logits = read(images)
    parts = (_resampled(middle, MIDDLE), _resampled(last, LAST), lab_thumbnail(images), logits)
    return torch.cat([part.flatten(1).float() for part in parts], 1), logits


def describe_both(read: Read, images: Tensor) -> tuple[Tensor, Tensor]:
    """Images and their mirror images: (features (N, 2, FEATURES), logits (N, 40), the mean over both)."""
    features, logits = describe(read, torch.cat([images, images.flip(3)]))
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


def color_statistics(thumbnail: Tensor) -> Tensor:
    """How light and how warm skin is, by itself and beside the rest of the picture.

    Of Lab thumbnails (N, *COLORS) as `lab_thumbnail` gives them, (N, COLOR_STATISTICS): the median color of the skin,
    its individual typology angle (Chardon et al., 1991) in radians and its lightness as a share of the brightest; the
    picture's mean, spread, 2nd, 50th and 98th percentiles; each place of SKIN and AROUND less the median skin.
    """
    lab = thumbnail * thumbnail.new_tensor(LAB_SPREAD).view(3, 1, 1)
    lab = lab + lab.new_tensor(LAB_MEAN).view(3, 1, 1)
    places = [lab[:, :, top:bottom, left:right].flatten(2) for top, bottom, left, right in SKIN + AROUND]
    skin = torch.cat(places[: len(SKIN)], 2).quantile(0.5, 2)
    everything = lab.flatten(2)
    low, middle, high = everything.quantile(lab.new_tensor([0.02, 0.5, 0.98]), 2)
    angle = torch.atan2(skin[:, 0] - 0.5, skin[:, 2].clamp_min(0.02))
    share = skin[:, 0] / high[:, 0].clamp_min(0.02)
    whole = [everything.mean(2), everything.std(2), low, middle, high]
    return torch.cat(
        [skin, angle[:, None], share[:, None], *whole, *(place.mean(2) - skin for place in places)], 1
    )
