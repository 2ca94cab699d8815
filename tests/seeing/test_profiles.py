"""Color profiles by what they do: known colors of known color spaces, and what is left out."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.seeing.photo import read_photo
from core.seeing.profiles import in_srgb, profile_of
from tests.conftest import CORNERS, corner_colors, corners, encode

SRGB, P3, BT2020, LINEAR, PQ = (1, 13), (12, 13), (9, 13), (1, 8), (9, 16)
SKIN = (230, 60, 50)


def profile(numbers: tuple[int, int]) -> bytes:
    made = profile_of(*numbers)
    assert made is not None
    return made


# Display P3's red lies outside of sRGB: its hue is kept by the matrices of both, and clipped at the rim.
@pytest.mark.parametrize(
    ("numbers", "color", "expected"),
    [
        (P3, SKIN, (250, 31, 34)),
        (P3, (128, 128, 128), (128, 128, 128)),
        (P3, (234, 51, 35), (255, 0, 0)),  # what sRGB's pure red is in Display P3
        (BT2020, (207, 74, 34), (255, 0, 0)),  # and in BT.2020 with sRGB's curve
        (LINEAR, (55, 55, 55), (128, 128, 128)),
        (PQ, (148, 148, 148), (255, 255, 255)),  # 203 of 10,000 cd/m2 is code 0.58
        (SRGB, SKIN, SKIN),
    ],
)
def test_colors_of_other_spaces(
    numbers: tuple[int, int], color: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    seen = in_srgb(Image.new("RGB", (4, 4), color), profile(numbers)).getpixel((1, 1))
    np.testing.assert_allclose(seen, expected, atol=3)  # type: ignore[arg-type]


def renamed(data: bytes, name: bytes) -> bytes:
    """The profile with a description that says so."""
    count = struct.unpack_from(">I", data, 128)[0]
    size = struct.pack(">I", len(name) + 1)
    content = b"desc\0\0\0\0" + size + name + bytes(80)
    table = bytearray(data[128 : 132 + 12 * count])
    for i in range(count):
        [offset] = struct.unpack_from(">I", table, 4 + 12 * i + 4)
        struct.pack_into(">I", table, 4 + 12 * i + 4, offset + 12)
    table[:4] = struct.pack(">I", count + 1)
    table += struct.pack(">4sII", b"desc", len(data) + 12, len(content))
    whole = data[:128] + bytes(table) + data[132 + 12 * count :] + content
    return struct.pack(">I", len(whole)) + whole[4:]


def test_a_name_says_nothing_about_colors() -> None:
    misnamed = renamed(profile(P3), b"sRGB IEC61966-2.1")
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(misnamed)))
    photo = read_photo(encode(Image.new("RGB", (64, 64), SKIN), "PNG", icc_profile=misnamed))
    np.testing.assert_allclose(photo.pixels[0, 0], (250, 31, 34), atol=3)


def test_srgb_by_any_name_costs_nothing() -> None:
    image = corners()
    assert in_srgb(image, renamed(profile(SRGB), b"Camera")) is image
    assert in_srgb(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()) is image


@pytest.mark.parametrize("broken", [b"nonsense", b"", profile(LINEAR)[:200], profile(LINEAR)[:-3000]])
def test_a_broken_profile_is_left_out(broken: bytes) -> None:
    photo = read_photo(encode(corners(), "PNG", icc_profile=broken))
    np.testing.assert_allclose(corner_colors(photo.pixels), CORNERS, atol=1)


def test_a_profile_for_other_channels_is_left_out() -> None:
    photo = read_photo(encode(corners().convert("CMYK"), "JPEG", icc_profile=profile(LINEAR), quality=95))
    np.testing.assert_allclose(corner_colors(photo.pixels), CORNERS, atol=12)


@pytest.mark.parametrize(("primaries", "transfer"), [(2, 2), (0, 0), (22, 13), (65535, 65535)])
def test_numbers_that_say_nothing(primaries: int, transfer: int) -> None:
    assert profile_of(primaries, transfer) is None


def with_nclx(kind: str, primaries: int, transfer: int) -> bytes:
    """A file of one color whose box of numbers says how they are meant."""
    data = encode(Image.new("RGB", (64, 64), SKIN), kind, quality=100)
    place = data.index(b"colrnclx") + 8
    return data[:place] + struct.pack(">HH", primaries, transfer) + data[place + 4 :]


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize(("numbers", "expected"), [(P3, (250, 31, 34)), (SRGB, SKIN), ((2, 2), SKIN)])
def test_numbers_in_a_file(kind: str, numbers: tuple[int, int], expected: tuple[int, ...]) -> None:
    photo = read_photo(with_nclx(kind, *numbers))
    np.testing.assert_allclose(photo.pixels[20, 20], expected, atol=5)


def test_a_png_may_have_them_too() -> None:
    data = encode(Image.new("RGB", (64, 64), SKIN), "PNG")
    content = b"cICP" + bytes([*P3, 0, 1])
    chunk = struct.pack(">I", 4) + content + struct.pack(">I", zlib.crc32(content))
    photo = read_photo(data[:33] + chunk + data[33:])
    np.testing.assert_allclose(photo.pixels[20, 20], (250, 31, 34), atol=3)
