"""Recipe -> stickers that move: short loops of openmojilayers/moves.toml, played by the rig, as animated files.

Every loop is drawn frame by frame, and written with as many frames a second as its file has room for.
"""

from __future__ import annotations

import cmath
import dataclasses
import functools
import io
import itertools
import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.drawing.artwork import GRID, HALO
from core.drawing.catalogue import HOUSE, Point, catalogue
from core.drawing.credit import NOTICE, TITLE, exif_texts, png_texts
from core.drawing.figure import Figure
from core.drawing.layers import Layer
from core.drawing.openmoji import openmoji_svg
from core.drawing.painting import haloed, paint
from core.drawing.png import png_of, rasterize
from core.drawing.rig import Play
from core.extras.captions import draw_caption
from core.extras.stickers import (
    SIZE,
    Sticker,
    StickerError,
    alone,
    contents_of,
    draw_tray,
    license_text,
    margin_of,
)
from core.recipe.recipe import Recipe

LONGEST = 3.0
"""Seconds that messengers take."""

RATES = (20, 15, 12, 10, 8, 6)
"""Frames a second that a file may have: the first with which it has room. GIF counts in hundredths of a second."""

MOST_BYTES = {"WEBP": 500_000, "GIF": 1_000_000, "APNG": 300_000, "WEBM": 256_000}
"""What a file of each format may have at most that is for no messenger alone: as much as those that know it take."""

_TILT = "tilt"
_CONTROLS = frozenset(control.name for control in dataclasses.fields(Play))
_NECK_ABOVE_CHIN = -2.0

Place = Callable[[float, float], Point]
"""Where a point of the grid goes."""

Track = tuple[tuple[float, float], ...]
"""(second, value) of what changes, by time, the first at 0."""


@dataclass(frozen=True)
class Flying:
    """A drawing of OpenMoji's that flies by: its code, and tracks of its middle and its size in units of the grid."""

    glyph: str
    x: Track
    y: Track
    size: Track


@dataclass(frozen=True)
class Move:
    """A loop: its name for people, what it is found by, its seconds, {control, or "tilt": its track}, and objects."""

    label: str
    emojis: tuple[str, ...]
    seconds: float
    tracks: Mapping[str, Track]
    objects: tuple[Flying, ...]

    def play(self, second: float) -> Play:
        """How the face is held at a second of the loop."""
        held = {name: self._at(track, second) for name, track in self.tracks.items() if name != _TILT}
        return Play(**held)

    def tilt(self, second: float) -> float:
        """How far the head leans towards the right of the picture, degrees."""
        return self._at(self.tracks[_TILT], second) if _TILT in self.tracks else 0.0

    def place(self, item: Flying, second: float) -> tuple[float, float, float]:
        """Where an object is, and how large: x, y and size."""
        return self._at(item.x, second), self._at(item.y, second), self._at(item.size, second)

    def _at(self, track: Track, second: float) -> float:
        return value_at(track, second, self.seconds)


def value_at(track: Track, second: float, seconds: float) -> float:
    """The value of a track at a second of a loop of so many: at rest in each key, gently from one to the next."""
    around = [*track, (seconds, track[0][1])]
    for (start, before), (stop, after) in itertools.pairwise(around):
        if start <= second < stop:
            share = (second - start) / (stop - start)
            return before + (after - before) * share * share * (3 - 2 * share)
    return track[0][1]


@functools.cache
def moves() -> dict[str, Move]:
    """The loops of moves.toml by their names. Raises ValueError for a control or a track that cannot be."""
    table: dict[str, Any] = tomllib.loads((HOUSE / "moves.toml").read_text("utf-8"))
    return {name: _move(name, row) for name, row in table.items()}


@dataclass(frozen=True)
class MovingSticker(Sticker):
    """A sticker that moves. move: the name of its loop."""

    move: str = field(kw_only=True)


def moving_stickers_of(recipe: Recipe) -> list[MovingSticker]:
    """All stickers that move that there are for a person."""
    person = alone(recipe)
    return [
        MovingSticker(f"moving-{name}", move.label, move.emojis, person, move=name)
        for name, move in moves().items()
    ]


def frames_of(sticker: MovingSticker, size: int, rate: float) -> list[Image.Image]:
    """A loop as RGBA images of size x size pixels, about `rate` a second, evenly spread over it."""
    move = moves()[sticker.move]
    figure = Figure(sticker.recipe)
    count = max(2, round(move.seconds * rate))
    seconds = [move.seconds * number / count for number in range(count)]
    held = [_held(figure, move, second) for second in seconds]
    room = _room(figure.layers(Play()), held)
    return [
        _frame(sticker, [layer.placed(room) for layer in layers], move, second, size)
        for second, layers in zip(seconds, held, strict=True)
    ]


def draw_moving(sticker: MovingSticker, kind: str, size: int, most_bytes: int) -> bytes:
    """A sticker that moves as a file of a `kind` of WRITERS, size x size pixels, with as many frames as find room.

    Raises StickerError where even the fewest are too many.
    """
    each = 0.0
    for rate in RATES:
        # Fewer frames differ more from each other, so that none takes less room than at a higher rate.
        if each * rate * moves()[sticker.move].seconds > most_bytes:
            continue
        frames = frames_of(sticker, size, rate)
        data = WRITERS[kind](frames, moves()[sticker.move].seconds, sticker.label)
        if len(data) <= most_bytes:
            return data
        each = len(data) / len(frames)
    raise StickerError(
        f"“{sticker.label}” does not fit into {most_bytes / 1000:g} KB. Please take another file."
    )


def draw_resting(sticker: MovingSticker, size: int) -> bytes:
    """How a sticker that moves begins, as a PNG of size x size pixels."""
    return png_of(frames_of(sticker, size, RATES[-1])[0], f"{TITLE}: {sticker.label}")


def ending_of(kind: str) -> str:
    """How the name of a file of this format ends: an APNG is a PNG to those who know none."""
    return {"APNG": "png"}.get(kind, kind.lower())


def moving_pack_files(
    name: str, recipe: Recipe, stickers: Sequence[MovingSticker]
) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of a pack of stickers that move, each in every format, drawn when it is asked for.

    Raises StickerError at once for a name or a number of stickers that no messenger takes.
    """
    contents = contents_of(name, stickers, animated=True)
    return _pack_files(contents, recipe, stickers)


def moving_pack_size(stickers: Sequence[MovingSticker]) -> int:
    """How many files such a pack has."""
    return len(stickers) * len(WRITERS) + 3


def _pack_files(
    contents: bytes, recipe: Recipe, stickers: Sequence[MovingSticker]
) -> Iterator[tuple[str, bytes]]:
    yield "contents.json", contents
    yield "LICENSE.txt", license_text()
    yield "tray.png", draw_tray(recipe)
    for sticker in stickers:
        for kind in WRITERS:
            yield f"{sticker.name}.{ending_of(kind)}", draw_moving(sticker, kind, SIZE, MOST_BYTES[kind])


# --- Pictures ---------------------------------------------------------------------------------------------------------


def _held(figure: Figure, move: Move, second: float) -> list[Layer]:
    tilted = _tilted(move.tilt(second))
    kinds = catalogue().layers
    return [
        layer.placed(tilted) if kinds[layer.name].frame == "head" else layer
        for layer in figure.layers(move.play(second))
    ]


def _room(resting: Iterable[Layer], held: Iterable[Iterable[Layer]]) -> Place:
    """What makes a person smaller, who stays on the lower edge, so that no frame reaches farther than the person does
    at rest: a wide hat would leave the picture."""
    camera = catalogue().camera
    own, farthest = _reach(resting), np.max([_reach(layers) for layers in held], 0)
    scale = float(
        np.min(np.maximum(own, [camera.middle - HALO, camera.bottom - HALO]) / np.maximum(own, farthest))
    )

    def place(x: float, y: float) -> Point:
        return camera.middle + scale * (x - camera.middle), camera.bottom + scale * (y - camera.bottom)

    return place if scale < 1 else _as_it_is


def _reach(layers: Iterable[Layer]) -> NDArray[np.float64]:
    """How far layers reach aside of the middle and above the lower edge, in units of the grid."""
    camera = catalogue().camera
    points = np.array(
        [
            point
            for layer in layers
            if layer.within is None
            for shape in layer.shapes
            for _, values in shape.path.commands
            for point in zip(values[::2], values[1::2], strict=True)
        ]
    )
    return np.array([np.abs(points[:, 0] - camera.middle).max(), (camera.bottom - points[:, 1]).max()])


def _as_it_is(x: float, y: float) -> Point:
    return x, y


def _frame(
    sticker: MovingSticker, layers: Iterable[Layer], move: Move, second: float, size: int
) -> Image.Image:
    margin = margin_of(size)
    within = size - 2 * margin
    canvas = paint(layers, within)
    for item in move.objects:
        x, y, side = (value * within / GRID for value in move.place(item, second))
        if round(side) > 0:
            drawn = _object(item.glyph, within // 2).resize((round(side),) * 2, Image.Resampling.LANCZOS)
            layer = Image.new("RGBA", canvas.size)
            layer.paste(drawn, (round(x - side / 2), round(y - side / 2)))
            canvas.alpha_composite(layer)
    if sticker.caption:
        draw_caption(canvas, sticker.caption)
    return haloed(canvas, margin, HALO * within / GRID)


@functools.lru_cache(maxsize=8)
def _object(glyph: str, side: int) -> Image.Image:
    return rasterize(openmoji_svg(glyph), side)


def _tilted(degrees: float) -> Place:
    """Where a point of the head goes that leans about the neck."""
    camera = catalogue().camera
    neck, turn = (
        complex(camera.middle, camera.chin_at + _NECK_ABOVE_CHIN),
        cmath.rect(1, math.radians(degrees)),
    )

    def place(x: float, y: float) -> Point:
        point = neck + turn * (complex(x, y) - neck)
        return point.real, point.imag

    return place


# --- Files ------------------------------------------------------------------------------------------------------------


def _webp(frames: Sequence[Image.Image], seconds: float, title: str) -> bytes:
    stream = io.BytesIO()
    frames[0].save(
        stream, "WebP", save_all=True, append_images=frames[1:], duration=_milliseconds(len(frames), seconds), loop=0,
        quality=80, alpha_quality=90, method=3, exif=exif_texts(f"{TITLE}: {title}"),
    )  # fmt: skip
    return stream.getvalue()


def _apng(frames: Sequence[Image.Image], seconds: float, title: str) -> bytes:
    stream = io.BytesIO()
    few = _sheet(frames).quantize(255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    first, *rest = _cut(few, frames)
    first.save(
        stream, "PNG", save_all=True, append_images=rest, duration=_milliseconds(len(frames), seconds), loop=0,
        pnginfo=png_texts(f"{TITLE}: {title}"), optimize=True,
    )  # fmt: skip
    return stream.getvalue()


def _gif(frames: Sequence[Image.Image], seconds: float, title: str) -> bytes:
    """GIF knows no half transparency: what is at least half there is there."""
    sheet = _sheet(frames)
    few = sheet.convert("RGB").quantize(255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    nothing = 255
    few.paste(nothing, mask=sheet.getchannel("A").point(lambda alpha: 255 * (alpha < 128)))
    first, *rest = _cut(few, frames)
    stream = io.BytesIO()
    hundredths = [round(milliseconds, -1) for milliseconds in _milliseconds(len(frames), seconds)]
    first.save(
        stream, "GIF", save_all=True, append_images=rest, duration=hundredths, loop=0, disposal=2,
        transparency=nothing, comment=f"{TITLE}: {title}. {NOTICE}".encode("ascii"),
    )  # fmt: skip
    return stream.getvalue()


def _webm(frames: Sequence[Image.Image], seconds: float, title: str) -> bytes:
    """VP9 with an alpha channel, as Telegram's stickers that move are."""
    try:
        import av
    except ImportError as error:
        raise StickerError("WebM needs PyAV: pip install -r requirements.txt.") from error
    stream = io.BytesIO()
    with av.open(stream, "w", format="webm") as container:
        container.metadata.update({"title": f"{TITLE}: {title}", "copyright": NOTICE})
        options = {
            "crf": "24",
            "b": "0",
            "auto-alt-ref": "0",
            "deadline": "good",
            "cpu-used": "4",
            "row-mt": "0",
        }
        rate = Fraction(len(frames)) / Fraction(seconds).limit_denominator(1000)
        video = container.add_stream("libvpx-vp9", rate=rate, options=options)
        video.width, video.height, video.pix_fmt = *frames[0].size, "yuva420p"
        video.metadata["alpha_mode"] = "1"
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.asarray(frame), format="rgba")
            picture.pts = number
            picture.time_base = 1 / rate
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    return stream.getvalue()


WRITERS: dict[str, Callable[[Sequence[Image.Image], float, str], bytes]] = {
    "WEBP": _webp, "GIF": _gif, "APNG": _apng, "WEBM": _webm,
}  # fmt: skip
"""{kind of file: (frames, seconds, title) -> an endless loop of them, the license inside}."""


def _sheet(frames: Sequence[Image.Image]) -> Image.Image:
    """All frames below each other: with one palette for all, what stays is not written again."""
    sheet = Image.new("RGBA", (frames[0].width, frames[0].height * len(frames)))
    for number, frame in enumerate(frames):
        sheet.paste(frame, (0, number * frame.height))
    return sheet


def _cut(sheet: Image.Image, frames: Sequence[Image.Image]) -> list[Image.Image]:
    """The frames of a sheet."""
    return [
        sheet.crop((0, number * frame.height, frame.width, (number + 1) * frame.height))
        for number, frame in enumerate(frames)
    ]


def _milliseconds(count: int, seconds: float) -> list[int]:
    """How long each frame is shown: whole milliseconds that sum up to the loop."""
    ends = [round(1000 * seconds * number / count) for number in range(count + 1)]
    return [stop - start for start, stop in itertools.pairwise(ends)]


# --- The table --------------------------------------------------------------------------------------------------------


def _move(name: str, row: Mapping[str, Any]) -> Move:
    seconds = float(row["seconds"])
    tracks: dict[str, Track] = {}
    held = {control: [[0.0, value]] for control, value in row.get("held", {}).items()}
    for control, keys in (held | row["tracks"]).items():
        track = _track(keys, seconds, f"moves.toml: {name}, {control}")
        sides = (
            [control] if control in _CONTROLS or control == _TILT else [f"{control}_left", f"{control}_right"]
        )
        if unknown := set(sides) - _CONTROLS - {_TILT}:
            raise ValueError(f"moves.toml: {name} works {min(unknown)}, which is no control")
        if control != _TILT and any(abs(value) > 1 for _, value in track):
            raise ValueError(f"moves.toml: {name} works {control} beyond 1")
        tracks |= dict.fromkeys(sides, track)
    objects = tuple(
        Flying(
            item["glyph"],
            *(_track(item[key], seconds, f"moves.toml: {name}, {key}") for key in ("x", "y", "size")),
        )
        for item in row.get("objects", ())
    )
    return Move(row["label"], tuple(row["emojis"]), seconds, tracks, objects)


def _track(keys: Sequence[Sequence[float]], seconds: float, where: str) -> Track:
    times = [time for time, _ in keys]
    if times[0] != 0 or times != sorted(set(times)) or times[-1] >= seconds:
        raise ValueError(f"{where}: keys begin at 0, follow each other, and end before the loop does")
    return tuple((float(time), float(value)) for time, value in keys)
