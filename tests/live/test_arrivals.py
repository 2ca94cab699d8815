"""core/live/arrivals.py: only a picture that comes, is bright enough and changes is called live."""

import numpy as np
import pytest

from core.live.arrivals import LATE_SECONDS, SAME_SECONDS, Arrival, Arrivals

RATE = 10


def still(level: float, number: int) -> np.ndarray:
    """A picture of this brightness with the noise of a video's compression."""
    noise = np.random.default_rng(number).normal(level, 2, (120, 160, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def moving(level: float, number: int) -> np.ndarray:
    """The same with something that goes through it, as bright as it can be."""
    picture = still(level, number)
    left = number * 5 % 120
    picture[40:80, left : left + 20] = np.minimum(255, 1.5 * level)
    return picture


@pytest.mark.parametrize(
    ("picture", "level", "seconds", "later", "state"),
    [
        (moving, 120, 8, 0.0, "live"),
        (moving, 40, 8, 0.0, "live"),  # a dim room
        (still, 0, 6, 0.0, "dark"),  # a covered camera
        (moving, 0, 1, 0.0, "dark"),
        (still, 120, SAME_SECONDS - 1, 0.0, "live"),
        (still, 120, SAME_SECONDS + 1, 0.0, "still"),
        (moving, 120, 8, LATE_SECONDS - 0.1, "live"),
        (moving, 120, 8, LATE_SECONDS + 0.1, "late"),
        (still, 0, 6, LATE_SECONDS + 0.1, "late"),
    ],
)
def test_what_is_said_of_frames(picture, level: float, seconds: float, later: float, state: Arrival) -> None:  # type: ignore[no-untyped-def]
    arrivals = Arrivals()
    count = round(seconds * RATE) + 1
    for number in range(count):
        arrivals.add(picture(level, number), number / RATE)
    assert arrivals.state((count - 1) / RATE + later) == state


def test_before_the_first_frame_nothing_is_live() -> None:
    assert Arrivals().state(100.0) == "none"


def test_a_picture_that_moves_again_is_live_again() -> None:
    arrivals = Arrivals()
    for number in range(70):
        arrivals.add(still(120, number), number / RATE)
    assert arrivals.state(6.9) == "still"
    arrivals.add(moving(120, 7), 7.0)
    assert arrivals.state(7.0) == "live"


def test_a_frame_whose_memory_is_used_again_is_a_frame_of_its_own() -> None:
    arrivals = Arrivals()
    pixels = moving(120, 0)
    for number in range(70):
        pixels[:] = moving(120, number)
        arrivals.add(pixels, number / RATE)
    assert arrivals.state(6.9) == "live"
