"""Captions of stickers: what can be drawn is, within the picture; what cannot be drawn is told."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import Recipe
from core.__main__ import main
from core.extras.captions import LONGEST, why_not
from core.extras.stickers import StickerError, captioned, draw_sticker, draw_sticker_png, stickers_of

BARE = stickers_of(Recipe())[1]


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize("text", ["LOL", "Good morning", "Jürgen & Zoë", "W" * LONGEST, "i", "¿Qué?", "50%"])
@pytest.mark.parametrize("size", [128, 512])
def test_a_caption_is_drawn_below_the_face_and_within_the_picture(text: str, size: int) -> None:
    [sticker] = captioned([BARE], f" {text} ")
    assert sticker.caption == text
    shown, bare = pixels(draw_sticker_png(sticker, size)), pixels(draw_sticker_png(BARE, size))
    rows, columns = np.nonzero((shown != bare).any(-1))
    assert len(rows), "nothing was drawn"
    assert rows.min() > 0.6 * size
    alpha = shown[..., 3]
    assert not np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]]).any()
    assert abs((columns.min() + columns.max()) / 2 - size / 2) < 0.03 * size, "it stands in the middle"
    written = shown[rows.min() :, :, :3]
    assert (written == 255).all(-1).any()


def test_an_empty_caption_is_none() -> None:
    assert captioned([BARE], "  ") == [BARE]
    assert draw_sticker(captioned([BARE], "")[0]) == draw_sticker(BARE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * (LONGEST + 1), f"1 to {LONGEST} characters"),
        ("two\nlines", "on one line"),
        ("おはよう", "no 'おはよう'"),
        ("שלום", "no 'שלום'"),
        ("hi 😀", "no '😀'"),
        ("![x](y) ♥", "no '♥'"),
    ],
)
def test_what_the_font_cannot_write_is_told(text: str, message: str) -> None:
    reason, values = why_not(text)
    assert message in reason.format(**values)
    with pytest.raises(StickerError, match="aption"):
        captioned([BARE], text)


def test_the_command_line_draws_captions_or_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "me.json", tmp_path / "out"
    source.write_text(json.dumps(Recipe().to_json()))
    assert main(["stickers", str(source), "--out", str(out), "--caption", "おはよう"]) == 1
    assert "no 'おはよう'" in capsys.readouterr().err
    assert main(["stickers", str(source), "--out", str(out), "--caption", "LOL"]) == 0
    assert (out / "happy-strong.webp").read_bytes() == draw_sticker(captioned([BARE], "LOL")[0])
