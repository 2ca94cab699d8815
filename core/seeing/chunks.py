"""A PNG without what its pixels do not need, so that nothing else can stop them from being read; and what else it says.

A decoder refuses a whole PNG for a wrong checksum under a comment. After the W3C's "Portable Network Graphics (PNG)
Specification (Third Edition)", 2025; the EXIF in text chunks is ImageMagick's and older than the `eXIf` chunk.
"""

import re
import struct
import zlib
from collections.abc import Iterator

MARK = b"\x89PNG\r\n\x1a\n"
MAX_UNPACKED = 4 * 1024**2
"""Bytes; color profiles and EXIF are smaller."""
_RAW = (b"Raw profile type exif", b"Raw profile type APP1")


def bare(data: bytes) -> bytes:
    """The PNG with its critical chunks and its transparency alone; what is cut off at its end stays cut off."""
    kept, place = [MARK], len(MARK)
    for kind, start, end in _chunks(data):
        # Critical chunks begin with a capital letter.
        if kind[:1].isupper() or kind == b"tRNS":
            kept.append(data[start - 8 : end + 4])
        place = end + 4
    return b"".join([*kept, data[place:]])


def color_profile(data: bytes) -> bytes | None:
    """The ICC profile, as far as it can be unpacked."""
    for kind, start, end in _chunks(data):
        if kind == b"iCCP":
            return _unpacked(data[start:end].partition(b"\0")[2][1:])
    return None


def color_numbers(data: bytes) -> tuple[int, int] | None:
    """The numbers of color primaries and transfer function, if it has a `cICP` chunk, which goes before any profile."""
    for kind, start, end in _chunks(data):
        if kind == b"cICP" and end - start == 4:
            return data[start], data[start + 1]
    return None


def exif(data: bytes) -> bytes | None:
    """EXIF, as a chunk of its own or in hexadecimal in a text chunk."""
    found = None
    for kind, start, end in _chunks(data):
        if kind == b"eXIf":
            return data[start:end]
        name, _, text = data[start:end].partition(b"\0")
        if name in _RAW and kind in (b"tEXt", b"zTXt"):
            text = (_unpacked(text[1:]) or b"") if kind == b"zTXt" else text
            # A name, a length and the digits, each on lines of its own.
            digits = b"".join(text.split(b"\n")[3:])
            if re.fullmatch(rb"([0-9a-fA-F]{2})+", digits):
                found = bytes.fromhex(digits.decode())
    return found


def xmp(data: bytes) -> bytes | None:
    """Adobe's metadata, XML."""
    for kind, start, end in _chunks(data):
        if kind == b"iTXt" and data.startswith(b"XML:com.adobe.xmp\0", start):
            return data[start:end]
    return None


def _unpacked(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, MAX_UNPACKED)
    except zlib.error:
        return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk's content, as far as the chunks are whole."""
    place = len(MARK)
    while place + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        if place + 12 + size > len(data):
            return
        yield kind, place + 8, place + 8 + size
        place += 12 + size
