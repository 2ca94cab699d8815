"""One process of a distributed training: the engine's command line, and at its end the weights for the test to read."""

import os
import sys
from typing import Any

import torch

from engine import training
from engine.__main__ import main

_train = training.Run.train


def _train_and_tell(run: training.Run, *data: Any) -> None:
    _train(run, *data)
    torch.save(run.averaged.module.state_dict(), f"rank-{os.environ['RANK']}.pt")


if __name__ == "__main__":
    training.Run.train = _train_and_tell  # type: ignore[assignment, method-assign]
    sys.exit(main())
