"""Checkpoints of a training run on disk: read without running code, written so that a full disk loses none."""

import pickle
from pathlib import Path
from typing import Any

import torch

from core.models.weights import read_tensors
from engine.files import WritingError, swapped
from engine.settings import TrainingError


def load_checkpoint(task: str | None, path: Path) -> dict[str, Any]:
    """A checkpoint of this task, or of any, read without running code in it. Raises TrainingError for anything else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TrainingError(f"{path} is missing.") from error
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path} is not a checkpoint that can be read safely: {error}") from error
    found = state.get("task") if isinstance(state, dict) else None
    if found is None or found != (task or found):
        raise TrainingError(f"{path} is a checkpoint of {found!r}, not of {task or 'a task'!r}.")
    return state


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
