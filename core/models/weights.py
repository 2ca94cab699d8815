"""Trained networks on disk: a safetensors file with a JSON card beside it, checked before anything is loaded."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import nn

from core.errors import SelfmojiError, shortened
from core.models.architectures import ONLY_SIZES, classifier, without_normalization
from core.models.efficientnet import EfficientNetLite
from core.models.features import BACKBONE
from core.models.graphs import Graph, GraphError, can_run
from core.models.labels import OUTPUTS
from core.writing import write_whole

FOLDER = Path(__file__).parents[2] / "weights"


class WeightsError(SelfmojiError):
    """Weights that are missing, damaged or of another task; the message says what to do."""


@dataclass(frozen=True)
class Card:
    """What a network is: the JSON beside its weights.

    Keys every card has: those of REQUIRED, with the values that CHECKS describe. The others (settings, tried,
    groups ...) are for people to read.
    """

    path: Path
    content: Mapping[str, Any]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's input, pixels."""
        height, width = self.content["size"]
        return height, width


Runner = Callable[[torch.Tensor], Any]
"""What answers float pictures (N, C, H, W) with a network's output or outputs."""
REQUIRED = ("task", "architecture", "outputs", "size", "sha256", "data", "metrics", "licence")
REMAKE = "restore it, or make it again with `python -m engine graphs`"
MAX_SIDE, MAX_OUTPUTS = 4096, 10_000
"""No network of ours comes near; a card that asks for more would take all memory."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _is_size(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_count(side, MAX_SIDE) for side in value)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_figures(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(figures, dict) for figures in value.values())


CHECKS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "task": ("text", _is_text),
    "architecture": ("text", _is_text),
    "outputs": (f"a whole number from 1 to {MAX_OUTPUTS}", lambda value: _is_count(value, MAX_OUTPUTS)),
    "size": (f"[height, width], each from 1 to {MAX_SIDE}", _is_size),
    "sha256": ("64 hexadecimal digits", _is_hash),
    "data": ("text", _is_text),
    "metrics": ("an object of objects", _is_figures),
    "licence": ("text", _is_text),
    "graph": ("64 hexadecimal digits", _is_hash),
    "settings": ("an object", lambda value: isinstance(value, dict)),
    "thresholds": ("an object", lambda value: isinstance(value, dict)),
}
"""{key of a card: (what its value must be, whether it is that)}."""


def read_card(path: Path) -> Card:
    """The card at `path`. Raises WeightsError if it is missing, incomplete or of another shape than a card."""
    restore = "restore weights/ or train this model with `python -m engine`"
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise WeightsError(f"{path.name} is missing: {restore}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path.name} cannot be read ({shortened(str(error))}): {restore}.") from error
    if not isinstance(content, dict):
        raise WeightsError(
            f"{path.name} is no card, which is an object with {', '.join(REQUIRED)}: {restore}."
        )
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise WeightsError(f"{path.name} lacks {', '.join(missing)}: {restore}.")
    for key, (kind, is_right) in CHECKS.items():
        if key in content and not is_right(content[key]):
            raise WeightsError(
                f"{path.name}: {key} must be {kind}, not {shortened(content[key])}: {restore}."
            )
    return Card(path, MappingProxyType(content))


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
            f"{task}.safetensors does not fit the architecture in its card, {shortened(card.content['architecture'])}: "
            "restore both files, or export the network again."
        ) from error
    network = without_normalization(network.eval().requires_grad_(False))
    return network.to(memory_format=torch.channels_last), card  # type: ignore[call-overload]


def read_tensors(task: str, folder: Path = FOLDER) -> tuple[dict[str, torch.Tensor], Card]:
    """The weights of a task by name, float32 where they are no counts, with their card. Raises WeightsError."""
    card = read_card(folder / f"{task}.json")
    _check_fits(card, task)
    path = folder / f"{task}.safetensors"
    data = _checked(path, card.content["sha256"], "download it again")
    try:
        return {
            name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in load_tensors(data).items()
        }, card
    except SafetensorError as error:
        raise WeightsError(f"{path.name} is damaged: restore it, or export the network again.") from error


def _checked(path: Path, digest: str, advice: str) -> bytes:
    """What is in a file that must have this SHA-256. Raises WeightsError, which gives the advice where it has not."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name} is missing or cannot be read: restore weights/.") from error
    if sha256(data).hexdigest() != digest:
        raise WeightsError(f"{path.name} is not the file its card describes (SHA-256 differs): {advice}.")
    return data


def _check_fits(card: Card, task: str) -> None:
    """Raises WeightsError if the card is of another task, or of a network that cannot do this one."""
    content = card.content
    if content["task"] != task:
        raise WeightsError(
            f"{card.path.name} describes a network for {shortened(content['task'])}, not for {task!r}: "
            "each card belongs beside the weights of its own name."
        )
    if content["outputs"] != OUTPUTS.get(task, content["outputs"]):
        raise WeightsError(
            f"{card.path.name} describes a network with {content['outputs']} outputs, and {task} has "
            f"{OUTPUTS[task]}: train it again."
        )
    if card.size != ONLY_SIZES.get(content["architecture"], card.size):
        raise WeightsError(
            f"{card.path.name}: a {content['architecture']} reads pictures of "
            f"{list(ONLY_SIZES[content['architecture']])} pixels, not {list(card.size)}: train it again."
        )


def load_backbone(folder: Path = FOLDER) -> tuple[EfficientNetLite, Card]:
    """The attribute network, on whose feature maps look and skin tone stand. Raises WeightsError."""
    network, card = load_network("attributes", folder)
    if card.content["architecture"] != BACKBONE:
        raise WeightsError(
            f"Look and skin tone stand on an attributes network of architecture {BACKBONE}, "
            f"and {card.path.name} describes a {shortened(card.content['architecture'])}: "
            f"train that with --arch {BACKBONE}."
        )
    return cast(EfficientNetLite, network), card


def load_runner(task: str, folder: Path = FOLDER) -> tuple[Runner, Card]:
    """What answers pictures for a task, with its card: its graph, where the card names one and onnxruntime is
    installed, else the network in PyTorch. Attributes give their feature maps, too, as `EfficientNetLite.read` does.

    Raises WeightsError as `load_network`, and if the graph is missing or not the one that the card describes.
    """
    if task == "attributes":
        backbone, card = load_backbone(folder)
        network, answer = cast(nn.Module, backbone), backbone.read
    else:
        network, card = load_network(task, folder)
        answer = network.__call__
    if "graph" not in card.content or not can_run():
        return answer, card
    path = folder / f"{task}.onnx"
    graph = _checked(path, card.content["graph"], REMAKE)
    try:
        return Graph(graph, network.state_dict()), card
    except GraphError as error:
        raise WeightsError(
            f"{path.name} does not fit its weights ({shortened(str(error))}): {REMAKE}."
        ) from error


def keep_graph(task: str, graph: bytes, folder: Path = FOLDER) -> Path:
    """Write a graph beside its weights, and its hash into the card."""
    card = read_card(folder / f"{task}.json")
    path = folder / f"{task}.onnx"
    _write(path, graph)
    _write_card(card.path, {**card.content, "graph": sha256(graph).hexdigest()})
    return path


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
    metrics = card.content["metrics"] | {name: figures}
    _write_card(card.path, {**card.content, "metrics": metrics, **(further or {})})


def _write_card(path: Path, content: dict[str, Any]) -> None:
    _write(path, (json.dumps(content, indent=1) + "\n").encode())


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise WeightsError(f"Could not write {path}: {error}. The file before is whole.") from error
