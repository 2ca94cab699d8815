"""What the pixels of an aligned crop say by themselves: where the hairline runs, how dark the mouth is, what is bare.

No model is asked here. Skin is told from everything else by its color: two histograms, of what is surely face and of
what surely is not, are refined a few times, and a face's usual outline counts beside them. Numbers are None where that
breaks: with a hand, a hat or sunglasses over the forehead, or with a face that is turned far.

On 141 CelebAMask-HQ faces of data/parsing, where hair meets skin was compared with the masks that people drew: parting,
forehead, fall and fringe correlate by 0.75, 0.72, 0.83 and 0.74, and half of them are right to 2.5 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colors import hex_color
from core.seeing.colors import LIGHTNESS, differences

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
    shoulders, chest, neckline: how far the color there is from the face's, in CIELAB; bare skin is under `BARE`.
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


MEASUREMENTS: tuple[str, ...] = tuple(field.name for field in fields(Measurements))
"""The names of all measurements."""

FACE: Box = (125, 160, 60, 118)
"""Skin, whatever else is in the picture: the cheeks, nose and mouth."""
BARE = 16
"""A place that differs less than this from the face, in CIELAB, is bare skin."""
EYES = 111
"""Row of the eyes in the canonical frame."""
MIDDLE = 89
"""Column of the middle of the face."""

_SMALL = (89, 109)
"""Skin is told at half size: every pixel counts for four."""
_ROUNDS = 3
_BINS = (22, 16, 16)
_TOP, _BOTTOM = 28.7, 34.0
_OUTLINE_HALF_WIDTH, _OUTLINE_MIDDLE = 20.8, 62.3
"""The half ellipses, pixels at half size, inside of which a pixel is more often skin than not, and where they meet;
like OUTLINE_SURENESS fitted to the mean of 250 CelebAMask-HQ masks of data/parsing."""
_OUTLINE_SURENESS, _OUTLINE_WEIGHT = 6.7, 0.8

_BRIDGE: Box = (98, 120, 84, 94)
_UNDER_EYES: tuple[Box, ...] = ((118, 136, 60, 80), (118, 136, 98, 118))
_MOUTH: Box = (138, 170, 68, 111)
_DARK = 0.42
"""The dark of an open mouth has less than this share of the face's lightness."""
_HAT: Box = (40, 62, 55, 123)
_CLOTHES: tuple[Box, ...] = ((196, 218, 20, 60), (196, 218, 118, 158))
_SHOULDERS: tuple[Box, ...] = ((200, 218, 18, 52), (200, 218, 126, 160))
_CHEST: Box = (206, 218, 80, 98)
_NECKLINE: tuple[Box, ...] = ((202, 218, 56, 74), (202, 218, 104, 122))
_STEEP = 3.0
"""Rows below its top at which a point of the hairline counts a third for where the top is."""
_BROWS = 94
"""The row from which the hairline is searched upwards."""
_ASKEW = 14
"""A face whose two halves, at the height of nose and mouth, differ by more than this is turned too far."""


def measure(crop: NDArray[np.uint8]) -> tuple[Measurements, dict[str, str]]:
    """The measurements of an aligned crop, RGB (218, 178, 3), and the colors that were found: {place: #rrggbb}.

    The places are "clothes", "hat", "hair" (above the hairline), "lips" and "inner" (the middle of the chest).
    """
    lab = _cielab(crop)
    face = np.median(_cut(lab, FACE).reshape(-1, 3), 0)
    skin = skin_mask(crop)
    line = _hairline(skin)
    colors = {"hat": _hex(crop, _HAT)}
    numbers: dict[str, float | None] = {}
    if line is not None:
        numbers |= _forehead(line)
        hair = _above(crop, line)
        if hair is not None:
            colors["hair"] = hair
    numbers["jaw"] = float(skin[160:165, 30:150].sum(1).mean())
    numbers["rims"] = _rims(lab, face)
    numbers |= _mouth(crop, lab, face, colors)
    numbers |= _chest(crop, lab, face, colors)
    return Measurements(**numbers), colors


def mouth_dark(crop: NDArray[np.uint8]) -> float:
    """`Measurements.mouth_dark` of an aligned crop, RGB (218, 178, 3), alone: what a mirror asks for in every frame."""
    mouth, face = (_cielab(_cut(crop, box)) for box in (_MOUTH, FACE))
    return _dark_share(_smoothed(mouth), np.median(face.reshape(-1, 3), 0))


def skin_mask(crop: NDArray[np.uint8]) -> Mask:
    """Where an aligned crop, RGB (218, 178, 3), shows the skin of the face, bool (218, 178)."""
    small = cv2.cvtColor(cv2.resize(crop, _SMALL, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(
        np.int32
    )
    lightness = small[..., 0] // 12
    green_red, blue_yellow = (np.clip((small[..., i] - 108) // 5, 0, 15) for i in (1, 2))
    cells = ((lightness * _BINS[1] + green_red) * _BINS[2] + blue_yellow).ravel()
    usual = np.median(small[59:79, 31:58].reshape(-1, 3), 0)
    far = np.linalg.norm((small - usual) / np.array([66, 11, 12]), axis=2)
    likely = _sigmoid(_USUAL + 2 * (1.55 - far))
    likely[_CORE] = 1
    for _ in range(_ROUNDS):
        inside = _histogram(cells, (likely * _WEIGHT).ravel())
        outside = _histogram(cells, ((1 - likely) * _WEIGHT).ravel())
        odds = np.log((inside + 3e-4) / (outside + 3e-4))[cells].reshape(likely.shape).astype(np.float32)
        odds = cv2.GaussianBlur(odds, (0, 0), 1.0) + _USUAL
        odds[_CORE], odds[_OUTSIDE] = 9, -9
        likely = _sigmoid(odds)
    _, parts = cv2.connectedComponents((likely > 0.5).astype(np.uint8))
    mask = (parts == parts[68, 44]).astype(np.uint8)
    return cv2.resize(mask, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0


def _histogram(cells: NDArray[np.int32], weights: Floats) -> Floats:
    """Shares of the cells, each shared with its neighbors in every direction."""
    counts = np.bincount(cells, weights, minlength=int(np.prod(_BINS))).reshape(_BINS)
    for axis, size in enumerate(_BINS):
        before = np.take(counts, np.r_[0, 0 : size - 1], axis)
        after = np.take(counts, np.r_[1:size, size - 1], axis)
        counts = before / 4 + counts / 2 + after / 4
    return (counts / counts.sum()).ravel()


def _sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -20, 20)))


def _ellipse(x: float, y: float, half_width: float, top: float, bottom: float) -> Floats:
    """How far each pixel at half size lies from the middle of two half ellipses, 1 on their outline."""
    rows, columns = np.mgrid[: _SMALL[1], : _SMALL[0]]
    return np.hypot((columns - x) / half_width, (rows - y) / np.where(rows < y, top, bottom))


_CORE: Mask = _ellipse(44.5, 68, 12, 10, 12) < 1
_OUTSIDE: Mask = _ellipse(44.5, 56, 31, 42, 42) > 1
_WEIGHT = np.where(_ellipse(44.5, 52, 38, 50, 50) > 1, 0.35, 1.0)
_USUAL = (_OUTLINE_WEIGHT * np.clip(
    _OUTLINE_SURENESS * (1 - _ellipse(44.5, _OUTLINE_MIDDLE, _OUTLINE_HALF_WIDTH, _TOP, _BOTTOM)), -3.9, 3.9
)).astype(np.float32)  # fmt: skip


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


def _above(crop: NDArray[np.uint8], line: Floats) -> str | None:
    """The color 6 to 20 pixels above the hairline, or None if the hairline touches the rim of the picture."""
    pixels = [
        crop[max(0, round(row) - 20) : round(row) - 6, column]
        for column, row in zip(range(60, 119), line[10:69], strict=True)
        if row > 12
    ]
    return _median(np.concatenate(pixels)) if len(pixels) > 20 else None


def _rims(lab: Floats, face: Floats) -> float:
    bridge = face[0] - _cut(lab, _BRIDGE)[..., 0].mean(1).min()
    under = [
        np.median(np.median(rows, 0) - rows.min(0))
        for box in _UNDER_EYES
        for rows in [_cut(lab, box)[..., 0]]
    ]
    return float((bridge + np.mean(under)) / 2 / max(face[0], 1))


def _mouth(
    crop: NDArray[np.uint8], lab: Floats, face: Floats, colors: dict[str, str]
) -> dict[str, float | None]:
    box = _smoothed(_cut(lab, _MOUTH))
    lightness, redness = box[..., 0], box[..., 1]
    dull = np.hypot(box[..., 1], box[..., 2]) < 0.62 * np.hypot(face[1], face[2])
    lips = (redness > face[1] + 7) & (lightness < face[0])
    seen = lips.sum() > 25
    if seen:
        colors["lips"] = _median(_cut(crop, _MOUTH)[lips])
    return {
        "mouth_dark": _dark_share(box, face),
        "mouth_light": float((dull & (lightness > face[0] - 8)).mean()),
        "lip_redness": float(np.median(redness[lips]) - face[1]) if seen else None,
    }


def _cielab(pixels: NDArray[np.uint8]) -> Floats:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _smoothed(mouth: Floats) -> Floats:
    """Without the noise of single pixels, which could be dark in any mouth."""
    return np.asarray(cv2.GaussianBlur(mouth, (0, 0), 0.7), np.float32)


def _dark_share(mouth: Floats, face: Floats) -> float:
    return float((mouth[..., 0] < _DARK * face[0]).mean())


def _chest(
    crop: NDArray[np.uint8], lab: Floats, face: Floats, colors: dict[str, str]
) -> dict[str, float | None]:
    def bareness(boxes: Sequence[Box]) -> list[float]:
        scale = np.array([LIGHTNESS, 1, 1], np.float32)
        return [
            float(np.linalg.norm((np.median(_cut(lab, box).reshape(-1, 3), 0) - face) * scale))
            for box in boxes
        ]

    shoulders = bareness(_SHOULDERS)
    clothed = [box for box, far in zip(_CLOTHES, bareness(_CLOTHES), strict=True) if far >= BARE]
    if clothed:
        found = [_hex(crop, box) for box in clothed]
        # Long hair lies on the shoulders: what is least like it is cloth.
        hair = colors.get("hair")
        colors["clothes"] = (
            found[int(differences(hair, found).argmax())] if hair and len(found) > 1 else found[0]
        )
    colors["inner"] = _hex(crop, _CHEST)
    return {"shoulders": min(shoulders), "chest": bareness([_CHEST])[0], "neckline": min(bareness(_NECKLINE))}


def _cut(picture: Pixels, box: Box) -> Pixels:
    top, bottom, left, right = box
    return picture[top:bottom, left:right]


def _hex(crop: NDArray[np.uint8], box: Box) -> str:
    return _median(_cut(crop, box))


def _median(pixels: NDArray[np.uint8]) -> str:
    return hex_color(np.median(pixels.reshape(-1, 3), 0).tolist())
