"""What is measured in a crop: on faces that are painted, so that what is right is known."""

import dataclasses

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.models.labels import REGIONS
from core.recipe.rules import MEASURED
from core.seeing import measurements
from core.seeing.measurements import COLORED, MEASUREMENTS, Measurements, mouth_dark
from core.seeing.windows import BEYOND

SKIN, HAIR, CLOTH, WALL = (215, 165, 135), (70, 45, 30), (40, 70, 150), (190, 200, 205)
HAT, RED, TEETH, MOUTH, RIM = (30, 90, 60), (190, 30, 50), (235, 230, 225), (45, 20, 20), (15, 15, 60)
SHOWN = {
    SKIN: "skin", HAIR: "hair", CLOTH: "clothes", WALL: "background", (20, 20, 20): "eyes", (170, 80, 80): "lips",
    HAT: "hat", RED: "lips", TEETH: "mouth", MOUTH: "mouth", RIM: "glasses",
}  # fmt: skip
"""{color in these paintings: what it stands for}."""


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


def measure(crop: NDArray[np.uint8]) -> tuple[Measurements, dict[str, str]]:
    """What is measured in a painting, of which each color's meaning is known."""
    far = [np.abs(crop.astype(int) - color).sum(2) for color in SHOWN]
    numbers = np.array([REGIONS.index(name) for name in SHOWN.values()], np.uint8)
    return measurements.measure(crop, numbers[np.argmin(far, 0)])


def near(color: str, expected: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.array(list(bytes.fromhex(color[1:]))) - expected).max() <= 6)


@pytest.mark.parametrize("top", [55, 62, 70])
def test_the_hairline_is_where_skin_begins(top: int) -> None:
    measured, colors = measure(painted(top=top))

    assert measured.forehead == pytest.approx(111 - top, abs=4)
    assert measured.fringe == pytest.approx(111 - top, abs=4)
    assert measured.fall == pytest.approx(0, abs=2) and measured.parting == pytest.approx(0, abs=4)
    assert near(colors["hair"], HAIR)


def test_hair_that_falls_to_one_side_is_parted_at_the_other() -> None:
    right, left = (measure(painted(top=72, tilt=tilt))[0] for tilt in (0.35, -0.35))

    assert right.parting is not None and right.fall is not None
    assert right.parting > 6 and right.fall > 8
    assert left.parting is not None and left.fall is not None
    assert left.parting < -6 and left.fall < -8


def test_a_forehead_that_is_covered_or_turned_away_is_unknown() -> None:
    covered = painted()
    covered[:108] = HAT  # down to the eyes
    turned = np.roll(painted(), 26, axis=1)

    for crop in (covered, turned):
        measured, _ = measure(crop)
        assert (measured.parting, measured.forehead, measured.fall, measured.fringe) == (None,) * 4


@pytest.mark.parametrize(
    ("inside", "dark", "light"),
    [
        # Closed, showing teeth, and wide open.
        (None, (0.0, 0.02), (0.0, 0.02)),
        (TEETH, (0.0, 0.02), (0.1, 0.4)),
        (MOUTH, (0.1, 0.4), (0.0, 0.02)),
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


def test_lips_have_a_color_and_are_redder_than_the_face() -> None:
    faint, strong = painted(), painted()
    strong[146:160, 74:104] = RED

    (faint_numbers, _), (strong_numbers, colors) = measure(faint), measure(strong)

    assert faint_numbers.lip_redness is not None and strong_numbers.lip_redness is not None
    assert strong_numbers.lip_redness > faint_numbers.lip_redness + 10
    assert near(colors["lips"], RED)


def test_rims_of_glasses_are_dark_and_have_a_color() -> None:
    bare, rimmed = painted(), painted()
    for x in (69, 108):
        cv2.rectangle(rimmed, (x - 15, 98), (x + 15, 126), RIM, 4)
    cv2.line(rimmed, (80, 106), (98, 106), RIM, 4)

    (without, no_colors), (with_glasses, colors) = measure(bare), measure(rimmed)

    assert without.rims is not None and with_glasses.rims is not None
    assert without.rims < 0.2 and with_glasses.rims > 0.6
    assert near(colors["glasses"], RIM) and "glasses" not in no_colors


def test_clothes_are_told_from_skin() -> None:
    dressed, bare = measure(painted()), measure(painted(cloth=SKIN))

    assert dressed[0].shoulders is not None and bare[0].shoulders is not None
    assert dressed[0].shoulders > 30 and bare[0].shoulders < 8
    assert near(dressed[1]["clothes"], CLOTH)
    assert "clothes" not in bare[1]


def test_skin_and_background_have_their_colors() -> None:
    _, colors = measure(painted())

    assert near(colors["skin"], SKIN) and near(colors["background"], WALL)


def test_the_outline_of_hair_is_measured_at_both_sides() -> None:
    crop = painted()
    crop[100:181, 30:50] = HAIR

    measured, _ = measure(crop)

    assert measured.hair_left == pytest.approx(180 - 111, abs=1)
    # Where the round of the hair is that far from the middle of the face.
    assert measured.hair_right == pytest.approx(100 + 82 * (1 - (36 / 66) ** 2) ** 0.5 - 111, abs=2)
    assert measured.hair_top == pytest.approx(111 - 18, abs=2)
    assert measured.hair_width == pytest.approx(2 * 66, abs=3)


def test_strands_of_two_colors_spread() -> None:
    streaked = painted()
    columns = np.arange(178)
    hair = np.abs(streaked.astype(int) - HAIR).sum(2) < 40
    streaked[hair & (columns % 4 < 2)] = np.add(HAIR, 22)

    plain, two = (measure(crop)[0].strands for crop in (painted(), streaked))

    assert plain is not None and two is not None
    assert two > plain + 2


def test_gray_beyond_the_photo_is_no_background() -> None:
    crop = painted()
    crop[:, :60] = BEYOND

    _, colors = measure(crop)

    assert near(colors["background"], WALL)


def test_hair_on_one_shoulder_does_not_count_as_cloth() -> None:
    crop = painted()
    crop[190:, 15:62] = HAIR

    _, colors = measure(crop)

    assert near(colors["clothes"], CLOTH)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_color_is_measured(level: int) -> None:
    measured, colors = measure(np.full((218, 178, 3), level, np.uint8))

    assert all(value is None or np.isfinite(value) for value in dataclasses.asdict(measured).values())
    assert colors.keys() <= set(COLORED)
    assert dataclasses.asdict(measured).keys() == set(MEASUREMENTS)


def test_rules_compare_colors_that_are_measured() -> None:
    assert MEASURED.keys() <= set(COLORED)
