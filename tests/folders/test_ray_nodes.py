"""A Ray cluster of several machines, of which one is lost in the middle of a run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.folders.outcomes import BATCH
from tests.conftest import ROOT
from tests.folders.photos import recorded

PHOTOS = 6 * BATCH
STORE = 100 << 20
"""Bytes of memory that each node keeps results in; Ray would take a third of the machine."""
PATIENCE = 300.0
"""Seconds until a run must have begun to write; generous, since a busy machine is no broken product."""


@pytest.mark.slow
def test_a_machine_that_is_lost_loses_no_photo(folder: Callable[..., Path], tmp_path: Path) -> None:
    """Three nodes on loopback: one that schedules, and two with a worker each."""
    pytest.importorskip("ray", reason="Ray is missing: pip install -r requirements-batch.txt")
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    photos, out = folder(PHOTOS), tmp_path / "out"
    cluster = Cluster()
    try:
        try:
            cluster.add_node(num_cpus=0, include_dashboard=False, object_store_memory=STORE)
            lost, _ = [cluster.add_node(num_cpus=1, object_store_memory=STORE) for _ in range(2)]
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
            pytest.skip("This machine is too busy: Ray gives each of its nodes 30 seconds to start.")
        with subprocess.Popen(
            [sys.executable, "-m", "core", "emoji", photos, "--out", out, "--size", "72", "--ray", cluster.address,
             "--workers", "2"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as run:  # fmt: skip
            give_up = time.monotonic() + PATIENCE
            while not list(out.glob("*.png")) and run.poll() is None and time.monotonic() < give_up:
                time.sleep(0.02)
            written = len(list(out.glob("*.png")))
            cluster.remove_node(lost, allow_graceful=False)
            _, said = run.communicate(timeout=PATIENCE)
    finally:
        cluster.shutdown()  # type: ignore[no-untyped-call]
    assert 0 < written < PHOTOS, f"the machine was not lost in the middle: {written}, {said}"
    assert run.returncode == 0, said
    assert sorted(recorded(out)) == [f"{number:03}.png" for number in range(PHOTOS)]
    assert len(list(out.glob("*.png"))) == PHOTOS
