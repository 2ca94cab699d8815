"""Run a model of `weights/` over a split, the way the app runs it, and gather its figures."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from core.weights import load_network
from core.windows import CANONICAL_SIZE
from engine import datasets, evaluation, pasting
from engine.datasets import Dataset
from engine.heads import FOLDS, featured, inputs
from engine.tasks import TASKS
from engine.training import Run, Settings, Stage, predict

CPU = torch.device("cpu")


def measure(
    task: str, data: Path, split: str, labels: str = "ferplus", unaligned: bool = False
) -> dict[str, Any]:
    """One JSON-ready document of figures for `task` on `split`.

    labels: which head of the emotion network; unaligned: paste the pictures into larger ones and find the faces first,
    a missed face counting as all wrong (attributes only).
    """
    if task == "alignment":
        return _stamp(task, split, *_alignment(data, split))
    if task == "skin_tone":
        return _stamp(task, "cross-validation", *_cross_validate_skin_tone(data))
    spec = TASKS[task]
    network, card = load_network(task)
    crops = spec.load(data, split)
    missed = np.zeros(len(crops), bool)
    if unaligned:
        crops, missed = _found(crops)
    started = time.perf_counter()
    logits = predict(spec, network, crops, card.size, CPU)
    seconds = time.perf_counter() - started
    if task == "attributes":
        # All wrong: the opposite of every label.
        logits[missed] = np.where(crops.targets["attributes"][missed] > 0.5, -1.0, 1.0)
        figures = evaluation.attributes(logits, crops.targets)
    elif task == "emotion":
        figures = {"head": labels, **evaluation.emotion(logits, crops.targets, labels)}
    else:
        figures = evaluation.look(logits, crops.targets)
    if unaligned:
        figures["missed_faces"] = int(missed.sum())
    return _stamp(task, split, figures, len(crops), seconds)


def _stamp(task: str, split: str, figures: dict[str, Any], images: int, seconds: float) -> dict[str, Any]:
    head: dict[str, Any] = {"task": task, "split": split, "images": images}
    if TASKS[task].inputs is not inputs:  # reading features is not what takes a head's time
        head["images_per_second"] = round(images / seconds, 1)
    return head | figures


def _found(crops: Dataset) -> tuple[Dataset, NDArray[np.bool_]]:
    rng = np.random.default_rng(11)
    images = np.zeros((len(crops), CANONICAL_SIZE[1], CANONICAL_SIZE[0], 3), np.uint8)
    missed = np.zeros(len(crops), bool)
    for i in tqdm(range(len(crops)), "finding faces", disable=None):
        face, _ = pasting.find(pasting.paste(crops.images[i], rng))
        missed[i] = face is None
        if face is not None:
            images[i] = face.crop
    return Dataset(images, crops.targets, crops.ids), missed


def _alignment(data: Path, split: str) -> tuple[dict[str, Any], int, float]:
    """Share of pasted faces found, and how far off their eyes are."""
    rng = np.random.default_rng(5)
    images = datasets.celeba(data, split).images
    rows = np.linspace(0, len(images) - 1, min(500, len(images))).astype(int)
    errors: list[float] = []
    elsewhere, seconds = 0, 0.0
    for row in tqdm(rows, "finding faces", disable=None):
        pasted = pasting.paste(images[row], rng)
        started = time.perf_counter()
        face, others = pasting.find(pasted)
        seconds += time.perf_counter() - started
        elsewhere += others
        if face is not None:
            errors.append(pasting.eye_error(face, pasted))
    return (
        {
            "found": len(errors) / len(rows),
            "eye_error": float(np.mean(errors)),
            "eye_error_p95": float(np.percentile(errors, 95)),
            "faces_elsewhere": elsewhere,
        },
        len(rows),
        seconds,
    )


def _cross_validate_skin_tone(data: Path) -> tuple[dict[str, Any], int, float]:
    """Every labelled crop predicted by a head that was trained on the other four fifths."""
    crops = datasets.skin_tone(data)
    card = load_network("skin_tone")[1].content["settings"]
    settings = Settings(card["architecture"], tuple(Stage(s["epochs"], tuple(s["size"])) for s in card["stages"]),
                        card["batch_size"], card["learning_rate"], card["weight_decay"], card["averaging"])  # fmt: skip
    plain, replicas = featured(crops, 0), 12
    changed = featured(crops, replicas)
    rows = np.arange(len(crops))
    fold = np.random.default_rng(3).permutation(rows) % FOLDS
    logits = np.zeros((len(crops), TASKS["skin_tone"].outputs), np.float32)
    started = time.perf_counter()
    for held_out in range(FOLDS):
        inside = np.flatnonzero(np.tile(fold != held_out, 1 + replicas))
        run = Run(TASKS["skin_tone"], settings, Path("runs") / f"skin_tone-fold-{held_out}")
        run.train(changed.take(inside), plain.take(rows[fold == held_out]))
        test = plain.take(rows[fold == held_out])
        logits[fold == held_out] = predict(run.task, run.averaged.module, test, (1, 1), CPU)
    return evaluation.skin_tone(logits, crops.targets), len(crops), time.perf_counter() - started
