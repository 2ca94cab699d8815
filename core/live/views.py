"""Picture and emoji -> the frame that is shown, in one of three views."""

import cmath
import math
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from core.drawing.artwork import GRID
from core.drawing.catalogue import catalogue
from core.drawing.rig import rig
from core.live.sprites import Part, Sprite
from core.seeing.windows import CANONICAL_CENTER, CANONICAL_EYES, CANONICAL_HALF, Window

Pixels = NDArray[np.uint8]

_CAMERA = catalogue().camera
EYES = complex(_CAMERA.middle, _CAMERA.chin_at - (_CAMERA.chin - _CAMERA.eyes) * _CAMERA.height)
"""Where an emoji's eyes are, in units of its grid."""
NECK = complex(_CAMERA.middle, _CAMERA.chin_at - 2)
"""The point about which its head tilts."""
UNIT = 3.9
"""Pixels of the canonical frame that a unit covers: a little more than it takes to lay the emoji's chin, cheeks and
eyes on a face's, so that nothing of the face looks out."""
BASE = complex(_CAMERA.middle, _CAMERA.bottom)
"""The point about which the whole of it leans."""
SHOULDERS = 25.0
"""Units from the base to the end of a shoulder, which must not leave the picture's edge when it leans."""
MOST_TILT = math.radians(35)
"""Beyond it a head would come off its neck."""
SIZES = (64, 96, 128, 192, 256, 384, 512, 768)
"""Sizes in which emojis are drawn to be laid over faces; the next larger one is scaled down."""
PAPER = (238, 240, 236)
"""The plain background, RGB."""


class View(StrEnum):
    """beside: picture and emoji side by side; over: the emoji covers the face; only: the emoji on a plain ground."""

    beside = "beside"
    over = "over"
    only = "only"


@dataclass(frozen=True)
class Pose:
    """What to draw, where: the face's window in the picture, the emoji, its background (RGB), its opacity, 0 to 1."""

    window: Window
    sprite: Sprite
    paper: tuple[int, int, int] = PAPER
    opacity: float = 1.0


def sprite_size(view: View, width: int, height: int, window: Window) -> int:
    """How large an emoji should be drawn for a view of a picture of this size."""
    if view is not View.over:
        return min(width, height)
    side = abs(window.half) / CANONICAL_HALF * UNIT * GRID
    return next((size for size in SIZES if size >= side), SIZES[-1])


def compose(picture: Pixels, view: View, flip: bool, pose: Pose | None) -> Pixels:
    """uint8 RGB: the picture's size in the views `over` and `only`, wider by a square in `beside`."""
    height, width = picture.shape[:2]
    if flip:
        pose = pose and replace(pose, window=_mirrored(pose.window, width))
    if view is View.only:
        canvas = np.empty_like(picture)
        _panel(canvas, pose)
        return canvas
    shown = np.asarray(cv2.flip(picture, 1), np.uint8) if flip else picture
    if view is View.beside:
        canvas = np.empty((height, width + min(width, height), 3), np.uint8)
        canvas[:, :width] = shown
        _panel(canvas[:, width:], pose)
        return canvas
    canvas = shown if flip else picture.copy()
    if pose is not None:
        placing = _on_face(pose.window, pose.sprite.size)
        _lay(canvas, [(part, *placing) for part in pose.sprite.parts if part.is_head], pose.opacity)
    return canvas


def _mirrored(window: Window, width: int) -> Window:
    return Window(complex(width - 1 - window.center.real, window.center.imag), window.half.conjugate())


def _panel(canvas: Pixels, pose: Pose | None) -> None:
    """Paper with the emoji on its lower edge, its head tilted as the face is, and leaning with it."""
    height, width = canvas.shape[:2]
    cv2.rectangle(canvas, (0, 0), (width, height), PAPER if pose is None else pose.paper, cv2.FILLED)
    if pose is None:
        return
    scale = min(width, height) / pose.sprite.size
    corner = complex((width - scale * pose.sprite.size) / 2, height - scale * pose.sprite.size)
    _lay(canvas, _upright(pose.sprite, cmath.phase(pose.window.half), scale, corner), pose.opacity)


def cut_out(sprite: Sprite, tilt: float) -> Pixels:
    """An emoji whose head is tilted, radians clockwise, as it stands on the plain ground: uint8 RGBA (size, size, 4),
    transparent where nothing is."""
    canvas = np.zeros((sprite.size, sprite.size, 4), np.uint8)
    _lay(canvas, _upright(sprite, tilt, 1.0, 0j), 1.0)
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_mRGBA2RGBA), np.uint8)


def _upright(
    sprite: Sprite, tilt: float, scale: float, corner: complex
) -> list[tuple[Part, complex, complex]]:
    """Parts with their places, so that the head turns about the neck, then all of it about the base."""
    tilt = max(-MOST_TILT, min(MOST_TILT, tilt))
    neck, base = (point * sprite.size / GRID for point in (NECK, BASE))
    leaning = rig().limits.lean * tilt
    lean, turn = cmath.rect(1.0, leaning), cmath.rect(1.0, tilt - leaning)
    lowered = 1j * abs(math.sin(leaning)) * SHOULDERS * sprite.size / GRID
    placed = []
    for part in sprite.parts:
        own = turn if part.is_head else 1 + 0j
        offset = base + lean * (neck - own * neck - base) + lowered
        placed.append((part, scale * lean * own, corner + scale * offset))
    return placed


def _on_face(window: Window, size: int) -> tuple[complex, complex]:
    """The similarity, as factor and offset, that takes an emoji's pixels to the picture, eyes on eyes."""
    turn = window.half / CANONICAL_HALF
    eyes = window.center + turn * (sum(CANONICAL_EYES) / 2 - CANONICAL_CENTER)
    return turn * UNIT * GRID / size, eyes - turn * UNIT * EYES


def _lay(canvas: Pixels, placed: list[tuple[Part, complex, complex]], opacity: float) -> None:
    """Lays parts over the canvas, and fades all of them together, so that none shines through another."""
    before = canvas.copy() if opacity < 1 else canvas
    for part, factor, offset in placed:
        _lay_part(canvas, part, factor, offset)
    if opacity < 1:
        canvas[:] = cv2.addWeighted(before, 1 - opacity, canvas, opacity, 0)


def _lay_part(canvas: Pixels, part: Part, factor: complex, offset: complex) -> None:
    """Lays a part over the canvas, RGB or RGBA multiplied with alpha; pixel z (x + iy) of the sprite comes to
    factor * z + offset."""
    offset += factor * part.corner
    tall, wide = part.pixels.shape[:2]
    corners = [factor * complex(x, y) + offset for x in (0, wide) for y in (0, tall)]
    height, width = canvas.shape[:2]
    left, right = _span([corner.real for corner in corners], width)
    top, bottom = _span([corner.imag for corner in corners], height)
    if left >= right or top >= bottom:
        return
    area = canvas[top:bottom, left:right]
    shift = offset - complex(left, top)
    if factor == 1 and shift == 0 and area.shape[:2] == (tall, wide):
        laid: MatLike = part.pixels
    else:
        matrix = np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
        laid = cv2.warpAffine(part.pixels, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    channels = canvas.shape[2]
    behind = cv2.merge([cv2.bitwise_not(laid[..., 3])] * channels)
    added = laid if channels == 4 else cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB)
    area[:] = cv2.add(cv2.multiply(area, behind, scale=1 / 255), added)


def _span(values: list[float], limit: int) -> tuple[int, int]:
    return max(0, math.floor(min(values))), min(limit, math.ceil(max(values)))
