"""python -m core edit: the new code on stdout, what was understood beside it, and a picture if one is asked for."""

from pathlib import Path

import pytest

from core import Recipe, draw_png, draw_svg
from core.__main__ import main
from core.drawing.svg import draw_moving_svg
from core.extras.targets import emoji_files, targets

Captured = pytest.CaptureFixture[str]


def test_a_code_and_words_give_a_new_code(capsys: Captured) -> None:
    assert main(["edit", "2.ha-bob", "round glasses,", "blond"]) == 0
    told = capsys.readouterr()
    assert told.out == "2.ha-bob.hc-blond.gl-round\n"
    assert told.err == "Glasses: Round\nHair color: Blond\n"


@pytest.mark.parametrize(
    ("name", "size", "drawn"),
    [
        ("me.png", 64, draw_png(Recipe(hair="afro"), 64)),
        ("me.SVG", 512, draw_svg(Recipe(hair="afro")).encode()),
    ],
)
def test_a_picture_is_written(name: str, size: int, drawn: bytes, tmp_path: Path) -> None:
    out = tmp_path / "new" / name
    assert main(["edit", "2", "afro", "--out", str(out), "--size", str(size)]) == 0
    assert out.read_bytes() == drawn


def test_an_svg_that_moves_is_written(tmp_path: Path) -> None:
    assert main(["edit", "2", "afro", "--out", str(tmp_path / "me.svg"), "--moving"]) == 0
    assert (tmp_path / "me.svg").read_text("utf-8") == draw_moving_svg(Recipe(hair="afro"))


@pytest.mark.parametrize("options", [[], ["--out", "me.png"], ["--out", "me", "--for", "slack"]])
def test_only_an_svg_moves(options: list[str], capsys: Captured) -> None:
    assert main(["edit", "2", "afro", "--moving", *options]) == 2
    assert (
        "--moving is for an SVG. Please give a file that ends with .svg to --out." in capsys.readouterr().err
    )


def test_what_is_not_understood_is_told_in_short(capsys: Captured) -> None:
    assert main(["edit", "2", "afro with a dragon", "z" * 400]) == 1
    told = capsys.readouterr()
    assert told.out == "2.ha-afro\n"
    assert "Not understood: 'dragon', 'zzz" in told.err
    assert len(told.err) < 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["2.zz-1", "afro"], "'zz-1' in the code"),
        (["2", ","], "nothing to change"),
        (["", "afro"], "not the code"),
    ],
)
def test_bad_input_is_told(arguments: list[str], message: str, capsys: Captured) -> None:
    assert main(["edit", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_a_folder_is_no_picture(tmp_path: Path, capsys: Captured) -> None:
    assert main(["edit", "2", "afro", "--out", str(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["discord", "github", "favicon"])
def test_the_files_for_a_target_are_written_into_a_folder(
    name: str, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "new"
    assert main(["edit", "2.ha-afro", "--for", name, "--out", str(out)]) == 0
    files = dict(emoji_files(targets()[name], Recipe(hair="afro")))
    assert {file.name: file.read_bytes() for file in out.iterdir()} == files
    assert capsys.readouterr().out == "2.ha-afro\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--for", "github"], "a folder"), (["--for", "fax", "--out", "OUT"], "--for cannot be 'fax' here")],
)
def test_a_target_that_is_not_there_is_told(
    arguments: list[str], message: str, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["edit", "2", *(str(tmp_path) if word == "OUT" else word for word in arguments)]) == 2
    assert message in capsys.readouterr().err
