"""Stickers that move: the table of loops, and files that real decoders take, within the limits of where they go."""

import io
import json
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from core import Recipe
from core.__main__ import main
from core.drawing.credit import CREDIT
from core.extras import moving
from core.extras.moving import (
    LONGEST,
    MOST_BYTES,
    WRITERS,
    MovingSticker,
    draw_moving,
    frames_of,
    moves,
    moving_pack_files,
    moving_pack_size,
    moving_stickers_of,
    value_at,
)
from core.extras.stickers import StickerError, captioned
from core.extras.targets import Order, Target, draw_for, orders, target_files, targets
from tests.extras.test_stickers import BUSIEST

ALL = {sticker.move: sticker for sticker in moving_stickers_of(BUSIEST)}
TAKING = [target for target in targets().values() if target.moving]
ORDERS = [(target, order) for target in TAKING for order in orders(target, "moving-laugh", moving=True)]


def decoded(data: bytes) -> tuple[str, float, list[np.ndarray]]:
    """(format, seconds, RGBA frames) of an animated file, seen through Pillow or libvpx."""
    if not data.startswith(b"\x1a\x45\xdf\xa3"):
        with Image.open(io.BytesIO(data)) as image:
            frames, milliseconds = [], 0.0
            for frame in ImageSequence.Iterator(image):
                frames.append(np.asarray(frame.convert("RGBA")))
                milliseconds += frame.info["duration"]
            assert image.info["loop"] == 0
            return image.format or "", milliseconds / 1000, frames
    with av.open(io.BytesIO(data), "r") as container:
        assert not container.streams.audio
        [stream] = container.streams.video
        assert stream.codec_context.name == "vp9"
        # FFmpeg's own decoder of VP9 passes over the alpha channel.
        codec = av.CodecContext.create("libvpx-vp9", "r")
        packets = [packet for packet in container.demux(stream) if packet.size]
        shown = [frame for packet in [*packets, None] for frame in codec.decode(packet)]
        assert stream.average_rate
        seconds = float(len(packets) / stream.average_rate)
        return "WEBM", seconds, [frame.to_ndarray(format="rgba") for frame in shown]


def credit_of(data: bytes) -> str:
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        with av.open(io.BytesIO(data)) as container:
            return {key.lower(): text for key, text in container.metadata.items()}["copyright"]
    with Image.open(io.BytesIO(data)) as image:
        if image.format == "GIF":
            return image.info["comment"].decode().partition(". ")[2]
        return image.info["Copyright"] if image.format == "PNG" else image.getexif()[33432]


def assert_plays(data: bytes, kind: str, size: int, most_bytes: int) -> None:
    assert len(data) <= most_bytes
    found, seconds, frames = decoded(data)
    assert found == ("PNG" if kind == "APNG" else kind)
    assert seconds == pytest.approx(moves()["laugh"].seconds, abs=0.15)
    assert seconds <= LONGEST
    assert 6 * 2.0 <= len(frames) <= 50
    assert len({frame.tobytes() for frame in frames}) > len(frames) / 3
    for frame in frames:
        assert frame.shape == (size, size, 4)
        assert (frame[[0, 0, -1, -1], [0, -1, 0, -1], 3] < 8).all()
        assert frame[size // 2, size // 2, 3] > 247
    assert credit_of(data).startswith(CREDIT)


# --- The table --------------------------------------------------------------------------------------------------------


def test_the_loops_are_short() -> None:
    assert list(moves()) == ["brows", "wink", "laugh", "kiss", "nod", "shake", "surprised"]
    assert all(1.5 <= move.seconds <= 2.5 <= LONGEST for move in moves().values())


@pytest.mark.parametrize(
    ("second", "value"), [(0.0, 0.0), (0.5, 0.0), (0.75, 0.5), (1.0, 1.0), (1.5, 0.5), (1.99, 0.0)]
)
def test_a_track_goes_gently_from_key_to_key_and_back(second: float, value: float) -> None:
    assert value_at(((0.0, 0.0), (0.5, 0.0), (1.0, 1.0)), second, 2.0) == pytest.approx(value, abs=0.001)


def test_a_track_rests_in_its_keys() -> None:
    assert value_at(((0.0, 0.0), (1.0, 1.0)), 0.99, 2.0) == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("move", moves())
def test_a_loop_ends_where_it_begins(move: str) -> None:
    loop = moves()[move]
    first, last = (np.array(list(vars(loop.play(at)).values())) for at in (0.0, loop.seconds - 1e-4))
    assert np.abs(first - last).max() < 0.01
    assert loop.tilt(0.0) == pytest.approx(loop.tilt(loop.seconds - 1e-4), abs=0.05)


@pytest.mark.parametrize(
    ("move", "second", "controls"),
    [
        ("wink", 0.8, {"blink_left": 1.0, "blink_right": 0.0}),
        ("laugh", 0.8, {"smile_left": 1.0, "smile_right": 1.0, "jaw": 1.0}),
        ("kiss", 0.8, {"pucker": 1.0, "blink_left": 1.0, "smile_right": 0.0}),
        ("surprised", 0.6, {"wide_left": 1.0, "inner_brow_right": 1.0}),
        ("shake", 0.45, {"turn": 0.9}),
        ("nod", 0.55, {"nod": 1.0}),
        ("brows", 0.46, {"outer_brow_left": 1.0, "outer_brow_right": 1.0}),
    ],
)
def test_a_loop_does_what_it_is_called(move: str, second: float, controls: dict[str, float]) -> None:
    play = moves()[move].play(second)
    assert {name: getattr(play, name) for name in controls} == pytest.approx(controls)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"ears": [[0.0, 1.0]]}, "no control"),
        ({"jaw": [[0.0, 1.5]]}, "beyond 1"),
        ({"jaw": [[0.1, 1.0]]}, "begin at 0"),
        ({"jaw": [[0.0, 1.0], [0.0, 0.5]]}, "follow each other"),
        ({"jaw": [[0.0, 1.0], [2.0, 0.5]]}, "end before the loop"),
    ],
)
def test_a_wrong_table_is_told(row: dict[str, list[list[float]]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        moving._move("odd", {"label": "Odd", "emojis": ["🙂"], "seconds": 2.0, "tracks": row})


# --- Pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sticker", ALL.values(), ids=lambda sticker: sticker.move)
def test_a_sticker_moves_within_its_picture(sticker: MovingSticker) -> None:
    frames = [np.asarray(frame) for frame in frames_of(sticker, 128, 8)]
    assert len(frames) == round(8 * moves()[sticker.move].seconds)
    for frame in frames:
        alpha = frame[..., 3]
        assert not np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]]).any()
        assert alpha[64, 64] == 255
    changes = [np.abs(frame.astype(int) - frames[0]).any(-1).sum() for frame in frames]
    assert max(changes) > 100


def test_a_heart_flies_from_a_kiss() -> None:
    frames = frames_of(MovingSticker("k", "Kiss", ("😘",), Recipe(hair="none"), move="kiss"), 256, 10)
    reds = [((np.asarray(frame)[..., :3] == (210, 47, 39)).all(-1)).sum() for frame in frames]
    assert reds[0] == reds[-1] == 0
    assert max(reds) > 300


def test_a_head_leans_and_the_shoulders_do_not() -> None:
    wink = MovingSticker("w", "Wink", ("😉",), Recipe(), move="wink")
    frames = [np.asarray(frame) for frame in frames_of(wink, 256, 10)]
    before, after = frames[0], frames[8]
    assert (before[250:] == after[250:]).all()
    assert (before[:60] != after[:60]).any(-1).mean() > 0.05


def test_a_hat_that_leans_stays_in_the_picture() -> None:
    """What leaves the picture is cut off, and has an edge that is straight for longer than a rim bends."""
    wide = Recipe(headwear="cowboy", hair="none")
    [wink] = [sticker for sticker in moving_stickers_of(wide) if sticker.move == "wink"]
    for frame in frames_of(wink, 256, 5):
        alpha = np.asarray(frame)[..., 3]
        outermost = np.nonzero(alpha[:150].any(0))[0].max()
        assert (alpha[:150, outermost - 1] == 255).sum() < 25


def test_a_caption_stays_while_the_face_moves() -> None:
    [sticker] = captioned([ALL["nod"]], "Yes!")
    frames = [np.asarray(frame)[215:] for frame in frames_of(sticker, 256, 5)]
    bare = np.asarray(frames_of(ALL["nod"], 256, 5)[0])[215:]
    assert (frames[0] != bare).any(-1).mean() > 0.1
    assert all((frame == frames[0]).all(-1).mean() > 0.95 for frame in frames)


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_gif_of_usual_size_plays() -> None:
    # The targets have all other formats.
    assert_plays(draw_moving(ALL["laugh"], "GIF", 512, MOST_BYTES["GIF"]), "GIF", 512, MOST_BYTES["GIF"])


def test_formats_are_those_that_targets_take() -> None:
    assert {order.picture.format for _, order in ORDERS} == set(WRITERS) == set(MOST_BYTES)


@pytest.mark.parametrize(
    ("target", "order"), ORDERS, ids=[f"{target.name}-{order.picture.format}" for target, order in ORDERS]
)
def test_a_file_is_what_its_target_takes(target: Target, order: Order) -> None:
    # The one that moves most, of the busiest picture.
    assert_plays(draw_for(order, ALL["laugh"]), order.picture.format, order.size, order.picture.bytes)


def test_where_stickers_that_move_go() -> None:
    limits = {
        (target.name, p.format, p.sizes, p.bytes) for target in TAKING for p in target.moving
    }  # fmt: skip
    assert limits == {
        ("whatsapp", "WEBP", (512,), 500_000),
        ("telegram", "WEBM", (512,), 256_000),
        ("signal", "APNG", (512,), 300_000),
        ("discord", "GIF", (128,), 256_000),
        ("discord", "APNG", (320,), 512_000),
        ("slack", "GIF", (128,), 128_000),
    }


def test_what_finds_no_room_is_told() -> None:
    with pytest.raises(StickerError, match="“Wink” does not fit into 1 KB"):
        draw_moving(ALL["wink"], "GIF", 64, 1000)


def test_a_messenger_without_them_says_so() -> None:
    with pytest.raises(StickerError, match="iMessage takes no stickers that move"):
        target_files(targets()["imessage"], "Moods", BUSIEST, list(ALL.values()))


def test_a_pack_lists_them_and_has_each_in_every_format() -> None:
    chosen = [ALL["wink"], ALL["nod"], ALL["shake"]]
    files = moving_pack_files("Moods", BUSIEST, chosen)
    assert next(files)[0] == "contents.json"
    [pack] = json.loads(next(moving_pack_files("Moods", BUSIEST, chosen))[1])["sticker_packs"]
    assert pack["animated_sticker_pack"] is True
    assert [sticker["image_file"] for sticker in pack["stickers"]] == [f"{s.name}.webp" for s in chosen]
    assert moving_pack_size(chosen) == 15


def test_the_command_line_makes_a_pack_for_one_messenger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "me.json", tmp_path / "out"
    source.write_text(json.dumps(Recipe().to_json()))
    assert main(["stickers", str(source), "--out", str(out), "--moving", "--for", "slack"]) == 0
    assert capsys.readouterr().out == f"{source}: {out / 'me-slack.zip'}\n"
    with zipfile.ZipFile(out / "me-slack.zip") as archive:
        assert set(archive.namelist()) == {f"moving-{move}.gif" for move in moves()}
        assert decoded(archive.read("moving-wink.gif"))[0] == "GIF"
    assert main(["stickers", str(source), "--out", str(out), "--moving", "--for", "mastodon"]) == 1
    assert "Mastodon takes no stickers that move" in capsys.readouterr().err
