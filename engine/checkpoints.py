"""Checkpoints of a training run on disk: read without running code, written so that a full disk loses none."""

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from core.errors import shortened
from core.models.weights import read_tensors
from engine.files import WritingError, swapped
from engine.settings import Settings, TrainingError

KINDS = {"task": str, "settings": dict, "epoch": int, "averaged": dict, "lessons": list}
"""What every checkpoint holds."""
FURTHER_KINDS = {"network": dict, "optimizer": dict, "count": Tensor, "schedule": dict}
"""What going on needs besides."""
UNREADABLE = (
    OSError, RuntimeError, EOFError, pickle.UnpicklingError, ValueError, LookupError, AttributeError, TypeError,
    ImportError, AssertionError, MemoryError,
)  # fmt: skip
"""What torch may raise on files that are no checkpoints, or would run code."""


def load_checkpoint(task: str | None, path: Path) -> dict[str, Any]:
    """A checkpoint of this task, or of any, read without running code in it. Raises TrainingError for anything else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TrainingError(f"{path} is missing.") from error
    except UNREADABLE as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise TrainingError(f"{path} is not a checkpoint that can be read safely: {reason[:160]}") from error
    found = state.get("task") if isinstance(state, dict) else None
    if found is None or found != (task or found):
        raise TrainingError(f"{path} is a checkpoint of {shortened(found)}, not of {task or 'a task'!r}.")
    _check(state, KINDS, path)
    if not all(isinstance(tensor, Tensor) for tensor in state["averaged"].values()):
        raise TrainingError(f"{path} holds weights that are no tensors.")
    names = (*state["lessons"], *state.get("heads", ()))
    if not state["lessons"] or not all(isinstance(name, str) for name in names):
        raise TrainingError(f"{path} does not name what it learnt from.")
    Settings.from_dict(state["settings"])
    return state


def check_weights(state: dict[str, Any], network: nn.Module, path: Path) -> None:
    """Raise TrainingError unless a checkpoint holds all that going on with this network needs."""
    _check(state, FURTHER_KINDS, path)
    wanted = {name: tensor.shape for name, tensor in network.state_dict().items()}
    for part in ("network", "averaged"):
        if {name: getattr(tensor, "shape", None) for name, tensor in state[part].items()} != wanted:
            raise TrainingError(f"{path} holds weights of another network than its settings name.")


def restore(optimizer: Optimizer, schedule: LRScheduler, state: dict[str, Any], path: Path) -> None:
    """Bring both to where the checkpoint left them. Raises TrainingError for states of other ones."""
    try:
        optimizer.load_state_dict(state["optimizer"])
        moments = [
            (p, values[name]) for p, values in optimizer.state.items() for name in ("exp_avg", "exp_avg_sq")
        ]
        whole = all(moment.shape == parameter.shape for parameter, moment in moments)
    except (LookupError, ValueError, TypeError, AttributeError):
        whole = False
    if not whole or state["schedule"].keys() != schedule.state_dict().keys():
        raise TrainingError(f"{path} holds no optimizer or schedule that this run can go on with.")
    schedule.load_state_dict(state["schedule"])


def _check(state: dict[str, Any], kinds: dict[str, type], path: Path) -> None:
    for name, kind in kinds.items():
        if not isinstance(state.get(name), kind):
            raise TrainingError(f"{path} is no checkpoint of a run: {name} is missing or of another kind.")


def load_start(path: Path) -> dict[str, Any]:
    """What a run can begin with, of any task: a checkpoint, or weights that were exported (TASK.safetensors).

    With the keys task, averaged, lessons and settings of a checkpoint. Raises TrainingError or WeightsError.
    """
    if path.suffix != ".safetensors":
        return load_checkpoint(None, path)
    tensors, card = read_tensors(path.stem, path.parent)
    keys = {"task", "lessons", "settings"} & card.content.keys()
    return {"averaged": tensors, "lessons": [path.stem], **{key: card.content[key] for key in keys}}


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint. Raises TrainingError; the one before is whole then."""
    try:
        with swapped(path) as file:
            torch.save(state, file)
    except WritingError as error:
        raise TrainingError(f"{error} --resume goes on from the checkpoint before.") from error
