"""Whatever bytes come: a photo or a sentence, soon, and what stands beside the pixels is never the reason to refuse."""

import io
import random
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.seeing import boxes, chunks
from core.seeing.photo import PhotoError, read_photo
from tests.conftest import corners, encode
from tests.seeing.mutations import exif, mutated, mutations, seeds

SEEDS = seeds()
METADATA = tuple(name for name in SEEDS if name not in ("MPO", "JPEG gray") and "animated" not in name)


@pytest.mark.filterwarnings("ignore")
def test_spoiled_files_are_read_or_refused_with_a_sentence() -> None:
    """Anything but a PhotoError fails here; a decoder that crashes ends the test run."""
    for _, data in mutations(540, seed=1):
        try:
            assert min(read_photo(data).pixels.shape[:2]) >= 48
        except PhotoError as error:
            assert str(error).endswith(".")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", METADATA)
def test_spoiled_metadata_never_refuses_a_photo(name: str) -> None:
    whole, rng = SEEDS[name], random.Random(2)
    parts = [part for part in metadata_of(whole) if part in whole]
    assert parts
    for _ in range(20):
        part = rng.choice(parts)
        start = whole.index(part)
        spoiled = bytearray(whole)
        for _ in range(rng.choice((1, 4, 30))):
            spoiled[start + rng.randrange(len(part))] = rng.randrange(256)
        photo = read_photo(bytes(spoiled))
        assert sorted((photo.width, photo.height)) == sorted(read_photo(whole).pixels.shape[:2])


def metadata_of(whole: bytes) -> list[bytes]:
    """EXIF, XMP and color profile as they stand in a file, without their lengths."""
    found = [exif().removeprefix(b"Exif\0\0"), b'<rdf:Description tiff:Orientation="6"/>']
    with Image.open(io.BytesIO(whole)) as image:
        profile = image.info.get("icc_profile")
    if profile:
        found += [profile[4:], zlib.compress(profile)]
    return found


TYPES = st.integers(0, 20)


@settings(max_examples=150, deadline=None)
@given(
    order=st.sampled_from("<>"),
    orientation=st.integers(1, 8),
    before=st.lists(
        st.tuples(st.integers(1, 0x111), TYPES, st.integers(0, 2**32 - 1), st.binary(min_size=4, max_size=4))
    ),
    behind=st.binary(max_size=60),
)
def test_an_orientation_is_found_among_any_tags(
    order: str, orientation: int, before: list[tuple[int, int, int, bytes]], behind: bytes
) -> None:
    entries = [struct.pack(f"{order}HHI", tag, kind, count) + value for tag, kind, count, value in before]
    entries.append(struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0))
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, len(entries))
    content = head + b"".join(entries) + behind
    chunk = (
        struct.pack(">I", len(content)) + b"eXIf" + content + struct.pack(">I", zlib.crc32(b"eXIf" + content))
    )
    stored = encode(corners(), "PNG")
    photo = read_photo(stored[:33] + chunk + stored[33:])
    assert (photo.width, photo.height) == ((80, 120) if orientation >= 5 else (120, 80))


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=300))
@pytest.mark.parametrize("kind", [b"eXIf", b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"cICP", b"tIME", b"gAMA"])
def test_any_chunk_beside_the_pixels_leaves_a_png_readable(kind: bytes, content: bytes) -> None:
    stored = encode(corners(), "PNG")
    photo = read_photo(
        stored[:33] + struct.pack(">I", len(content)) + kind + content + bytes(4) + stored[33:]
    )
    assert photo.width * photo.height == 120 * 80


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), seed=st.integers(0, 2**32 - 1))
def test_containers_are_walked_to_an_end(data: bytes, seed: int) -> None:
    for container in (
        b"\0\0\0\x10ftypmif1\0\0\0\0" + data,
        mutated(SEEDS["AVIF"], data or b"\0", random.Random(seed)),
    ):
        assert len(boxes.plain(container, b"avif")) >= len(container)
        assert boxes.format_by_brands(container) in ("HEIF", "AVIF", None)
        numbers = boxes.nclx(container)
        assert numbers is None or all(0 <= number < 2**16 for number in numbers)
    png = chunks.MARK + data
    assert chunks.bare(png).startswith(chunks.MARK)
    assert chunks.exif(png) is None or isinstance(chunks.exif(png), bytes)


def test_the_seeds_are_whole() -> None:
    for name, data in SEEDS.items():
        assert np.ptp(read_photo(data).pixels) > 100, name
