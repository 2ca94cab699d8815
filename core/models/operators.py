"""Make `import torchvision` safe with any pair of builds, and its threads good neighbours.

A torchvision wheel built for CUDA cannot load its compiled operators beside a CPU build of torch, and then its import
stops with "operator torchvision::nms does not exist", although nothing here uses these operators. Declaring their
schemas first is enough; where the compiled operators do load, they bring the schemas themselves.
"""

import importlib.util
import os
from pathlib import Path

# Threads that wait should sleep: one that spins keeps the other sessions, and the browser, off its core.
# OpenMP reads this once, when torch loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


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


_library: torch.library.Library | None = None
if not _load_compiled():
    # The declarations live as long as this object does.
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _schema in _SCHEMAS:
        _library.define(_schema)
