"""Whole folders: what a run writes, and how its workers share the photos."""

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from PIL import Image

import core.folders.workers
from core.folders.outcomes import BATCH, BatchError, Emoji, Failure, Outcome, Settings
from core.folders.workers import outcomes_here
from tests.conftest import corners, encode
from tests.folders.photos import Captured, Folder, Patch, emoji, pngs, record, stamps

# --- A whole folder -------------------------------------------------------------------------------------------------


def test_a_folder_gives_an_emoji_each_and_a_record(folder: Folder, tmp_path: Path, capsys: Captured) -> None:
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


def test_readings_are_recorded_only_if_asked_for(folder: Folder, tmp_path: Path, capsys: Captured) -> None:
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
    folder: Folder, tmp_path: Path
) -> None:
    photos, out = folder(names=("a/me.png", "b/me.jpg", "b/me.png", "c/ME.png")), tmp_path / "out"
    (photos / "a" / "me.png").write_bytes(b"no photo")
    assert emoji(photos, "--out", out) == 1
    assert sorted(pngs(out)) == ["ME-4.png", "me-2.png", "me-3.png"]
    before = stamps(out)
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    # As if the run had been killed after the second photo; then another photo comes first.
    [second] = [number for number, line in enumerate(lines) if b'"file": ' in line and b"me.jpg" in line]
    (out / "manifest.jsonl").write_bytes(b"".join(lines[: second + 1]))
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
    # Darker, so that its emoji is another one.
    group.paste(portrait_image.resize((360, 360)).point(lambda value: value * 0.45), (0, 100))
    group.paste(portrait_image, (388, 0))
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    group.save(photos / "us.png")
    portrait_image.save(photos / "us-face2.png")
    assert emoji(photos, "--out", out) == 0
    assert sorted(pngs(out)) == ["us-face2-2.png", "us-face2.png", "us.png"]
    assert len(set(pngs(out).values())) >= 2


# --- Workers --------------------------------------------------------------------------------------------------------


def test_workers_take_few_batches_ahead(monkeypatch: Patch, folder: Folder) -> None:
    """However many photos there are, only so many are in memory, and each is tried once, in order."""
    taken = 0

    def batches() -> Iterator[Sequence[Path]]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield [Path("missing.jpg")] * 3

    outcomes = core.folders.workers._in_processes(batches(), Settings(), 2)
    for number, outcome in enumerate(outcomes):
        assert isinstance(outcome, Failure)
        assert taken <= number // 3 + 1 + 2 * core.folders.workers._AHEAD
    assert number == 40 * 3 - 1


def test_one_process_holds_no_more_than_a_batch(monkeypatch: Patch) -> None:
    asked: list[int] = []

    def noted(photos: Sequence[Path], settings: Settings) -> list[Outcome]:
        asked.append(len(photos))
        return [[Emoji({}, {})]] * len(photos)

    monkeypatch.setattr(core.folders.workers, "_make_emojis", noted)
    outcomes = outcomes_here([Path("me.jpg")] * (3 * BATCH + 1), Settings())
    next(outcomes)
    assert asked == [BATCH]
    assert len(list(outcomes)) == 3 * BATCH
    assert asked == [BATCH] * 3 + [1]


def test_a_worker_that_dies_is_told(folder: Folder) -> None:
    photos = sorted(folder(6 * BATCH).iterdir())
    outcomes = outcomes_here(photos, Settings(48), 2)
    next(outcomes)
    for worker in multiprocessing.active_children():
        worker.kill()
    with pytest.raises(BatchError, match="fewer --workers"):
        list(outcomes)


def test_memory_stays_flat(folder: Folder, tmp_path: Path) -> None:
    """What one run holds after many photos is what it held after some: emojis at 1024 px would be seen."""
    photos = sorted(folder(20 * BATCH).iterdir())
    process, resident, kept = psutil.Process(), [], 0
    for outcome in outcomes_here(photos, Settings(1024)):
        assert not isinstance(outcome, Failure)
        kept += sum(len(data) for emoji in outcome for data in emoji.files.values())
        resident.append(process.memory_info().rss)
    # Far more than what an allocator may come by in one moment and give back in another.
    assert kept > 20e6
    assert max(resident[15 * BATCH :]) - max(resident[: 5 * BATCH]) < kept / 3
