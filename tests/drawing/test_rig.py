"""openmojilayers/rig.toml and core/drawing/rig.py: key shapes fit, controls work, sides move together or apart."""

import dataclasses
import itertools

import pytest

from core.drawing.catalogue import catalogue
from core.drawing.rig import Play, rig, structure
from core.models.labels import MOVEMENTS

REST = dict.fromkeys(MOVEMENTS, 0.0)


def test_key_shapes_that_are_mixed_have_the_same_structure() -> None:
    keys = [key for rows in rig().mouth.values() for key in rows.values()]
    assert {structure(key.ring) for key in keys} == {"MCCCCZ"}
    assert {structure(key.lips) for key in keys} == {"MCCCCCCZ"}
    assert {structure(path) for path in rig().lid.values()} == {"MCCCCZ"}
    assert all(tuple(rows) == ("closed", "teeth", "open") for rows in rig().mouth.values())
    assert next(iter(rig().mouth)) == "rest"


def test_key_mouths_are_even_on_both_sides() -> None:
    for key in (key for rows in rig().mouth.values() for key in rows.values()):
        for path in (key.ring, key.lips):
            values = list(itertools.chain.from_iterable(values for _, values in path.commands))
            points = list(zip(values[::2], values[1::2], strict=True))
            mirrored = sorted((72 - x, y) for x, y in points)
            for one, other in zip(sorted(points), mirrored, strict=True):
                assert one == pytest.approx(other, abs=0.02)


def test_every_row_speaks_of_what_there_is() -> None:
    house, fields = rig(), {field.name for field in dataclasses.fields(Play)}
    assert house.controls.keys() == fields - {"turn", "nod"}
    assert house.depth.keys() <= catalogue().layers.keys()
    assert {depth.held_by for depth in house.depth.values()} <= catalogue().layers.keys() | {""}


@pytest.mark.parametrize(
    ("movements", "expected"),
    [
        ({}, {}),
        ({"eyeBlinkLeft": 0.9}, {"blink_left": 1.0}),
        ({"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.9}, {"blink_left": 1.0, "blink_right": 1.0}),
        ({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}, {"smile_left": 1.0, "smile_right": 1.0}),
        ({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, {"look_across": 1.0}),
        ({"eyeLookOutRight": 1.0, "eyeLookInLeft": 1.0}, {"look_across": -1.0}),
        ({"jawOpen": 1.0}, {"jaw": 1.0}),
    ],
)
def test_movements_work_controls(movements: dict[str, float], expected: dict[str, float]) -> None:
    assert Play.of(REST | movements) == Play(**expected)


def test_a_head_turns_and_nods_up_to_its_limits() -> None:
    assert Play.of(REST, 15.0, -10.0) == Play(turn=0.5, nod=-0.5)
    assert Play.of(REST, -80.0, 80.0) == Play(turn=-1.0, nod=1.0)


def test_sides_that_hardly_differ_move_nearly_as_one() -> None:
    slight = Play.of(REST | {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.45})
    assert slight.smile_left == pytest.approx(slight.smile_right, abs=0.02)
    apart = Play.of(REST | {"mouthSmileLeft": 0.75, "mouthSmileRight": 0.1})
    assert (apart.smile_left, apart.smile_right) == (1.0, 0.0)


def test_a_mirror_exchanges_the_sides() -> None:
    play = Play(blink_left=1.0, smile_right=0.5, look_across=0.3, aside=-0.2, turn=0.7, nod=0.4, jaw=0.6)
    assert play.mirrored() == Play(
        blink_right=1.0, smile_left=0.5, look_across=-0.3, aside=0.2, turn=-0.7, nod=0.4, jaw=0.6
    )
    assert play.mirrored().mirrored() == play
