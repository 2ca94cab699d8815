"""What is measured in a crop: on faces that are painted, so that what is right is known."""

import dataclasses

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.recipe.rules import MEASURED
from core.seeing.measurements import MEASUREMENTS, measure, mouth_dark, skin_mask

SKIN, HAIR, CLOTH, WALL = (215, 165, 135), (70, 45, 30), (40, 70, 150), (190, 200, 205)


def painted(
    *,
    top: int = 62,
    tilt: float = 0.0,
    cloth: tuple[int, int, int] = CLOTH,
    hair: tuple[int, int, int] = HAIR,
) -> NDArray[np.uint8]:
    """A face in the canonical frame: its hairline is at row `top`, `tilt` rows higher a column to the right."""
    rows, columns = np.mgrid[:218, :178]
    crop = np.full((218, 178, 3), WALL, np.uint8)
    crop[np.hypot((columns - 89) / 66, (rows - 100) / 82) < 1] = hair
    face = np.hypot((columns - 89) / 41, (rows - 116) / np.where(rows < 116, 78, 62)) < 1
    crop[face & (rows > top - tilt * (columns - 89))] = SKIN
    crop[(rows > 165) & (abs(columns - 89) < 26)] = SKIN
    crop[(rows > 192) & (abs(columns - 89) > 20)] = cloth
    for x in (69, 108):
        cv2.circle(crop, (x, 111), 4, (20, 20, 20), -1)
    crop[150:156, 76:103] = (170, 80, 80)
    noise = np.random.default_rng(0).normal(0, 3, crop.shape)
    return np.clip(crop + noise, 0, 255).astype(np.uint8)


def test_skin_is_told_from_hair_clothes_and_wall() -> None:
    skin = skin_mask(painted())

    assert skin[90:145, 70:108].mean() > 0.97
    assert skin[:50].mean() < 0.01 and skin[195:, :60].mean() < 0.01 and skin[:, :30].mean() < 0.01


@pytest.mark.parametrize("top", [55, 62, 70])
def test_the_hairline_is_where_skin_begins(top: int) -> None:
    measured, colors = measure(painted(top=top))

    assert measured.forehead == pytest.approx(111 - top, abs=4)
    assert measured.fringe == pytest.approx(111 - top, abs=4)
    assert measured.fall == pytest.approx(0, abs=2) and measured.parting == pytest.approx(0, abs=4)
    assert np.abs(np.array(list(bytes.fromhex(colors["hair"][1:]))) - HAIR).max() <= 6


def test_hair_that_falls_to_one_side_is_parted_at_the_other() -> None:
    right, left = (measure(painted(top=72, tilt=tilt))[0] for tilt in (0.35, -0.35))

    assert right.parting is not None and right.fall is not None
    assert right.parting > 6 and right.fall > 8
    assert left.parting is not None and left.fall is not None
    assert left.parting < -6 and left.fall < -8


def test_a_forehead_that_is_covered_or_turned_away_is_unknown() -> None:
    covered = painted()
    covered[:108] = (30, 90, 60)  # a hat down to the eyes
    turned = np.roll(painted(), 26, axis=1)

    for crop in (covered, turned):
        measured, colors = measure(crop)
        assert (measured.parting, measured.forehead, measured.fall, measured.fringe) == (None,) * 4
        assert "hair" not in colors


@pytest.mark.parametrize(
    ("inside", "dark", "light"),
    [
        # Closed, showing teeth, and wide open.
        (None, (0.0, 0.02), (0.0, 0.02)),
        ((235, 230, 225), (0.0, 0.02), (0.1, 0.4)),
        ((45, 20, 20), (0.1, 0.4), (0.0, 0.02)),
    ],
)
def test_a_mouth_is_dark_or_shows_teeth(
    inside: tuple[int, int, int] | None, dark: tuple[float, float], light: tuple[float, float]
) -> None:
    crop = painted()
    if inside:
        crop[146:160, 78:102] = inside

    measured, _ = measure(crop)

    assert measured.mouth_dark is not None and dark[0] <= measured.mouth_dark <= dark[1]
    assert measured.mouth_light is not None and light[0] <= measured.mouth_light <= light[1]
    assert mouth_dark(crop) == pytest.approx(measured.mouth_dark, abs=0.01)


def test_lips_are_the_redder_part_of_the_mouth() -> None:
    faint, strong = painted(), painted()
    strong[146:160, 74:104] = (190, 30, 50)

    (faint_numbers, _), (strong_numbers, colors) = measure(faint), measure(strong)

    assert faint_numbers.lip_redness is not None and strong_numbers.lip_redness is not None
    assert strong_numbers.lip_redness > faint_numbers.lip_redness + 10
    assert np.abs(np.array(list(bytes.fromhex(colors["lips"][1:]))) - (190, 30, 50)).max() <= 8


def test_rims_of_glasses_are_dark() -> None:
    bare, rimmed = painted(), painted()
    for x in (69, 108):
        cv2.rectangle(rimmed, (x - 15, 98), (x + 15, 126), (15, 15, 15), 4)
    cv2.line(rimmed, (80, 106), (98, 106), (15, 15, 15), 4)

    (without, _), (with_glasses, _) = measure(bare), measure(rimmed)

    assert without.rims is not None and with_glasses.rims is not None
    assert without.rims < 0.2 and with_glasses.rims > 0.6


def test_clothes_are_told_from_skin() -> None:
    dressed, bare = measure(painted()), measure(painted(cloth=SKIN))

    assert dressed[0].shoulders is not None and bare[0].shoulders is not None
    assert dressed[0].shoulders > 30 and bare[0].shoulders < 8
    assert np.abs(np.array(list(bytes.fromhex(dressed[1]["clothes"][1:]))) - CLOTH).max() <= 6
    assert "clothes" not in bare[1]


def test_hair_on_one_shoulder_does_not_count_as_cloth() -> None:
    crop = painted()
    crop[190:, 15:62] = HAIR

    _, colors = measure(crop)

    assert np.abs(np.array(list(bytes.fromhex(colors["clothes"][1:]))) - CLOTH).max() <= 6


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_color_is_measured(level: int) -> None:
    measured, colors = measure(np.full((218, 178, 3), level, np.uint8))

    assert all(value is None or np.isfinite(value) for value in dataclasses.asdict(measured).values())
    assert colors.keys() <= MEASURED.keys() and dataclasses.asdict(measured).keys() == set(MEASUREMENTS)
