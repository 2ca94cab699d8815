"""Run a model of `weights/` over a split, the way the app runs it, and gather its figures."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from core.models.features import describe_both, to_tensor
from core.models.weights import FOLDER, WeightsError, keep_metrics, load_backbone, load_network, read_card
from core.seeing.face import Face
from core.seeing.windows import CANONICAL_SIZE
from engine import datasets, evaluation, pasting, thresholds
from engine.datasets import Dataset
from engine.heads import FOLDS, VERSIONS, changed, inputs, plain
from engine.predicting import predict
from engine.settings import Settings
from engine.tables import DataError
from engine.tasks import TASKS
from engine.training import Run

CPU = torch.device("cpu")
ALIGNMENT_PICTURES = 500
"""How many pictures say how well faces are found, unless told otherwise."""
Item = TypeVar("Item")
Result = TypeVar("Result")


def measure(
    task: str,
    data: Path,
    split: str,
    labels: str = "ferplus",
    unaligned: bool = False,
    limit: int | None = None,
    folder: Path = FOLDER,
) -> dict[str, Any]:
    """One JSON-ready document of figures for `task` on `split`.

    labels: which head of the emotion network; unaligned: paste the pictures into larger ones and find the faces first,
    a missed face counting as all wrong (attributes only); limit: measure so many pictures, evenly spread; folder: of
    the weights. Raises DataError and WeightsError.
    """
    if unaligned and task != "attributes":
        raise DataError(
            "--unaligned is for attributes: the other data sets have no larger pictures to find faces in."
        )
    if limit is not None and limit < 1:
        raise DataError("--limit must be at least 1.")
    if task == "alignment":
        return _stamp(task, split, *_alignment(data, split, limit or ALIGNMENT_PICTURES))
    if task == "skin_tone":
        return _stamp(task, "cross-validation", *_cross_validate_skin_tone(data, folder))
    spec = TASKS[task]
    network, card = load_network(task, folder)
    crops = spec.load(data, split)
    rows = _spread(len(crops), limit)
    if limit:
        crops = crops.take(rows)
    started = time.perf_counter()
    logits = predict(spec, network, crops, card.size, CPU)
    seconds = time.perf_counter() - started
    if task == "emotion":
        figures = {"head": labels, **evaluation.emotion(logits, crops.targets, labels)}
    elif task == "look":
        figures = evaluation.look(logits, crops.targets)
    elif unaligned:
        figures, seconds = _unaligned(network, card.size, crops, rows, logits)
    else:
        tones = _predicted_tones(crops.images, folder)
        figures = evaluation.attributes(logits, crops.targets, tones)
        if split == "val":
            fitted, expected = thresholds.attribute_thresholds(logits, crops.targets["attributes"] > 0.5)
            figures |= expected | {"thresholds": fitted}
    return _stamp(task, split, figures, len(crops), seconds, unaligned)


def keep(figures: dict[str, Any], folder: Path = FOLDER) -> None:
    """Write the figures of `measure` into the card of their task, and the thresholds beside them."""
    figures = dict(figures)
    fitted = figures.pop("thresholds", None)
    further = {"thresholds": fitted} if fitted else {}
    keep_metrics(figures["task"], _name(figures), figures, folder, further)


def kept(task: str, split: str, labels: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The figures in the card of a task, for a split or a head of the emotion network. Raises WeightsError."""
    card = read_card(folder / f"{task}.json")
    name = _name({"task": task, "split": split, "head": labels})
    if name not in card.content["metrics"]:
        raise WeightsError(f"{card.path.name} has no figures for {name!r} yet: give --data to measure them.")
    return card.content["metrics"][name]


def _name(figures: dict[str, Any]) -> str:
    """What a card calls such a measurement. Skin tone has one alone, over all pictures."""
    if figures["task"] == "emotion":
        return figures["head"]
    return (
        "val"
        if figures["task"] == "skin_tone"
        else "unaligned"
        if figures.get("unaligned")
        else figures["split"]
    )


def _stamp(
    task: str, split: str, figures: dict[str, Any], images: int, seconds: float, unaligned: bool = False
) -> dict[str, Any]:
    head: dict[str, Any] = {"task": task, "split": split, "images": images}
    if unaligned:
        head["unaligned"] = True
    if TASKS[task].inputs is not inputs:  # reading features is not what takes a head's time
        head["images_per_second"] = round(images / seconds, 1)
    return head | figures


def _spread(count: int, limit: int | None) -> NDArray[np.intp]:
    """`limit` of the rows, evenly spread; all of them where that is None or more than there are."""
    return np.linspace(0, count - 1, min(count, limit or count)).astype(np.intp)


@torch.inference_mode()
def _predicted_tones(images: NDArray, folder: Path) -> NDArray[np.intp] | None:
    """The skin tone that the app would show for each crop; None as long as there is no model for it."""
    try:
        network, card = load_backbone(folder)
        head, _ = load_network("skin_tone", folder)
    except WeightsError:
        return None
    parts = [
        head(describe_both(network, to_tensor(images[start : start + 64], card.size))[0]).argmax(1).numpy()
        for start in tqdm(range(0, len(images), 64), "skin tones", disable=None, leave=False)
    ]
    return np.concatenate(parts)


def _unaligned(
    network: nn.Module, size: tuple[int, int], crops: Dataset, rows: NDArray[np.intp], aligned: NDArray
) -> tuple[dict[str, Any], float]:
    """Figures on crops that were pasted into larger pictures and found there, and the seconds finding took.

    rows: which of the split the crops are; aligned: their logits as they are.
    """

    def found(number: int) -> Face | None:
        # A generator for each picture: a part of them is measured on the same pictures as all of them.
        return pasting.find(pasting.paste(crops.images[number], np.random.default_rng([11, rows[number]])))[0]

    started = time.perf_counter()
    faces = _in_threads(found, range(len(crops)), "finding faces")
    seconds = time.perf_counter() - started
    missed = np.array([face is None for face in faces])
    nothing = np.zeros((CANONICAL_SIZE[1], CANONICAL_SIZE[0], 3), np.uint8)
    images = np.stack([nothing if face is None else face.crop for face in faces])
    logits = predict(TASKS["attributes"], network, Dataset(images, crops.targets, crops.ids), size, CPU)
    # All wrong: the opposite of every label.
    truth = crops.targets["attributes"] > 0.5
    logits[missed] = np.where(truth[missed], -1.0, 1.0)
    figures = evaluation.attributes(logits, crops.targets)
    aligned_accuracy = float(((aligned > 0) == truth).mean())
    return figures | {
        "missed_faces": int(missed.sum()),
        "aligned_accuracy": aligned_accuracy,
        "cost_in_points": 100 * (aligned_accuracy - figures["mean_accuracy"]),
    }, seconds


def _in_threads(act: Callable[[Item], Result], items: Iterable[Item], title: str) -> list[Result]:
    """act(item) of each, one thread a core; a single small picture keeps torch's own threads waiting for each other."""
    items, threads = list(items), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(min(os.cpu_count() or 1, threads)) as pool:
            return list(tqdm(pool.map(act, items), title, len(items), disable=None))
    finally:
        torch.set_num_threads(threads)


def _alignment(data: Path, split: str, limit: int) -> tuple[dict[str, Any], int, float]:
    """Share of pasted faces found, and how far off their eyes are.

    Each picture asks twice: is there a face where it was pasted, and is there none elsewhere?
    """
    images = datasets.celeba(data, split).images
    rows = _spread(len(images), limit)

    def looked(row: int) -> tuple[float | None, int]:
        pasted = pasting.paste(images[row], np.random.default_rng([5, row]))
        face, others = pasting.find(pasted)
        return (None if face is None else pasting.eye_error(face, pasted)), others

    started = time.perf_counter()
    results = _in_threads(looked, rows, "finding faces")
    seconds = time.perf_counter() - started
    errors = [error for error, _ in results if error is not None]
    quiet = sum(others == 0 for _, others in results)
    return (
        {
            "accuracy": (len(errors) + quiet) / (2 * len(rows)),
            "found": len(errors) / len(rows),
            "eye_error": float(np.mean(errors)) if errors else None,
            "eye_error_p95": float(np.percentile(errors, 95)) if errors else None,
            "faces_elsewhere": sum(others for _, others in results),
            "confusion": [[len(errors), len(rows) - len(errors)], [len(rows) - quiet, quiet]],
            "labels": ["face", "no face"],
        },
        len(rows),
        seconds,
    )


def _cross_validate_skin_tone(data: Path, folder: Path) -> tuple[dict[str, Any], int, float]:
    """Every labelled crop predicted by a head that was trained on the other four fifths."""
    crops = datasets.skin_tone(data)
    settings = Settings.from_dict(load_network("skin_tone", folder)[1].content["settings"])
    as_is, altered = plain(crops), changed(crops)
    rows = np.arange(len(crops))
    fold = np.random.default_rng(3).permutation(rows) % FOLDS
    logits = np.zeros((len(crops), TASKS["skin_tone"].outputs), np.float32)
    started = time.perf_counter()
    for held_out in range(FOLDS):
        inside = np.flatnonzero(np.tile(fold != held_out, VERSIONS))
        test = as_is.take(rows[fold == held_out])
        with TemporaryDirectory() as folder_of_fold:
            run = Run(TASKS["skin_tone"], settings, Path(folder_of_fold))
            run.train(altered.take(inside), test)
        logits[fold == held_out] = predict(run.task, run.averaged.module, test, (1, 1), CPU)
    return evaluation.skin_tone(logits, crops.targets), len(crops), time.perf_counter() - started
