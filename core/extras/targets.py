"""Recipe -> files that a messenger or a website takes: targets.toml says which, with the limits of each."""

from __future__ import annotations

import functools
import io
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from core.drawing.credit import TITLE
from core.drawing.palette import for_profile
from core.drawing.png import draw_image, png_of
from core.extras.moving import MovingSticker, draw_moving, ending_of
from core.extras.stickers import (
    Sticker,
    StickerError,
    check_pack,
    draw_sticker,
    draw_sticker_png,
    draw_tray,
    portrait_of,
    slug,
    zip_of,
)
from core.recipe.recipe import Recipe

MEDIA_TYPES = {
    "WEBP": "image/webp", "PNG": "image/png", "ICO": "image/x-icon", "GIF": "image/gif", "APNG": "image/png",
    "WEBM": "video/webm",
}  # fmt: skip
"""{format of a picture: its media type}."""


@dataclass(frozen=True)
class Picture:
    """A row of a target's pictures, as targets.toml explains it. bytes: how many a file may have at most."""

    name: str
    format: str
    sizes: tuple[int, ...]
    bytes: int
    shape: str
    source: str


@dataclass(frozen=True)
class Target:
    """Where an emoji can go. pack: the ending of the file that holds a pack, "" where there are none.

    moving: what is made of each sticker that moves, nothing where none are taken.
    """

    name: str
    label: str
    steps: tuple[str, ...]
    pictures: tuple[Picture, ...]
    pack: str = ""
    moving: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Order:
    """One file that can be made. size: the side of its (largest) picture in pixels."""

    file: str
    picture: Picture
    size: int


@functools.cache
def targets() -> dict[str, Target]:
    """The targets of targets.toml by their names."""
    table = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text("utf-8"))
    return {
        name: Target(
            name,
            row["label"],
            tuple(row["steps"]),
            _pictures(row["pictures"]),
            row.get("pack", ""),
            _pictures(row.get("moving", ())),
        )
        for name, row in table.items()
    }


def _pictures(rows: Sequence[dict[str, Any]]) -> tuple[Picture, ...]:
    return tuple(Picture(**{**row, "sizes": tuple(row["sizes"])}) for row in rows)


def orders(target: Target, stem: str, moving: bool = False) -> list[Order]:
    """The files that a target takes of an emoji or sticker, or of one that moves, their names beginning with `stem`."""
    found = []
    for picture in target.moving if moving else target.pictures:
        # An ICO holds all its sizes in one file.
        for size in picture.sizes if picture.format != "ICO" else picture.sizes[-1:]:
            words = [
                stem,
                picture.name,
                str(size) if picture.format != "ICO" and len(picture.sizes) > 1 else "",
            ]
            file = f"{'-'.join(filter(None, words))}.{ending_of(picture.format)}"
            found.append(Order(file, picture, size))
    return found


def draw_for(order: Order, sticker: Sticker) -> bytes:
    """The file of an order, with the license inside where the format has room for it; an icon has none.

    Raises StickerError for a sticker that moves, if even its fewest frames are too large.
    """
    if isinstance(sticker, MovingSticker):
        return draw_moving(sticker, order.picture.format, order.size, order.picture.bytes)
    if order.picture.shape == "profile":
        shown = for_profile(sticker.recipe)
        if order.picture.format == "ICO":
            return _ico(shown, order.picture.sizes)
        return png_of(draw_image(shown, order.size), TITLE)
    return draw_sticker(sticker) if order.picture.format == "WEBP" else draw_sticker_png(sticker, order.size)


def emoji_files(target: Target, recipe: Recipe) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of one emoji for a target, each drawn when it is asked for."""
    alone = portrait_of(recipe)
    for order in orders(target, f"selfmoji-{target.name}"):
        yield order.file, draw_for(order, alone)


def pack_name(target: Target, name: str) -> str:
    """The name of the file that holds a pack of this name; KeyError for a target that takes no packs."""
    if not target.pack:
        raise KeyError(target.name)
    return slug(name) + (target.pack if target.pack != ".zip" else f"-{target.name}.zip")


def target_files(
    target: Target, name: str, recipe: Recipe, stickers: Sequence[Sticker]
) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of what lies in a target's pack, each drawn when it is asked for.

    Raises StickerError at once for a name or a number of stickers that no messenger takes, and for stickers that move
    where none are taken.
    """
    check_pack(name, stickers)
    if not target.moving and any(isinstance(sticker, MovingSticker) for sticker in stickers):
        raise StickerError(f"{target.label} takes no stickers that move. Please choose another messenger.")
    return _target_files(target, name, recipe, stickers)


def pack_of(files: dict[str, bytes]) -> bytes:
    """The file that holds a pack. Its comment says whose it is, by which `is_ours` knows it."""
    return zip_of(files, TITLE)


def is_ours(data: bytes) -> bool:
    """Whether a file is a pack that `pack_of` made."""
    return data.startswith(b"PK") and data.endswith(TITLE.encode())


def _target_files(
    target: Target, name: str, recipe: Recipe, stickers: Sequence[Sticker]
) -> Iterator[tuple[str, bytes]]:
    if target.pack == ".wastickers":
        yield "title.txt", name.strip().encode()
        yield "author.txt", f"{TITLE}, OpenMoji (CC BY-SA 4.0)".encode()
        yield "tray.png", draw_tray(recipe)
    for sticker in stickers:
        for order in orders(target, sticker.name, isinstance(sticker, MovingSticker)):
            yield order.file, draw_for(order, sticker)


def _ico(recipe: Recipe, sizes: Sequence[int]) -> bytes:
    """Each size drawn by itself: the outlines of a smaller one stay as sharp as they can."""
    images: list[Image.Image] = [draw_image(recipe, size) for size in sizes]
    stream = io.BytesIO()
    images[-1].save(
        stream, "ICO", sizes=[(size, size) for size in sizes], append_images=images[:-1], bitmap_format="png"
    )
    return stream.getvalue()
