"""What can be measured in an aligned crop: where the hairline runs, how dark the mouth is, what is bare, what color it
all has.

What each pixel shows says the face parser (`core/seeing/parsing.py`). Numbers are None where there is nothing to
measure: with a hand, a hat or sunglasses over the forehead, or with a face that is turned far.

On the 100 CelebAMask-HQ validation faces of data/parsing, with what is measured in the masks that people drew: parting,
forehead, fall, fringe and jaw correlate by 0.91, 0.92, 0.95, 0.90 and 0.94, and half of them are right to 1.8 pixels;
by the skin's color alone they correlated by 0.73, 0.62, 0.71, 0.60 and 0.60.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colors import hex_color
from core.models.labels import REGIONS
from core.seeing.colors import LIGHTNESS
from core.seeing.windows import BEYOND

Box = tuple[int, int, int, int]
"""Top, bottom, left, right in pixels of the canonical frame."""

Mask = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Pixels = TypeVar("Pixels", NDArray[np.uint8], Floats)


@dataclass(frozen=True)
class Measurements:
    """Numbers measured in an aligned crop, in pixels of the canonical frame where nothing else is said; None: unknown.

    parting: where the hairline is highest, to the right (+) or left (-) of the face's middle;
    forehead: from the line of the eyes up to the highest point of the hairline;
    fall: how much lower the hair hangs over the forehead at the left of the picture than at the right;
    fringe: from the line of the eyes up to the hairline over the middle of the face;
    jaw: width of the face at the height of the lower lip;
    mouth_dark, mouth_light: shares of the mouth's box, 0 to 1, that are an open mouth's dark and teeth;
    rims: how much darker than the face the darkest rows at the bridge of the nose and under the eyes are, as a share of
    its lightness: the rims of glasses, if there are any;
    lip_redness: how much redder lips are than the face, in CIELAB's a*;
    shoulders, chest, neckline: how far the color there is from the face's, in CIELAB; bare skin is under `BARE`;
    hair_left, hair_right: how far below the line of the eyes hair reaches at that side of the picture, where the crop
    ends at the latest; hair_top: from the line of the eyes up to the top of the hair; hair_width: its width where it is
    widest; strands: standard deviation of its lightness, 0 to 100.
    """

    parting: float | None = None
    forehead: float | None = None
    fall: float | None = None
    fringe: float | None = None
    jaw: float | None = None
    rims: float | None = None
    mouth_dark: float | None = None
    mouth_light: float | None = None
    lip_redness: float | None = None
    shoulders: float | None = None
    chest: float | None = None
    neckline: float | None = None
    hair_left: float | None = None
    hair_right: float | None = None
    hair_top: float | None = None
    hair_width: float | None = None
    strands: float | None = None


MEASUREMENTS: tuple[str, ...] = tuple(field.name for field in fields(Measurements))
"""The names of all measurements."""
COLORED = ("hair", "hat", "lips", "clothes", "inner", "skin", "glasses", "background")
"""Places whose color is measured; "inner" is the middle of the chest, "glasses" their rims."""

FACE: Box = (125, 160, 60, 118)
"""Skin, whatever else is in the picture: the cheeks, nose and mouth."""
BARE = 16
"""A place that differs less than this from the face, in CIELAB, is bare skin."""
EYES = 111
"""Row of the eyes in the canonical frame."""
MIDDLE = 89
"""Column of the middle of the face."""

_OF_A_FACE = ("skin", "brows", "eyes", "glasses", "lips", "mouth")
"""Regions that a face is made of below its hairline."""
_ENOUGH = {"hair": 120, "clothes": 120, "background": 120, "skin": 120, "lips": 25, "glasses": 25}
"""{region: how many pixels of it its color takes}."""
_FRAME = 70
"""Percentile of how unlike the face they are from which pixels of glasses are frame: behind lenses is the face."""
_EAR = 36
"""Columns from the middle of the face from which hair is beside it."""
_BRIDGE: Box = (98, 120, 84, 94)
_UNDER_EYES: tuple[Box, ...] = ((118, 136, 60, 80), (118, 136, 98, 118))
_MOUTH: Box = (138, 170, 68, 111)
_DARK = 0.42
"""The dark of an open mouth has less than this share of the face's lightness."""
_HAT: Box = (40, 62, 55, 123)
_SHOULDERS: tuple[Box, ...] = ((200, 218, 18, 52), (200, 218, 126, 160))
_CHEST: Box = (206, 218, 80, 98)
_NECKLINE: tuple[Box, ...] = ((202, 218, 56, 74), (202, 218, 104, 122))
_STEEP = 3.0
"""Rows below its top at which a point of the hairline counts a third for where the top is."""
_BROWS = 94
"""The row from which the hairline is searched upwards."""
_ASKEW = 40
"""A face whose two halves, at the height of nose and mouth, differ by more than this is turned too far."""


def measure(crop: NDArray[np.uint8], regions: NDArray[np.uint8]) -> tuple[Measurements, dict[str, str]]:
    """The measurements of an aligned crop, RGB (218, 178, 3), and the colors that were found: {place: #rrggbb}.

    regions: what each pixel shows, (218, 178), numbers of REGIONS (see `core.seeing.parsing.on_crop`). The places are
    those of COLORED.
    """
    lab = _cielab(crop)
    inside = (crop != BEYOND).any(2)
    shown = {name: (regions == number) & inside for number, name in enumerate(REGIONS)}
    face = np.median(_cut(lab, FACE).reshape(-1, 3), 0)
    skin = np.logical_or.reduce([shown[name] for name in _OF_A_FACE])
    line = _hairline(skin)
    numbers: dict[str, float | None] = {} if line is None else _forehead(line)
    numbers["jaw"] = float(skin[160:165, 30:150].sum(1).mean())
    numbers["rims"] = _rims(lab, face)
    numbers |= _mouth(lab, face, shown["lips"])
    numbers |= _chest(lab, face)
    numbers |= _hair(lab[..., 0], shown["hair"])
    return Measurements(**numbers), _colors(crop, lab, face, shown)


def mouth_dark(crop: NDArray[np.uint8]) -> float:
    """`Measurements.mouth_dark` of an aligned crop, RGB (218, 178, 3), alone: what a mirror asks for in every frame."""
    mouth, face = (_cielab(_cut(crop, box)) for box in (_MOUTH, FACE))
    return _dark_share(_smoothed(mouth), np.median(face.reshape(-1, 3), 0))


def _hairline(skin: Mask) -> Floats | None:
    """The highest row of skin above the brows in columns 50 to 128, smoothed, NaN where there is none.

    None when it cannot be told: too few columns, or a face that is turned.
    """
    left, right = skin[120:150, :MIDDLE].sum(1).mean(), skin[120:150, MIDDLE:].sum(1).mean()
    if abs(left - right) > _ASKEW:
        return None
    above = skin[20 : _BROWS + 1, 50:129][::-1]
    # A brow or a strand of hair may interrupt the forehead for five rows.
    holes = np.stack([~np.pad(above, ((0, 5), (0, 0)))[i : i + len(above)] for i in range(6)]).all(0)
    ends = np.where(holes.any(0), holes.argmax(0), len(above))
    rows = np.where(np.arange(len(above))[:, None] < ends, above, False)
    tops = np.where(rows.any(0), len(above) - 1 - rows[::-1].argmax(0), -1)
    known = tops >= 0
    if known.sum() < 40:
        return None
    columns = np.arange(50, 129)
    line = np.interp(columns, columns[known], _BROWS - tops[known].astype(np.float64))
    line = np.convolve(np.pad(line, 2, mode="edge"), np.ones(5) / 5, "valid")
    line[~known] = np.nan
    return line


def _forehead(line: Floats) -> dict[str, float | None]:
    columns = np.arange(50, 129)
    top = np.nanmin(line)
    weights = np.nan_to_num(np.exp(-(line - top) / _STEEP))

    def mean(first: int, last: int) -> float:
        part = line[first - 50 : last + 1 - 50]
        return float(_BROWS if np.isnan(part).all() else np.nanmean(part))

    return {
        "parting": float((weights * columns).sum() / weights.sum() - MIDDLE),
        "forehead": float(EYES - top),
        "fall": mean(56, 76) - mean(102, 122),
        "fringe": EYES - mean(80, 98),
    }


def _hair(lightness: Floats, hair: Mask) -> dict[str, float | None]:
    if hair.sum() < _ENOUGH["hair"]:
        return {}
    # A few pixels are no hair.
    rows, columns = (np.flatnonzero(hair.sum(axis) > 2) for axis in (1, 0))
    sides = (hair[:, : MIDDLE - _EAR], hair[:, MIDDLE + _EAR :])
    ends = [np.flatnonzero(side.sum(1) > 2) for side in sides]
    left, right = (float(end[-1] - EYES) if len(end) else None for end in ends)
    return {
        "hair_left": left,
        "hair_right": right,
        "hair_top": float(EYES - rows[0]) if len(rows) else None,
        "hair_width": float(columns[-1] - columns[0]) if len(columns) else None,
        "strands": float(lightness[hair].std()),
    }


def _rims(lab: Floats, face: Floats) -> float:
    bridge = face[0] - _cut(lab, _BRIDGE)[..., 0].mean(1).min()
    under = [
        np.median(np.median(rows, 0) - rows.min(0))
        for box in _UNDER_EYES
        for rows in [_cut(lab, box)[..., 0]]
    ]
    return float((bridge + np.mean(under)) / 2 / max(face[0], 1))


def _mouth(lab: Floats, face: Floats, lips: Mask) -> dict[str, float | None]:
    box = _smoothed(_cut(lab, _MOUTH))
    dull = np.hypot(box[..., 1], box[..., 2]) < 0.62 * np.hypot(face[1], face[2])
    return {
        "mouth_dark": _dark_share(box, face),
        "mouth_light": float((dull & (box[..., 0] > face[0] - 8)).mean()),
        "lip_redness": float(np.median(lab[..., 1][lips]) - face[1])
        if lips.sum() >= _ENOUGH["lips"]
        else None,
    }


def _cielab(pixels: NDArray[np.uint8]) -> Floats:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _smoothed(mouth: Floats) -> Floats:
    """Without the noise of single pixels, which could be dark in any mouth."""
    return np.asarray(cv2.GaussianBlur(mouth, (0, 0), 0.7), np.float32)


def _dark_share(mouth: Floats, face: Floats) -> float:
    return float((mouth[..., 0] < _DARK * face[0]).mean())


def _chest(lab: Floats, face: Floats) -> dict[str, float | None]:
    def bareness(boxes: Sequence[Box]) -> float:
        scale = np.array([LIGHTNESS, 1, 1], np.float32)
        return min(
            float(np.linalg.norm((np.median(_cut(lab, box).reshape(-1, 3), 0) - face) * scale))
            for box in boxes
        )

    return {"shoulders": bareness(_SHOULDERS), "chest": bareness([_CHEST]), "neckline": bareness(_NECKLINE)}


def _colors(crop: NDArray[np.uint8], lab: Floats, face: Floats, shown: dict[str, Mask]) -> dict[str, str]:
    masks = {name: shown[name] for name in _ENOUGH} | {"skin": _within(shown["skin"], FACE)}
    if masks["glasses"].any():
        unlike = np.linalg.norm(lab - face, axis=2)
        masks["glasses"] &= unlike >= np.percentile(unlike[masks["glasses"]], _FRAME)
    colors = {name: _median(crop[mask]) for name, mask in masks.items() if mask.sum() >= _ENOUGH[name]}
    return colors | {"hat": _median(_cut(crop, _HAT)), "inner": _median(_cut(crop, _CHEST))}


def _within(mask: Mask, box: Box) -> Mask:
    top, bottom, left, right = box
    inside = np.zeros_like(mask)
    inside[top:bottom, left:right] = mask[top:bottom, left:right]
    return inside


def _cut(picture: Pixels, box: Box) -> Pixels:
    top, bottom, left, right = box
    return picture[top:bottom, left:right]


def _median(pixels: NDArray[np.uint8]) -> str:
    return hex_color(np.median(pixels.reshape(-1, 3), 0).tolist())
