"""core/folders/outputs.py: names that take nobody's, and folders that one run owns at a time."""

import os
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from core.folders.outputs import LOCK, Names, OutputError, folded, owned
from tests.conftest import ROOT
from tests.folders.photos import Captured, Folder, emoji, pngs, record

# --- Names ----------------------------------------------------------------------------------------------------------


def test_no_file_that_the_record_does_not_name_is_replaced(
    crop_image: Image.Image, tmp_path: Path, capsys: Captured
) -> None:
    crop_image.save(tmp_path / "IMG_1.jpg")
    crop_image.rotate(3).save(tmp_path / "IMG_1.png")
    others = (tmp_path / "IMG_1.png").read_bytes()
    for _ in range(2):  # the second time, the first one's emoji is ours to replace
        assert emoji(tmp_path / "IMG_1.jpg", "--out", tmp_path) == 0
        assert capsys.readouterr().out == f"{tmp_path / 'IMG_1.jpg'}: {tmp_path / 'IMG_1-2.png'}\n"
        assert (tmp_path / "IMG_1.png").read_bytes() == others
        assert sorted(pngs(tmp_path)) == ["IMG_1-2.png", "IMG_1.png"]


def test_a_file_that_comes_between_two_runs_stays(folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(2), tmp_path / "out"
    (photos / "001.png").write_bytes(b"no photo")
    assert emoji(photos, "--out", out) == 1
    (photos / "001.png").write_bytes((photos / "000.png").read_bytes())
    (out / "001.png").write_bytes(b"somebody's")
    (out / "000.svg").write_bytes(b"somebody's")
    assert emoji(photos, "--out", out, "--svg") == 0
    assert (out / "001.png").read_bytes() == (out / "000.svg").read_bytes() == b"somebody's"
    assert sorted(path.name for path in out.iterdir()) == [
        "000-2.png", "000-2.svg", "000.png", "000.svg", "001-2.png", "001-2.svg", "001.png", "manifest.jsonl",
    ]  # fmt: skip


def test_an_emoji_that_becomes_a_photo_stays(folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(1), tmp_path / "out"
    assert emoji(photos / "000.png", "--out", out) == 0
    before = (out / "000.png").read_bytes()
    emoji(photos / "000.png", out / "000.png", "--out", out)
    assert (out / "000.png").read_bytes() == before


@pytest.mark.parametrize("letters", ["a" * 251, "ü" * 125 + "a", "😀" * 62 + "abc"])
def test_names_as_long_as_they_can_be(letters: str, folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(names=(f"1/{letters}.png", f"2/{letters}.png")), tmp_path / "out"
    assert len(os.fsencode(f"{letters}.png")) == 255
    assert emoji(photos, "--out", out, "--svg") == 0
    [first, second] = (line["stem"] for line in record(out))
    assert first == letters
    assert second.endswith("-2")
    assert letters.startswith(second[:-2])
    assert sorted(pngs(out)) == sorted([f"{first}.png", f"{second}.png"])
    assert emoji(photos, "--out", out, "--svg", "--resume") == 0


LETTERS = some.characters(exclude_characters="/\0", exclude_categories=["Cs"])
CLASHING = some.sampled_from(["me", "Me", "å", "me-2", ".", "..png"])
LONG = some.builds(
    lambda letters, times: letters * times, some.text(LETTERS, min_size=1), some.integers(60, 300)
)
STEMS = some.lists(some.text(LETTERS, min_size=1) | CLASHING | LONG, min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(stems=STEMS, there=STEMS, again=some.booleans())
def test_names_of_any_kind(stems: list[str], there: list[str], again: bool) -> None:
    """Every photo gets files of its own, nothing that was there changes, and the next run gives the same names."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        for stem in there:
            if len(os.fsencode(stem)) <= 251:
                (out / f"{stem}.png").write_bytes(b"somebody's")
        before = pngs(out)
        recorded: dict[str, str] = {}
        runs = []
        for _ in range(1 + again):
            names = Names(out, [], recorded, [".png"])
            claimed = [names.claim(stem, f"photo {number}") for number, stem in enumerate(stems)]
            for number, stem in enumerate(claimed):
                recorded[folded(f"{stem}.png")] = f"photo {number}"
                (out / f"{stem}.png").write_bytes(b"%d" % number)
            runs.append(claimed)
        after = {file: content for file, content in pngs(out).items() if content != b"somebody's"}
        assert len(set(map(folded, claimed))) == len(stems)
        assert sorted(after.values()) == sorted(b"%d" % number for number in range(len(stems)))
        assert {file: content for file, content in pngs(out).items() if file in before} == before
        assert runs[0] == runs[-1]


@settings(max_examples=200, deadline=None)
@given(some.text(LETTERS))
def test_names_that_a_file_system_may_confuse(name: str) -> None:
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    assert len({folded(form) for form in forms}) == 1
    assert folded(folded(name)) == folded(name)


# --- One owner at a time --------------------------------------------------------------------------------------------


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "core", "emoji", *arguments, "--size", "48"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_runs_into_one_folder_at_once(folder: Folder, tmp_path: Path) -> None:
    photos, out = (
        folder(names=[f"{place}/{number}.png" for place in "ab" for number in range(3)]),
        tmp_path / "out",
    )
    runs = [start(photos / place, "--out", out) for place in "ab"]
    told = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert sorted(pngs(out)) == [f"{number}{more}.png" for number in range(3) for more in ("-2", "")]
    before = pngs(out)
    # One after the other, and in the other order: names are kept.
    for place in "ba":
        assert emoji(photos / place, "--out", out) == 0
    assert pngs(out) == before


def test_who_comes_second_waits(folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(1), tmp_path / "out"
    out.mkdir()
    with FileLock(out / LOCK):
        run = start(photos, "--out", out)
        assert run.stderr is not None
        assert run.stderr.readline() == f"Another run writes into {out}: waiting for its end.\n"
        assert pngs(out) == {}
    assert run.communicate()[1] == ""
    assert run.returncode == 0
    assert sorted(path.name for path in out.iterdir()) == ["000.png", "manifest.jsonl"]


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from core.folders.outputs import owned\n"
        "with owned(Path(sys.argv[1]), print): print('mine', flush=True); time.sleep(600)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "mine\n"
    (tmp_path / ".selfmoji-0123456789abcdef.part").write_bytes(b"half of what")
    run.kill()
    run.communicate()
    waits: list[str] = []
    with owned(tmp_path, lambda: waits.append("waits")):
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]
    assert waits == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "itself").symlink_to("itself")
    for name in ("file", "file/folder", "itself", "x" * 300):
        with pytest.raises(OutputError, match="cannot be written"), owned(tmp_path / name, print):
            pass
