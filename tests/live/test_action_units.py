"""core/live/action_units.py: the units that were asked for, from movements that there are, over time."""

import pytest

from core.live.action_units import UnitReader, action_units
from core.models.labels import MOVEMENTS

REST = dict.fromkeys(MOVEMENTS, 0.0)


def test_every_unit_asks_for_movements_that_there_are() -> None:
    numbers = [int(code.removeprefix("AU")) for code in action_units()]
    assert numbers == [1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 17, 20, 23, 25, 26, 43, 45]
    for unit in action_units().values():
        assert unit.name and unit.says.endswith(".")
        assert {name for group in unit.of for name in group} <= set(MOVEMENTS)


@pytest.mark.parametrize(
    ("movements", "expected"),
    [
        ({}, {}),
        ({"browInnerUp": 0.6}, {"AU1": 0.6}),
        ({"mouthSmileLeft": 0.8, "mouthSmileRight": 0.4}, {"AU12": 0.6}),
        ({"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "eyeSquintLeft": 0.5, "eyeSquintRight": 0.5},
         {"AU12": 0.8, "AU6": 0.5, "AU7": 0.5}),
        ({"jawOpen": 0.5}, {"AU25": 0.5, "AU26": 0.5}),
        ({"mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4, "jawOpen": 0.1}, {"AU25": 0.4, "AU26": 0.1}),
    ],
)  # fmt: skip
def test_movements_tell_units(movements: dict[str, float], expected: dict[str, float]) -> None:
    units = UnitReader().add(REST | movements, 0.0)
    assert {code: value for code, value in units.items() if value} == pytest.approx(expected)


def test_a_blink_is_no_closed_eye_until_it_lasts() -> None:
    units = UnitReader()
    shut = REST | {"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.9}
    for number in range(30):
        units.add(REST, number / 30)
    seen = [units.add(shut, 1 + number / 30) for number in range(20)]
    assert [each["AU45"] for each in seen] == [0.9] * 20
    closed = [each["AU43"] for each in seen]
    assert closed[:14] == [0.0] * 14 and closed[-2:] == [0.9] * 2
    assert units.add(REST, 2.0)["AU43"] == 0
