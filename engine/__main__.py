"""Command line of the engine: `python -m engine train attributes --data DIR`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.errors import SelfmojiError
from core.models.architectures import ONLY_SIZES
from core.models.weights import FOLDER
from engine import calibrating, collecting, distilling, distributed, exporting, measuring, mining, reporting
from engine.degradation import MEASURED
from engine.settings import Settings, Stage, TrainingError
from engine.tables import DataError
from engine.task import Task
from engine.tasks import TASKS
from engine.training import Run

NAMES = ", ".join(name.replace("_", "-") for name in TASKS)
FAIRNESS = "fairness"
"""A report about all models at once, beside those about a task."""
SETTINGS = {
    "arch": "architecture", "batch_size": "batch_size", "lr": "learning_rate", "weight_decay": "weight_decay",
    "pretrained": "pretrained", "freeze": "freeze", "freeze_depthwise": "freeze_depthwise",
    "teachers": "teachers", "teaching": "teaching", "seed": "seed", "device": "device", "start": "start",
}  # fmt: skip
"""{option of `train`: the setting it decides}; what is not given keeps the setting's default."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run_command(options)
    except SelfmojiError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; a training goes on after its last whole epoch with --resume", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Train and measure Selfmoji's models."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    collect = commands.add_parser(
        "collect",
        help="make training pictures of photos in a folder per class",
        description="Find and align the faces of photos that lie in a folder per class, leave out what is there twice "
        "or cannot be used, and write them as `train` reads them, with a sheet to look at and a report.",
    )
    collect.add_argument("photos", type=Path, metavar="DIR", help="CLASS/photo.jpg or CLASS/PERSON/photo.jpg")
    collect.add_argument(
        "--out", type=Path, required=True, metavar="DATA", help="new folder for the pictures"
    )
    collect.add_argument(
        "--val", type=float, default=collecting.VAL, help="share for validation (default 0.2)"
    )
    collect.set_defaults(run_command=_collect)

    train = _command(commands, "train", "train a network", _train)
    train.add_argument("--data", type=Path, required=True, help="folder with celeba/, fer2013/, ...")
    train.add_argument(
        "--run", "--folder", dest="run", type=Path, metavar="DIR",
        help="folder of the run (default runs/TASK); torchrun takes --run for its own, so say --folder to it",
    )  # fmt: skip
    train.add_argument("--arch", help="any torchvision classification network, or one of ours")
    length = train.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=int, metavar="N", help="N epochs at the task's picture size")
    length.add_argument("--stages", nargs="+", metavar="EPOCHSxHEIGHTxWIDTH", help="default: the task's")
    train.add_argument("--batch-size", type=int, help="pictures a step, in each process (default 128)")
    train.add_argument("--lr", type=float, help="peak of the one-cycle schedule (default 2e-3)")
    train.add_argument("--weight-decay", type=float, help="AdamW's (default 0.05)")
    train.add_argument(
        "--freeze", type=_freeze, metavar="N|NAME",
        help="freeze the first N children; -1: all but the last, the head; or all up to the part with this name",
    )  # fmt: skip
    train.add_argument(
        "--freeze-depthwise", action="store_true", default=None,
        help="leave kernels that filter each channel alone as they are: their gradients take CPUs half of the time",
    )  # fmt: skip
    train.add_argument(
        "--teacher", dest="teachers", nargs="+", metavar="DIR",
        help="folders of exported weights whose mean answers soften the labels",
    )  # fmt: skip
    train.add_argument(
        "--teaching", type=float, metavar="SHARE", help="how much of a target is the teachers' (default 0.5)"
    )
    train.add_argument("--pretrained", action="store_true", default=None, help="start from ImageNet weights")
    train.add_argument(
        "--from",
        dest="start",
        metavar="FILE",
        help="start from a checkpoint's averaged weights, or from exported ones (weights/TASK.safetensors)",
    )
    train.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")
    train.add_argument("--seed", type=int, help="of all random numbers (default 0)")
    train.add_argument("--device", choices=("auto", "cpu", "cuda"))

    validate = _command(commands, "validate", "rank a run's checkpoints on validation", _validate)
    validate.add_argument("--data", type=Path, required=True)
    validate.add_argument("--run", type=Path)

    export = _command(commands, "export", "write a checkpoint to weights/, with its card", _export)
    export.add_argument("--checkpoint", type=Path, help="default: the run's last")
    export.add_argument("--weights", type=Path, default=FOLDER, help="folder to write to")
    export.add_argument(
        "--tried", default="", help="a sentence for the card: what else was tried, and how it did"
    )

    graph = commands.add_parser(
        "graphs",
        help="let onnxruntime run the exported networks",
        description="Write the graphs by which onnxruntime runs the exported networks, quicker than PyTorch.",
    )
    graph.add_argument("--weights", type=Path, default=FOLDER, help="folder of the weights and cards")
    graph.set_defaults(run_command=_graphs)

    mine = commands.add_parser(
        "mine",
        help="keep what the face finder takes for faces",
        description="Keep what a checkpoint of the face finder takes for faces in training pictures without any, as "
        "pictures in DIR/faceless/train, for the next training to learn from.",
    )
    mine.add_argument("--data", type=Path, required=True)
    mine.add_argument(
        "--checkpoint", type=Path, default=Path("runs/finder/last.pt"), help="default: the run's last"
    )
    mine.set_defaults(run_command=_mine)

    calibrate = _command(
        commands, "calibrate", "fit how sure exported weights are to labelled pictures", _calibrate
    )
    calibrate.add_argument("--data", type=Path, required=True)
    calibrate.add_argument("--split", default="val_original", help="default val_original")
    calibrate.add_argument("--weights", type=Path, default=FOLDER, help="folder of the weights and cards")

    evaluate = _command(commands, "evaluate", "measure the weights the app uses", _evaluate)
    evaluate.add_argument("--data", type=Path, required=True)
    _add_measured(evaluate)
    evaluate.add_argument("--unaligned", action="store_true", help="find the faces in larger pictures first")
    evaluate.add_argument("--limit", type=int, metavar="N", help="measure N pictures, evenly spread")
    evaluate.add_argument(
        "--degrade", nargs="+", choices=MEASURED, default=(), metavar="HOW",
        help=f"what it costs to degrade the pictures, each way alone: {', '.join(MEASURED)}",
    )  # fmt: skip
    evaluate.add_argument("--json", action="store_true", help="print one JSON document")
    evaluate.add_argument("--card", action="store_true", help="keep the figures in the card")

    report = _command(commands, "report", "write figures and plots as a Markdown page", _report, (FAIRNESS,))
    report.add_argument("--data", type=Path, help="measure on this data; default: the figures in the card")
    _add_measured(report)
    report.add_argument(
        "--limit", type=int, metavar="N", help="measure N pictures (of each set), evenly spread"
    )
    report.add_argument("--run", type=Path, help="folder of the run whose curves to show (default runs/TASK)")
    report.add_argument("--out", type=Path, help="folder to write to (default runs/TASK/report)")

    likeness = commands.add_parser(
        "likeness",
        help="how well emojis tell people apart",
        description="Print docs/likeness.md: how well emojis tell people apart, and how far they show what people see.",
    )
    likeness.add_argument("--data", type=Path, required=True, help="folder with celeba/ and look/")
    likeness.add_argument("--photos", type=int, default=400, help="how many photos are drawn (default 400)")
    likeness.add_argument(
        "--sheet", type=Path, help="also write these photos beside their emojis into this PNG"
    )
    likeness.add_argument("--thresholds", action="store_true", help="print the thresholds of the rules")
    likeness.set_defaults(run_command=_likeness)
    return parser


def _command(
    commands: Any, name: str, text: str, run: Any, further: tuple[str, ...] = ()
) -> argparse.ArgumentParser:
    """A command about a task, or about one of these further things."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"{text.capitalize()}."
    )
    parser.add_argument(
        "task", type=_task, choices=(*TASKS, *further), metavar="TASK", help=", ".join((NAMES, *further))
    )
    parser.set_defaults(run_command=run)
    return parser


def _add_measured(parser: argparse.ArgumentParser) -> None:
    """What `measuring.measure` needs to know besides the data."""
    parser.add_argument("--split", default="val", help="train, val or test (default val), or val_original")
    labels = [name for task in TASKS.values() for name in task.labels]
    able = ", ".join(task.name for task in TASKS.values() if task.labels)
    parser.add_argument("--labels", choices=labels, help=f"what to compare the answers with, for {able}")
    parser.add_argument("--weights", type=Path, default=FOLDER, help="folder of the weights and cards")


def _task(name: str) -> str:
    return name.replace("-", "_")


def _folder(options: argparse.Namespace) -> Path:
    return options.run or Path("runs") / options.task


def _collect(options: argparse.Namespace) -> int:
    report = collecting.collect(options.photos, options.out, options.val)
    for label, counts in report["classes"].items():
        print(f"{label}: {counts['train']} to train, {counts['val']} to validate")
    for why, count in report["dropped"].items():
        print(f"dropped, {why.replace('_', ' ')}: {count}")
    for warning in report["warnings"]:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"wrote {options.out}; look at sheet.png there, and into report.json for what was dropped and why")
    return 0


def _train(options: argparse.Namespace) -> int:
    with distributed.together():
        run = _resumed(options) if options.resume else _fresh(options)
        train, val = distributed.one_by_one(
            lambda: (run.task.load(options.data, "train"), run.task.load(options.data, "val"))
        )
        run.train(distilling.taught(run.task, train, run.settings, run.device), val)
    return 0


def _fresh(options: argparse.Namespace) -> Run:
    task, folder = TASKS[options.task], _folder(options)
    if (folder / "last.pt").is_file():
        raise TrainingError(
            f"{folder} holds a run already: --resume goes on with it, --run names another folder."
        )
    given = {
        "architecture": task.architecture,
        "stages": _stages(options, task, options.arch),
        **_given(options),
    }
    return Run(task, Settings(**given), folder)


def _resumed(options: argparse.Namespace) -> Run:
    run = Run.resume(TASKS[options.task], _folder(options), options.device or "auto")
    given = {name: value for name, value in _given(options).items() if name != "device"}
    if options.stages or options.epochs:
        given["stages"] = _stages(options, TASKS[options.task], run.settings.architecture)
    for name, value in given.items():
        begun = getattr(run.settings, name)
        if value != begun:
            raise TrainingError(
                f"{_folder(options)} was begun with another {name.replace('_', ' ')}, {_text(begun)}, and "
                "--resume goes on with that: leave the option out, or begin another --run."
            )
    return run


def _given(options: argparse.Namespace) -> dict[str, Any]:
    values = {setting: getattr(options, option) for option, setting in SETTINGS.items()}
    values["teachers"] = tuple(options.teachers) if options.teachers else None
    return {setting: value for setting, value in values.items() if value is not None}


def _freeze(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _stages(options: argparse.Namespace, task: Task, architecture: str | None) -> tuple[Stage, ...]:
    if options.stages:
        return tuple(map(Stage.parse, options.stages))
    stages = tuple(map(Stage.parse, task.stages))
    size = ONLY_SIZES.get(architecture or task.architecture)
    if options.epochs is None and size is None:
        return stages
    epochs = sum(stage.epochs for stage in stages) if options.epochs is None else options.epochs
    return (Stage(epochs, size or stages[-1].size),)


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _validate(options: argparse.Namespace) -> int:
    ranked = exporting.validate(options.task, _folder(options), options.data)
    for path, figures in ranked:
        print(path.name, "  ".join(f"{name} {_figure(value)}" for name, value in figures.items()))
    print(f"best: {ranked[0][0]}")
    return 0


def _export(options: argparse.Namespace) -> int:
    checkpoint = options.checkpoint or Path("runs") / options.task / "last.pt"
    card = exporting.export(options.task, checkpoint, options.weights, options.tried)
    print(f"wrote {card.path.with_suffix('.safetensors')} and {card.path.name}")
    return 0


def _graphs(options: argparse.Namespace) -> int:
    # Needs onnx, which no other command does.
    from engine import graphs

    for path in graphs.write(options.weights):
        print(f"wrote {path}")
    return 0


def _mine(options: argparse.Namespace) -> int:
    print(f"kept {mining.mine(exporting.trained('finder', options.checkpoint), options.data)} squares")
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    card = calibrating.calibrate(options.task, options.data, options.split, options.weights)
    for name, value in card.content["calibration"].items():
        print(f"{name}: {value:.4f}" if isinstance(value, float) else f"{name}: {value}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    measured = measuring.measure(
        options.task,
        options.data,
        options.split,
        options.labels,
        options.unaligned,
        options.limit,
        options.weights,
        tuple(options.degrade),
    )
    if options.card:
        measuring.keep(measured, options.weights)
    if options.json:
        print(json.dumps(measured, allow_nan=False))
    else:
        why = measured.pop("reasons", {})
        for name, value in measured.items():
            print(f"{name}: {_figure(value)}" + (f" ({why[name]})" if name in why else ""))
    return 0


def _figure(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _report(options: argparse.Namespace) -> int:
    if options.task == FAIRNESS:
        return _fairness(options)
    if options.data:
        measured = measuring.measure(
            options.task,
            options.data,
            options.split,
            options.labels,
            limit=options.limit,
            folder=options.weights,
        )
    else:
        measured = measuring.kept(options.task, options.split, options.labels, options.weights)
    out = options.out or Path("runs") / options.task / "report"
    print(f"wrote {reporting.write(measured, _folder(options), out)}")
    return 0


def _fairness(options: argparse.Namespace) -> int:
    # Not at the top: it needs all of the app's models at once.
    from engine import fairness

    if options.data is None:
        raise DataError("The report of fairness is always measured: say --data DIR.")
    if options.limit is not None and options.limit < 1:
        raise DataError("--limit must be at least 1.")
    print(f"wrote {fairness.write(options.data, options.out or Path('runs') / FAIRNESS, options.limit)}")
    return 0


def _likeness(options: argparse.Namespace) -> int:
    # Not at the top: it needs the app's rules and drawings, which no other command does.
    from engine import likeness

    print(likeness.run(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
