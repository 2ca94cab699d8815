"""Files that are no usable photo: each gets a clear message that says what to do, and nothing else goes wrong."""

import json
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core.__main__ import main
from core.seeing.photo import PhotoError, read_photo
from tests.conftest import corners, encode

SVG = b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" width="72" height="72"/>'
JPEG = encode(corners(), "JPEG")
PNG = encode(corners(), "PNG")


def png_of_size(width: int, height: int) -> bytes:
    """A small, well-formed PNG that unfolds to black pixels of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def heic_of_size(width: int, height: int) -> bytes:
    """A HEIC whose header claims this size."""
    data = encode(corners(), "HEIF")
    return data.replace(
        struct.pack(">4sIII", b"ispe", 0, 120, 80), struct.pack(">4sIII", b"ispe", 0, width, height)
    )


def avif_of_size(width: int, height: int) -> bytes:
    """An AVIF whose header claims this size."""
    data = encode(corners(), "AVIF")
    return data.replace(
        struct.pack(">4sIII", b"ispe", 0, 120, 80), struct.pack(">4sIII", b"ispe", 0, width, height)
    )


def dng(order: str) -> bytes:
    """The head of a TIFF whose tags stand behind a picture, DNGVersion among them."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    tags = struct.pack(f"{order}HHHI4B", 1, 0xC612, 1, 4, 1, 4, 0, 0)
    return mark + struct.pack(f"{order}I", 5000) + bytes(4992) + tags + bytes(4)


# 34 bytes that unfold to 16,383 x 16,383 black pixels.
WEBP_BOMB = b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0/\xfe\xbf\xff\x0f\x07\x10\x11\xfd\x0fDD\xff\x03"

BAD_FILES = {
    "empty": (b"", "empty"),
    "truncated_jpeg": (JPEG[: len(JPEG) // 2], "JPEG file is damaged or was cut off"),
    "jpeg_header_alone": (JPEG[:3], "JPEG file is damaged"),
    "truncated_png": (PNG[: len(PNG) // 2], "PNG file is damaged"),
    "png_header_with_garbage": (PNG[:8] + bytes(range(256)) * 40, "PNG file is damaged"),
    "png_with_broken_pixels": (PNG.replace(b"IDAT", b"IDAT\xff\xff\xff\xff", 1), "PNG file is damaged"),
    "truncated_webp": (encode(corners(), "WEBP")[:60], "WEBP file is damaged"),
    "truncated_heic": (encode(corners(), "HEIF")[:300], "HEIC file is damaged"),
    "bomb": (png_of_size(20_000, 20_000), "51 megapixels"),
    "just_too_many_pixels": (png_of_size(10_000, 5_101), "51 megapixels"),
    "heic_bomb": (heic_of_size(20_000, 20_000), "51 megapixels|damaged"),
    "webp_bomb": (WEBP_BOMB, "51 megapixels"),
    "too_many_bytes": (JPEG + bytes(15 * 1024**2), "15 MB"),
    "one_pixel": (encode(Image.new("RGB", (1, 1)), "PNG"), "only 1x1 pixels"),
    "a_line": (encode(Image.new("RGB", (4000, 1)), "PNG"), "only 4000x1 pixels"),
    "svg.png": (SVG, "an SVG drawing"),
    "svg_without_declaration.png": (b"\xef\xbb\xbf  <svg></svg>", "an SVG drawing"),
    "text.jpg": ("Grüße,\nthis is a letter.".encode(), "text"),
    "animation.gif": (encode(corners(), "GIF"), "a GIF"),
    "scan.tiff": (encode(corners(), "TIFF"), "a TIFF picture"),
    "paint.bmp": (encode(corners(), "BMP"), "a BMP picture"),
    "truncated_avif": (encode(corners(), "AVIF")[:300], "AVIF file is damaged"),
    "avif_bomb": (avif_of_size(20_000, 20_000), "51 megapixels|damaged"),
    "raw.dng": (dng("<"), "a camera's raw file"),
    "raw_big_endian.dng": (dng(">"), "a camera's raw file"),
    "raw.cr2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(100), "a camera's raw file"),
    "raw.cr3": (b"\0\0\0\x18ftypcrx " + bytes(100), "a camera's raw file"),
    "clip.mp4": (b"\0\0\0\x20ftypisom" + bytes(100), "a video"),
    "paper.pdf": (b"%PDF-1.7\n", "a PDF"),
    "page.html": (b"<!DOCTYPE html><html><body><svg/></body></html>", "a web page"),
    "photos.zip": (b"PK\x03\x04" + bytes(100), "a zip archive"),
    "noise": (bytes(range(128, 256)) + bytes(200), "not a photo"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gets_a_message_that_says_what_to_do(name: str) -> None:
    data, expected = BAD_FILES[name]
    with pytest.raises(PhotoError, match=expected) as caught:
        read_photo(data)
    message = str(caught.value)
    assert re.search(r"Please (choose|save|check)[^.]+\.$", message), message
    assert "Error" not in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["bomb", "just_too_many_pixels", "webp_bomb"])
def test_large_pictures_are_refused_before_anything_is_decoded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(image: Image.Image) -> None:
        pytest.fail("the picture was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile.load", refuse)
    with pytest.raises(PhotoError, match="51 megapixels"):
        read_photo(BAD_FILES[name][0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("missing.jpg", "No such file"), ("folder", "directory"), ("folder/missing.jpg", "No such file")],
)
def test_a_path_that_cannot_be_opened(name: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(PhotoError, match=f"cannot be opened: .*{expected}.* Please check the path"):
        read_photo(tmp_path / name)


def test_the_command_line_goes_on_after_each_of_them(
    photo_file: Callable[[str, bytes], Path],
    portrait_jpeg: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [photo_file(f"in/{name}", data) for name, (data, _) in BAD_FILES.items()]
    no_face = photo_file("in/no_face.png", encode(corners(600, 600), "PNG"))
    good = photo_file("in/good.jpg", portrait_jpeg)
    out = tmp_path / "out"

    code = main(["emoji", *map(str, paths), str(no_face), str(good), "--out", str(out), "--json"])

    captured = capsys.readouterr()
    assert code == 1
    assert "Traceback" not in captured.err
    entries = {Path(entry["file"]).name: entry for entry in json.loads(captured.out)}
    assert len(entries) == len(BAD_FILES) + 2
    for name, (_, expected) in BAD_FILES.items():
        assert re.search(expected, entries[name]["error"])
    assert "face" in entries["no_face.png"]["error"]
    assert "error" not in entries["good.jpg"]
    assert [path.name for path in out.glob("*.png")] == ["good.png"]
