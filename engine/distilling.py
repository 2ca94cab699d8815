"""Learning from other networks' answers beside the labels: they say how sure one can be, and labels err."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from core.models.weights import load_network
from engine.datasets import Dataset
from engine.predicting import autocast, predict
from engine.settings import Settings, TrainingError
from engine.task import Task


def taught(task: Task, data: Dataset, settings: Settings, device: torch.device) -> Dataset:
    """The training data with the teachers' mean answers mixed into its targets; as it is where there is no teacher.

    Raises TrainingError for a task whose targets are no shares between 0 and 1, WeightsError for a teacher's folder
    without weights of this task.
    """
    if not settings.teachers:
        return data
    if not task.teachable:
        raise TrainingError(f"--teacher is for tasks whose labels are yes or no, not for {task.name}.")
    # Pictures alone, without their mirror images: what that adds to an answer is not worth twice the time.
    once = replace(task, mirror=False)
    answers = []
    for folder in settings.teachers:
        network, card = load_network(task.name, Path(folder))
        with autocast(device):
            logits = predict(once, network.to(device), data, card.size, device, f"teacher {folder}")
        answers.append(1 / (1 + np.exp(-logits)))
    # Of several versions of a picture the first is the clearest: it is what teachers were taught on.
    _, first, which = np.unique(data.ids, return_index=True, return_inverse=True)
    taught_by = np.mean(answers, 0)[first][which]
    labels = data.targets[task.teachable]
    mixed = labels + settings.teaching * (taught_by - labels)
    return replace(data, targets=data.targets | {task.teachable: mixed.astype(np.float32)})
