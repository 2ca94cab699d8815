"""The figures of a model in `weights/`: measured over a split, written into its card and read from there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from core.models import groups
from core.models.weights import FOLDER, WeightsError, keep_metrics, read_card
from engine.predicting import enough_memory
from engine.tables import DataError
from engine.task import Figures, Request, Task
from engine.tasks import TASKS


def measure(
    task: str,
    data: Path,
    split: str = "val",
    labels: str | None = None,
    unaligned: bool = False,
    limit: int | None = None,
    folder: Path = FOLDER,
    degrade: tuple[str, ...] = (),
) -> Figures:
    """One JSON-ready document of figures for `task` on `split`; the options are those of `Request`.

    Raises DataError, also for an option that makes no sense for the task, and WeightsError.
    """
    spec = TASKS[task]
    given_options = {"--unaligned": unaligned, "--limit": limit is not None, "--degrade": bool(degrade)}
    for option, given in given_options.items():
        if given and option not in spec.options:
            _refuse(option, task, [other.name for other in TASKS.values() if option in other.options])
    if limit is not None and limit < 1:
        raise DataError("--limit must be at least 1.")
    request = Request(data, split, _labels(spec, labels), unaligned, limit, folder, degrade)
    with enough_memory("a smaller --limit, or a machine with more"):
        measured = spec.evaluate(spec, request)
    figures: Figures = {"task": task, "split": measured.split or split, "images": measured.images}
    if measured.seconds is not None:
        figures["images_per_second"] = round(measured.images / measured.seconds, 1)
    return figures | measured.figures


def keep(figures: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """Write the figures of `measure` into the card of their task, and beside them the thresholds, and the worst gap
    between groups of people in a sentence."""
    figures = dict(figures)
    fitted = figures.pop("thresholds", None)
    further: dict[str, Any] = {"thresholds": fitted} if fitted else {}
    task = figures["task"]
    name = TASKS[task].kept_as(figures)
    metrics = {**read_card(folder / f"{task}.json").content["metrics"], name: figures}
    if comparisons := groups.of_card({"task": task, "metrics": metrics}):
        gap = groups.widest(comparisons)
        further["worst_gap"] = groups.NO_GAP if gap is None else gap.told({})
    keep_metrics(task, name, figures, folder, further)


def kept(task: str, split: str, labels: str | None = None, folder: Path = FOLDER) -> Figures:
    """The figures in the card of a task, for a split or a way to label pictures. Raises DataError and WeightsError."""
    card = read_card(folder / f"{task}.json")
    name = TASKS[task].kept_as({"split": split, "head": _labels(TASKS[task], labels)})
    if name not in card.content["metrics"]:
        raise WeightsError(f"{card.path.name} has no figures for {name!r} yet: give --data to measure them.")
    return card.content["metrics"][name]


def _labels(task: Task, labels: str | None) -> str:
    """What was asked for, or what the task takes unless told otherwise. Raises DataError for what it does not have."""
    if labels is None:
        return task.labels[0] if task.labels else ""
    if labels not in task.labels:
        _refuse(
            f"--labels {labels}",
            task.name,
            [other.name for other in TASKS.values() if labels in other.labels],
        )
    return labels


def _refuse(option: str, task: str, able: list[str]) -> NoReturn:
    raise DataError(f"{option} is for {', '.join(able) or 'no task'}, not for {task}.")
