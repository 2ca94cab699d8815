"""What HEIC and AVIF files say about themselves: both are ISO base media files, boxes that hold boxes.

After ISO/IEC 14496-12 (boxes) and 23008-12 (`meta`, `pitm`, `iprp`, and `nclx` color as in 23091-2). Broken boxes end a
list early; nothing here raises.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
AVIF_BRANDS = frozenset((b"avif", b"avis"))
STILL_BRANDS = frozenset((b"mif1", b"mif2", b"msf1", b"tmap", b"1pic", b"miaf"))
"""Brands of still pictures that do not tell how their pixels are coded."""


@dataclass(frozen=True)
class Box:
    """A box of this kind (four letters), whose content is data[start:end]."""

    kind: bytes
    start: int
    end: int


def brands(data: bytes) -> tuple[bytes, ...]:
    """The brands in a file's first box, the major one first; none if it is no such file."""
    first = next(_boxes(data, 0, len(data)), None)
    if first is None or first.kind != b"ftyp":
        return ()
    content = data[first.start : min(first.end, first.start + 512)]
    found = [content[i : i + 4] for i in range(0, len(content) - 3, 4)]
    return (*found[:1], *found[2:])


def format_by_brands(data: bytes) -> str | None:
    """Pillow's name of the format, "HEIF" or "AVIF"; None if no brand says that this is a still picture."""
    found = brands(data)
    for brand in found:
        if brand in AVIF_BRANDS:
            return "AVIF"
        if brand in HEIC_BRANDS:
            return "HEIF"
    return "HEIF" if found and found[0] in STILL_BRANDS else None


def plain(data: bytes, major: bytes) -> bytes:
    """The file with this major brand, which decoders know, and without EXIF, which they only trip over: what turns
    such a picture is in boxes of its own."""
    file = bytearray(data)
    file[8:12] = major
    for meta in _boxes(data, 0, len(data)):
        if meta.kind == b"meta":
            for list_of_items in _boxes(data, meta.start + 4, meta.end):
                if list_of_items.kind == b"iinf":
                    names = bytes(file[list_of_items.start : list_of_items.end])
                    file[list_of_items.start : list_of_items.end] = names.replace(b"\0Exif", b"\0skip")
    return bytes(file)


def nclx(data: bytes) -> tuple[int, int] | None:
    """The numbers of the color primaries and of the transfer function of the primary picture; None if they are not
    told, or if it has an ICC profile, which says more."""
    for meta in _boxes(data, 0, len(data)):
        if meta.kind == b"meta":
            return _nclx_in(data, meta)
    return None


def _nclx_in(data: bytes, meta: Box) -> tuple[int, int] | None:
    children = {box.kind: box for box in _boxes(data, meta.start + 4, meta.end)}
    if b"iprp" not in children:
        return None
    properties: list[Box] = []
    associations: list[Box] = []
    for box in _boxes(data, children[b"iprp"].start, children[b"iprp"].end):
        if box.kind == b"ipco":
            properties = list(_boxes(data, box.start, box.end))
        elif box.kind == b"ipma":
            associations.append(box)
    primary = _primary_item(data, children.get(b"pitm"))
    own = {number for box in associations for item, number in _associated(data, box) if item == primary}
    colors = [box for i, box in enumerate(properties, 1) if box.kind == b"colr" and i in own]
    # A picture put together from tiles may leave its color to them.
    colors = colors or [box for box in properties if box.kind == b"colr"]
    kinds = {data[box.start : box.start + 4] for box in colors}
    if kinds & {b"prof", b"rICC"}:
        return None
    for box in colors:
        if data[box.start : box.start + 4] == b"nclx" and box.end - box.start >= 8:
            primaries, transfer = struct.unpack_from(">HH", data, box.start + 4)
            return primaries, transfer
    return None


def _primary_item(data: bytes, box: Box | None) -> int | None:
    if box is None or box.end - box.start < 6:
        return None
    size = 2 if data[box.start] == 0 else 4
    return int.from_bytes(data[box.start + 4 : box.start + 4 + size])


def _associated(data: bytes, box: Box) -> Iterator[tuple[int, int]]:
    """(item, number of a property) of an `ipma` box."""
    version, wide = data[box.start], data[min(box.start + 3, len(data) - 1)] & 1
    place, item_size, size = box.start + 8, 4 if version else 2, 2 if wide else 1
    while place + item_size < box.end:
        item, count = int.from_bytes(data[place : place + item_size]), data[place + item_size]
        place += item_size + 1
        for _ in range(count):
            number = int.from_bytes(data[place : place + size])
            place += size
            yield item, number & (0x7FFF if wide else 0x7F)


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        yield Box(kind, start + head, start + size)
        start += size
