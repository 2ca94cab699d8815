"""Files for messengers and websites: each within the limits of its row, as a decoder sees it."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import Recipe
from core.__main__ import main
from core.drawing.credit import CREDIT
from core.drawing.palette import for_profile
from core.extras.stickers import StickerError, stickers_of
from core.extras.targets import (
    MEDIA_TYPES,
    Target,
    emoji_files,
    is_ours,
    orders,
    pack_name,
    pack_of,
    target_files,
    targets,
)
from tests.extras.test_stickers import BUSIEST

PACKED = [target for target in targets().values() if target.pack]
BUSIEST_STICKERS = stickers_of(BUSIEST)


def assert_fits(target: Target, file: str, content: bytes, stem: str) -> None:
    """What the target's row says of a file, seen through Pillow."""
    [order] = [order for order in orders(target, stem) if order.file == file]
    picture = order.picture
    assert len(content) <= picture.bytes
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert (image.format, image.size, image.mode) == (picture.format, (order.size, order.size), "RGBA")
        if picture.format == "ICO":
            assert image.info["sizes"] == {(size, size) for size in picture.sizes}
            return
        alpha = np.asarray(image)[..., 3]
        assert alpha[order.size // 2, order.size // 2] == 255
        if picture.shape == "sticker":
            edges = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
            assert not edges.any()
        text = image.info["Copyright"] if picture.format == "PNG" else image.getexif()[33432]
        assert text.startswith(CREDIT)


@pytest.mark.parametrize("target", targets().values(), ids=lambda target: target.name)
@pytest.mark.parametrize("recipe", [Recipe(), BUSIEST])
def test_an_emoji_s_files_fit_where_they_go(target: Target, recipe: Recipe) -> None:
    files = dict(emoji_files(target, recipe))
    assert list(files) == [order.file for order in orders(target, f"selfmoji-{target.name}")]
    for file, content in files.items():
        assert_fits(target, file, content, f"selfmoji-{target.name}")


@pytest.mark.parametrize("target", PACKED, ids=lambda target: target.name)
def test_a_pack_s_files_fit_where_they_go(target: Target) -> None:
    # The busiest pictures and those of scenes; all of them are drawn by the tests of stickers.
    chosen = BUSIEST_STICKERS[:1] + BUSIEST_STICKERS[-3:]
    files = dict(target_files(target, "Moods", BUSIEST, chosen))
    expected = {order.file: sticker.name for sticker in chosen for order in orders(target, sticker.name)}
    assert expected.keys() <= files.keys()
    for file, stem in expected.items():
        assert_fits(target, file, files[file], stem)


def test_targets_are_told_with_steps_and_sources() -> None:
    assert {"whatsapp", "telegram", "signal", "imessage", "discord", "slack", "mastodon", "github", "gravatar",
            "favicon"} == set(targets())  # fmt: skip
    for target in targets().values():
        assert target.steps
        assert all(step.endswith(".") for step in target.steps)
        for picture in target.pictures:
            assert picture.source.startswith("https://")
            assert picture.format in MEDIA_TYPES
            assert picture.shape in ("sticker", "profile")


def test_a_pack_for_whatsapp_is_what_sticker_apps_import() -> None:
    target = targets()["whatsapp"]
    data = pack_of(dict(target_files(target, " My moods ", BUSIEST, BUSIEST_STICKERS[:3])))
    assert pack_name(target, "My moods") == "my-moods.wastickers"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.read("title.txt").decode() == "My moods"
        assert "OpenMoji" in archive.read("author.txt").decode()
        kinds = sorted(name.rpartition(".")[2] for name in archive.namelist())
        assert kinds == ["png", "txt", "txt", "webp", "webp", "webp"]
        with Image.open(io.BytesIO(archive.read("tray.png"))) as tray:
            assert tray.size == (96, 96)


def test_a_profile_picture_has_a_ground_and_keeps_its_own() -> None:
    assert for_profile(Recipe()).background == "circle"
    assert for_profile(Recipe()).framing == "profile"
    mine = Recipe(background="rays", background_color="lime")
    assert for_profile(mine) == mine.replace(framing="profile")


def test_packs_are_refused_as_all_are() -> None:
    with pytest.raises(StickerError, match="3 to 30 stickers, not 2"):
        target_files(targets()["signal"], "Moods", BUSIEST, BUSIEST_STICKERS[:2])
    with pytest.raises(KeyError):
        pack_name(targets()["github"], "Moods")


def test_only_our_own_packs_are_ours() -> None:
    assert is_ours(pack_of({"a.txt": b"a"}))
    assert not is_ours(b"PK")
    assert not is_ours(b"")


# --- The command line ---------------------------------------------------------------------------------------------


def test_a_pack_for_one_messenger_is_one_file_that_replaces_an_earlier_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "me.json", tmp_path / "out"
    source.write_text(json.dumps(Recipe().to_json()))
    command = ["stickers", str(source), "--out", str(out), "--for", "slack"]
    for _ in range(2):
        assert main(command) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == f"{source}: {out / 'me-slack.zip'}"
    assert targets()["slack"].steps[0] in told.err
    [archive] = [file for file in out.iterdir() if not file.name.startswith(".")]
    with zipfile.ZipFile(archive) as opened:
        assert len(opened.namelist()) == len(stickers_of(Recipe()))
    archive.write_bytes(b"somebody's")
    assert main(command) == 2
    assert archive.read_bytes() == b"somebody's"


@pytest.mark.parametrize("name", ["github", "fax"])
def test_where_no_packs_go_is_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stickers", str(tmp_path / "me.json"), "--out", str(tmp_path), "--for", name]) == 2
    assert f"--for cannot be '{name}' here. Choose one of: whatsapp, telegram" in capsys.readouterr().err
