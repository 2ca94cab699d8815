"""Pictures with faces whose windows are known: faces laid, changed and partly covered, into pictures without any.

The faces come as crops (CelebA: head and shoulders, the others: brows to chin, cut tightly). Rectangles and ovals with
something else in them are laid beside them, so that an edge alone says nothing.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.seeing.windows import Window
from engine.faceless import Scenery, generated

# The loop keeps every core busy already: more threads inside would only get in its way.
cv2.setNumThreads(1)

_BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT)


@dataclass(frozen=True)
class FacePicture:
    """pixels: uint8 (H, W, 3) with one face, and its canonical window there."""

    pixels: NDArray[np.uint8]
    window: Window


class Views:
    """Random parts of pictures without faces, at any scale."""

    def __init__(self, scenery: Scenery) -> None:
        self._pictures = [_halvings(picture) for picture in scenery.pictures]
        self._things = scenery.things

    def view(self, rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
        """uint8 (height, width, 3): a part of some picture, turned by quarters and mirrored, or a generated one."""
        if rng.random() < 0.15:
            return generated(rng, width, height)
        halvings = self._pictures[rng.integers(len(self._pictures))]
        picture = halvings[rng.integers(len(halvings))]
        rows, columns = picture.shape[:2]
        share = math.exp(rng.uniform(math.log(0.4), 0))
        # The shape of what is wanted, as large as the share allows.
        reach = share * min(rows / height, columns / width)
        h, w = max(2, round(reach * height)), max(2, round(reach * width))
        top, left = rng.integers(rows - h + 1), rng.integers(columns - w + 1)
        part = picture[top : top + h, left : left + w]
        if width == height:
            part = np.rot90(part, int(rng.integers(4)))
        if rng.random() < 0.5:
            part = part[:, ::-1]
        way = cv2.INTER_AREA if reach > 1 else cv2.INTER_LINEAR
        return np.asarray(
            cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=way), np.uint8
        )

    def thing(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """uint8 (H, W, 4): a drawing or a thing cut out of a photo."""
        return self._things[rng.integers(len(self._things))]


def _halvings(picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    out = [np.ascontiguousarray(picture)]
    while min(out[-1].shape[:2]) >= 160:
        rows, columns = out[-1].shape[:2]
        half = cv2.resize(out[-1], (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
        out.append(np.asarray(half, np.uint8))
    return out


def lay(
    scene: NDArray[np.uint8],
    face: FacePicture,
    target: Window,
    mask: NDArray[np.uint8],
    kept: NDArray[np.uint8] | None = None,
) -> None:
    """Put the face, where its mask (H, W) of 0 to 255 shows, so that its window comes to lie on `target`.

    kept: uint8 (H, W) of the scene, 1 where it stays as it is.
    """
    factor = min(1.0, 1.1 * abs(target.half / face.window.half))
    pixels, window = face.pixels, face.window
    if factor < 0.8:
        size = max(2, round(pixels.shape[1] * factor)), max(2, round(pixels.shape[0] * factor))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
        window = window.scaled(factor)
    step = target.half / window.half
    origin = target.center - step * window.center
    rows, columns = pixels.shape[:2]
    corners = [origin + step * complex(x, y) for x in (0, columns) for y in (0, rows)]
    left, top = (max(0, math.floor(min(part))) for part in _parts(corners))
    right, bottom = (math.ceil(max(part)) for part in _parts(corners))
    right, bottom = min(right, scene.shape[1]), min(bottom, scene.shape[0])
    if right <= left or bottom <= top:
        return
    matrix = np.array(
        [[step.real, -step.imag, origin.real - left], [step.imag, step.real, origin.imag - top]]
    )
    size = (right - left, bottom - top)
    laid = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    weight = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32)[..., None] / 255
    part = scene[top:bottom, left:right]
    if kept is not None:
        weight *= 1 - kept[top:bottom, left:right, None]
    part[:] = part + (laid.astype(np.float32) - part) * weight + 0.5


def _parts(points: list[complex]) -> tuple[list[float], list[float]]:
    return [point.real for point in points], [point.imag for point in points]


def whole(face: FacePicture) -> NDArray[np.uint8]:
    """A mask that shows the picture to its rim."""
    return np.full(face.pixels.shape[:2], 255, np.uint8)


def cut_out(face: FacePicture, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A mask for the face: the whole picture, a narrower rectangle, or an oval round the head."""
    kind = rng.random()
    if kind < 0.3:
        return whole(face)
    mask = np.zeros(face.pixels.shape[:2], np.uint8)
    x, y = face.window.center.real, face.window.center.imag
    half = abs(face.window.half)
    if kind < 0.5:
        left, right, top, bottom = half * rng.uniform(0.55, 1.3, 4)
        mask[max(0, int(y - top)) : int(y + bottom), max(0, int(x - left)) : int(x + right)] = 255
    else:
        axes = (int(half * rng.uniform(0.75, 1.1)), int(half * rng.uniform(1.0, 1.4)))
        cv2.ellipse(mask, (int(x), int(y - 0.1 * half)), axes, 0, 0, 360, 255, -1)
    if rng.random() < 0.5:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), half * rng.uniform(0.02, 0.12)), np.uint8)
    return mask


def changed(face: FacePicture, views: Views, rng: np.random.Generator) -> FacePicture:
    """Another light, mirrored or not, and now and then something before it."""
    pixels, window = face.pixels, face.window
    if rng.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        mirrored = -window.half.conjugate()
        window = Window(complex(pixels.shape[1] - 1 - window.center.real, window.center.imag), -mirrored)
        window = Window(window.center, face.window.half.conjugate())
    pixels = _lit(pixels, rng)
    if rng.random() < 0.1:
        pixels = _gray(pixels)
    if rng.random() < 0.2:
        angle, depth = rng.uniform(0, 2 * math.pi), rng.uniform(0.2, 0.75)
        y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
        across = (x - window.center.real) * math.cos(angle) + (y - window.center.imag) * math.sin(angle)
        shade = 1 - depth / (1 + np.exp(-across / (0.2 * abs(window.half))))
        pixels = (pixels * shade[..., None]).astype(np.uint8)
    if rng.random() < 0.25:
        pixels = pixels.copy()
        _cover(pixels, window, views, rng)
    return FacePicture(np.asarray(pixels, np.uint8), window)


def _lit(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    return np.asarray(cv2.LUT(pixels, _light(rng)), np.uint8)


def _gray(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def _light(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Gamma, contrast, brightness and a cast, as a table (1, 256, 3)."""
    levels = (np.arange(256, dtype=np.float32) / 255) ** math.exp(rng.normal(0, 0.35))
    levels = (levels - 0.5) * rng.uniform(0.55, 1.25) + 0.5 + rng.normal(0, 0.08)
    table = 255 * levels[:, None] * rng.normal(1, 0.07, 3)
    return np.clip(table, 0, 255).astype(np.uint8)[None]


def _cover(pixels: NDArray[np.uint8], window: Window, views: Views, rng: np.random.Generator) -> None:
    """A mask over mouth and nose, dark glasses, something on the head, or anything before a part of the face."""
    half = abs(window.half)

    def place(u: float, v: float) -> tuple[int, int]:
        point = window.center + window.half * complex(u, v)
        return round(point.real), round(point.imag)

    shape = np.zeros(pixels.shape[:2], np.uint8)
    match rng.integers(4):
        case 0:
            rise = rng.uniform(-0.1, 0.1)
            outline = [(-0.65, 0.05), (0, rise), (0.65, 0.05), (0.58, 0.6), (0, 0.98), (-0.58, 0.6)]
            cv2.fillPoly(shape, [np.array([place(*point) for point in outline])], 1)
        case 1:
            for side in (-1, 1):
                axes = (int(half * rng.uniform(0.19, 0.28)), int(half * rng.uniform(0.13, 0.22)))
                cv2.ellipse(shape, place(side * 0.285, -0.13), axes, 0, 0, 360, 1, -1)
            cv2.line(shape, place(-0.3, -0.16), place(0.3, -0.16), 1, max(1, int(half * 0.05)))
        case 2:
            low, wide = rng.uniform(-0.6, -0.32), rng.uniform(0.7, 1.1)
            outline = [(-wide, low), (wide, low), (wide * 0.9, -1.7), (-wide * 0.9, -1.7)]
            cv2.fillPoly(shape, [np.array([place(*point) for point in outline])], 1)
            if rng.random() < 0.5:
                axes = (int(half * wide * 1.3), int(half * 0.12))
                cv2.ellipse(shape, place(0, low), axes, 0, 0, 360, 1, -1)
        case _:
            angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(0.35, 0.8)
            axes = (int(half * rng.uniform(0.1, 0.42)), int(half * rng.uniform(0.1, 0.42)))
            cv2.ellipse(shape, place(far * math.cos(angle), far * math.sin(angle)), axes, 0, 0, 360, 1, -1)
    if rng.random() < 0.5:
        over = np.broadcast_to(rng.uniform(0, 255, 3) * rng.choice([0.2, 1.0]), pixels.shape)
    else:
        over = views.view(rng, pixels.shape[1], pixels.shape[0])
    np.copyto(pixels, over.astype(np.uint8), where=shape[..., None] > 0)


def add_thing(
    scene: NDArray[np.uint8], views: Views, rng: np.random.Generator, size: float, place: complex
) -> None:
    """Something that is no face, `size` pixels wide."""
    kind = rng.random()
    way = turn(rng)
    if kind < 0.5:
        thing = views.thing(rng)
        rows, columns = thing.shape[:2]
        picture = FacePicture(
            thing[..., :3], Window(complex(columns, rows) / 2, complex(max(rows, columns) / 2))
        )
        lay(scene, picture, Window(place, size / 2 * way), np.ascontiguousarray(thing[..., 3]))
        return
    patch = views.view(rng, 64, 64)
    picture = FacePicture(_lit(patch, rng), Window(complex(31.5, 31.5), complex(27.0)))
    lay(scene, picture, Window(place, size / 2 * way), cut_out(picture, rng))


def scrambled(face: FacePicture, rng: np.random.Generator) -> FacePicture:
    """The parts of a face in places where they make none."""
    x, y = round(face.window.center.real), round(face.window.center.imag)
    half = int(min(abs(face.window.half) * 0.75, x, y, face.pixels.shape[1] - x, face.pixels.shape[0] - y))
    part = face.pixels[y - half : y + half, x - half : x + half]
    count = int(rng.integers(2, 4))
    side = 2 * half // count
    blocks = [
        part[i * side : (i + 1) * side, j * side : (j + 1) * side] for i in range(count) for j in range(count)
    ]
    # No block stays: a rotation of the list by any other amount moves every one.
    shift = int(rng.integers(1, len(blocks)))
    turned = [np.rot90(blocks[(i + shift) % len(blocks)], int(rng.integers(4))) for i in range(len(blocks))]
    rows = [np.concatenate(turned[i * count : (i + 1) * count], 1) for i in range(count)]
    pixels = np.ascontiguousarray(np.concatenate(rows, 0))
    middle = (pixels.shape[0] - 1) / 2
    return FacePicture(pixels, Window(complex(middle, middle), complex(abs(face.window.half))))


def spoiled(scene: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """What cameras and files do to a picture: light, blur, noise and compression."""
    if rng.random() < 0.5:
        scene = _lit(scene, rng)
    if rng.random() < 0.1:
        scene = _gray(scene)
    if rng.random() < 0.25:
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.3, 1.3)), np.uint8)
    if rng.random() < 0.25:
        noise = rng.normal(0, rng.uniform(1, 14), scene.shape)
        scene = np.clip(scene + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        _, data = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 96))])
        scene = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return scene


def turn(rng: np.random.Generator) -> complex:
    """A complex number of length 1 and any angle."""
    angle = rng.uniform(0, 2 * math.pi)
    return complex(math.cos(angle), math.sin(angle))


def close_up(
    face: FacePicture, views: Views, rng: np.random.Generator, side: int, half: float
) -> tuple[NDArray[np.uint8], Window]:
    """A square picture that is this face's own to its rim and, beyond that, replicated, of one color or another."""
    target = Window(complex(rng.uniform(0.1, 0.9) * side, rng.uniform(0.1, 0.9) * side), half * turn(rng))
    border = int(rng.integers(5))
    if border >= len(_BORDERS):
        scene = views.view(rng, side, side)
        lay(scene, face, target, whole(face))
        return scene, target
    factor = min(1.0, 1.1 * half / abs(face.window.half))
    pixels, window = face.pixels, face.window
    if factor < 0.8:
        size = max(2, round(pixels.shape[1] * factor)), max(2, round(pixels.shape[0] * factor))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        window = window.scaled(factor)
    step = target.half / window.half
    origin = target.center - step * window.center
    matrix = np.array([[step.real, -step.imag, origin.real], [step.imag, step.real, origin.imag]])
    value = tuple(rng.uniform(0, 255, 3)) if rng.random() < 0.5 else (0, 0, 0)
    laid = cv2.warpAffine(
        pixels, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=_BORDERS[border], borderValue=value
    )
    return np.asarray(laid, np.uint8), target
