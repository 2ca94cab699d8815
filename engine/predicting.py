"""A network over a whole data set: on which device, in which precision, in which batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from engine import distributed
from engine.datasets import Dataset
from engine.settings import TrainingError
from engine.task import Task

BATCH = 256


def pick_device(name: str) -> torch.device:
    """`auto` takes a GPU where there is one; of several processes, each takes its own."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("This machine has no GPU that torch can use: leave --device out, or say cpu.")
    return torch.device(name, distributed.local_rank()) if name == "cuda" else torch.device(name)


def has_bfloat16_units() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware; without that, autocast slows training down."""
    flags = Path("/proc/cpuinfo")
    return flags.is_file() and any(unit in flags.read_text() for unit in ("avx512_bf16", "amx_bf16"))


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where the hardware is quicker at it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or has_bfloat16_units())


@contextmanager
def enough_memory(advice: str) -> Iterator[None]:
    """Raises TrainingError, with advice on what would take less, where memory does not suffice."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise TrainingError(f"Out of memory: try {advice}.") from error
    except RuntimeError as error:
        # On the CPU torch has no class of its own for it.
        if "can't allocate memory" not in str(error) and "not enough memory" not in str(error):
            raise
        raise TrainingError(f"Out of memory: try {advice}.") from error


@torch.inference_mode()
def predict(
    task: Task,
    network: nn.Module,
    data: Dataset,
    size: tuple[int, int],
    device: torch.device,
    title: str = "",
) -> NDArray[np.float32]:
    """Logits, float32 (N, outputs) or (N, outputs, rows, columns) of cells or pixels: the mean over each picture and,
    where the task allows it, its mirror image.

    In full precision, as the app reads, unless the caller sets `autocast`. Of several processes, each reads its share
    of the pictures, and all get all logits. title: of a progress bar, if there is to be one.
    """
    network.eval()
    rank_of = np.arange(len(data)) % distributed.count()
    rows = np.flatnonzero(rank_of == distributed.rank())
    parts = [np.empty((0, task.outputs), np.float32)] if not len(rows) else []
    for start in tqdm(range(0, len(rows), BATCH), title, leave=False, disable=not title):
        batch = task.inputs(data.images[rows[start : start + BATCH]], size).to(device)
        logits = network(batch).float()
        if task.mirror:
            logits = (logits + network(batch.flip(3)).float()) / 2
        parts.append(logits.cpu().numpy())
    return distributed.gather(np.concatenate(parts), rank_of)
