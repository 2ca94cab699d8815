"""core/live/curves.py: noise does not show, a blink does, and movements are measured from the face's own rest."""

import dataclasses
import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from core.drawing.rig import Play
from core.live.curves import Curves, OneEuro, Rest
from core.live.mirror import RELAXING, Mirror, View
from core.live.steady import PACE
from core.models.labels import MOVEMENTS
from core.seeing.face import crop_of
from core.seeing.motion import Motion
from core.seeing.reading import Reader
from tests.live.mirrors import still
from tests.video import RATE, Portrait

NOISE, QUALITY = 4.0, 85
"""Of a camera's sensor, standard deviation in gray levels; of its JPEGs."""


def motion(
    yaw: float = 0.0, pitch: float = PACE.usual_pitch, sureness: float = 1.0, **movements: float
) -> Motion:
    values = dict.fromkeys(MOVEMENTS, 0.0) | movements
    return Motion(values, yaw, pitch, 0.0, np.zeros((70, 2), np.float32), sureness)


def test_a_still_face_with_noise_holds_still(look: Callable[..., Mirror], person: Portrait) -> None:
    face = person.frame(still())
    mirror, rng = look(view=View.only), np.random.default_rng(1)
    plays, movements = [], []
    for number in range(300):
        noisy = np.clip(face + rng.normal(0, NOISE, face.shape), 0, 255).astype(np.uint8)
        jpeg = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        mirror.frame(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8), number / RATE)
        seen = mirror.seen
        assert seen.play is not None and seen.held is not None
        plays.append(list(dataclasses.asdict(seen.play).values()))
        movements.append(list(seen.held.movements.values()))
    for curves in (np.array(plays[30:]), np.array(movements[30:])):
        trembling = np.percentile(np.abs(curves - np.median(curves, 0)), 95, axis=0)
        assert trembling.max() < 0.015


@pytest.mark.parametrize(("noise", "quality", "most"), [(10.0, 50, 0.02), (16.0, 30, 0.03)])
def test_a_poor_camera_makes_a_still_face_tremble_little(
    noise: float, quality: int, most: float, reader: Reader, person: Portrait
) -> None:
    """The movements of 300 pictures of one face, as the mirror reads and smooths them, without drawing them."""
    window = still(120 + 120j)
    face = person.frame(window, (240, 240))
    curves, rng = Curves(), np.random.default_rng(1)
    raw, smooth = [], []
    for number in range(300):
        noisy = np.clip(face + rng.normal(0, noise, face.shape), 0, 255).astype(np.uint8)
        jpeg = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        shown = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
        motion = reader.read_motion(crop_of(shown, window))
        held = curves.add(motion, number / RATE)
        raw.append(list(motion.movements.values()))
        smooth.append([*held.movements.values()])
    trembling, before = (
        np.percentile(np.abs(values - np.median(values, 0)), 95, axis=0).max()
        for values in (np.array(smooth[30:]), np.array(raw[30:]))
    )
    assert trembling < most
    assert trembling < before / 2, "the curves take most of it away"


@pytest.mark.parametrize("eyes", [("Left", "Right"), ("Left",), ("Right",)])
def test_a_blink_of_a_tenth_of_a_second_is_shown(eyes: tuple[str, ...]) -> None:
    curves, rng = Curves(), np.random.default_rng(2)
    shown: list[Play] = []
    blink = [0.1] * 30 + [0.35, 0.6, 0.35] + [0.1] * 30
    for number, value in enumerate(blink):
        lids = {f"eyeBlink{side}": value if side in eyes else 0.1 for side in ("Left", "Right")}
        noisy = {name: float(np.clip(lid + rng.normal(0, 0.01), 0, 1)) for name, lid in lids.items()}
        held = curves.add(motion(**noisy), number / RATE)
        shown.append(Play.of(held.movements, held.yaw, held.pitch))
    for side in ("Left", "Right"):
        lid = [getattr(play, f"blink_{side.lower()}") for play in shown]
        assert max(lid[:30]) == 0 and max(lid[-15:]) == 0, "open eyes stay open"
        if side in eyes:
            assert max(lid) > 0.7
            assert sum(value > 0.5 for value in lid) <= 4, "it is over when it is over"
        else:
            assert max(lid) < 0.1, "the other eye does not wink along"


def test_movements_are_measured_from_the_rest() -> None:
    curves = Curves(Rest({"mouthFrownLeft": 0.2, "browInnerUp": 0.5}, yaw=4.0, pitch=12.0))
    held = curves.add(motion(4.0, 2.0, mouthFrownLeft=0.2, browInnerUp=0.75, jawOpen=0.3), 0.0)
    assert held.movements["mouthFrownLeft"] == 0
    assert held.movements["browInnerUp"] == pytest.approx(0.5)
    assert held.movements["jawOpen"] == pytest.approx(0.3)
    assert (held.yaw, held.pitch) == (0.0, -10.0)


def test_two_seconds_of_rest_set_the_zero_and_a_blink_within_does_not_count() -> None:
    curves = Curves()
    curves.relax()
    assert curves.relaxed(5.0) == 0.0
    for number in range(62):
        blink = 0.7 if number in (30, 31, 32) else 0.12
        curves.add(motion(3.0, 14.0, mouthFrownLeft=0.3, eyeBlinkLeft=blink), 5.0 + number / RATE)
        if number == 30:
            assert curves.relaxed(6.0) == pytest.approx(0.5)
    assert curves.relaxed(7.1) is None
    assert curves.rest.movements["eyeBlinkLeft"] == pytest.approx(0.12)
    assert (curves.rest.yaw, curves.rest.pitch) == (3.0, 14.0)
    held = curves.add(motion(3.0, 14.0, mouthFrownLeft=0.3), 7.2)
    assert held.movements["mouthFrownLeft"] == pytest.approx(0, abs=0.02)
    # Once more, and given up: the rest stays.
    curves.relax()
    curves.add(motion(sureness=1.0), 8.0)
    curves.stop_relaxing()
    assert curves.relaxed(8.1) is None and curves.rest.yaw == 3.0


def test_what_is_hardly_a_face_is_no_rest() -> None:
    curves = Curves()
    curves.relax()
    for number in range(90):
        curves.add(motion(40.0, sureness=0.2), number / RATE)
    assert curves.is_relaxing and curves.rest == Rest()


def test_the_mirror_measures_a_rest_and_says_so(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(view=View.only)
    frame = person.frame(still())
    mirror.frame(frame, 0.0)
    assert mirror.seen.play is not None and mirror.seen.play.smile_left > 0.9
    mirror.relax()
    mirror.frame(frame, 0.1)
    assert mirror.seen.message == RELAXING and mirror.seen.relaxed == 0.0
    for number in range(12):
        mirror.frame(frame, 0.2 + number * 0.2)
    assert mirror.seen.relaxed is None and mirror.seen.message != RELAXING
    assert mirror.rest.movements["mouthSmileLeft"] > 0.5
    assert mirror.seen.play.nod == pytest.approx(0, abs=0.1)


def test_a_filter_follows_a_step_and_smooths_noise() -> None:
    smooth = OneEuro(0.5, 2.0, 2.0)
    rng = np.random.default_rng(3)
    values = rng.normal(0.5, 0.02, 300)
    shown = [float(smooth.add(np.array([value]), number / RATE)[0]) for number, value in enumerate(values)]
    assert np.std(shown[30:]) < 0.5 * np.std(values[30:])
    jump = [float(smooth.add(np.array([1.0]), 10 + number / RATE)[0]) for number in range(6)]
    assert jump[-1] > 0.95
    assert not math.isnan(float(smooth.add(np.array([1.0]), 10.0)[0])), "the same time twice"
