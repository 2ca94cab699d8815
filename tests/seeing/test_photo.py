"""core/seeing/photo.py: every format and pixel layout of cameras and phones gives the same upright RGB picture."""

import io
import struct
import tomllib
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.seeing.photo import MAX_MEGABYTES, Photo, PhotoError, read_photo, sample_photo
from tests.conftest import CORNERS, ROOT, corner_colors, corners, encode

ORIENTATION = 0x0112


def assert_corners(photo: Photo, size: tuple[int, int] = (120, 80), tolerance: int = 12) -> None:
    assert (photo.width, photo.height) == size
    assert photo.pixels.dtype == np.uint8
    np.testing.assert_allclose(corner_colors(photo.pixels), CORNERS, atol=tolerance)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_reads_each_format_from_its_bytes(kind: str) -> None:
    assert_corners(read_photo(encode(corners(), kind, quality=95)))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("HEIF", "photo.jpg"),  # phones
        ("HEIF", "photo"),
        ("JPEG", "photo.png"),
        ("WEBP", "photo.heic"),
        ("PNG", "photo.txt"),
        ("AVIF", "photo.jpg"),
    ],
)
def test_a_name_says_nothing_about_the_format(
    kind: str, name: str, photo_file: Callable[[str, bytes], Path]
) -> None:
    assert_corners(read_photo(photo_file(name, encode(corners(), kind, quality=95))))


# How a camera that was held this way stores the upright picture, for each value of the EXIF tag.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_turns_upright(kind: str, orientation: int) -> None:
    method = STORED[orientation]
    stored = corners() if method is None else corners().transpose(method)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert_corners(read_photo(encode(stored, kind, exif=exif.tobytes(), quality=95)))


@pytest.mark.parametrize("major", [b"mif2", b"mif1", b"tmap", b"1pic", b"msf1"])
@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_major_brand_says_little(kind: str, major: bytes) -> None:
    """What coded the pixels may stand among the compatible brands alone."""
    data = encode(corners(), kind, quality=95)
    assert_corners(read_photo(data[:8] + major + data[12:]))


@pytest.mark.parametrize("orientation", [0, 9, 1000])
def test_an_orientation_that_does_not_exist_is_taken_for_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert_corners(read_photo(encode(corners(), "JPEG", exif=exif.tobytes(), quality=95)))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]
)
def test_broken_exif_is_no_reason_to_refuse_a_photo(exif: bytes) -> None:
    assert_corners(read_photo(encode(corners(), "JPEG", exif=exif, quality=95)))


def rational_as_byte(orientation: int) -> bytes:
    """EXIF with an orientation, and beside it a resolution unit of a type that it must not have."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, orientation) + struct.pack("<HHII", 0x0128, 1, 1, 2)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)


def png_with(*chunks: tuple[bytes, bytes], checksum: int | None = None) -> bytes:
    """`corners()` turned as a camera held on its side stores it, with these chunks before the pixels."""
    data, added = encode(corners().transpose(Image.Transpose.ROTATE_90), "PNG"), b""
    for kind, content in chunks:
        crc = zlib.crc32(kind + content) if checksum is None else checksum
        added += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)
    return data[:33] + added + data[33:]


RAW_PROFILE = f"Raw profile type exif\0\nexif\n{44:8}\n{rational_as_byte(6).hex()}\n".encode()
XMP = b'XML:com.adobe.xmp\0\0\0\0\0<rdf:Description tiff:Orientation="6"/>'
UPRIGHT_IN_SPITE_OF_IT = {
    "EXIF with an odd tag beside the orientation": png_with((b"eXIf", rational_as_byte(6)[6:])),
    "EXIF with a wrong checksum": png_with((b"eXIf", rational_as_byte(6)[6:]), checksum=0),
    "EXIF as text": png_with((b"tEXt", RAW_PROFILE)),
    "EXIF as compressed text": png_with(
        (b"zTXt", RAW_PROFILE[:22] + b"\0" + zlib.compress(RAW_PROFILE[22:]))
    ),
    "XMP": png_with((b"iTXt", XMP)),
    "XMP beside EXIF that is no TIFF": png_with((b"eXIf", b"no TIFF"), (b"iTXt", XMP)),
}


@pytest.mark.parametrize("name", UPRIGHT_IN_SPITE_OF_IT)
def test_the_orientation_is_read_alone(name: str) -> None:
    assert_corners(read_photo(UPRIGHT_IN_SPITE_OF_IT[name]))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_an_odd_tag_beside_an_orientation(kind: str) -> None:
    stored = corners().transpose(Image.Transpose.ROTATE_90)
    assert_corners(read_photo(encode(stored, kind, exif=rational_as_byte(6), quality=95)))


@pytest.mark.parametrize(
    "chunk",
    [
        (b"eXIf", b"no TIFF at all"),
        (b"tEXt", b"Raw profile type exif\0no digits"),
        (b"zTXt", b"Comment\0\x07unknown compression"),
        (b"iCCP", b"name\0\0not compressed"),
        (b"iTXt", b"\xff\xfe"),
        (b"tIME", b""),
        (b"pHYs", b"1"),
    ],
)
@pytest.mark.parametrize("checksum", [None, 7])
def test_broken_chunks_beside_the_pixels_are_left_out(
    chunk: tuple[bytes, bytes], checksum: int | None
) -> None:
    photo = read_photo(png_with(chunk, checksum=checksum))
    assert (photo.width, photo.height) == (80, 120)


def photo_jpeg(**options: object) -> bytes:
    """A JPEG of 256x256 pixels with detail to its last block."""
    return encode(Image.fromarray(sample_photo().pixels[:256, :256]), "JPEG", quality=85, **options)


@pytest.mark.parametrize("missing", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_jpeg_without_its_end_is_read(missing: int, options: dict[str, object]) -> None:
    whole = photo_jpeg(**options)
    photo = read_photo(whole[:-missing])
    last = (slice(-16, None), slice(-16, None))
    seen, expected = photo.pixels.astype(int), read_photo(whole).pixels.astype(int)
    difference = np.abs(seen - expected)
    assert difference.max() < 160
    difference[last] = 0
    assert difference.max() == 0


@pytest.mark.parametrize("rows", [16, 64, 200])
def test_a_jpeg_that_lacks_rows_is_damaged(rows: int) -> None:
    """Found by its restart markers, one a row of blocks: nobody has to guess what a gray block was."""
    whole = photo_jpeg(restart_marker_rows=1)
    markers = [i for i in range(len(whole)) if whole[i] == 0xFF and 0xD0 <= whole[i + 1] <= 0xD7]
    with pytest.raises(PhotoError, match="JPEG file is damaged or was cut off"):
        read_photo(whole[: markers[-(rows // 16)]])


def png_16_bit(pixels: np.ndarray) -> bytes:
    """A 16-bit PNG of uint16 (H, W, channels); Pillow cannot write those with colors."""
    height, width, channels = pixels.shape
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_a_channel_keep_their_brightness(channels: int) -> None:
    rgb = np.asarray(corners()).astype(np.uint16) * 257
    color, opaque = rgb if channels > 2 else rgb[..., :1], np.full((*rgb.shape[:2], 1), 65535, np.uint16)
    photo = read_photo(png_16_bit(np.concatenate([color, opaque], 2) if channels in (2, 4) else color))
    expected = np.asarray(corners()) if channels > 2 else np.asarray(corners())[..., :1].repeat(3, 2)
    np.testing.assert_allclose(photo.pixels.astype(int), expected, atol=1)


def test_palette_is_resolved() -> None:
    assert_corners(read_photo(encode(corners().quantize(8), "PNG")))


def test_gray_becomes_three_equal_channels() -> None:
    pixels = read_photo(encode(corners().convert("L"), "JPEG", quality=95)).pixels
    assert (pixels == pixels[..., :1]).all()
    np.testing.assert_allclose(pixels[..., 0], np.asarray(corners().convert("L")), atol=12)


def test_black_and_white() -> None:
    image = Image.new("1", (60, 60))
    image.paste(1, (0, 0, 30, 60))
    pixels = read_photo(encode(image, "PNG")).pixels
    assert (pixels[:, :30] == 255).all()
    assert (pixels[:, 30:] == 0).all()


def test_cmyk() -> None:
    assert_corners(read_photo(encode(corners().convert("CMYK"), "JPEG", quality=95)))


def transparent(mode: str) -> Image.Image:
    """`corners()` whose right half cannot be seen."""
    image = corners().convert("RGBA")
    image.paste((0, 0, 0, 0), (60, 0, 120, 80))
    return image.quantize(8) if mode == "P" else image.convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF", "AVIF"])
def test_transparency_is_flattened_on_white(kind: str) -> None:
    photo = read_photo(encode(transparent("RGBA"), kind, quality=95))
    seen = corner_colors(photo.pixels)
    np.testing.assert_allclose(seen[1::2], 255, atol=4)
    np.testing.assert_allclose(seen[::2], CORNERS[::2], atol=12)


@pytest.mark.parametrize("mode", ["P", "LA"])
def test_transparency_of_palette_and_gray(mode: str) -> None:
    photo = read_photo(encode(transparent(mode), "PNG"))
    np.testing.assert_array_equal(corner_colors(photo.pixels)[1::2], 255)
    assert max(corner_colors(photo.pixels)[0]) < 240


def test_one_transparent_color() -> None:
    image = corners()
    photo = read_photo(encode(image, "PNG", transparency=CORNERS[0]))
    np.testing.assert_array_equal(corner_colors(photo.pixels), [(255, 255, 255), *CORNERS[1:]])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_first_frame_of_an_animation(kind: str) -> None:
    second = Image.new("RGB", (120, 80))
    assert_corners(
        read_photo(encode(corners(), kind, save_all=True, append_images=[second], quality=95, lossless=True))
    )


def test_a_picture_for_3d_glasses_gives_its_first_view() -> None:
    """Phones write MPO, several JPEGs in one file, and call it .jpg."""
    assert_corners(
        read_photo(encode(corners(), "MPO", save_all=True, append_images=[corners().rotate(180)], quality=95))
    )


@pytest.mark.parametrize(("size", "aligned"), [((178, 218), True), ((218, 178), False), ((179, 218), False)])
def test_only_celebas_size_counts_as_aligned(size: tuple[int, int], aligned: bool) -> None:
    assert read_photo(encode(corners(*size), "PNG")).is_aligned is aligned


def test_the_size_limit_allows_phones_of_50_megapixels() -> None:
    photo = read_photo(encode(Image.new("L", (8192, 6144)), "PNG"))
    assert (photo.width, photo.height) == (8192, 6144)


def test_the_server_takes_files_as_large_as_photos_may_be() -> None:
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        assert tomllib.load(file)["server"]["maxUploadSize"] == MAX_MEGABYTES


def test_pixels_stay_out_of_logs(portrait: Photo) -> None:
    assert repr(portrait) == "Photo()"


def test_sample_photo_is_the_portrait(portrait: Photo) -> None:
    assert (portrait.width, portrait.height) == (512, 512)
    assert portrait.pixels.std() > 40


def test_a_photo_must_be_rgb_bytes() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Photo(np.zeros((60, 60, 3), np.float32))


def test_photos_are_read_without_touching_the_disk(
    portrait_jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a file was opened")

    for owner, name in ((io, "open"), (Path, "open")):
        monkeypatch.setattr(owner, name, refuse)
    monkeypatch.setattr("builtins.open", refuse)
    assert read_photo(portrait_jpeg).width == 512


def test_errors_do_not_carry_pixels_or_bytes() -> None:
    secret = b"\xff\xd8\xff" + b"private" * 100
    with pytest.raises(PhotoError) as caught:
        read_photo(secret)
    assert "private" not in str(caught.value)
