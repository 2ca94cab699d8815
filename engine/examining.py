"""How each task's weights are measured over a split, the way the app runs them."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from core.models.features import describe_both, to_tensor
from core.models.labels import BASICS, DETAILS, LOOK
from core.models.weights import FOLDER, WeightsError, load_backbone, load_network
from core.seeing.face import Face
from core.seeing.windows import CANONICAL_SIZE
from engine import datasets, evaluation, fairface, pasting, thresholds
from engine.datasets import Dataset
from engine.degradation import degraded
from engine.heads import FOLDS, LAMPS, VERSIONS, changed, faces_with_skin_tones, plain
from engine.predicting import predict
from engine.settings import Settings
from engine.tables import DataError
from engine.task import Figures, Measured, Request, Task
from engine.training import Run

CPU = torch.device("cpu")
ALIGNMENT_PICTURES = 500
"""How many pictures say how well faces are found, unless told otherwise."""
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Answers:
    """The network's logits over the pictures asked for. rows: which of the split they are; size: of its input."""

    network: nn.Module
    size: tuple[int, int]
    crops: Dataset
    rows: NDArray[np.intp]
    logits: NDArray[np.float32]
    seconds: float


def _answers(task: Task, request: Request) -> _Answers:
    network, card = load_network(task.name, request.folder)
    crops = task.load(request.data, request.split)
    rows = _spread(len(crops), request.limit)
    if request.limit:
        crops = crops.take(rows)
    started = time.perf_counter()
    logits = predict(task, network, crops, card.size, CPU)
    return _Answers(network, card.size, crops, rows, logits, time.perf_counter() - started)


def attributes(task: Task, request: Request) -> Measured:
    """Each label and each group; on the split that photos are most like, with fitted thresholds.

    Unaligned, a missed face counts as all wrong.
    """
    answers = _answers(task, request)
    targets = answers.crops.targets
    if request.unaligned:
        figures, seconds = _unaligned(task, answers)
        return Measured({"unaligned": True} | figures, len(answers.crops), seconds)
    if request.degrade:
        figures = _degraded(task, answers, request.degrade)
        return Measured(figures, len(answers.crops), answers.seconds)
    tones = _predicted_tones(answers.crops.images, request.folder)
    figures = evaluation.attributes(answers.logits, targets, tones)
    if request.split == thresholds.best_split(request.data) and request.limit is None:
        fitted, expected = thresholds.attribute_thresholds(answers.logits, targets["attributes"] > 0.5)
        figures |= expected | {"thresholds": fitted}
    return Measured(figures, len(answers.crops), answers.seconds)


def _degraded(task: Task, answers: _Answers, ways: tuple[str, ...]) -> Figures:
    """Mean accuracy as the pictures are, and after each way to degrade them, with what it costs in points."""
    truth = answers.crops.targets["attributes"] > 0.5
    as_is = float(((answers.logits > 0) == truth).mean())
    rows = {}
    for way in ways:
        crops = replace(answers.crops, images=degraded(answers.crops.images, way))
        logits = predict(task, answers.network, crops, answers.size, CPU, way)
        accuracy = float(((logits > 0) == truth).mean())
        rows[way] = {"mean_accuracy": accuracy, "cost_in_points": 100 * (as_is - accuracy)}
    return {"mean_accuracy": as_is, "degraded": rows}


def emotion(task: Task, request: Request) -> Measured:
    """The head that learnt the labels asked for."""
    answers = _answers(task, request)
    figures = evaluation.emotion(answers.logits, answers.crops.targets, request.labels)
    return Measured({"head": request.labels} | figures, len(answers.crops), answers.seconds)


def look(task: Task, request: Request) -> Measured:
    """Each question, and the means of the basic and of the finer ones. Reading the features is not what takes a head's
    time, so that is left out."""
    answers = _answers(task, request)
    figures = evaluation.questions(answers.logits, answers.crops.targets, LOOK)
    for name, asked in (("basics", BASICS), ("details", DETAILS)):
        figures[f"{name}_accuracy"] = evaluation.mean(
            figures["per_question"][question]["accuracy"] for question in asked
        )
    return Measured(figures, len(answers.crops))


def alignment(task: Task, request: Request) -> Measured:
    """Share of pasted faces found, and how far off their eyes are.

    Each picture asks twice: is there a face where it was pasted, and is there none elsewhere?
    """
    if request.folder != FOLDER:
        raise DataError(
            f"{task.name} is measured as the app finds faces: export to {FOLDER} and leave --weights out."
        )
    images = datasets.celeba(request.data, request.split).images
    rows = _spread(len(images), request.limit or ALIGNMENT_PICTURES)

    def looked(row: int) -> tuple[float | None, int]:
        pasted = pasting.paste(images[row], np.random.default_rng([5, row]))
        face, others = pasting.find(pasted)
        return (None if face is None else pasting.eye_error(face, pasted)), others

    started = time.perf_counter()
    results = _in_threads(looked, rows, "finding faces")
    seconds = time.perf_counter() - started
    errors = [error for error, _ in results if error is not None]
    quiet = sum(others == 0 for _, others in results)
    figures = {
        "accuracy": (len(errors) + quiet) / (2 * len(rows)),
        "found": len(errors) / len(rows),
        "eye_error": float(np.mean(errors)) if errors else None,
        "eye_error_p95": float(np.percentile(errors, 95)) if errors else None,
        "faces_elsewhere": sum(others for _, others in results),
        "confusion": [[len(errors), len(rows) - len(errors)], [len(rows) - quiet, quiet]],
        "labels": ["face", "no face"],
    }
    return Measured(figures | evaluation.reasons(figures, "no face was found"), len(rows), seconds)


def skin_tone(task: Task, request: Request) -> Measured:
    """Every labelled crop predicted by a head that was trained on the other four fifths; FairFace's apart, by group."""
    crops = faces_with_skin_tones(request.data)
    settings = Settings.from_dict(load_network(task.name, request.folder)[1].content.get("settings", {}))
    as_is, altered = plain(crops), changed(crops, LAMPS)
    rows = np.arange(len(crops))
    fold = np.random.default_rng(3).permutation(rows) % FOLDS
    logits = np.zeros((len(crops), task.outputs), np.float32)
    for held_out in range(FOLDS):
        inside = np.flatnonzero(np.tile(fold != held_out, VERSIONS))
        test = as_is.take(rows[fold == held_out])
        with TemporaryDirectory() as folder_of_fold:
            run = Run(task, settings, Path(folder_of_fold))
            run.train(altered.take(inside), test)
        logits[fold == held_out] = predict(task, run.averaged.module, test, (1, 1), CPU)
    votes = crops.targets["votes"]
    theirs = np.array([name.startswith("fairface/") for name in crops.ids])
    figures = evaluation.skin_tone(logits[~theirs], {"votes": votes[~theirs]})
    if theirs.any():
        races = fairface.races(request.data)
        groups = np.array([races.get(name, "") for name in crops.ids])
        figures["fairface"] = _summary(logits[theirs], votes[theirs]) | {
            "groups": {
                name: _summary(logits[groups == name], votes[groups == name])
                for name in sorted(set(groups[theirs]))
            }
        }
    return Measured(figures, int((~theirs).sum()), split="cross-validation")


def _summary(logits: NDArray[np.float32], votes: NDArray[np.float32]) -> Figures:
    figures = evaluation.skin_tone(logits, {"votes": votes})
    return {name: figures[name] for name in ("accuracy", "within_one")} | {"images": len(votes)}


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
        head(describe_both(network.read, to_tensor(images[start : start + 64], card.size))[0])
        .argmax(1)
        .numpy()
        for start in tqdm(range(0, len(images), 64), "skin tones", disable=None, leave=False)
    ]
    return np.concatenate(parts)


def _unaligned(task: Task, aligned: _Answers) -> tuple[Figures, float]:
    """Figures on crops that were pasted into larger pictures and found there, and the seconds finding took."""
    crops = aligned.crops

    def found(number: int) -> Face | None:
        # A generator for each picture: a part of them is measured on the same pictures as all of them.
        return pasting.find(
            pasting.paste(crops.images[number], np.random.default_rng([11, aligned.rows[number]]))
        )[0]

    started = time.perf_counter()
    faces = _in_threads(found, range(len(crops)), "finding faces")
    seconds = time.perf_counter() - started
    missed = np.array([face is None for face in faces])
    nothing = np.zeros((CANONICAL_SIZE[1], CANONICAL_SIZE[0], 3), np.uint8)
    images = np.stack([nothing if face is None else face.crop for face in faces])
    logits = predict(task, aligned.network, Dataset(images, crops.targets, crops.ids), aligned.size, CPU)
    # All wrong: the opposite of every label.
    truth = crops.targets["attributes"] > 0.5
    logits[missed] = np.where(truth[missed], -1.0, 1.0)
    figures = evaluation.attributes(logits, crops.targets)
    aligned_accuracy = float(((aligned.logits > 0) == truth).mean())
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
