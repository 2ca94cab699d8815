"""Whole folders: which photos are meant, what is kept when a run is stopped, and how the next one goes on."""

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

import core.batch
import core.manifest
import core.outputs
import core.workers
from core import Photo, WeightsError, find_faces
from core.__main__ import main
from core.batch import BATCH, BatchError, Emoji, Failure, Outcome, Settings
from core.folders import SelectionError, photos_of
from core.outputs import write_whole
from core.workers import outcomes_here
from tests.conftest import ROOT, corners, encode

Captured = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="session")
def crop(portrait: Photo) -> Image.Image:
    """The portrait's face as an aligned crop of 178x218 pixels."""
    return Image.fromarray(find_faces(portrait)[0].crop)


@pytest.fixture
def folder(tmp_path: Path, crop: Image.Image) -> Callable[..., Path]:
    """Makes a folder of crops that differ: folder(40) or folder(names=("a/me.jpg", "b/me.jpg"))."""

    def make(count: int = 0, names: Sequence[str] = ()) -> Path:
        photos = tmp_path / "photos"
        for number, name in enumerate(names or [f"{number:03}.png" for number in range(count)]):
            path = photos / name
            path.parent.mkdir(parents=True, exist_ok=True)
            crop.point([value * (100 - number % 60) // 100 for value in range(256)] * 3).save(path)
        return photos

    return make


def emoji(*arguments: str | Path) -> int:
    return main(["emoji", *map(str, arguments), "--size", "48"])


def record(out: Path) -> list[dict[str, Any]]:
    """The lines for photos in a folder's record, in order."""
    lines = map(json.loads, (out / "manifest.jsonl").read_text().splitlines())
    return [line for line in lines if "file" in line]


def recorded(out: Path) -> list[str]:
    return [Path(line["file"]).name for line in record(out)]


def pngs(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("*.png")}


def stamps(out: Path) -> dict[str, tuple[int, int]]:
    """What changes about each PNG when it is written again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.glob("*.png")}


# --- Which photos are meant -----------------------------------------------------------------------------------------

TREE = ["b/2.JPG", "b/1.heic", "a.png", "b/c/3.webp", "notes.txt", ".hidden.jpg", ".cache/4.jpg", "out/a.png"]


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        (["."], ["a.png", "b/1.heic", "b/2.JPG", "b/c/3.webp"]),  # sorted; nothing hidden, no emojis
        (["b", "a.png", "b/2.JPG"], ["b/1.heic", "b/2.JPG", "b/c/3.webp", "a.png"]),  # each once, as named
        (["b/*.JPG"], ["b/2.JPG"]),
        (["*"], ["a.png", "b/1.heic", "b/2.JPG", "b/c/3.webp"]),
        (["**/*.png"], ["a.png"]),  # what lies in the output folder is no photo
        (["notes.txt", "missing.jpg"], ["notes.txt", "missing.jpg"]),  # named by themselves: tried, and told
    ],
    ids=str,
)
def test_files_folders_and_patterns(
    named: list[str], meant: list[str], tmp_path: Path, monkeypatch: Patch
) -> None:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert [path.as_posix() for path in photos_of(map(Path, named), Path("out"))] == meant


def test_a_file_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    photo = tmp_path / "me[1].jpg"
    photo.touch()
    assert photos_of([photo], tmp_path / "out") == [photo]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("empty", "There is no photo in .*empty"),
        ("empty/*.jpg", "No photo fits the pattern"),
        ("out", "cannot go into"),
    ],
)
def test_where_there_are_no_photos(named: str, message: str, tmp_path: Path, capsys: Captured) -> None:
    for name in ("empty", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "empty" / "notes.txt").touch()
    with pytest.raises(SelectionError, match=message):
        photos_of([tmp_path / named], tmp_path / "out")
    assert emoji(tmp_path / named, "--out", tmp_path / "out") == 2
    assert "photo" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


# --- A whole folder -------------------------------------------------------------------------------------------------


def test_a_folder_gives_an_emoji_each_and_a_record(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured
) -> None:
    photos, out = folder(3), tmp_path / "out"
    (photos / "bad.jpg").write_bytes(b"no photo")
    (photos / "wall.png").write_bytes(encode(corners(300, 300), "PNG"))
    assert emoji(photos, "--out", out, "--svg") == 1
    captured = capsys.readouterr()
    assert sorted(path.name for path in out.iterdir()) == [
        "000.png", "000.svg", "001.png", "001.svg", "002.png", "002.svg", "manifest.jsonl",
    ]  # fmt: skip
    good, bad = record(out)[:3], {Path(line["file"]).name: line["error"] for line in record(out)[3:]}
    assert [line["faces"][0]["png"] for line in good] == [str(out / f"00{n}.png") for n in range(3)]
    assert bad.keys() == {"bad.jpg", "wall.png"}
    for name, message in bad.items():
        assert f"{photos / name}: {message}\n" in captured.err
    assert f"3 of 5 photos gave 3 emojis; 2 gave none: {out / 'manifest.jsonl'} says why.\n" in captured.err
    assert json.loads((out / "manifest.jsonl").read_text().splitlines()[-1]) == {
        "end": {"photos": 3, "emojis": 3, "failed": 2}
    }


def test_readings_are_recorded_only_if_asked_for(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured
) -> None:
    photos = folder(2)
    assert emoji(photos, "--out", tmp_path / "plain") == 0
    assert record(tmp_path / "plain")[0]["faces"][0].keys() == {"box", "recipe", "png"}
    capsys.readouterr()
    assert emoji(photos, "--out", tmp_path / "all", "--json") == 0
    lines = record(tmp_path / "all")
    assert [line.pop("stem") for line in lines] == ["000", "001"]
    assert json.loads(capsys.readouterr().out) == lines
    assert "attributes" in lines[0]["faces"][0]


def test_photos_with_the_same_stem_keep_their_names_when_a_run_goes_on(
    folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos, out = folder(names=("a/me.png", "b/me.jpg", "b/me.png", "c/ME.png")), tmp_path / "out"
    (photos / "a" / "me.png").write_bytes(b"no photo")
    assert emoji(photos, "--out", out) == 1
    assert sorted(pngs(out)) == ["ME-4.png", "me-2.png", "me-3.png"]
    before = stamps(out)
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    # As if the run had been killed after the second photo; then another photo comes first.
    (out / "manifest.jsonl").write_bytes(b"".join(lines[:3]))
    (out / "me-3.png").unlink()
    (out / "ME-4.png").unlink()
    folder(names=("a/about/me.png", "a/a/me.png"))
    assert emoji(photos, "--out", out, "--resume") == 1
    stems = {line["file"].removeprefix(f"{photos}/"): line["stem"] for line in record(out)}
    assert (stems["a/me.png"], stems["b/me.jpg"]) == ("me", "me-2")
    assert len(set(map(str.lower, stems.values()))) == 6
    assert stamps(out)["me-2.png"] == before["me-2.png"]
    assert len(pngs(out)) == 5


def test_a_name_of_another_face_is_never_given_twice(portrait_image: Image.Image, tmp_path: Path) -> None:
    group = Image.new("RGB", (900, 512), "gray")
    group.paste(portrait_image.resize((360, 360)), (0, 100))
    group.paste(portrait_image, (388, 0))
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    group.save(photos / "us.png")
    portrait_image.save(photos / "us-face2.png")
    assert emoji(photos, "--out", out) == 0
    assert sorted(pngs(out)) == ["us-face2-2.png", "us-face2.png", "us.png"]
    assert len(set(pngs(out).values())) >= 2


# --- Going on -------------------------------------------------------------------------------------------------------


def test_a_killed_run_goes_on_where_it_was(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured
) -> None:
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
    read_photo = core.read_photo

    def noted(photo: Path) -> Photo:
        seen.append(photo.name)
        return read_photo(photo)

    monkeypatch.setattr(core, "read_photo", noted)
    return seen


def test_only_what_is_missing_is_done(
    folder: Callable[..., Path], tmp_path: Path, drawn: list[str], capsys: Captured, monkeypatch: Patch
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
    folder: Callable[..., Path], tmp_path: Path, drawn: list[str]
) -> None:
    photos, out = folder(2), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    assert emoji(photos, "--out", out) == 0
    assert drawn == ["000.png", "001.png"] * 2
    assert recorded(out) == ["000.png", "001.png"]


def test_other_settings_are_refused_when_going_on(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured
) -> None:
    photos, out = folder(2), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    before = (out / "manifest.jsonl").read_bytes()
    assert main(["emoji", str(photos), "--out", str(out), "--size", "64", "--svg", "--resume"]) == 2
    assert "other settings (size 48 instead of 64, svg False instead of True)" in capsys.readouterr().err
    assert (out / "manifest.jsonl").read_bytes() == before


@pytest.mark.parametrize("content", [b"my own notes", b'{"my": "own"}\n', b"[1]\n", b"\xff\xfe\n"])
def test_a_file_of_somebody_elses_is_no_record(
    content: bytes, folder: Callable[..., Path], tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.jsonl").write_bytes(content)
    for more in ([], ["--resume"]):
        assert emoji(folder(2), "--out", out, *more) == 2
        assert "is no record of Selfmoji's" in capsys.readouterr().err
    assert (out / "manifest.jsonl").read_bytes() == content


@pytest.mark.parametrize("length", [0, 5, 40])
def test_a_run_killed_at_its_very_beginning(length: int, folder: Callable[..., Path], tmp_path: Path) -> None:
    photos, out = folder(2), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    (out / "manifest.jsonl").write_bytes((out / "manifest.jsonl").read_bytes()[:length])
    assert emoji(photos, "--out", out, "--resume") == 0
    assert recorded(out) == ["000.png", "001.png"]


def test_garbled_lines_cost_their_own_photos_alone(
    folder: Callable[..., Path], tmp_path: Path, drawn: list[str]
) -> None:
    photos, out = folder(4), tmp_path / "out"
    assert emoji(photos, "--out", out) == 0
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    lines[2] = b"\0" * 50 + b"\n"
    (out / "manifest.jsonl").write_bytes(b"".join(lines))
    drawn.clear()
    assert emoji(photos, "--out", out, "--resume") == 0
    assert drawn == ["001.png"]
    assert sorted(pngs(out)) == [f"00{number}.png" for number in range(4)]


# --- What stops a run -----------------------------------------------------------------------------------------------


def test_a_disk_that_fills(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    photos, out = folder(5), tmp_path / "out"
    write_bytes = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if "002" in path.name:
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


@pytest.mark.parametrize("room", [0, 1500])
def test_a_record_that_fills_the_disk_stays_whole(
    room: int, folder: Callable[..., Path], tmp_path: Path, capsys: Captured, monkeypatch: Patch
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
        patch.setattr(core.manifest.os, "write", full)
        assert emoji(photos, "--out", out) == 1
    assert "No space left on device. Please make room" in capsys.readouterr().err
    lines = (out / "manifest.jsonl").read_bytes()
    assert len(lines) <= room
    assert lines.endswith(b"\n") or not lines
    assert emoji(photos, "--out", out, "--resume") == 0
    assert recorded(out) == [f"00{number}.png" for number in range(4)]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: Patch) -> None:
    file = tmp_path / "me.png"
    write_whole(file, b"before")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", _killed)
        with pytest.raises(KeyboardInterrupt):
            write_whole(file, b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["me.png"]
    assert file.read_bytes() == b"before"


def _killed(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_keeps_what_is_done(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    photos, out = folder(BATCH + 3), tmp_path / "out"
    find = core.find_faces
    calls = 0

    def interrupted(photo: Photo) -> Any:
        nonlocal calls
        calls += 1
        if calls > BATCH:
            raise KeyboardInterrupt
        return find(photo)

    with monkeypatch.context() as patch:
        patch.setattr(core, "find_faces", interrupted)
        assert emoji(photos, "--out", out, "--json") == 130
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == BATCH
    assert "with --resume goes on" in captured.err
    assert emoji(photos, "--out", out, "--json", "--resume") == 0
    assert len(json.loads(capsys.readouterr().out)) == BATCH + 3
    assert len(recorded(out)) == BATCH + 3


def test_missing_weights_are_told_once_and_blamed_on_no_photo(
    folder: Callable[..., Path], tmp_path: Path, capsys: Captured, monkeypatch: Patch
) -> None:
    def missing() -> None:
        raise WeightsError("look.json is missing: restore weights/.")

    monkeypatch.setattr(core.batch, "_reader", missing)
    assert emoji(folder(3), "--out", tmp_path / "out") == 1
    assert capsys.readouterr().err.count("look.json is missing") == 1
    assert record(tmp_path / "out") == []


# --- Workers --------------------------------------------------------------------------------------------------------


def test_workers_take_few_batches_ahead(monkeypatch: Patch, folder: Callable[..., Path]) -> None:
    """However many photos there are, only so many are in memory, and each is tried once, in order."""
    taken = 0

    def batches() -> Iterator[Sequence[Path]]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield [Path("missing.jpg")] * 3

    outcomes = core.workers._in_processes(batches(), Settings(), 2)
    for number, outcome in enumerate(outcomes):
        assert isinstance(outcome, Failure)
        assert taken <= number // 3 + 1 + 2 * core.workers._AHEAD
    assert number == 40 * 3 - 1


def test_one_process_holds_no_more_than_a_batch(monkeypatch: Patch) -> None:
    asked: list[int] = []

    def noted(photos: Sequence[Path], settings: Settings) -> list[Outcome]:
        asked.append(len(photos))
        return [[Emoji({}, {})]] * len(photos)

    monkeypatch.setattr(core.workers, "make_emojis", noted)
    outcomes = outcomes_here([Path("me.jpg")] * (3 * BATCH + 1), Settings())
    next(outcomes)
    assert asked == [BATCH]
    assert len(list(outcomes)) == 3 * BATCH
    assert asked == [BATCH] * 3 + [1]


def test_a_worker_that_dies_is_told(folder: Callable[..., Path]) -> None:
    photos = sorted(folder(6 * BATCH).iterdir())
    outcomes = outcomes_here(photos, Settings(48), 2)
    next(outcomes)
    for worker in multiprocessing.active_children():
        worker.kill()
    with pytest.raises(BatchError, match="fewer --workers"):
        list(outcomes)


def test_memory_stays_flat(folder: Callable[..., Path], tmp_path: Path) -> None:
    """What one run holds after many photos is what it held after some: emojis at 512 px would be seen."""
    photos = sorted(folder(20 * BATCH).iterdir())
    process, resident, kept = psutil.Process(), [], 0
    for outcome in outcomes_here(photos, Settings(512)):
        assert not isinstance(outcome, Failure)
        kept += sum(len(data) for emoji in outcome for data in emoji.files.values())
        resident.append(process.memory_info().rss)
    assert kept > 10e6
    assert max(resident[15 * BATCH :]) - max(resident[: 5 * BATCH]) < kept / 3
