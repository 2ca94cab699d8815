"""How a run over a folder goes on where the one before was stopped: nothing is lost and nothing is done twice."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core import Photo, read_photo
from core.__main__ import main
from core.folders.outcomes import BATCH
from tests.conftest import ROOT
from tests.folders.photos import Captured, Folder, Patch, emoji, pngs, recorded, stamps


def test_a_killed_run_goes_on_where_it_was(folder: Folder, tmp_path: Path, capsys: Captured) -> None:
    """A real SIGKILL of a run with two worker processes, which end with it."""
    count = 6 * BATCH
    photos, out = folder(count), tmp_path / "out"
    run = subprocess.Popen(
        [sys.executable, "-m", "core", "emoji", photos, "--out", out, "--size", "48", "--workers", "2"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    manifest = out / "manifest.jsonl"
    _wait(lambda: manifest.exists() and manifest.read_bytes().count(b"\n") > 3)
    workers = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert len(workers) >= 2
    _wait(lambda: not any(map(_alive, workers)))
    done, before = recorded(out), stamps(out)
    assert 3 <= len(done) < count

    # What a process that dies in the middle of writing a line leaves.
    with manifest.open("ab") as file:
        file.write(b'{"stem": "999", "file": "/some')
    assert emoji(photos, "--out", out) == 2
    assert "add --resume" in capsys.readouterr().err
    assert emoji(photos, "--out", out, "--workers", "2", "--resume") == 0

    assert (
        f"{count} of {count} photos gave {count} emojis; {len(done)} photos were done before."
        in capsys.readouterr().err
    )
    assert recorded(out) == sorted(path.name for path in photos.iterdir())
    after = stamps(out)
    assert {name: after[name] for name in done} == {name: before[name] for name in done}
    assert emoji(photos, "--out", tmp_path / "unbroken") == 0
    assert pngs(out) == pngs(tmp_path / "unbroken")


def _alive(process: psutil.Process) -> bool:
    """A process that ended may stay listed as a zombie, if nobody asks how it ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(reached: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def drawn(monkeypatch: Patch) -> list[str]:
    """The names of the photos that are worked on."""
    seen: list[str] = []

    def noted(photo: Path) -> Photo:
        seen.append(photo.name)
        return read_photo(photo)

    monkeypatch.setattr("core.folders.batch.read_photo", noted)
    return seen


def test_only_what_is_missing_is_done(
    folder: Folder, tmp_path: Path, drawn: list[str], capsys: Captured, monkeypatch: Patch
) -> None:
    photos, out = folder(4), tmp_path / "out"
    (photos / "bad.jpg").write_bytes(b"no photo")
    (photos / "later.png").symlink_to(tmp_path / "later.png")
    assert emoji(photos, "--out", out, "--json") == 1
    first = json.loads(capsys.readouterr().out)
    drawn.clear()
    # One emoji was deleted, another is cut off, a photo that could not be opened is there now, and one is new.
    (out / "000.png").unlink()
    (out / "001.png").write_bytes((out / "001.png").read_bytes()[:100])
    (tmp_path / "later.png").write_bytes((photos / "002.png").read_bytes())
    (photos / "new.png").write_bytes((photos / "003.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert emoji("photos", "--out", "out", "--json", "--resume") == 1
    assert drawn == ["000.png", "001.png", "later.png", "new.png"]
    captured = capsys.readouterr()
    second = {Path(entry["file"]).name: entry for entry in json.loads(captured.out)}
    assert second["002.png"] == first[2]
    assert second["bad.jpg"] == first[4]
    assert second["later.png"]["faces"][0]["recipe"] == first[2]["faces"][0]["recipe"]
    assert f"{tmp_path.name}" not in second["new.png"]["faces"][0]["png"]
    assert sorted(pngs(out)) == ["000.png", "001.png", "002.png", "003.png", "later.png", "new.png"]
    assert "bad.jpg: This file is text" in captured.err
    drawn.clear()
    assert emoji("photos", "--out", "out", "--json", "--resume") == 1
    assert drawn == []


def test_a_run_that_came_to_its_end_may_be_done_again(
    folder: Folder, tmp_path: Path, drawn: list[str]
) -> None:
    photos, out = folder(2), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    assert emoji(photos, "--out", out) == 0
    assert drawn == ["000.png", "001.png"] * 2
    assert recorded(out) == ["000.png", "001.png"]


def test_other_settings_are_refused_when_going_on(folder: Folder, tmp_path: Path, capsys: Captured) -> None:
    photos, out = folder(2), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    before = (out / "manifest.jsonl").read_bytes()
    assert main(["emoji", str(photos), "--out", str(out), "--size", "64", "--svg", "--resume"]) == 2
    assert "were made with size 48 instead of 64, svg False instead of True." in capsys.readouterr().err
    assert (out / "manifest.jsonl").read_bytes() == before


@pytest.mark.parametrize("content", [b"my own notes", b'{"my": "own"}\n', b"[1]\n", b"\xff\xfe\n"])
def test_a_file_of_somebody_elses_is_no_record(
    content: bytes, folder: Folder, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.jsonl").write_bytes(content)
    for more in ([], ["--resume"]):
        assert emoji(folder(2), "--out", out, *more) == 2
        assert "is no record of Selfmoji's" in capsys.readouterr().err
    assert (out / "manifest.jsonl").read_bytes() == content


@pytest.mark.parametrize("length", [0, 5, 40])
def test_a_run_killed_at_its_very_beginning(length: int, folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(2), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    (out / "manifest.jsonl").write_bytes((out / "manifest.jsonl").read_bytes()[:length])
    assert emoji(photos, "--out", out, "--resume") == 0
    assert recorded(out) == ["000.png", "001.png"]


def test_garbled_lines_cost_their_own_photos_alone(folder: Folder, tmp_path: Path, drawn: list[str]) -> None:
    photos, out = folder(4), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    [number] = [number for number, line in enumerate(lines) if b'"file": ' in line and b"001.png" in line]
    lines[number] = b"\0" * 50 + b"\n"
    (out / "manifest.jsonl").write_bytes(b"".join(lines))
    drawn.clear()
    assert emoji(photos, "--out", out, "--resume") == 0
    assert drawn == ["001.png"]
    assert sorted(pngs(out)) == [f"00{number}.png" for number in range(4)]
