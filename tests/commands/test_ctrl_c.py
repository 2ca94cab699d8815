"""core/stopping.py: Ctrl-C is one line and exit code 130 in every command, also while libraries load."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT
from tests.folders.photos import Folder, pngs

COMMANDS = {
    "emoji": ["emoji", "{photos}", "--out", "{out}"],
    "workers": ["emoji", "{photos}", "--out", "{out}", "--workers", "2"],
    "json": ["emoji", "{photos}", "--out", "{out}", "--json"],
    "suggest": ["suggest", "{photos}/000.png"],
    "stickers": ["stickers", "{photos}/000.png", "--out", "{out}"],
    "gallery": ["gallery", "--out", "{out}/sheet.png", "--photos", "{photos}/000.png"],
}


def started(name: str, photos: Path, out: Path) -> subprocess.Popen[str]:
    command = [part.format(photos=photos, out=out) for part in COMMANDS[name]]
    return subprocess.Popen(
        [sys.executable, "-m", "core", *command],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def when(reached: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 300
    while not reached():
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)


def loads(process: int | psutil.Process, library: str) -> bool:
    """Whether a process has begun to load a library."""
    try:
        maps = Path(f"/proc/{getattr(process, 'pid', process)}/maps").read_text()
    except OSError:
        return False
    return re.search(rf"/{library}[^/]*\.so", maps) is not None


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/maps").exists(), reason="needs to see what a process loads"
)


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """What the tests start heeds Ctrl-C, even where they run in the background of a script, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("library", ["_multiarray_umath", "libtorch_cpu", "libtorch_python"])
@pytest.mark.parametrize("name", ["emoji", "json", "suggest", "stickers", "gallery"])
def test_while_libraries_load(name: str, library: str, folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(2), tmp_path / "out"
    run = started(name, photos, out)
    when(lambda: loads(run.pid, library), run)
    run.send_signal(signal.SIGINT)
    said, complained = run.communicate(timeout=120)
    assert run.returncode == 130
    assert re.fullmatch(r"Stopped\.[^\n]*\n", complained), complained
    assert said == ("[]\n" if name == "json" else "")
    assert not out.exists() or not pngs(out)


def test_in_a_terminal_that_tells_every_process(folder: Folder, tmp_path: Path) -> None:
    """Ctrl-C reaches the workers too, here while they load torch; they end with the run, and say nothing."""
    photos, out = folder(2), tmp_path / "out"
    run = started("workers", photos, out)
    workers: list[psutil.Process] = []

    def worker_loads() -> bool:
        workers[:] = psutil.Process(run.pid).children(recursive=True)
        return any(loads(worker, "libtorch_cpu") for worker in workers)

    when(worker_loads, run)
    os.killpg(run.pid, signal.SIGINT)
    said, complained = run.communicate(timeout=120)
    assert run.returncode == 130
    assert complained == "Stopped. What is done is kept; the same command with --resume goes on.\n"
    assert said == ""
    assert psutil.wait_procs(workers, timeout=60)[1] == []


def test_twice(folder: Folder, tmp_path: Path) -> None:
    """Who presses it again does not wait for an end in order."""
    run = started("emoji", folder(2), tmp_path / "out")
    when(lambda: loads(run.pid, "libtorch_cpu"), run)
    for _ in range(5):
        run.send_signal(signal.SIGINT)
    assert re.fullmatch(r"Stopped\.[^\n]*\n", run.communicate(timeout=120)[1])
    assert run.returncode == 130


def test_a_run_that_ctrl_c_should_spare(folder: Folder, tmp_path: Path) -> None:
    """Shells start what goes on in the background so that Ctrl-C does not reach it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = started("emoji", folder(2), tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, before)
    when(lambda: loads(run.pid, "libtorch_cpu"), run)
    run.send_signal(signal.SIGINT)
    assert "2 of 2 photos gave 2 emojis.\n" in run.communicate(timeout=120)[1]
    assert run.returncode == 0
