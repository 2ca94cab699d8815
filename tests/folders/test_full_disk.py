"""A run over a folder that fills a real disk, or comes to the largest file that the system lets it write."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.folders.photos import Folder, pngs, recorded

SMALL = 96 * 1024
"""Bytes of the disk: some emojis of 512 pixels fit on it, and not all."""
LARGEST = 4096
"""Bytes of a file: less than an emoji of 512 pixels has."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(path)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root may mount a small file system")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def emoji(
    photos: Path, out: Path, *options: str, largest: int | None = None
) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return subprocess.run(
        [sys.executable, "-m", "core", "emoji", str(photos), "--out", str(out), *options],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip


def test_a_small_disk_that_fills(folder: Folder, tmp_path: Path, disk: Path) -> None:
    photos, out = folder(12), disk / "out"
    run = emoji(photos, out)
    assert run.returncode == 1
    assert "No space left on device. Please make room" in run.stderr
    assert "Traceback" not in run.stderr
    assert 0 < len(pngs(out)) < 12
    assert recorded(out) == sorted(pngs(out))
    assert {path.name for path in out.iterdir()} == {*pngs(out), "manifest.jsonl"}, "a part of a file is left"
    subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
    assert emoji(photos, out, "--resume").returncode == 0
    assert emoji(photos, tmp_path / "unbroken").returncode == 0
    assert pngs(out) == pngs(tmp_path / "unbroken")


def test_files_that_may_not_grow(folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(2), tmp_path / "out"
    run = emoji(photos, out, largest=LARGEST)
    assert run.returncode == 1
    assert "File too large. Please make room" in run.stderr
    assert "Traceback" not in run.stderr
    assert pngs(out) == {}
    assert emoji(photos, out).returncode == 0
    assert len(pngs(out)) == 2
