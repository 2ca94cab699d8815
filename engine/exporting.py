"""Checkpoints -> weights: rank a run's checkpoints on validation, and export one with its card."""

from pathlib import Path
from typing import Any

import torch

from core.models.weights import FOLDER, Card, save_network
from engine.checkpoints import load_checkpoint
from engine.predicting import autocast, pick_device, predict
from engine.settings import Settings, TrainingError
from engine.tasks import TASKS

IMAGENET = "ImageNet (Russakovsky et al., 2015)"


def validate(task: str, run: Path, data: Path) -> list[tuple[Path, dict[str, float]]]:
    """The run's checkpoints with their validation figures, best first."""
    spec = TASKS[task]
    val = spec.load(data, "val")
    device = pick_device("auto")
    ranked = []
    for path in sorted(run.glob("epoch-*.pt")):
        state = load_checkpoint(task, path)
        network = _network(state)
        with autocast(device):
            logits = predict(spec, network.to(device), val, size(state), device)
        ranked.append((path, spec.metrics(logits, val.targets)))
    if not ranked:
        raise TrainingError(f"{run} holds no checkpoints (epoch-*.pt).")
    return sorted(ranked, key=lambda pair: -next(iter(pair[1].values())))


def export(task: str, checkpoint: Path, folder: Path = FOLDER, tried: str = "") -> Card:
    """Write a checkpoint's averaged weights to `folder` with a card; `engine evaluate --card` adds the figures."""
    state = load_checkpoint(task, checkpoint)
    learnt = TASKS[task].source
    for lesson in reversed(state["lessons"][:-1]):
        learnt += f"; before that {IMAGENET if lesson == 'imagenet' else TASKS[lesson].source}"
    content = {
        "task": task,
        "architecture": state["settings"]["architecture"],
        "outputs": TASKS[task].outputs,
        "size": list(size(state)),
        "data": learnt,
        "licence": TASKS[task].terms,
        "settings": state["settings"],
        "lessons": state["lessons"],
        "epoch": state["epoch"],
        "tried": tried,
        "metrics": {},
    }
    return save_network(_network(state), content, folder)


def _network(state: dict[str, Any]) -> torch.nn.Module:
    network = TASKS[state["task"]].network(state["settings"]["architecture"])
    network.load_state_dict(state["averaged"])
    return network.eval()


def size(state: dict[str, Any]) -> tuple[int, int]:
    """Height and width of the pictures in a checkpoint's last epoch."""
    return Settings.from_dict(state["settings"]).size(state["epoch"] - 1)
