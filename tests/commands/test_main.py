"""core/__main__.py: what the command line writes, prints and returns."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import core.folders.batch
from core import Photo, Recipe, draw_png, find_faces, read_photo
from core.__main__ import main
from core.folders.manifest import NAME
from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from tests.conftest import ROOT, corners, encode

Write = Callable[[str, bytes], Path]
Captured = pytest.CaptureFixture[str]


def names(folder: Path) -> list[str]:
    """Of all files in a folder but the record."""
    return sorted(path.name for path in folder.iterdir() if path.name != NAME)


def assert_distribution(distribution: dict[str, float], labels: tuple[str, ...]) -> None:
    assert tuple(distribution) == labels
    assert sum(distribution.values()) == pytest.approx(1, abs=1e-3)
    assert min(distribution.values()) >= 0


def test_writes_a_png_of_512_pixels(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured
) -> None:
    photo = photo_file("me.jpg", portrait_jpeg)
    out = tmp_path / "new" / "folder"
    assert main(["emoji", str(photo), "--out", str(out)]) == 0
    assert names(out) == ["me.png"]
    with Image.open(out / "me.png") as image:
        assert (image.format, image.size) == ("PNG", (512, 512))
    assert capsys.readouterr().out == f"{photo}: {out / 'me.png'}\n"


def test_json_tells_all_that_was_found(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured
) -> None:
    photo = photo_file("me.jpg", portrait_jpeg)
    assert main(["emoji", str(photo), "--out", str(tmp_path / "out"), "--size", "72", "--svg", "--json"]) == 0
    [entry] = json.loads(capsys.readouterr().out)
    assert list(entry) == ["file", "faces"]
    assert entry["file"] == str(photo)
    [face] = entry["faces"]
    assert list(face) == [
        "box",
        "attributes",
        "look",
        "skin_tone",
        "emotion",
        "colors",
        "measurements",
        "recipe",
        "png",
        "svg",
    ]
    x, y, width, height = face["box"]
    # The face of the portrait: its middle is between these, in pixels.
    assert 190 < x + width / 2 < 260
    assert 80 < y + height / 2 < 160
    assert tuple(face["attributes"]) == ATTRIBUTES
    assert all(0 <= probability <= 1 for probability in face["attributes"].values())
    assert_distribution(face["skin_tone"], SKIN_TONES)
    assert_distribution(face["emotion"], EMOTIONS)
    assert tuple(face["look"]) == tuple(LOOK)
    for question, answers in LOOK.items():
        assert_distribution(face["look"][question], answers)
    recipe = Recipe.from_json(face["recipe"])
    assert Path(face["png"]).read_bytes() == draw_png(recipe, 72)
    assert Path(face["svg"]).read_text().startswith("<")
    assert names(tmp_path / "out") == ["me.png", "me.svg"]


def test_reads_the_portrait_right(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured
) -> None:
    """What nobody would doubt about this photo: a smile, no beard, no glasses."""
    main(["emoji", str(photo_file("me.jpg", portrait_jpeg)), "--out", str(tmp_path / "out"), "--json"])
    [face] = json.loads(capsys.readouterr().out)[0]["faces"]
    assert face["attributes"]["Smiling"] > 0.8
    assert face["attributes"]["No_Beard"] > 0.8
    assert face["attributes"]["Eyeglasses"] < 0.2
    assert max(face["emotion"], key=face["emotion"].get) == "happy"


def test_a_photo_of_178x218_is_taken_as_it_is(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured
) -> None:
    crop = find_faces(read_photo(portrait_jpeg))[0].crop
    photo = photo_file("crop.png", encode(Image.fromarray(crop), "PNG"))
    assert main(["emoji", str(photo), "--out", str(tmp_path / "out"), "--json"]) == 0
    [face] = json.loads(capsys.readouterr().out)[0]["faces"]
    assert face["box"] == [0, 0, 178, 218]


def test_every_face_gets_an_emoji_the_largest_first(
    photo_file: Write, portrait_image: Image.Image, tmp_path: Path, capsys: Captured
) -> None:
    group = Image.new("RGB", (900, 512), "gray")
    group.paste(portrait_image.resize((360, 360)), (0, 100))
    group.paste(portrait_image, (388, 0))
    photo = photo_file("group.png", encode(group, "PNG"))
    assert main(["emoji", str(photo), "--out", str(tmp_path / "out"), "--json"]) == 0
    faces = json.loads(capsys.readouterr().out)[0]["faces"]
    assert [Path(face["png"]).name for face in faces] == ["group.png", "group-face2.png"]
    assert faces[0]["box"][0] > 388 > faces[1]["box"][0]
    assert names(tmp_path / "out") == ["group-face2.png", "group.png"]


def test_photos_with_the_same_stem_keep_their_own_emojis(
    photo_file: Write, portrait_jpeg: bytes, portrait_image: Image.Image, tmp_path: Path, capsys: Captured
) -> None:
    photos = [
        photo_file("one/me.jpg", portrait_jpeg),
        photo_file("two/me.png", encode(portrait_image.resize((600, 600)), "PNG")),
        photo_file("two/ME.webp", encode(portrait_image, "WEBP", quality=90)),
        photo_file("two/me-2.jpg", portrait_jpeg),
    ]
    assert main(["emoji", *map(str, photos), "--out", str(tmp_path / "out"), "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    written = [Path(entry["faces"][0]["png"]) for entry in entries]
    assert [path.name for path in written] == ["me.png", "me-2.png", "ME-3.png", "me-2-2.png"]
    assert names(tmp_path / "out") == sorted(path.name for path in written)


def test_a_photo_in_the_output_folder_is_not_written_over(
    photo_file: Write, portrait_image: Image.Image, tmp_path: Path
) -> None:
    data = encode(portrait_image, "PNG")
    photo = photo_file("me.png", data)
    assert main(["emoji", str(photo), "--out", str(tmp_path)]) == 0
    assert photo.read_bytes() == data
    assert names(tmp_path) == ["me-2.png", "me.png"]


def test_a_second_run_replaces_the_emojis_of_the_first(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path
) -> None:
    photo, out = photo_file("me.jpg", portrait_jpeg), tmp_path / "out"
    for size in ("72", "128"):
        assert main(["emoji", str(photo), "--out", str(out), "--size", size]) == 0
    assert names(out) == ["me.png"]
    with Image.open(out / "me.png") as image:
        assert image.size == (128, 128)


def test_a_photo_without_a_face_is_an_error_that_says_what_to_try(
    photo_file: Write, tmp_path: Path, capsys: Captured
) -> None:
    photo = photo_file("wall.png", encode(corners(640, 480), "PNG"))
    assert main(["emoji", str(photo), "--out", str(tmp_path / "out")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "No face found" in captured.err
    assert "Try" in captured.err
    assert names(tmp_path / "out") == []


def test_a_bug_with_one_photo_does_not_stop_the_others(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(source: Path) -> Photo:
        if source.name == "odd.jpg":
            raise ZeroDivisionError
        return read_photo(source)

    monkeypatch.setattr(core.folders.batch, "read_photo", broken)
    photos = [photo_file("odd.jpg", portrait_jpeg), photo_file("good.jpg", portrait_jpeg)]
    assert main(["emoji", *map(str, photos), "--out", str(tmp_path / "out"), "--json"]) == 1
    odd, good = json.loads(capsys.readouterr().out)
    assert "bug" in odd["error"]
    assert "faces" in good


def test_an_emoji_that_cannot_be_written_is_an_error(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured
) -> None:
    photos = [photo_file("me.jpg", portrait_jpeg), photo_file("you.jpg", portrait_jpeg)]
    assert main(["emoji", str(photos[0]), "--out", str(tmp_path / "out")]) == 0
    (tmp_path / "out" / "me.png").unlink()
    (tmp_path / "out" / "me.png").mkdir()
    assert main(["emoji", *map(str, photos), "--out", str(tmp_path / "out")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert (tmp_path / "out" / "you.png").is_file()


@pytest.mark.parametrize("command", ["emoji", "gallery"])
def test_an_output_folder_that_cannot_be_made_is_wrong_usage(
    command: str, photo_file: Write, portrait_jpeg: bytes, capsys: Captured
) -> None:
    file = photo_file("me.jpg", portrait_jpeg)
    arguments = (
        [str(file), "--out", str(file / "out")] if command == "emoji" else ["--out", str(file / "sheet.png")]
    )
    assert main([command, *arguments]) == 2
    captured = capsys.readouterr()
    assert "cannot be written" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["paint"],
        ["emoji"],
        ["emoji", "me.jpg"],
        ["emoji", "--out", "out"],
        ["emoji", "me.jpg", "--out", "out", "--size", "0"],
        ["emoji", "me.jpg", "--out", "out", "--size", "100000"],
        ["emoji", "me.jpg", "--out", "out", "--size", "big"],
        ["emoji", "me.jpg", "--out", "out", "--colour"],
        ["emoji", "me.jpg", "--out", "out", "--workers", "0"],
        ["emoji", "me.jpg", "--out", "out", "--workers", "many"],
        ["emoji", "me.jpg", "--out", "out", "--workers", "9" * 5000],
        ["emoji", "", "--out", "out"],
        ["emoji", "me.jpg", "--out", ""],
        ["suggest", ""],
        ["stickers", "", "--out", "out"],
        ["gallery", "--out", ""],
        ["gallery"],
        ["gallery", "--out", "sheet.png", "--size", "4096"],
    ],
    ids=lambda arguments: " ".join(arguments)[:60],
)
def test_wrong_usage(
    arguments: list[str], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert "usage: python -m core" in message
    assert "9" * 61 not in message
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("count", "terminal", "shown"), [(1, True, False), (2, True, True), (2, False, False)]
)
def test_progress_bar_for_several_photos_on_a_terminal(
    count: int,
    terminal: bool,
    shown: bool,
    photo_file: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    photos = [photo_file(f"{number}.jpg", b"") for number in range(count)]
    assert main(["emoji", *map(str, photos), "--out", str(tmp_path / "out")]) == 1
    assert (f"{count}/{count}" in stream.getvalue()) is shown


def test_gallery_is_a_picture_of_many_emojis(tmp_path: Path) -> None:
    assert main(["gallery", "--out", str(tmp_path / "new" / "sheet.png")]) == 0
    with Image.open(tmp_path / "new" / "sheet.png") as image:
        assert min(image.size) > 500
        assert len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)) > 50


def test_gallery_takes_people_from_photos(
    photo_file: Write, portrait_jpeg: bytes, tmp_path: Path, capsys: Captured
) -> None:
    photos = [photo_file("me.jpg", portrait_jpeg), photo_file("bad.jpg", b"")]
    arguments = ["gallery", "--size", "24", "--out"]
    assert main([*arguments, str(tmp_path / "plain.png")]) == 0
    assert main([*arguments, str(tmp_path / "sheet.png"), "--photos", *map(str, photos)]) == 1
    assert "bad.jpg: This file is empty" in capsys.readouterr().err
    with Image.open(tmp_path / "sheet.png") as sheet, Image.open(tmp_path / "plain.png") as plain:
        assert sheet.width == plain.width == 240
        assert sheet.height > plain.height


def test_gallery_never_writes_over_a_photo(photo_file: Write, portrait_jpeg: bytes, capsys: Captured) -> None:
    photo = photo_file("me.jpg", portrait_jpeg)
    assert main(["gallery", "--out", str(photo), "--photos", str(photo)]) == 2
    assert "is one of the photos" in capsys.readouterr().err
    assert photo.read_bytes() == portrait_jpeg


def test_as_a_program(photo_file: Write, portrait_jpeg: bytes, tmp_path: Path) -> None:
    """A real process: a name that is no UTF-8, nothing but JSON on stdout, the message on stderr, the exit code."""
    good = photo_file("me.jpg", portrait_jpeg)
    bad = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    bad.write_bytes(b"")
    finished = subprocess.run(
        [sys.executable, "-m", "core", "emoji", good, bad, "--out", tmp_path / "out", "--json"],
        cwd=ROOT, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert finished.returncode == 1, finished.stderr
    first, second = json.loads(finished.stdout)
    assert Path(first["faces"][0]["png"]).is_file()
    assert second["file"] == str(bad)
    assert b"This file is empty" in finished.stderr
    assert b"Traceback" not in finished.stderr


def test_the_example_in_the_readme_works(
    portrait_jpeg: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (ROOT / "README.md").read_text().split("```python\n")[1].split("```")[0]
    (tmp_path / "me.jpg").write_bytes(portrait_jpeg)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert names(tmp_path) == ["me.jpg", "me.png", "me.svg"]
