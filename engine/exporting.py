"""Checkpoints -> weights: rank a run's checkpoints on validation, and export one with its card."""

from pathlib import Path
from typing import Any

import torch

from core.errors import shortened
from core.models.weights import FOLDER, Card, save_network
from engine.checkpoints import load_checkpoint
from engine.predicting import autocast, pick_device, predict
from engine.settings import Settings, TrainingError
from engine.task import Metrics, Task
from engine.tasks import TASKS

IMAGENET = "ImageNet (Russakovsky et al., 2015)"


def validate(task: str, run: Path, data: Path) -> list[tuple[Path, Metrics]]:
    """The run's checkpoints with their validation figures, best first by the first of these that there is.

    Raises DataError and TrainingError, also where nothing could be measured.
    """
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
    by = next((name for name, value in ranked[0][1].items() if value is not None), None)
    if by is None:
        raise TrainingError(f"{data} has no labels for validation, so there is nothing to choose by.")
    return sorted(ranked, key=lambda pair: -(pair[1][by] or 0.0))


def export(task: str, checkpoint: Path, folder: Path = FOLDER, tried: str = "") -> Card:
    """Write a checkpoint's averaged weights to `folder` with a card; `engine evaluate --card` adds the figures.

    A head that had nothing to learn from answers as its stand-in, and the card says so. Raises TrainingError, also for
    such a head without one, and WeightsError.
    """
    state = load_checkpoint(task, checkpoint)
    network = _network(state)
    stand_ins = _stand_in(network, TASKS[task], state.get("heads"), checkpoint)
    content = {
        "task": task,
        "architecture": state["settings"]["architecture"],
        "outputs": TASKS[task].outputs,
        "size": list(size(state)),
        "data": _sources(state["lessons"], checkpoint),
        "licence": TASKS[task].terms,
        "settings": state["settings"],
        "lessons": state["lessons"],
        "epoch": state["epoch"],
        "tried": tried,
        "metrics": {},
    }
    return save_network(network, content | ({"stand_ins": stand_ins} if stand_ins else {}), folder)


def trained(task: str, checkpoint: Path) -> torch.nn.Module:
    """The averaged network of a checkpoint. Raises TrainingError."""
    return _network(load_checkpoint(task, checkpoint))


def _sources(lessons: list[str], checkpoint: Path) -> str:
    """What the weights learnt from, the last first."""
    known = {"imagenet": IMAGENET} | {name: task.source for name, task in TASKS.items()}
    unknown = next((lesson for lesson in lessons if lesson not in known), None)
    if unknown is not None:
        raise TrainingError(
            f"{checkpoint} learnt from {shortened(unknown)}, which this version does not know."
        )
    return "; before that ".join(known[lesson] for lesson in reversed(lessons))


@torch.no_grad()
def _stand_in(
    network: torch.nn.Module, task: Task, learnt: list[str] | None, checkpoint: Path
) -> dict[str, str]:
    """Let each head that never learnt answer as its stand-in, and say which do.

    learnt: the heads that had something to learn from; None for a checkpoint from before that was kept.
    """
    untaught = [head for head in task.heads if learnt is not None and head not in learnt]
    for head in untaught:
        if task.stand_ins.get(head, head) in untaught:
            raise TrainingError(
                f"{checkpoint} never saw a label of {head}, which the app would show: train on data that has some."
            )
        for last in list(network.parameters())[-2:]:
            last[task.heads[head]] = last[task.heads[task.stand_ins[head]]]
    return {head: f"never trained: it answers as {task.stand_ins[head]} does" for head in untaught}


def _network(state: dict[str, Any]) -> torch.nn.Module:
    task, architecture = TASKS[state["task"]], state["settings"]["architecture"]
    try:
        network = task.network(architecture)
        network.load_state_dict(state["averaged"])
    except (RuntimeError, ValueError) as error:
        raise TrainingError(
            f"The checkpoint's weights are not those of {shortened(architecture)}."
        ) from error
    return network.eval()


def size(state: dict[str, Any]) -> tuple[int, int]:
    """Height and width of the pictures in a checkpoint's last epoch."""
    return Settings.from_dict(state["settings"]).size(state["epoch"] - 1)
