"""torchvision's classification networks, imported only where one of them is asked for: the import takes a second."""

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache
def torchvision_models() -> ModuleType:
    """The module `torchvision.models`, with any pair of builds.

    A torchvision wheel built for CUDA cannot load its compiled operators beside a CPU build of torch, and then its
    import stops with "operator torchvision::nms does not exist", although nothing here uses these operators. Declaring
    their schemas first is enough; where the compiled operators do load, they bring the schemas themselves.
    """
    if not _load_compiled():
        for schema in _SCHEMAS:
            _LIBRARY.define(schema)
    return importlib.import_module("torchvision.models")


_LIBRARY = torch.library.Library("torchvision", "FRAGMENT")
"""The declarations live as long as this object does."""


def _load_compiled() -> bool:
    package = importlib.util.find_spec("torchvision")
    folders = (package.submodule_search_locations if package else None) or []
    for library in (path for folder in folders for path in sorted(Path(folder).glob("_C*"))):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return True
    return False
