"""The torch modules, and nothing about where their weights come from (see `core/models/weights.py`)."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.models import efficientnet
from core.models.features import COLOR_STATISTICS, LAST, MIDDLE, PARTS, color_statistics, split
from core.models.labels import LOOK
from core.models.torchvision import torchvision_models


class FerCNN5(nn.Module):
    """The five-convolution FER-2013 network many tutorials use: 32-64-64-128-128 and a dense layer of 200.

    Input: float (N, 1, 48, 48). Output: logits (N, outputs).
    """

    def __init__(self, outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for width, pool in ((32, True), (64, False), (64, True), (128, False), (128, True)):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(True)]
            if pool:
                layers += [nn.MaxPool2d(2), nn.Dropout(0.25)]
            channels = width
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.fc = nn.Sequential(
            nn.Linear(128 * 36, 200), nn.ReLU(True), nn.Dropout(0.5), nn.Linear(200, outputs)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.fc(self.features(images))


class AttentionHead(nn.Module):
    """Reads questions off the features of `core/models/features.py`: each question looks where its answer shows.

    Feature maps and colors, few channels each, are laid over one another. A question's glances are weighted averages
    over places, the weights following from what is there (as in Ilse et al., "Attention-based Deep Multiple Instance
    Learning", 2018) and from the place itself; its answers are linear in what the glances saw and in the 40 attributes.
    Input: float (N, FEATURES), or (N, V, FEATURES) of V views of each crop, whose logits are averaged. Output: logits
    (N, sum(answers)), question after question.

    answers: how many answers each question has.
    """

    def __init__(
        self,
        answers: Sequence[int],
        width: int = 64,
        colors: int = 24,
        glances: int = 2,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        channels = 2 * width + colors
        self.questions = len(answers)
        self.standardize = nn.ModuleList([
            nn.BatchNorm2d(MIDDLE[0], affine=False), nn.BatchNorm2d(LAST[0], affine=False),
            nn.BatchNorm1d(PARTS["logits"][0], affine=False),
        ])  # fmt: skip
        self.middle, self.last = (
            nn.Sequential(nn.Dropout2d(dropout), nn.Conv2d(shape[0], width, 1), nn.ReLU(True))
            for shape in (MIDDLE, LAST)
        )
        self.colors = nn.Sequential(
            nn.Conv2d(3, 32, 1), nn.ReLU(True), nn.Conv2d(32, colors, 1), nn.ReLU(True)
        )
        self.drop_maps, self.drop = nn.Dropout2d(dropout), nn.Dropout(dropout)
        self.place = nn.Parameter(torch.zeros(glances * len(answers), *MIDDLE[1:]))
        self.attention = nn.Conv2d(channels, glances * len(answers), 1)
        self.answers = nn.ModuleList(nn.Linear(glances * channels + PARTS["logits"][0], n) for n in answers)

    def forward(self, features: Tensor) -> Tensor:
        if features.ndim == 3:
            return self(features.flatten(0, 1)).unflatten(0, features.shape[:2]).mean(1)
        middle, last, lab, logits = split(features)
        middle, last, logits = (
            norm(part) for norm, part in zip(self.standardize, (middle, last, logits), strict=True)
        )
        colors = functional.adaptive_avg_pool2d(self.colors(lab), MIDDLE[1:])
        last = functional.interpolate(self.last(last), MIDDLE[1:], mode="bilinear", align_corners=False)
        maps = torch.cat([self.drop_maps(self.middle(middle)), self.drop_maps(last), colors], 1)
        weights = (self.attention(maps) + self.place).flatten(2).softmax(2)
        seen = (weights @ maps.flatten(2).transpose(1, 2)).unflatten(1, (self.questions, -1)).flatten(2)
        attributes = self.drop(logits)
        answers = [
            answer(torch.cat([self.drop(seen[:, i]), attributes], 1)) for i, answer in enumerate(self.answers)
        ]
        return torch.cat(answers, 1)


class SkinToneHead(nn.Module):
    """Reads the skin tone in two ways that err differently, and gives the product of their probabilities.

    One is an `AttentionHead`, the other knows nothing but `color_statistics` and the 40 attributes. In training each
    photo teaches one of the two, by chance, so that neither leans on the other; each alone is unsure, since votes were
    spread to neighbors for it. Input and output as of `AttentionHead`.
    """

    def __init__(self, outputs: int, width: int = 64, dropout: float = 0.3) -> None:
        super().__init__()
        self.places = AttentionHead([outputs])
        inputs = COLOR_STATISTICS + PARTS["logits"][0]
        self.standardize = nn.BatchNorm1d(inputs, affine=False)
        self.colors = nn.Sequential(
            nn.Linear(inputs, width), nn.ReLU(True), nn.Dropout(dropout), nn.Linear(width, outputs)
        )

    def forward(self, features: Tensor) -> Tensor:
        if features.ndim == 3:
            return self(features.flatten(0, 1)).unflatten(0, features.shape[:2]).mean(1)
        *_, lab, logits = split(features)
        colors = self.colors(self.standardize(torch.cat([color_statistics(lab), logits], 1)))
        places = self.places(features)
        if self.training:
            return torch.where(torch.rand(len(features), 1, device=features.device) < 0.5, colors, places)
        return colors.log_softmax(1) + places.log_softmax(1)


class AlignmentNetwork(nn.Module):
    """Says whether a window shows a face, and which similarity takes it to CelebA's canonical frame.

    Input: float (N, 3, 64, 64) in [0, 1]. Output: (N, 5): the face logit, then the canonical window (see
    `core/seeing/windows.py`) in this window's coordinates: x, y of its center and the cosine and sine parts of its
    half-side, so that scale and roll are one complex number without a seam. (0, 0, 1, 0) says the window is already
    right.
    """

    STRIDE = 16
    """How many pixels of a picture one place of the last feature maps stands for."""

    def __init__(self, widths: tuple[int, ...] = (24, 48, 96, 160)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in widths:
            for stride in (2, 1):
                layers += [
                    nn.Conv2d(channels, width, 3, stride, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)
                ]  # fmt: skip
                channels = width
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.fc = nn.Sequential(nn.Linear(channels * 16, 96), nn.ReLU(True), nn.Linear(96, 5))

    def forward(self, images: Tensor) -> Tensor:
        return self.fc(self.features(images - 0.5))

    def everywhere(self, images: Tensor) -> Tensor:
        """What `forward` would say, nearly, of every window whose corner lies on a multiple of STRIDE pixels.

        Float (N, 3, H, W) -> (N, 5, H / 16 - 3, W / 16 - 3), at a tenth of the cost: windows that overlap share their
        features. They differ at a window's rim alone, behind which `forward` sees nothing, and this what is there.
        """
        maps = self.features[:-1](images - 0.5)
        first, last = (layer for layer in self.fc if isinstance(layer, nn.Linear))
        weights = first.weight.unflatten(1, (maps.shape[1], 4, 4))
        hidden = functional.conv2d(maps, weights, first.bias).relu()
        return functional.conv2d(hidden, last.weight[:, :, None, None], last.bias)


class MotionNetwork(nn.Module):
    """Reads points, movements, pose and sureness of a face (see `core/seeing/motion.py`).

    Plain convolutions with a way round every second one (He et al., "Deep Residual Learning", 2016); the last maps are
    laid out flat, as where things are is what is asked. Input: float (N, 3, 96, 96) in [0, 1]. Output: (N, outputs).
    """

    def __init__(self, outputs: int, widths: tuple[int, ...] = (16, 32, 64, 96), last: int = 20) -> None:
        super().__init__()
        self.stem = _normalized(3, widths[0], 5, 2)
        stages: list[nn.Module] = []
        for narrow, wide in pairwise(widths):
            stages += [_normalized(narrow, wide, 3, 2), _Around(wide)]
        self.stages = nn.Sequential(*stages)
        self.top = _normalized(widths[-1], last, 1, 1)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(last * 36, outputs))

    def forward(self, images: Tensor) -> Tensor:
        return self.fc(self.top(self.stages(self.stem(images - 0.5))))


class _Around(nn.Module):
    """Two convolutions, whose result is added to what went in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_normalized(width, width, 3, 1),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, maps: Tensor) -> Tensor:
        return functional.relu(maps + self.layers(maps))


def _normalized(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(True),
    )


def resnet50_head256(outputs: int, pretrained: bool = False) -> nn.Module:
    """ResNet-50 with the head dropout 0.5, dense 256 ReLU, dense `outputs`."""
    network = torchvision_models().resnet50(weights="DEFAULT" if pretrained else None)
    network.register_forward_pre_hook(_gray_as_color)
    network.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(2048, 256), nn.ReLU(True), nn.Linear(256, outputs))
    return network


OWN_NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "fer_cnn5": FerCNN5,
    "look_head": lambda outputs: AttentionHead([len(answers) for answers in LOOK.values()]),
    "skin_tone_head": SkinToneHead,
    "alignment": lambda outputs: AlignmentNetwork(),
    "motion": MotionNetwork,
}

ONLY_SIZES = {"fer_cnn5": (48, 48), "motion": (96, 96)}
"""Height and width of the pictures that a network's dense layer fits, where it fits one size alone."""
AUXILIARY = {"googlenet", "inception_v3"}
"""Networks with further heads half-way, which only their own training recipe has a use for."""


def _gray_as_color(network: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    [images] = inputs
    return (images.expand(-1, 3, -1, -1) if images.ndim == 4 and images.shape[1] == 1 else images,)


def classifier(architecture: str, outputs: int, pretrained: bool = False) -> nn.Module:
    """A network by name (ours above, or any of torchvision's classification networks) with `outputs` logits.

    Torchvision's take gray pictures (N, 1, H, W) as well as color. Raises ValueError for a name nobody has, and where
    ImageNet weights are asked for that do not exist.
    """
    if architecture == "resnet50_head256":
        return resnet50_head256(outputs, pretrained)
    if architecture in efficientnet.SCALES:
        network = efficientnet.efficientnet_lite(architecture, outputs, pretrained)
        network.register_forward_pre_hook(_gray_as_color)
        return network
    if architecture in OWN_NETWORKS:
        if pretrained:
            raise ValueError(f"There are no ImageNet weights for {architecture}: leave --pretrained out.")
        return OWN_NETWORKS[architecture](outputs)
    models = torchvision_models()
    if architecture not in models.list_models(module=models):
        known = ", ".join(
            [*OWN_NETWORKS, *efficientnet.SCALES, "resnet50_head256", "resnet18", "resnext50_32x4d"]
        )
        raise ValueError(
            f"No network is called {architecture!r}. Try one of {known}, or any torchvision classifier."
        )
    options: dict[str, bool] = {}
    if architecture in AUXILIARY:
        options = {"aux_logits": False} | ({} if pretrained else {"init_weights": False})
    network = models.get_model(architecture, weights="DEFAULT" if pretrained else None, **options)
    # SqueezeNets end in a convolution, all others in a linear layer.
    name, last = [
        (name, module)
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) or (isinstance(module, nn.Conv2d) and module.out_channels == 1000)
    ][-1]
    parent = network.get_submodule(name.rpartition(".")[0])
    new = (
        nn.Linear(last.in_features, outputs)
        if isinstance(last, nn.Linear)
        else nn.Conv2d(last.in_channels, outputs, 1)
    )
    setattr(parent, name.rpartition(".")[2], new)
    network.register_forward_pre_hook(_gray_as_color)
    return network


def without_normalization(network: nn.Module) -> nn.Module:
    """The same function of a network in evaluation mode, quicker: where a batch normalization follows a convolution in
    a Sequential, it becomes part of its weights."""
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            for (name, first), (other, second) in pairwise(list(module.named_children())):
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    module.register_module(name, fuse_conv_bn_eval(first, second))
                    module.register_module(other, nn.Identity())
    return network
