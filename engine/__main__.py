"""Command line of the engine: `python -m engine train attributes --data DIR`."""

import argparse
import json
import sys
from pathlib import Path

from core.weights import FOLDER, WeightsError, keep_metrics
from engine import exporting, measuring
from engine.datasets import DataError
from engine.tasks import TASKS
from engine.training import Run, Settings, Stage, TrainingError

NAMES = ", ".join(name.replace("_", "-") for name in TASKS)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run_command(options)
    except (DataError, TrainingError, WeightsError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Train and measure Selfmoji's models."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a network")
    train.add_argument("task", type=_task, choices=TASKS, metavar="TASK", help=NAMES)
    train.add_argument("--data", type=Path, required=True, help="folder with celeba/, fer2013/, ...")
    train.add_argument("--run", type=Path, help="folder of the run (default runs/TASK)")
    train.add_argument("--arch", help="any torchvision classification network, or one of ours")
    train.add_argument("--stages", nargs="+", metavar="EPOCHSxHEIGHTxWIDTH", help="default: the task's")
    train.add_argument("--batch-size", type=int, default=128)
    train.add_argument("--lr", type=float, default=2e-3)
    train.add_argument("--weight-decay", type=float, default=0.05)
    train.add_argument("--freeze", type=int, default=0, metavar="N", help="freeze the first N children")
    train.add_argument("--pretrained", action="store_true", help="start from torchvision's ImageNet weights")
    train.add_argument(
        "--from", dest="start", default="", metavar="CHECKPOINT", help="start from its averaged weights"
    )
    train.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    train.set_defaults(run_command=_train)

    validate = commands.add_parser("validate", help="rank a run's checkpoints on validation")
    validate.add_argument("task", type=_task, choices=TASKS, metavar="TASK", help=NAMES)
    validate.add_argument("--data", type=Path, required=True)
    validate.add_argument("--run", type=Path)
    validate.set_defaults(run_command=_validate)

    export = commands.add_parser("export", help="write a checkpoint to weights/, with its card")
    export.add_argument("task", type=_task, choices=TASKS, metavar="TASK", help=NAMES)
    export.add_argument("--checkpoint", type=Path, help="default: the run's last")
    export.add_argument("--weights", type=Path, default=FOLDER, help="folder to write to")
    export.add_argument(
        "--tried", default="", help="a sentence for the card: what else was tried, and how it did"
    )
    export.set_defaults(run_command=_export)

    evaluate = commands.add_parser("evaluate", help="measure the weights the app uses")
    evaluate.add_argument("task", type=_task, choices=TASKS, metavar="TASK", help=NAMES)
    evaluate.add_argument("--data", type=Path, required=True)
    evaluate.add_argument("--split", default="val")
    evaluate.add_argument(
        "--labels", choices=("ferplus", "fer2013"), default="ferplus", help="head of the emotion network"
    )
    evaluate.add_argument("--unaligned", action="store_true", help="find the faces in larger pictures first")
    evaluate.add_argument("--json", action="store_true", help="print one JSON document")
    evaluate.add_argument("--card", action="store_true", help="keep the figures in the card")
    evaluate.set_defaults(run_command=_evaluate)

    return parser


def _task(name: str) -> str:
    return name.replace("-", "_")


def _train(options: argparse.Namespace) -> int:
    task = TASKS[options.task]
    settings = Settings(
        architecture=options.arch or task.architecture,
        stages=tuple(Stage.parse(text) for text in options.stages or task.stages),
        batch_size=options.batch_size,
        learning_rate=options.lr,
        weight_decay=options.weight_decay,
        pretrained=options.pretrained,
        freeze=options.freeze,
        seed=options.seed,
        device=options.device,
        start=options.start,
    )
    run = Run(task, settings, options.run or Path("runs") / task.name)
    if options.resume:
        run.resume()
    run.train(task.load(options.data, "train"), task.load(options.data, "val"))
    return 0


def _validate(options: argparse.Namespace) -> int:
    ranked = exporting.validate(options.task, options.run or Path("runs") / options.task, options.data)
    for path, figures in ranked:
        print(path.name, "  ".join(f"{name} {value:.4f}" for name, value in figures.items()))
    print(f"best: {ranked[0][0]}")
    return 0


def _export(options: argparse.Namespace) -> int:
    checkpoint = options.checkpoint or Path("runs") / options.task / "last.pt"
    card = exporting.export(options.task, checkpoint, options.weights, options.tried)
    print(f"wrote {card.path.with_suffix('.safetensors')} and {card.path.name}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    task = options.task
    figures = measuring.measure(task, options.data, options.split, options.labels, options.unaligned)
    if options.card:
        kind = (
            ("fer2013" if options.labels == "fer2013" else "ferplus") if task == "emotion" else options.split
        )
        keep_metrics(task, "unaligned" if options.unaligned else kind, figures)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name}: {value:.4f}" if isinstance(value, float) else f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
