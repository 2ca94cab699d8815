"""core/folders/selection.py: which photos are meant, in trees as people have them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.folders.selection import SelectionError, photos_of
from tests.folders.photos import Captured, Folder, Patch, emoji, pngs

TREE = ["b/2.JPG", "b/1.heic", "a.png", "b/c/3.webp", "notes.txt", ".hidden.jpg", ".cache/4.jpg", "out/a.png"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: Patch) -> Path:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def meant(*named: str) -> list[str]:
    return [path.as_posix() for path in photos_of(map(Path, named), Path("out")).photos]


@pytest.mark.parametrize(
    ("named", "photos"),
    [
        (["."], ["a.png", "b/1.heic", "b/2.JPG", "b/c/3.webp"]),  # sorted; nothing hidden, no emojis
        (["b", "a.png", "b/2.JPG"], ["b/1.heic", "b/2.JPG", "b/c/3.webp", "a.png"]),  # each once, as named
        (["b/*.JPG"], ["b/2.JPG"]),
        (["*"], ["a.png", "b/1.heic", "b/2.JPG", "b/c/3.webp"]),
        (["**"], ["a.png", "b/1.heic", "b/2.JPG", "b/c/3.webp"]),
        (["**/*.webp", "**/c/*"], ["b/c/3.webp"]),
        (["**/**/?.*"], ["a.png", "b/1.heic", "b/2.JPG", "b/c/3.webp"]),
        (["./b/../[ab]*"], ["b/../a.png", "b/../b/1.heic", "b/../b/2.JPG", "b/../b/c/3.webp"]),
        ([".h*", ".c*/4.jpg"], [".hidden.jpg", ".cache/4.jpg"]),  # hidden, but meant
        (["**/*.png"], ["a.png"]),  # what lies in the output folder is no photo
        (["notes.txt", "missing.jpg"], ["notes.txt", "missing.jpg"]),  # named by themselves: tried, and told
        (["x" * 300 + ".jpg"], ["x" * 300 + ".jpg"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_files_folders_and_patterns(named: list[str], photos: list[str], tree: Path) -> None:
    assert meant(*named) == photos


def test_patterns_with_absolute_paths(tree: Path) -> None:
    assert meant(f"{tree}/**/*.JPG") == [f"{tree}/b/2.JPG"]


def test_a_file_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    photo = tmp_path / "me[1].jpg"
    photo.touch()
    assert photos_of([photo], tmp_path / "out").photos == [photo]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("empty", "There is no photo in .*empty"),
        ("empty/*.jpg", "No photo fits the pattern"),
        ("nowhere/**/*.jpg", "No photo fits the pattern"),
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


# --- Links, pipes and what cannot be read ---------------------------------------------------------------------------


def test_links_that_lead_in_circles(tree: Path) -> None:
    """Bash's rule: what is named or matched is entered, links on the way down are not."""
    for name in ("b/x", "b/y", "b/c/z"):
        (tree / name).symlink_to(tree / "b")
    (tree / "itself").symlink_to("itself")
    (tree / "away.jpg").symlink_to("nowhere")
    assert meant("b") == meant("b/**") == meant("b/**/*.*") == ["b/1.heic", "b/2.JPG", "b/c/3.webp"]
    assert meant("b/x/*.heic") == ["b/x/1.heic"]
    assert meant("b/*/*.heic") == ["b/x/1.heic", "b/y/1.heic"]
    assert meant("itself") == ["itself"]
    assert meant("*.jpg") == ["away.jpg"]  # may be there another time: tried, and told
    assert [path.as_posix() for path in photos_of([Path("a.png")], Path("itself")).photos] == ["a.png"]


def test_the_folder_of_the_emojis_behind_a_link(tree: Path) -> None:
    (tree / "elsewhere").symlink_to("out")
    assert meant("elsewhere/a.png") == ["elsewhere/a.png"]  # named itself
    for named in ("elsewhere", "elsewhere/*.png"):
        with pytest.raises(SelectionError):
            meant(named)


def test_pipes_are_no_photos(folder: Folder, tmp_path: Path, capsys: Captured) -> None:
    photos, out = folder(1), tmp_path / "out"
    os.mkfifo(photos / "pipe.jpg")
    (photos / "folder.jpg").mkdir()
    assert emoji(photos, photos / "*.jpg", "--out", out) == 2
    assert "No photo fits the pattern" in capsys.readouterr().err
    assert emoji(photos, "--out", out) == 0
    assert emoji(photos / "pipe.jpg", "--out", out) == 1
    assert f"{photos / 'pipe.jpg'}: This is a pipe or a device, not a file." in capsys.readouterr().err
    assert list(pngs(out)) == ["000.png"]


@pytest.fixture
def locked(folder: Folder, tmp_path: Path) -> Iterator[Path]:
    """A folder of two crops, between them a folder that this process may not read."""
    photos = folder(names=("a.png", "m/n/o.png", "z.png"))
    # The superuser may read everything: be somebody else meanwhile.
    superuser = os.geteuid() == 0
    for place in (photos, *tmp_path.parents[:3], tmp_path):
        if superuser and place.is_relative_to("/tmp"):
            place.chmod(0o777)
    (photos / "m").chmod(0)
    if superuser:
        os.seteuid(65534)
    yield photos
    if superuser:
        os.seteuid(0)
    (photos / "m").chmod(0o755)


def test_a_folder_that_cannot_be_read_costs_its_own_photos_alone(
    locked: Path, tmp_path: Path, capsys: Captured
) -> None:
    if os.access(locked / "m", os.R_OK, effective_ids=True):
        pytest.skip("this process may read everything")
    assert emoji(locked, "--out", tmp_path / "out") == 1
    assert f"{locked / 'm'}: This folder cannot be read: Permission denied.\n" in capsys.readouterr().err
    assert sorted(pngs(tmp_path / "out")) == ["a.png", "z.png"]
    assert emoji(locked / "m", "--out", tmp_path / "out") == 2
    assert f"The folder {locked / 'm'} cannot be read: Permission denied.\n" in capsys.readouterr().err
