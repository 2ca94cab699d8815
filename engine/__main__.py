"""Command line of the engine: `python -m engine train attributes --data DIR`."""

import argparse
import sys
from pathlib import Path

from engine.datasets import DataError
from engine.tasks import TASKS
from engine.training import Run, Settings, Stage, TrainingError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m engine", description="Train and measure Selfmoji's models.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a network")
    train.add_argument("task", choices=TASKS)
    train.add_argument("--data", type=Path, required=True, help="folder with celeba/, fer2013/, ...")
    train.add_argument("--run", type=Path, help="folder of the run (default runs/TASK)")
    train.add_argument("--arch", help="any torchvision classification network, or one of ours")
    train.add_argument("--stages", nargs="+", default=["6x112x92"], metavar="EPOCHSxHEIGHTxWIDTH")
    train.add_argument("--batch-size", type=int, default=128)
    train.add_argument("--lr", type=float, default=2e-3)
    train.add_argument("--freeze", type=int, default=0, metavar="N", help="freeze the first N children")
    train.add_argument("--pretrained", action="store_true", help="start from torchvision's ImageNet weights")
    train.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    options = parser.parse_args(arguments)
    try:
        return _train(options)
    except (DataError, TrainingError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _train(options: argparse.Namespace) -> int:
    task = TASKS[options.task]
    stages = tuple(Stage.parse(text) for text in options.stages)
    settings = Settings(
        options.arch or task.architecture, stages, options.batch_size, options.lr, freeze=options.freeze,
        pretrained=options.pretrained, seed=options.seed, device=options.device,
    )  # fmt: skip
    run = Run(task, settings, options.run or Path("runs") / task.name)
    if options.resume:
        run.resume()
    run.train(task.load(options.data, "train"), task.load(options.data, "val"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
