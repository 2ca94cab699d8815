"""Trained networks on disk: a safetensors file with a JSON card beside it, checked before anything is loaded."""

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import nn

from core.errors import SelfmojiError
from core.models.architectures import classifier, without_normalization
from core.models.efficientnet import EfficientNetLite
from core.models.features import BACKBONE

FOLDER = Path(__file__).parents[2] / "weights"


class WeightsError(SelfmojiError):
    """Weights that are missing, damaged or of another task; the message says what to do."""


@dataclass(frozen=True)
class Card:
    """What a network is: the JSON beside its weights.

    Keys every card has: task, architecture, outputs, size ([height, width] of its input), sha256, data, metrics,
    licence. The others (settings, tried, groups ...) are for people to read.
    """

    path: Path
    content: dict[str, Any]

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's input, pixels."""
        height, width = self.content["size"]
        return height, width


REQUIRED = ("task", "architecture", "outputs", "size", "sha256", "data", "metrics", "licence")


def read_card(path: Path) -> Card:
    """The card at `path`. Raises WeightsError if it is missing or incomplete."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise WeightsError(
            f"{path.name} is missing: train this model with `python -m engine` or restore weights/."
        ) from error
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path.name} cannot be read: {error}.") from error
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise WeightsError(f"{path.name} lacks {', '.join(missing)}.")
    return Card(path, content)


def load_network(task: str, folder: Path = FOLDER) -> tuple[nn.Module, Card]:
    """The network for a task, float32, for prediction alone, with its card.

    Raises WeightsError if the card or the weights are missing, belong to another task, or do not match the card's hash.
    """
    tensors, card = read_tensors(task, folder)
    try:
        network = classifier(card.content["architecture"], card.content["outputs"])
        network.load_state_dict(tensors)
    except (RuntimeError, ValueError) as error:
        raise WeightsError(
            f"{task}.safetensors does not fit the architecture in its card: {error}"
        ) from error
    network = without_normalization(network.eval().requires_grad_(False))
    return network.to(memory_format=torch.channels_last), card  # type: ignore[call-overload]


def read_tensors(task: str, folder: Path = FOLDER) -> tuple[dict[str, torch.Tensor], Card]:
    """The weights of a task by name, float32 where they are no counts, with their card. Raises WeightsError."""
    card = read_card(folder / f"{task}.json")
    if card.content["task"] != task:
        raise WeightsError(
            f"{card.path.name} describes a network for {card.content['task']!r}, not for {task!r}."
        )
    path = folder / f"{task}.safetensors"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name} is missing or cannot be read: restore weights/.") from error
    if sha256(data).hexdigest() != card.content["sha256"]:
        raise WeightsError(
            f"{path.name} is not the file its card describes (SHA-256 differs): download it again."
        )
    try:
        return {
            name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in load_tensors(data).items()
        }, card
    except SafetensorError as error:
        raise WeightsError(f"{path.name} is damaged: {error}") from error


def load_backbone(folder: Path = FOLDER) -> tuple[EfficientNetLite, Card]:
    """The attribute network, on whose feature maps look and skin tone stand. Raises WeightsError."""
    network, card = load_network("attributes", folder)
    if card.content["architecture"] != BACKBONE:
        raise WeightsError(
            f"Look and skin tone stand on an attributes network of architecture {BACKBONE}, "
            f"and {card.path.name} describes a {card.content['architecture']}: train that with --arch {BACKBONE}."
        )
    return cast(EfficientNetLite, network), card


def save_network(network: nn.Module, content: dict[str, Any], folder: Path = FOLDER) -> Card:
    """Write the weights in half precision, and the card (all of REQUIRED but sha256) with their hash."""
    tensors = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    data = save_tensors(tensors)
    content = content | {"sha256": sha256(data).hexdigest()}
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{content['task']}.safetensors", data)
    path = folder / f"{content['task']}.json"
    _write_card(path, content)
    return read_card(path)


def keep_metrics(
    task: str,
    name: str,
    figures: dict[str, Any],
    folder: Path = FOLDER,
    further: dict[str, Any] | None = None,
) -> None:
    """Write measured figures into a task's card, under a name such as the split's; and further keys of the card."""
    card = read_card(folder / f"{task}.json")
    card.content["metrics"][name] = figures
    card.content.update(further or {})
    _write_card(card.path, card.content)


def _write_card(path: Path, content: dict[str, Any]) -> None:
    _write(path, (json.dumps(content, indent=1) + "\n").encode())


def _write(path: Path, data: bytes) -> None:
    """Write beside the old file and swap, so that a full disk leaves the old one whole. Raises WeightsError."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WeightsError(f"Could not write {path}: {error}. The file before is whole.") from error
