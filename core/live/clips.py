"""What a mirror showed, for a while -> a film, animations for a chat, and moving stickers.

Stickers are not cut out of the film: what the emoji did is kept, and drawn anew on a transparent ground.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.drawing.artwork import GRID, HALO
from core.drawing.credit import NOTICE, TITLE
from core.drawing.painting import haloed
from core.drawing.rig import Play
from core.live.sprites import PuppetCache
from core.live.views import cut_out
from core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from av.video.stream import VideoStream

LONGEST = 15.0
"""Seconds."""
RATE = 24
"""Frames a second that are kept, and of a film."""
SIDE = 720
"""Most pixels of a kept frame's longer side."""
SPARE = 2
"""An animation and a sticker have every second frame: twelve a second."""
ANIMATION_SIDE = 360
"""Most pixels of an animation's longer side: chats show them small, and they stay below a few megabytes."""
STICKER_SIDE = 512
KEPT_QUALITY = 92
"""Of the JPEGs as which frames are kept: fifteen seconds of them are some twenty megabytes, not four hundred."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Kind:
    """A file that a recording can become. ending, mime: of the file; label: for people; is_sticker: the emoji alone, on
    a transparent ground; longest: seconds, of which the last are kept; most_bytes: what messengers take."""

    ending: str
    mime: str
    label: str
    is_sticker: bool = False
    longest: float = LONGEST
    most_bytes: int | None = None


KINDS = {
    "mp4": Kind("mp4", "video/mp4", "MP4"),
    "gif": Kind("gif", "image/gif", "GIF"),
    "webp": Kind("webp", "image/webp", "WebP"),
    # https://github.com/WhatsApp/stickers/blob/main/Android/README.md
    "sticker-webp": Kind("webp", "image/webp", "Sticker (WebP)", True, 10.0, 500_000),
    # https://core.telegram.org/stickers/webm-vp9-encoding
    "sticker-webm": Kind("webm", "video/webm", "Sticker (WebM)", True, 2.9, 256_000),
}
"""{name: what it is}, in the order in which they are offered."""

STICKER_TRIES = ((60, 1), (40, 2), (20, 3), (5, 4))
"""(quality of a sticker as WebP, 0 to 100; it has each so-manieth picture): the first that is small enough is taken."""
FILM_CRF = 21
"""How much x264 may lose, 0 to 51; 23 is its own choice."""
STICKER_BITS = 0.75
"""Share of the allowed bytes at which VP9 aims, which often writes more than it is asked to."""


@dataclass(frozen=True)
class Recording:
    """How far a recording is: progress, 0 to 1; done: nothing more is added."""

    progress: float
    done: bool


@dataclass(frozen=True)
class Act:
    """What an emoji did at a moment: its recipe, the fields of it that hold still, how it was held, and how far its
    head was tilted, radians clockwise."""

    recipe: Recipe
    holding: frozenset[str]
    play: Play
    tilt: float


@dataclass(frozen=True)
class _Kept:
    picture: bytes
    act: Act | None


class Recorder:
    """Collects frames from the moment it gets the first one. One thread adds, others may look, stop and make files."""

    def __init__(self, seconds: float = LONGEST) -> None:
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"A recording takes up to {LONGEST:g} seconds, not {seconds:g}.")
        self._count = max(1, round(seconds * RATE))
        self._frames: list[_Kept] = []
        self._size = (0, 0)
        self._start = math.nan
        self._stopped = False

    @property
    def recording(self) -> Recording:
        count = len(self._frames)
        return Recording(count / self._count, self._stopped or count >= self._count)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names in `KINDS` of what it can become: no stickers where no emoji was."""
        acted = any(kept.act for kept in list(self._frames))
        return tuple(name for name, kind in KINDS.items() if acted or not kind.is_sticker)

    def add(self, frame: Pixels, time: float, act: Act | None = None) -> None:
        """Takes the frame that was shown at this time, uint8 RGB, if it is time for one; a slow video is filled up
        with repetitions, so that the film is as long as what it shows."""
        if self._stopped:
            return
        if math.isnan(self._start):
            self._start = time
            factor = min(1.0, SIDE / max(frame.shape[:2]))
            # Films have even sides.
            height, width = (max(2, round(side * factor / 2) * 2) for side in frame.shape[:2])
            self._size = width, height
        due = min(self._count, math.floor((time - self._start) * RATE + 1e-6) + 1)
        if len(self._frames) < due:
            small = cv2.resize(frame, self._size, interpolation=cv2.INTER_AREA)
            options = [cv2.IMWRITE_JPEG_QUALITY, KEPT_QUALITY]
            jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), options)[1].tobytes()
            self._frames += [_Kept(jpeg, act)] * (due - len(self._frames))

    def stop(self) -> None:
        """Nothing more is added."""
        self._stopped = True

    def clip(self, name: str, progress: Callable[[float], None] = lambda share: None) -> bytes:
        """What was collected so far as a file, its license in it; animations and stickers are endless.

        name: of `kinds`; progress: is told how much is done, 0 to 1. Raises ValueError when nothing was recorded, and
        KeyError for a sticker without an emoji.
        """
        frames = list(self._frames)
        if not frames:
            raise ValueError("Nothing was recorded yet.")
        if name not in self.kinds:
            raise KeyError(name)
        kind = KINDS[name]
        if name == "mp4":
            return _film(_picture(kept) for kept in _counted(frames, 1.0, progress))
        thin = frames[-round(kind.longest * RATE) :][::SPARE]
        # Drawing is the part of the work of which is known how far it is.
        pictures = _counted(thin, DRAWING, progress)
        if kind.is_sticker:
            stickers = list(_stickers(kept.act for kept in pictures))
            made = (
                _sticker_film(stickers, kind) if kind.ending == "webm" else _sticker_animation(stickers, kind)
            )
        else:
            small = [_small(_picture(kept)) for kept in pictures]
            made = _gif(small) if kind.ending == "gif" else _webp(small, 75)
        progress(1.0)
        return made


DRAWING = 0.6
"""Share of the time that an animation's pictures take; writing them down is the rest."""


def _counted(frames: Sequence[_Kept], share: float, progress: Callable[[float], None]) -> Iterator[_Kept]:
    for number, kept in enumerate(frames, start=1):
        yield kept
        progress(share * number / len(frames))


def _picture(kept: _Kept) -> Pixels:
    read = cv2.imdecode(np.frombuffer(kept.picture, np.uint8), cv2.IMREAD_COLOR)
    assert read is not None
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)


def _small(picture: Pixels) -> Image.Image:
    factor = min(1.0, ANIMATION_SIDE / max(picture.shape[:2]))
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    return Image.fromarray(
        np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    )


def _stickers(acts: Iterable[Act | None]) -> Iterator[Image.Image]:
    """The emoji in each of the moments with its white rim, RGBA; empty pictures before there is one."""
    unit = STICKER_SIDE / (GRID + 2 * HALO)
    margin = round(HALO * unit)
    side = STICKER_SIDE - 2 * margin
    puppets = PuppetCache()
    for act in acts:
        if act is None:
            yield Image.new("RGBA", (STICKER_SIDE, STICKER_SIDE))
            continue
        sprite = puppets.get(act.recipe, side, act.holding).draw(act.play)
        yield haloed(Image.fromarray(cut_out(sprite, act.tilt)), margin, HALO * unit)


def _film(pictures: Iterable[Pixels]) -> bytes:
    """An MP4 (H.264)."""
    import av

    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        container.metadata.update({"title": TITLE, "copyright": NOTICE})
        options = {"crf": str(FILM_CRF), "preset": "veryfast"}
        video: VideoStream | None = None
        for picture in pictures:
            if video is None:
                video = container.add_stream("libx264", rate=RATE, options=options)
                video.height, video.width = picture.shape[:2]
                video.pix_fmt = "yuv420p"
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        if video is not None:
            container.mux(video.encode(None))
    return stream.getvalue()


def _sticker_film(pictures: Sequence[Image.Image], kind: Kind) -> bytes:
    """A WebM (VP9) with transparency, as small as asked for."""
    bits = STICKER_BITS * 8 * (kind.most_bytes or 0) * RATE / SPARE / len(pictures)
    made = b""
    for tries in range(4):
        made = _webm(pictures, round(bits / 2**tries))
        if kind.most_bytes is None or len(made) <= kind.most_bytes:
            break
    return made


def _webm(pictures: Sequence[Image.Image], bits: int) -> bytes:
    """bits: a second, at most."""
    import av

    stream = io.BytesIO()
    with av.open(stream, "w", format="webm") as container:
        container.metadata.update({"title": TITLE, "copyright": NOTICE})
        options = {"deadline": "realtime", "cpu-used": "6", "auto-alt-ref": "0", "crf": "30"}
        video = container.add_stream("libvpx-vp9", rate=RATE // SPARE, options=options)
        video.width, video.height = pictures[0].size
        video.pix_fmt, video.bit_rate = "yuva420p", bits
        video.metadata["alpha_mode"] = "1"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgba")
            container.mux(video.encode(frame.reformat(format="yuva420p")))
        container.mux(video.encode(None))
    return stream.getvalue()


def _sticker_animation(pictures: Sequence[Image.Image], kind: Kind) -> bytes:
    """A transparent WebP with the best quality that is small enough."""
    made = b""
    for quality, every in STICKER_TRIES:
        made = _webp(pictures[::every], quality, every)
        if kind.most_bytes is None or len(made) <= kind.most_bytes:
            break
    return made


def _webp(pictures: Sequence[Image.Image], quality: int, every: int = 1) -> bytes:
    """every: how many pictures' time each has."""
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = f"{TITLE}. {NOTICE}"
    stream = io.BytesIO()
    options = {"quality": quality, "alpha_quality": quality, "method": 2, "exif": exif}
    pictures[0].save(stream, "WebP", **options | _together(pictures[1:], every))
    return stream.getvalue()


def _gif(pictures: Sequence[Image.Image]) -> bytes:
    stream = io.BytesIO()
    # Pillow's own choice of colors takes five times as long, and its dithering makes larger files.
    first, *rest = (
        picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE) for picture in pictures
    )
    first.save(stream, "GIF", comment=f"{TITLE}. {NOTICE}".encode("ascii"), **_together(rest))
    return stream.getvalue()


def _together(others: Sequence[Image.Image], every: int = 1) -> dict[str, Any]:
    """Pillow's options for an endless animation of a picture and these others."""
    duration = round(1000 * every * SPARE / RATE)
    return {"save_all": True, "append_images": others, "duration": duration, "loop": 0}
