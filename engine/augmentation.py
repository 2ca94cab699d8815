"""Random changes that leave the label true, on whole batches and with one generator, so that runs can be repeated."""

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.models.features import to_tensor
from engine.degradation import HARDSHIPS, RIMS, Hardship, suffer


@dataclass(frozen=True)
class Augmentation:
    """How far a training picture may be changed: degrees, factors and shares of the picture's size; tint is each
    color channel's own gain, as other lamps and cameras give."""

    rotation: float = 8.0
    scale: float = 0.08
    shift: float = 0.04
    flip: bool = True
    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.2
    tint: float = 0.0
    erase: float = 0.0

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Float (N, C, H, W) in [0, 1] -> the same shape, changed at random; the picture's rim is reflected."""
        count = images.shape[0]

        def uniform(limit: float) -> Tensor:
            return (torch.rand(count, generator=generator) * 2 - 1) * limit

        out = self._move(images, uniform)
        out = out * (1 + uniform(self.brightness)).view(-1, 1, 1, 1)
        mean = out.mean((1, 2, 3), keepdim=True)
        out = (out - mean) * (1 + uniform(self.contrast)).view(-1, 1, 1, 1) + mean
        if images.shape[1] == 3 and self.saturation:
            gray = out.mean(1, keepdim=True)
            out = (out - gray) * (1 + uniform(self.saturation)).view(-1, 1, 1, 1) + gray
        if self.tint:
            gains = 1 + torch.stack([uniform(self.tint) for _ in range(images.shape[1])], 1)
            out = out * gains[:, :, None, None]
        return self._erase(out.clamp(0, 1), generator)

    def _move(self, images: Tensor, uniform: Callable[[float], Tensor]) -> Tensor:
        height, width = images.shape[2:]
        angle, factor = uniform(math.radians(self.rotation)), 1 + uniform(self.scale)
        mirror = torch.where(uniform(1.0) > 0, 1.0, -1.0) if self.flip else torch.ones(len(images))
        cos, sin = factor * torch.cos(angle), factor * torch.sin(angle)
        aspect = height / width
        rows = [
            torch.stack([cos * mirror, -sin * aspect, uniform(2 * self.shift)], 1),
            torch.stack([sin * mirror / aspect, cos, uniform(2 * self.shift)], 1),
        ]
        grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
        return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)

    def _erase(self, images: Tensor, generator: torch.Generator) -> Tensor:
        height, width = images.shape[2:]
        for i in torch.nonzero(torch.rand(len(images), generator=generator) < self.erase).flatten().tolist():
            h, w = (
                int(side * (0.1 + 0.25 * torch.rand(1, generator=generator).item()))
                for side in (height, width)
            )
            top = int(torch.randint(height - h, (1,), generator=generator))
            left = int(torch.randint(width - w, (1,), generator=generator))
            images[i, :, top : top + h, left : left + w] = torch.rand(1, generator=generator).item()
        return images


@dataclass(frozen=True)
class Photography:
    """Makes crops look like anybody's photos: what befalls them on their way, then an `Augmentation`, then rims."""

    augmentation: Augmentation
    hardships: tuple[Hardship, ...] = HARDSHIPS
    rims: Hardship = RIMS

    def __call__(self, crops: NDArray[np.uint8], size: tuple[int, int], generator: torch.Generator) -> Tensor:
        """uint8 (N, H, W, 3) -> float (N, 3, *size) in [0, 1], channels last."""
        seeds = torch.randint(2**62, (2, len(crops)), generator=generator).tolist()
        images = to_tensor(self._each(crops, self.hardships, seeds[0]), size)
        images = self.augmentation(images, generator)
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        return to_tensor(self._each(pixels, (self.rims,), seeds[1]), size)

    def _each(
        self, pictures: NDArray[np.uint8], hardships: tuple[Hardship, ...], seeds: Iterable[int]
    ) -> NDArray[np.uint8]:
        def one(picture: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
            return suffer(picture, hardships, np.random.default_rng(seed))

        # OpenCV and numpy let other threads run meanwhile.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.stack(list(pool.map(one, pictures, seeds)))
