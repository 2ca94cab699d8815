"""core/commands/console.py: whatever becomes of what is said, the work is done."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.__main__ import main
from core.commands.console import printable
from tests.conftest import ROOT
from tests.folders.photos import Folder, Patch, emoji, pngs


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_that_cannot_show_an_emoji(encoding: str, folder: Folder, monkeypatch: Patch) -> None:
    shown = io.BytesIO()
    photo = folder(names=("caf\xe9 😀.png",)) / "caf\xe9 😀.png"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding))
    assert main(["suggest", str(photo), "--count", "1"]) == 0
    sys.stdout.flush()
    line = shown.getvalue().decode(encoding)
    assert ("caf\xe9 " if encoding == "cp1252" else r"caf\xe9 ") + r"\U0001f600.png: \U0001f6" in line
    assert " face" in line


@contextmanager
def nobody() -> Iterator[int]:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdout", "stderr")], ids=" and ".join)
def test_a_reader_that_closes_the_pipe(closed: tuple[str, ...], folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(3), tmp_path / "out"
    (photos / "bad.jpg").write_bytes(b"no photo")
    command = [sys.executable, "-m", "core", "emoji", photos, "--out", out, "--size", "48"]
    with nobody() as pipe:
        streams = {name: pipe if name in closed else subprocess.PIPE for name in ("stdout", "stderr")}
        finished = subprocess.run(command, cwd=ROOT, check=False, timeout=300, **streams)  # type: ignore[call-overload]
    assert finished.returncode == 1
    assert sorted(pngs(out)) == ["000.png", "001.png", "002.png"]
    assert b'"end"' in (out / "manifest.jsonl").read_bytes()
    if finished.stderr is not None:
        assert b"3 of 4 photos gave 3 emojis" in finished.stderr
        assert b"Traceback" not in finished.stderr
        assert b"Exception" not in finished.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")  # noqa: PTH110
def test_a_console_on_a_full_disk(folder: Folder, tmp_path: Path, monkeypatch: Patch) -> None:
    photos = folder(2)
    with open("/dev/full", "w") as full, monkeypatch.context() as patch:  # noqa: PTH123
        patch.setattr(sys, "stdout", full)
        assert emoji(photos, "--out", tmp_path / "out", "--json") == 0
    assert sorted(pngs(tmp_path / "out")) == ["000.png", "001.png"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_without_a_console(stream: str, folder: Folder, tmp_path: Path, monkeypatch: Patch) -> None:
    photos = folder(2)
    (photos / "bad.jpg").write_bytes(b"no photo")
    with monkeypatch.context() as patch:
        patch.setattr(sys, stream, None)
        assert emoji(photos, "--out", tmp_path / "out") == 1
    assert sorted(pngs(tmp_path / "out")) == ["000.png", "001.png"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grinning face 😀, café", "grinning face 😀, café"),
        ("a\nb\x1b[2J\u202e", r"a\nb\x1b[2J\u202e"),
        (os.fsdecode(b"caf\xe9"), r"caf\udce9"),
    ],
)
def test_text_on_one_line(text: str, shown: str) -> None:
    assert printable(text) == shown
