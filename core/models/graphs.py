"""Networks as ONNX graphs, which onnxruntime runs quicker than PyTorch runs their modules.

A graph file holds no weights: it says which operations follow one another, and takes the tensors by name from the
safetensors of its task. `python -m engine graphs` writes it. PyTorch stays the reference, and does the work for
networks without a graph and where onnxruntime is not installed.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

try:
    import onnxruntime
except ImportError:
    # Its wheels exist for the usual systems, not for all on which PyTorch runs.
    onnxruntime = None

PREFIX = "weights:"
"""What the names of the tensors that a graph takes from elsewhere begin with."""


class GraphError(ValueError):
    """A graph that cannot be run with these tensors."""


def can_run() -> bool:
    """Whether onnxruntime is installed."""
    return onnxruntime is not None


class Graph:
    """A network that answers float32 pictures (N, C, H, W); may be called from several threads.

    Work is spread over as many threads as PyTorch would use in the thread that makes it. Raises GraphError when made.
    """

    def __init__(self, graph: bytes, tensors: Mapping[str, Tensor]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Threads that wait by spinning would take the cores from video and drawing.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        # Windows alone has events that the system may collect.
        onnxruntime.disable_telemetry_events()
        values = {PREFIX + name: _value(tensor) for name, tensor in tensors.items()}
        try:
            options.add_external_initializers(list(values), list(values.values()))
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no common class but this one
            raise GraphError(str(error)) from error
        self._input = self._session.get_inputs()[0].name

    def __call__(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The network's output, or its outputs, float32."""
        outputs = [
            torch.from_numpy(output)
            for output in self._session.run(None, {self._input: np.ascontiguousarray(images.numpy())})
        ]
        return outputs[0] if len(outputs) == 1 else tuple(outputs)


def _value(tensor: Tensor) -> "onnxruntime.OrtValue":
    return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(tensor.numpy()))
