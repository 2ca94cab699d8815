"""The live mirror against the clock: frames come in real time, thirty a second, whether anybody is ready or not.

One run has a single viewer, two viewers at once, and the reference way for comparison: the cascade and two passes of a
32-bit ResNeXt-50 (attributes and emotion, at the size of a CelebA crop) for every frame, inside the callback.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from cv2.data import haarcascades
from numpy.typing import NDArray

from benchmarks import elsewhere, limit
from benchmarks.measuring import warm
from benchmarks.picture import PERSON
from core.drawing.rig import Play
from core.live.mirror import Mirror, Settings, View
from core.live.service import AtOnce, Service
from core.live.sprites import Puppet
from core.live.views import Pose, compose
from core.models.labels import ATTRIBUTES, EMOTIONS
from core.seeing.face import find_faces
from core.seeing.motion import MotionReader
from core.seeing.photo import sample_photo
from core.seeing.reading import Reader
from core.seeing.windows import CANONICAL_SIZE, Window
from tests.video import RATE, sample_portrait, window_at

SECONDS, REFERENCE_SECONDS = 30.0, 15.0
"""How long the mirrors and the reference way are watched."""
OPEN = 0.5
"""How far teeth show, of 1, in a mouth that counts as open."""
SIDE = 360
"""Pixels of the emoji whose drawing is timed."""
WARM_UP = 5.0
"""Seconds of video before that: the models load, and who it is gets settled."""
GESTURE = 0.9
"""Seconds between the moments at which the mouth shuts or opens."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Watched:
    """Per second: emoji updates and video frames. latencies: ms from each movement of the mouth to the first frame
    whose emoji shows it."""

    updates: float
    frames: float
    latencies: tuple[float, ...]


def updates() -> list[float]:
    return [_viewers(1)[0].updates]


def video() -> list[float]:
    return [_viewers(1)[0].frames]


def latency() -> list[float]:
    return [float(np.percentile(_viewers(1)[0].latencies, 95))]


def reference() -> list[float]:
    return [_reference_updates()]


def gain() -> list[float]:
    return [updates()[0] / reference()[0]]


def motion() -> list[float]:
    """The motion network on one crop."""
    reader, crop = MotionReader(), find_faces(sample_photo())[0].crop
    return warm(lambda number: reader.read([crop]))


def drawing() -> list[float]:
    """A new play of somebody with more to draw than most, drawn and laid on a square, on one core."""
    puppet, rng = Puppet(PERSON, SIDE), np.random.default_rng(0)
    ground, names = np.zeros((SIDE, SIDE, 3), np.uint8), [field.name for field in fields(Play)]
    window = Window(complex(SIDE, SIDE) / 2, 60 * np.exp(0.1j))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)

    def run(number: int) -> Pixels:
        sprite = puppet.draw(Play(**dict(zip(names, rng.random(len(names)).tolist(), strict=True))))
        return compose(ground, View.only, False, Pose(window, sprite))

    try:
        return warm(run, runs=100)
    finally:
        cv2.setNumThreads(threads)


def two_viewers() -> list[float]:
    """The updates of each, as two values."""
    return [watched.updates for watched in _viewers(2)]


def multiply_adds() -> float:
    """Billions, of our networks for a frame, once it is settled who it is."""
    with limit.by_torch():
        mirror = Mirror(AtOnce(Reader()), Settings())
        frames = [frame for _, frame in _video()]
        settled, counted = round(WARM_UP * RATE), round(RATE)

        def show(first: int, count: int) -> None:
            for number in range(first, first + count):
                mirror.frame(frames[number % len(frames)], number / RATE)

        show(0, settled)
        return limit.multiply_adds(lambda: show(settled, counted)) / counted


@cache
def _video() -> tuple[tuple[bool, Pixels], ...]:
    """(whether the mouth is open, frame) of some seconds of the moving face, drawn beforehand."""
    laughing = sample_portrait()
    faces = {True: laughing, False: laughing.serious()}
    times = [number / RATE for number in range(round(6 * GESTURE * RATE))]
    is_open = [int(t / GESTURE) % 2 == 0 for t in times]
    return tuple((now, faces[now].frame(window_at(t))) for now, t in zip(is_open, times, strict=True))


def _camera(seconds: float) -> Iterator[tuple[float, bool, Pixels]]:
    """(when it was due, whether the mouth is open, frame), never before it is due; frames that nobody had time for
    are lost."""
    frames, number = _video(), 0
    start = time.perf_counter()
    while number < seconds * RATE:
        due = start + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        yield due, *frames[number % len(frames)]
        number = max(number + 1, int((time.perf_counter() - start) * RATE))


@cache
def _viewers(count: int) -> tuple[Watched, ...]:
    """What so many viewers see of mirrors that share one service."""
    _video()
    service = Service(Reader)
    watched: list[Watched] = []
    threads = [threading.Thread(target=lambda: watched.append(_watch(service))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    service.close()
    return tuple(watched)


def _watch(service: Service) -> Watched:
    mirror = Mirror(service, Settings())
    for due, _, frame in _camera(WARM_UP):
        mirror.frame(frame, due)
    rates: list[float] = []
    latencies: list[float] = []
    was_open, moved = None, None
    start = time.perf_counter()
    for due, is_open, frame in _camera(SECONDS):
        # The frame shows at least what is known before it is asked for.
        seen = mirror.seen
        mirror.frame(frame, due)
        rates.append(seen.updates_per_second)
        if moved is not None and seen.play is not None and (seen.play.teeth > OPEN) == was_open:
            latencies.append((time.perf_counter() - moved) * 1000)
            moved = None
        if was_open is not None and is_open != was_open:
            if moved is not None:
                latencies.append(GESTURE * 1000)  # it was not seen at all before the next one
            moved = due
        was_open = is_open
    seconds = time.perf_counter() - start
    mirror.close()
    return Watched(float(np.mean(rates)), len(rates) / seconds, tuple(latencies))


@cache
def _reference_updates() -> float:
    cascade = cv2.CascadeClassifier(str(Path(haarcascades) / "haarcascade_frontalface_default.xml"))
    networks = elsewhere.networks()
    answered, start = 0, 0.0
    for seconds in (WARM_UP, REFERENCE_SECONDS):
        answered, start = 0, time.perf_counter()
        for _, _, frame in _camera(seconds):
            boxes = cascade.detectMultiScale(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), 1.1, 5)
            for x, y, width, height in boxes[:1]:
                crop = cv2.resize(frame[y : y + height, x : x + width], CANONICAL_SIZE)
                answers = elsewhere.answers(networks, np.asarray(crop, np.uint8))
                assert [len(answer[0]) for answer in answers] == [len(ATTRIBUTES), len(EMOTIONS)]
                answered += 1
    return answered / (time.perf_counter() - start)
