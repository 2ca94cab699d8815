"""Sticker packs: every picture within messengers' limits, the pack's list of them, and how packs are refused."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageSequence

from core import Recipe, RecipeError
from core.__main__ import main
from core.colors import channels
from core.drawing.catalogue import catalogue
from core.drawing.credit import CREDIT, LICENSE_URL
from core.extras.stickers import (
    MOST_BYTES,
    Sticker,
    StickerError,
    draw_animation,
    draw_sticker,
    draw_tray,
    pack_files,
    pack_size,
    scenes,
    slug,
    stickers_of,
    zip_of,
)
from core.models.labels import EMOTIONS
from core.recipe.choices import FIELDS

BUSIEST = Recipe(
    skin_tone="medium", blush=True, hair="curly_wild_long", hair_color="ginger", headwear="cowboy", smile_lines=True,
    glasses="square", beard="long", moustache="big", necklace="pearls", clothes="suit", clothes_color="purple",
    earrings="hoop", eye_bags=True, lashes=True, background="confetti", framing="profile", mobility="wheelchair",
)  # fmt: skip
ALL = stickers_of(BUSIEST)
SCENES = [sticker for sticker in ALL if sticker.items]


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_a_pack_has_seven_emotions_in_two_strengths_and_six_scenes_at_least() -> None:
    names = [sticker.name for sticker in ALL]
    assert len(set(names)) == len(names) <= 30
    assert set(names) >= {f"{emotion}-{strength}" for emotion in EMOTIONS for strength in ("mild", "strong")}
    assert {"thumbs_up", "heart", "party", "coffee", "sleeping", "thinking"} <= {s.name for s in SCENES}
    assert all(1 <= len(sticker.emojis) <= 3 for sticker in ALL)


@pytest.mark.parametrize("sticker", ALL, ids=lambda sticker: sticker.name)
def test_a_sticker_is_what_messengers_accept(sticker: Sticker) -> None:
    data = draw_sticker(sticker)
    image = opened(data)
    assert (image.format, image.size, image.mode) == ("WEBP", (512, 512), "RGBA")
    assert len(data) < MOST_BYTES["sticker"] == 100_000
    alpha = np.asarray(image)[..., 3]
    edges = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert not edges.any()
    assert alpha[256, 256] == 255
    exif = image.getexif()
    assert exif[ExifTags.Base.Copyright].startswith(CREDIT)
    assert LICENSE_URL in exif[ExifTags.Base.Copyright]
    assert sticker.label in exif[ExifTags.Base.ImageDescription]


def test_every_sticker_looks_different() -> None:
    assert len({draw_sticker(sticker) for sticker in ALL}) == len(ALL)


def test_a_white_rim_keeps_outlines_visible_on_black() -> None:
    pixels = np.asarray(opened(draw_sticker(ALL[0])))
    row = pixels[300]
    first = int(np.argmax(row[:, 3] == 255))
    assert tuple(row[first]) == (255, 255, 255, 255)
    outline = int(np.argmax((row[:, :3] < 60).all(1) & (row[:, 3] == 255)))
    assert outline - first == pytest.approx(2 * 480 / 72, abs=2), "two units of the grid"


@pytest.mark.parametrize("scene", scenes())
def test_objects_of_a_scene_lie_within_the_sticker_and_show(scene: str) -> None:
    [sticker] = [sticker for sticker in SCENES if sticker.name == scene]
    for item in sticker.items:
        assert item.place in ("before", "behind")
        for middle in item.center:
            assert 0 <= middle <= 72
    bare = type(sticker)(sticker.name, sticker.label, sticker.emojis, sticker.recipe)
    differs = np.asarray(opened(draw_sticker(sticker))) != np.asarray(opened(draw_sticker(bare)))
    assert differs.any(-1).mean() > 0.01


@pytest.mark.parametrize("tone", FIELDS["skin_tone"].choices)
def test_hands_have_the_skin_of_the_person(tone: str) -> None:
    [sticker] = [s for s in stickers_of(Recipe(skin_tone=tone)) if s.name == "thumbs_up"]
    skin = channels(catalogue().skin[tone].plain)
    hand = np.asarray(opened(draw_sticker(sticker)))[340:450, 370:470, :3]
    assert (hand == list(skin)).all(-1).mean() > 0.2


def test_an_expression_is_seen_even_on_a_sleeper() -> None:
    asleep = {sticker.name: sticker.recipe.eyes for sticker in stickers_of(Recipe(eyes="shut"))}
    assert asleep["surprise-strong"] == "dot"
    assert asleep["sleeping"] == "shut"


def test_stickers_show_the_person_without_background_or_crop() -> None:
    assert {(s.recipe.background, s.recipe.framing) for s in ALL} == {("none", "sticker")}


def test_the_tray_icon_is_small() -> None:
    data = draw_tray(BUSIEST)
    image = opened(data)
    assert (image.format, image.size) == ("PNG", (96, 96))
    assert len(data) < MOST_BYTES["tray"]
    assert image.getchannel("A").getpixel((0, 0)) == 0


def test_the_animation_shows_every_expression() -> None:
    data = draw_animation(BUSIEST)
    image = opened(data)
    assert (image.format, image.size, image.info["loop"]) == ("WEBP", (512, 512), 0)
    assert len(data) < MOST_BYTES["animation"]
    durations = []
    for frame in ImageSequence.Iterator(image):
        frame.load()
        durations.append(frame.info["duration"])
        assert frame.getchannel("A").getpixel((0, 0)) == 0
    assert len(durations) == 14
    assert 3 < sum(durations) / 1000 <= 10, "messengers end animations after ten seconds"


def test_the_zip_holds_what_contents_json_lists() -> None:
    chosen = [ALL[3], ALL[14], ALL[16]]
    files = dict(pack_files("  Élan & moods ", BUSIEST, chosen))
    assert len(files) == pack_size(chosen)
    with zipfile.ZipFile(io.BytesIO(zip_of(files))) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == set(files)
        [pack] = json.loads(archive.read("contents.json"))["sticker_packs"]
        listed = [sticker["image_file"] for sticker in pack["stickers"]]
        assert (pack["name"], pack["identifier"]) == ("Élan & moods", slug("Élan & moods"))
        assert listed == [f"{sticker.name}.webp" for sticker in chosen]
        assert {*listed, pack["tray_image_file"], "LICENSE.txt", "animation.webp", "contents.json"} == set(
            files
        )
        assert [tuple(sticker["emojis"]) for sticker in pack["stickers"]] == [s.emojis for s in chosen]
        text = archive.read("LICENSE.txt").decode()
        assert text.startswith(CREDIT)
        assert "Attribution-ShareAlike 4.0 International" in text
    assert zip_of(files) == zip_of(dict(pack_files("Élan & moods", BUSIEST, chosen)))


@pytest.mark.parametrize("name", ["", "   ", "a" * 129, "😀" * 65, "two\nlines"])
def test_a_name_that_no_messenger_takes_is_refused(name: str) -> None:
    with pytest.raises(StickerError, match="name of 1 to 128 characters"):
        pack_files(name, BUSIEST, ALL)


@pytest.mark.parametrize("name", ["a" * 128, "😀" * 64, "ü" * 128])
def test_a_name_may_have_128_utf_16_units(name: str) -> None:
    assert next(pack_files(name, BUSIEST, ALL))[0] == "contents.json"


@pytest.mark.parametrize("count", [0, 2, 31])
def test_a_pack_of_too_few_or_too_many_is_refused(count: int) -> None:
    with pytest.raises(StickerError, match=f"3 to 30 stickers, not {count}"):
        pack_files("Moods", BUSIEST, (ALL * 2)[:count])


@pytest.mark.parametrize(
    ("name", "short"),
    [("My Pack!", "my-pack"), ("../x", "x"), ("Élan & moods", "elan-moods-"), ("日本", "stickers-")],
)
def test_a_short_name_is_safe_in_a_file_system(name: str, short: str) -> None:
    assert re.fullmatch(re.escape(short) + ("" if name.isascii() else "[0-9a-f]{8}"), slug(name))


def test_packs_with_other_letters_have_identifiers_of_their_own() -> None:
    names = ["日本", "中国", "Привет", "Пока", "مرحبا", "😀", "😃", "Élan", "Elan", "elan!"]
    assert len({slug(name) for name in names}) == len(names) - 1, "only the last two are the same letters"


# --- The command line ---------------------------------------------------------------------------------------------


def test_stickers_of_a_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "me.json"
    source.write_text(json.dumps(BUSIEST.to_json()))
    out = tmp_path / "new" / "pack"
    assert main(["stickers", str(source), "--out", str(out), "--name", "My moods"]) == 0
    assert capsys.readouterr().out == f"{source}: {out / 'my-moods.zip'}\n"
    with zipfile.ZipFile(out / "my-moods.zip") as archive:
        for name in archive.namelist():
            assert archive.read(name) == (out / name).read_bytes()
    assert len(list(out.glob("*.webp"))) == len(ALL) + 1


def test_stickers_of_a_photo(
    photo_file: Callable[[str, bytes], Path], portrait_jpeg: bytes, tmp_path: Path
) -> None:
    photo = photo_file("me.jpg", portrait_jpeg)
    assert main(["stickers", str(photo), "--out", str(tmp_path / "out")]) == 0
    [pack] = json.loads((tmp_path / "out" / "contents.json").read_text("utf-8"))["sticker_packs"]
    assert pack["name"] == "me"


@pytest.mark.parametrize(("name", "content", "message"), [
    ("me.json", b"{", "not JSON"),
    ("me.json", b'{"version": 2, "nose": "green"}', "nose cannot be 'green'"),
    ("me.json", b'{"version": 0}', "version 0"),
    ("me.json", b'{"version": 1, "mood": "good", "hat": "no"}', "no field 'mood', 'hat'"),
    ("me.json", b"\xff\xfe", "not JSON"),
    ("me.json", b"\xef\xbb\xbf{}", "byte-order mark"),
    ("me.json", b'{"version": %s}' % (b"9" * 5000), "a number of thousands of digits"),
    ("me.json", b'{"version": 1, "hair": "%s"}' % (b"x" * 60_000), "hair cannot be 'xxx"),
    ("me.json", b" " * 70_000, "larger than 64 KB"),
    ("me.jpg", b"", "empty"),
    ("contents.json", b'{"version": 1}', "would be overwritten"),
])  # fmt: skip
def test_bad_input_is_told_and_nothing_lost(
    name: str, content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert main(["stickers", str(tmp_path / name), "--out", str(tmp_path)]) != 0
    told = capsys.readouterr().err
    assert message in told
    assert len(told) < len(str(tmp_path)) + 600
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == content


def test_a_pack_replaces_an_earlier_pack_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "me.json", tmp_path / "out"
    source.write_text(json.dumps(Recipe().to_json()))
    out.mkdir()
    (out / "tray.png").write_bytes(b"somebody's")
    assert main(["stickers", str(source), "--out", str(out)]) == 2
    assert f"{out / 'tray.png'} is not of a sticker pack of ours" in capsys.readouterr().err
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("tray.png", b"somebody's")]
    (out / "tray.png").unlink()
    for _ in range(2):
        assert main(["stickers", str(source), "--out", str(out)]) == 0
    (out / "you.zip").write_bytes(b"somebody's")
    assert main(["stickers", str(source), "--out", str(out), "--name", "You"]) == 2
    assert (out / "you.zip").read_bytes() == b"somebody's"


def test_missing_files_and_folders_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stickers", str(tmp_path / "nobody.json"), "--out", str(tmp_path)]) == 1
    assert "nobody.json" in capsys.readouterr().err
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "me.json").write_text(json.dumps(Recipe().to_json()))
    assert main(["stickers", str(tmp_path / "me.json"), "--out", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_scene_changes_only_what_a_recipe_has() -> None:
    for sticker in SCENES:
        assert sticker.recipe.hair == BUSIEST.hair
        assert sticker.recipe.skin_tone == BUSIEST.skin_tone
    with pytest.raises(RecipeError):
        BUSIEST.replace(mood="good")
