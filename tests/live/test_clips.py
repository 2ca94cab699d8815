"""core/live/clips.py: as long as what it shows, small enough for a chat, and it says whose drawings it has."""

import io
import itertools
import math
from typing import cast

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from PIL import Image, ImageSequence

from core.drawing.rig import Play
from core.live.clips import ANIMATION_SIDE, KINDS, RATE, SIDE, SPARE, Act, Recorder, Recording
from core.recipe.recipe import Recipe
from tests.live.mirrors import milliseconds


def colored(shade: int, width: int = 640, height: int = 480) -> np.ndarray:
    return np.full((height, width, 3), shade, np.uint8)


def recorded(times: list[float], seconds: float = 1.0) -> Recorder:
    """What a camera showed at these times, ever lighter."""
    recorder = Recorder(seconds)
    for number, time in enumerate(times):
        recorder.add(colored(round(255 * number / len(times))), time)
    return recorder


def shades(clip: bytes) -> list[int]:
    image = Image.open(io.BytesIO(clip))
    return [frame.convert("RGB").getpixel((0, 0))[0] for frame in ImageSequence.Iterator(image)]  # type: ignore[index]


def film_frames(film: bytes, codec: str | None = None) -> tuple[list[np.ndarray], float]:
    """The frames of a film, RGBA, and its seconds. codec: the decoder that knows of transparency."""
    with av.open(io.BytesIO(film), "r") as container:
        stream = container.streams.video[0]
        seconds = (container.duration or 0) / 1_000_000
        decoder = stream.codec_context
        if codec:
            decoder = cast(VideoCodecContext, av.CodecContext.create(codec, "r"))
        packets = container.demux(stream)
        frames = [frame for packet in packets if packet.size for frame in decoder.decode(packet)]
        frames += decoder.decode(None)
        return [frame.to_ndarray(format="rgba") for frame in frames], seconds


@pytest.mark.parametrize("name", ["webp", "gif"])
@pytest.mark.parametrize(
    ("rate", "new"),
    [
        (30, 12),  # a quick video is thinned out
        (4, 4),  # a slow one is filled up: the clip is as long as what it shows
    ],
)
def test_a_second_is_a_second_whatever_the_videos_rate(name: str, rate: int, new: int) -> None:
    recorder = recorded([100 + number / rate for number in range(2 * rate)])
    assert recorder.recording.done
    clip = recorder.clip(name)
    assert milliseconds(Image.open(io.BytesIO(clip))) == pytest.approx(1000, abs=45)
    seen = shades(clip)
    assert seen == sorted(seen)
    assert len([shade for shade, _ in itertools.groupby(seen)]) == pytest.approx(new, abs=1)
    assert Image.open(io.BytesIO(clip)).info["loop"] == 0


@pytest.mark.parametrize("rate", [30, 4])
def test_a_film_is_as_long_as_what_it_shows(rate: int) -> None:
    frames, seconds = film_frames(recorded([100 + n / rate for n in range(2 * rate)]).clip("mp4"))
    assert seconds == pytest.approx(1.0, abs=0.01)
    assert len(frames) == RATE
    assert frames[0].shape[:2] == (480, 640)
    shades = [int(frame[0, 0, 0]) for frame in frames]
    assert shades == sorted(shades)
    assert (shades[0], shades[-1]) == (pytest.approx(0, abs=4), pytest.approx(127, abs=8))


@pytest.mark.parametrize("name", ["sticker-webp", "sticker-webm"])
def test_a_sticker_is_the_emoji_on_nothing_and_small_enough_for_a_messenger(name: str) -> None:
    recorder = Recorder(4.0)
    for number in range(96):
        act = Act(Recipe(), frozenset(), Play(jaw=number / 95), 0.3 * math.sin(number / 9))
        # The picture behind it, which no sticker may show, is black.
        recorder.add(colored(0), number / RATE, act)
    sticker = recorder.clip(name)
    most = KINDS[name].most_bytes
    assert most is not None and 0 < len(sticker) <= most
    if name == "sticker-webm":
        frames, seconds = film_frames(sticker, "libvpx-vp9")
        assert seconds <= 3
    else:
        image = Image.open(io.BytesIO(sticker))
        frames = [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]
    assert all(frame.shape == (512, 512, 4) for frame in frames)
    assert all(frame[4, 4, 3] < 8 for frame in frames), "the corner is transparent"
    assert all(frame[256, 256, 3] > 247 for frame in frames), "the face is not"
    assert np.abs(frames[0].astype(int) - frames[-1]).max() > 100, "it moves"


def test_without_an_emoji_there_are_no_stickers() -> None:
    recorder = recorded([0.0, 0.5])
    assert recorder.kinds == ("mp4", "gif", "webp")
    with pytest.raises(KeyError):
        recorder.clip("sticker-webp")


@pytest.mark.parametrize("name", ["mp4", "gif", "webp"])
def test_progress_is_told_while_a_file_is_made(name: str) -> None:
    told: list[float] = []
    recorded([number / RATE for number in range(RATE)]).clip(name, told.append)
    assert told == sorted(told)
    assert len(told) >= RATE / SPARE
    assert told[-1] == 1.0


def test_progress() -> None:
    recorder = Recorder(2.0)
    assert recorder.recording == Recording(0.0, False)
    with pytest.raises(ValueError, match="Nothing was recorded"):
        recorder.clip("gif")
    for number in range(48):
        recorder.add(colored(0), number / RATE)
    assert recorder.recording == Recording(1.0, True)


def test_a_recording_that_is_stopped_is_as_long_as_until_then() -> None:
    recorder = Recorder(10.0)
    for number in range(20):
        recorder.add(colored(0), number / 20)
    recorder.stop()
    recorder.add(colored(0), 5.0)
    assert recorder.recording.done and recorder.recording.progress == pytest.approx(0.1, abs=0.01)
    assert film_frames(recorder.clip("mp4"))[1] == pytest.approx(1.0, abs=0.05)


def test_a_clock_that_starts_again_does_not_break_a_recording() -> None:
    recorder = recorded([50.0, 50.1, 0.0, 0.1, 0.2])
    assert 0 < recorder.recording.progress < 1


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1120, 480), (101, 81)])
def test_a_chats_size_in_the_videos_shape(width: int, height: int) -> None:
    recorder = Recorder(1.0)
    recorder.add(colored(9, width, height), 0.0)
    # The view changes in the middle: the frame changes its shape, the clip keeps its own.
    recorder.add(colored(200, 300, 300), 0.5)
    clip = Image.open(io.BytesIO(recorder.clip("gif")))
    assert max(clip.size) == pytest.approx(min(ANIMATION_SIDE, max(width, height)), abs=1)
    assert clip.width / clip.height == pytest.approx(width / height, rel=0.02)
    [first, *_], _ = film_frames(recorder.clip("mp4"))
    assert max(first.shape) == pytest.approx(min(SIDE, max(width, height)), abs=1)
    assert first.shape[1] / first.shape[0] == pytest.approx(width / height, rel=0.02)


@pytest.mark.parametrize("name", ["mp4", "webp", "gif"])
def test_the_license_is_in_the_file(name: str) -> None:
    clip = recorded([number / RATE for number in range(RATE)]).clip(name)
    assert b"CC BY-SA 4.0" in clip and b"OpenMoji" in clip


@pytest.mark.parametrize("seconds", [0.0, -1.0, 15.1, float("nan")])
def test_no_longer_than_fifteen_seconds(seconds: float) -> None:
    with pytest.raises(ValueError, match="up to 15 seconds"):
        Recorder(seconds)
