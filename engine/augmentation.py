"""Random changes that leave the label true, on whole batches and with one generator, so that runs can be repeated."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


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
