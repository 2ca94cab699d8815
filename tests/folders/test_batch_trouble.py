"""What stops a run over a folder, a full disk or Ctrl-C, is told, and leaves whole files."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core.folders.batch
from core import Photo, Reader, Reading, WeightsError, find_faces, read_photo
from core.folders.outcomes import BATCH
from tests.folders.photos import Captured, Folder, Patch, emoji, pngs, record, recorded


def test_a_disk_that_fills(folder: Folder, tmp_path: Path, capsys: Captured, monkeypatch: Patch) -> None:
    photos, out = folder(5), tmp_path / "out"
    write_bytes = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if len(pngs(out)) == 2:
            write_bytes(path, data[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_bytes(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert emoji(photos, "--out", out) == 1
    message = capsys.readouterr().err
    assert "No space left on device. Please make room" in message
    assert "--resume goes on" in message
    assert sorted(path.name for path in out.iterdir()) == ["000.png", "001.png", "manifest.jsonl"]
    assert recorded(out) == ["000.png", "001.png"]
    assert emoji(photos, "--out", out, "--resume") == 0
    assert emoji(photos, "--out", tmp_path / "unbroken") == 0
    assert pngs(out) == pngs(tmp_path / "unbroken")


def test_a_disk_that_is_full_from_the_start(
    folder: Folder, tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    def full(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert emoji(folder(2), "--out", tmp_path / "out") == 1
    assert "No space left on device. Please make room" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("room", [0, 60, 1500])
def test_a_record_that_fills_the_disk_stays_whole(
    room: int, folder: Folder, tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    photos, out, left = folder(4), tmp_path / "out", room
    write = os.write

    def full(file: int, data: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(file, data[:left])
        left -= written
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        assert emoji(photos, "--out", out) == 1
    assert "No space left on device. Please make room" in capsys.readouterr().err
    lines = (out / "manifest.jsonl").read_bytes()
    beginning = lines.index(b"\n") + 1
    assert len(lines) - beginning <= room
    assert lines.endswith(b"\n")
    assert emoji(photos, "--out", out, "--resume") == 0
    assert recorded(out) == [f"00{number}.png" for number in range(4)]


def test_ctrl_c_keeps_what_is_done(
    folder: Folder, tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    photos, out = folder(BATCH + 3), tmp_path / "out"
    calls = 0

    def interrupted(photo: Photo) -> Any:
        nonlocal calls
        calls += 1
        if calls > BATCH:
            raise KeyboardInterrupt
        return find_faces(photo)

    with monkeypatch.context() as patch:
        patch.setattr("core.folders.batch.find_faces", interrupted)
        assert emoji(photos, "--out", out, "--json") == 130
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == BATCH
    assert "with --resume goes on" in captured.err
    assert emoji(photos, "--out", out, "--json", "--resume") == 0
    assert len(json.loads(capsys.readouterr().out)) == BATCH + 3
    assert len(recorded(out)) == BATCH + 3


def test_missing_weights_are_told_once_and_blamed_on_no_photo(
    folder: Folder, tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    def missing() -> None:
        raise WeightsError("look.json is missing: restore weights/.")

    monkeypatch.setattr(core.folders.batch, "_reader", missing)
    assert emoji(folder(3), "--out", tmp_path / "out") == 1
    assert capsys.readouterr().err.count("look.json is missing") == 1
    assert record(tmp_path / "out") == []


def test_models_that_fail_on_one_photo_spoil_no_other(
    folder: Folder, tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    """Photos are read together, but fail alone."""
    photos, out = folder(4), tmp_path / "out"
    bad = find_faces(read_photo(photos / "002.png"))[0].crop
    read = Reader.read

    def fail(reader: Reader, crops: list[np.ndarray]) -> list[Reading]:
        if any(np.array_equal(crop, bad) for crop in crops):
            raise RuntimeError("shape mismatch")
        return read(reader, crops)

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "read", fail)
        assert emoji(photos, "--out", out) == 1
    assert "002.png: Selfmoji failed on this photo, which is a bug: RuntimeError." in capsys.readouterr().err
    assert emoji(photos, "--out", tmp_path / "unbroken") == 0
    unbroken = pngs(tmp_path / "unbroken")
    assert pngs(out) == {name: data for name, data in unbroken.items() if name != "002.png"}
