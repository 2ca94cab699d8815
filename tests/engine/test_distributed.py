"""Two real processes, as torchrun starts them, train one network."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import distributed
from engine.__main__ import main
from engine.tables import read_table

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["train", "emotion", "--data", "data", "--arch", "fer_cnn5", "--epochs", "4", "--lr", "3e-3",
             "--device", "cpu"]  # fmt: skip


def test_two_processes_agree_and_learn_what_one_learns(fer: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
               "-m", "tests.engine.rank", *ARGUMENTS, "--batch-size", "8", "--folder", "two"]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(f"rank-{rank}.pt", weights_only=True) for rank in range(2))
    assert all(torch.equal(second[name], tensor) for name, tensor in first.items())
    written = torch.load("two/last.pt", weights_only=True)["averaged"]
    assert all(torch.equal(written[name], tensor) for name, tensor in first.items())

    assert main([*ARGUMENTS, "--batch-size", "16", "--run", "one"]) == 0
    two, one = (
        read_table(Path(name) / "metrics.csv", ("epoch", "loss", "ferplus")) for name in ("two", "one")
    )
    assert len(two) == len(one) == 4
    assert float(two[-1]["ferplus"]) == pytest.approx(float(one[-1]["ferplus"]), abs=0.13)
    assert float(two[-1]["ferplus"]) >= 0.8
    assert float(two[-1]["loss"]) == pytest.approx(float(one[-1]["loss"]), rel=0.2)


def test_processes_share_a_batch_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "count", lambda: 3)
    shares = []
    for rank in range(3):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        shares.append(distributed.share(np.arange(7)))
    assert [len(share) for share in shares] == [3, 3, 3]
    assert set(np.concatenate(shares)) == set(range(7))
