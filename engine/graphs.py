"""Networks -> ONNX graphs without weights, for `core/models/graphs.py`."""

import logging
import warnings
from pathlib import Path
from typing import cast

import onnx
import torch
from onnx import external_data_helper
from torch import Tensor, nn

from core.models.efficientnet import EfficientNetLite
from core.models.graphs import PREFIX
from core.models.weights import FOLDER, keep_graph, load_network
from engine.settings import TrainingError

TASKS = ("attributes", "emotion", "parser", "motion", "alignment", "finder")
"""Those that are worth it; the heads of look and skin tone are small."""
ANY_SIZE = {"finder": (128, 192)}
"""{task whose pictures may have any size: a height and width to trace it with}."""


def write(folder: Path = FOLDER) -> list[Path]:
    """Write `<task>.onnx` beside the weights of each task that has some, and its hash into the card.

    Raises WeightsError, and TrainingError if none has.
    """
    written = [_write(task, folder) for task in TASKS if (folder / f"{task}.json").is_file()]
    if not written:
        raise TrainingError(f"{folder} holds no weights that a graph could be made for.")
    return written


class _Answering(nn.Module):
    """A network that gives what the app asks of it: of the attributes, the feature maps too."""

    def __init__(self, network: nn.Module, task: str) -> None:
        super().__init__()
        self.network = network
        self._has_maps = task == "attributes"

    def forward(self, pictures: Tensor) -> Tensor | tuple[Tensor, ...]:
        answer = cast(EfficientNetLite, self.network).read if self._has_maps else self.network
        return answer(pictures)


def _write(task: str, folder: Path) -> Path:
    network, card = load_network(task, folder)
    height, width = ANY_SIZE.get(task, card.size)
    # A batch of one would be taken for a size that is always one.
    pictures = torch.zeros(2, 1 if task == "emotion" else 3, height, width)
    dynamic = {0: torch.export.Dim.DYNAMIC}
    if task in ANY_SIZE:
        dynamic |= {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        program = torch.onnx.export(
            _Answering(network, task), (pictures,), dynamo=True, verbose=False, dynamic_shapes=(dynamic,)
        )
        logging.disable(logging.NOTSET)
    assert program is not None
    return keep_graph(task, _without_weights(program.model_proto, network), folder)


def _without_weights(model: onnx.ModelProto, network: nn.Module) -> bytes:
    """The model with the network's own tensors left to be given when it is loaded."""
    names = {f"network.{name}": name for name in network.state_dict()}
    renamed = {}
    for tensor in model.graph.initializer:
        if tensor.name in names:
            renamed[tensor.name] = PREFIX + names[tensor.name]
            tensor.name = renamed[tensor.name]
            external_data_helper.set_external_data(tensor, "given")
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
        value.ClearField("metadata_props")
    return model.SerializeToString(deterministic=True)
