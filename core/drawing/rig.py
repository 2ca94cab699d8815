"""What openmojilayers/rig.toml says, as typed rows, and how a face is held: `Play`, its controls."""

from __future__ import annotations

import dataclasses
import functools
import math
import tomllib
from collections.abc import Mapping
from typing import Any

from core.drawing.artwork import Path, path_of
from core.drawing.catalogue import HOUSE
from core.models.labels import MOVEMENTS


@dataclasses.dataclass(frozen=True)
class Play:
    """How a face is held. Controls are from 0 to 1, those that can go both ways from -1; 0 is at rest.

    Left and right are the person's own. look_across, aside and turn are positive towards the right of the picture,
    which is the person's left; look_down and nod towards its lower edge. turn, nod: of the limits of rig.toml.
    """

    blink_left: float = 0.0
    blink_right: float = 0.0
    squint_left: float = 0.0
    squint_right: float = 0.0
    wide_left: float = 0.0
    wide_right: float = 0.0
    look_across: float = 0.0
    look_down: float = 0.0
    inner_brow_left: float = 0.0
    inner_brow_right: float = 0.0
    outer_brow_left: float = 0.0
    outer_brow_right: float = 0.0
    smile_left: float = 0.0
    smile_right: float = 0.0
    frown_left: float = 0.0
    frown_right: float = 0.0
    stretch_left: float = 0.0
    stretch_right: float = 0.0
    pucker: float = 0.0
    teeth: float = 0.0
    jaw: float = 0.0
    aside: float = 0.0
    turn: float = 0.0
    nod: float = 0.0

    @classmethod
    def of(cls, movements: Mapping[str, float], yaw: float = 0.0, pitch: float = 0.0) -> Play:
        """What movements {name: 0 to 1} and a head's yaw and pitch in degrees (see `Motion`) make of an emoji."""
        house = rig()
        values = {name: control.value(movements) for name, control in house.controls.items()}
        for left in [name for name in values if name.endswith("_left")]:
            right = f"{left.removesuffix('_left')}_right"
            values[left], values[right] = _together(values[left], values[right], house.limits.together)
        turn, nod = _within(yaw / house.limits.yaw), _within(pitch / house.limits.pitch)
        return cls(**values, turn=turn, nod=nod)

    def mirrored(self) -> Play:
        """What a mirror shows: left and right exchanged."""
        values = dataclasses.asdict(self)
        for name in values:
            if name.endswith("_left"):
                other = f"{name.removesuffix('_left')}_right"
                values[name], values[other] = values[other], values[name]
        return Play(**values | {name: -values[name] for name in ("look_across", "aside", "turn")})


@dataclasses.dataclass(frozen=True)
class Control:
    """The sum of movements times weights, 0 up to `begins` and 1 from `full` on; below zero likewise, to -1."""

    begins: float
    full: float
    of: Mapping[str, float]

    def value(self, movements: Mapping[str, float]) -> float:
        total = sum(weight * movements[name] for name, weight in self.of.items())
        share = (abs(total) - self.begins) / (self.full - self.begins)
        one_way = all(weight > 0 for weight in self.of.values())
        return math.copysign(min(1.0, max(0.0, share)), 1.0 if one_way else total)


@dataclasses.dataclass(frozen=True)
class Limits:
    """yaw, pitch: degrees; together: of 1; lean: of the head's tilt; rig.toml explains them."""

    yaw: float
    pitch: float
    together: float
    lean: float


@dataclasses.dataclass(frozen=True)
class Depth:
    """Units of the picture to the side at the full turn and down at the full nod; the share of width that is lost.

    ends, held_by: how far from the middle its ends begin to go with another layer, and where they wholly do.
    """

    across: float = 0.0
    down: float = 0.0
    narrow: float = 0.0
    ends: tuple[float, ...] = ()
    held_by: str = ""


@dataclasses.dataclass(frozen=True)
class MouthKey:
    """One drawn mouth: its opening, the outer edge of its lips, and how far teeth and tongue reach in, in units."""

    teeth: float
    tongue: float
    ring: Path
    lips: Path


@dataclasses.dataclass(frozen=True, eq=False)
class Rig:
    """All of it. reach: {name: units of the grid, or shares}; mouth: {expression: {closed, teeth, open: key}}."""

    controls: Mapping[str, Control]
    limits: Limits
    reach: Mapping[str, float]
    brow: tuple[float, float]
    eye: tuple[float, float]
    depth: Mapping[str, Depth]
    lid: Mapping[str, Path]
    mouth: Mapping[str, Mapping[str, MouthKey]]


@functools.cache
def rig() -> Rig:
    """The tables of rig.toml. Raises ValueError for a movement that there is not, or a key of another structure."""
    table: dict[str, Any] = tomllib.loads((HOUSE / "rig.toml").read_text("utf-8"))
    found = Rig(
        controls={name: Control(**row) for name, row in table["controls"].items()},
        limits=Limits(**table["limits"]),
        reach=table["reach"],
        brow=tuple(table["places"]["brow"]),
        eye=tuple(table["places"]["eye"]),
        depth={
            name: Depth(**row | {"ends": tuple(row.get("ends", ()))}) for name, row in table["depth"].items()
        },
        lid={name: path_of(d) for name, d in table["lid"].items()},
        mouth={
            name: {
                row: MouthKey(key["teeth"], key["tongue"], path_of(key["ring"]), path_of(key["lips"]))
                for row, key in rows.items()
            }
            for name, rows in table["mouth"].items()
        },
    )
    for name, control in found.controls.items():
        if unknown := control.of.keys() - set(MOVEMENTS):
            raise ValueError(f"rig.toml: {name} asks for {min(unknown)}, which is no movement")
    keys = [key for rows in found.mouth.values() for key in rows.values()]
    for paths in (list(found.lid.values()), [key.ring for key in keys], [key.lips for key in keys]):
        if len({structure(path) for path in paths}) != 1:
            raise ValueError("rig.toml: key shapes that are mixed must have the same structure")
    return found


def structure(path: Path) -> str:
    """The verbs of a path: paths with the same ones can be mixed."""
    return "".join(verb for verb, _ in path.commands)


def _together(left: float, right: float, limit: float) -> tuple[float, float]:
    """Two sides as they move: as one when they hardly differ, each by itself when they do."""
    middle, half = (left + right) / 2, (left - right) / 2
    half *= min(1.0, abs(left - right) / limit) if limit else 1.0
    return middle + half, middle - half


def _within(value: float) -> float:
    return min(1.0, max(-1.0, value))
