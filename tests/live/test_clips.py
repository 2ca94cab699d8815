"""core/live/clips.py: as long as what it shows, small enough for a chat, and it says whose drawings it has."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image, ImageSequence

from core.live.clips import RATE, SIDE, Kind, Recorder
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


@pytest.mark.parametrize("kind", ["webp", "gif"])
@pytest.mark.parametrize(
    ("rate", "new"),
    [
        (30, 12),  # a quick video is thinned out
        (4, 4),  # a slow one is filled up: the clip is as long as what it shows
    ],
)
def test_a_second_is_a_second_whatever_the_videos_rate(kind: Kind, rate: int, new: int) -> None:
    recorder = recorded([100 + number / rate for number in range(2 * rate)])
    assert recorder.recording.done
    image = Image.open(io.BytesIO(recorder.clip(kind)))
    assert milliseconds(image) == pytest.approx(1000, abs=45)
    seen = shades(recorder.clip(kind))
    assert seen == sorted(seen)
    assert len([shade for shade, _ in itertools.groupby(seen)]) == pytest.approx(new, abs=1)


def test_progress() -> None:
    recorder = Recorder(2.0)
    assert (recorder.recording.progress, recorder.recording.done) == (0.0, False)
    with pytest.raises(ValueError, match="Nothing was recorded"):
        recorder.clip("gif")
    for number in range(40):
        recorder.add(colored(0), number / 20)
    assert (recorder.recording.progress, recorder.recording.done) == (1.0, True)


def test_a_clock_that_starts_again_does_not_break_a_recording() -> None:
    recorder = recorded([50.0, 50.1, 0.0, 0.1, 0.2])
    assert 0 < recorder.recording.progress < 1


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1120, 480), (100, 80)])
def test_a_chats_size_in_the_videos_shape(width: int, height: int) -> None:
    recorder = Recorder(1.0)
    recorder.add(colored(9, width, height), 0.0)
    # The view changes in the middle: the frame changes its shape, the clip keeps its own.
    recorder.add(colored(200, 300, 300), 0.5)
    clip = Image.open(io.BytesIO(recorder.clip("gif")))
    assert max(clip.size) == min(SIDE, max(width, height))
    assert clip.width / clip.height == pytest.approx(width / height, rel=0.01)


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_the_license_is_in_the_file(kind: Kind) -> None:
    clip = recorded([number / RATE for number in range(RATE)]).clip(kind)
    assert b"CC BY-SA 4.0" in clip and b"OpenMoji" in clip


@pytest.mark.parametrize("seconds", [0.0, -1.0, 10.1, float("nan")])
def test_no_longer_than_ten_seconds(seconds: float) -> None:
    with pytest.raises(ValueError, match="up to 10 seconds"):
        Recorder(seconds)
