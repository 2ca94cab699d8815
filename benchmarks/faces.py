"""How often a face is seen where there is none, and how long a picture without a face takes.

python -m benchmarks.faces
python -m benchmarks.faces --data DIR --photos DIR DIR

No picture of these taught the alignment network. Drawings, patterns and scikit-image's pictures are made here; hair
comes from the training data's `hair/` folder, cut so that nothing but hair shows; photos are folders of your own.
"""

import argparse
import csv
import io
import random
import time
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import cairosvg
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core import FaceError, Photo, PhotoError, find_faces, read_photo
from core.drawing.openmoji import openmoji_svg

Picture = NDArray[np.uint8]
"""RGB, uint8 (height, width, 3)."""

GLYPHS = (
    *range(0x1F330, 0x1F37D), *range(0x1F3E0, 0x1F3F0), *range(0x1F400, 0x1F429), *range(0x1F4A1, 0x1F4FD),
    *range(0x1F680, 0x1F6A3),
)  # fmt: skip
"""OpenMoji's plants, dishes, buildings, whole animals, things and vehicles: none shows a person or a face alone."""
SCIENCE = (
    "cell",
    "coins",
    "color",
    "microaneurysms",
    "phantom",
    "logo",
    "chessboard_RGB",
    "motorcycle_right",
)
"""Pictures of scikit-image's wheel that training left out."""
DRAWINGS, PATTERNS, CROPS_EACH, HAIR = 100, 100, 3, 100


def drawings() -> Iterator[Picture]:
    """OpenMoji's things, one to twelve of them at any size and turn, on a plain ground."""
    rng = random.Random(0)
    for _ in range(DRAWINGS):
        width, height = rng.choice(((640, 480), (480, 640), (800, 800)))
        ground = Image.new("RGB", (width, height), tuple(rng.randrange(256) for _ in range(3)))
        for _ in range(rng.randint(1, 12)):
            side = int(min(width, height) * rng.uniform(0.1, 0.9))
            png = cairosvg.svg2png(openmoji_svg(f"{rng.choice(GLYPHS):X}").encode(), output_width=side)
            glyph = Image.open(io.BytesIO(png)).rotate(rng.uniform(-30, 30), expand=True)
            ground.paste(glyph, (rng.randrange(width) - side // 2, rng.randrange(height) - side // 2), glyph)
        yield np.asarray(ground)


def patterns() -> Iterator[Picture]:
    """Clouds, cells, disks and bars of random colors: what light, leaves and walls are made of."""
    rng = np.random.default_rng(0)
    makers = (_clouds, _cells, _disks, _bars)
    for number in range(PATTERNS):
        yield makers[number % len(makers)](rng, 640, 480)


def _clouds(rng: np.random.Generator, width: int, height: int) -> Picture:
    light = np.zeros((height, width, 3), np.float32)
    for octave in range(1, 8):
        side = 2**octave
        grid = rng.normal(size=(side, side, 3)).astype(np.float32)
        light += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / side ** rng.uniform(
            0.3, 1
        )
    light = (light - light.min()) / (light.max() - light.min())
    return np.asarray(light * 255, np.uint8)


def _cells(rng: np.random.Generator, width: int, height: int) -> Picture:
    count = int(rng.integers(5, 300))
    places, colors = rng.uniform(0, 1, (count, 2)), rng.integers(0, 256, (count, 3), dtype=np.uint8)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    nearest = np.zeros((height, width), np.intp)
    least = np.full((height, width), np.inf, np.float32)
    for number, (px, py) in enumerate(places):
        distance = (x - px * width / height) ** 2 + (y - py) ** 2
        closer = distance < least
        least[closer], nearest[closer] = distance[closer], number
    return colors[nearest]


def _disks(rng: np.random.Generator, width: int, height: int) -> Picture:
    picture = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(int(rng.integers(5, 120))):
        center = (int(rng.integers(width)), int(rng.integers(height)))
        axes = tuple(int(v) for v in rng.integers(4, 120, 2))
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(picture, center, axes, float(rng.uniform(0, 180)), 0, 360, color, -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 4))), np.uint8)


def _bars(rng: np.random.Generator, width: int, height: int) -> Picture:
    picture = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(int(rng.integers(5, 80))):
        ends = [
            (int(rng.integers(-100, width + 100)), int(rng.integers(-100, height + 100))) for _ in range(2)
        ]
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.line(picture, ends[0], ends[1], color, int(rng.integers(2, 60)), cv2.LINE_AA)
    return picture


def science() -> Iterator[Picture]:
    """scikit-image's pictures, whole and in parts."""
    rng = np.random.default_rng(0)
    for name in SCIENCE:
        whole = np.asarray(Image.open(Path(str(files("skimage") / "data" / f"{name}.png"))).convert("RGB"))
        yield whole
        for _ in range(CROPS_EACH):
            side = int(min(whole.shape[:2]) * rng.uniform(0.3, 0.8))
            top, left = (int(rng.integers(0, size - side + 1)) for size in whole.shape[:2])
            part = whole[top : top + side, left : left + side]
            yield np.asarray(cv2.resize(part, (500, 500), interpolation=cv2.INTER_CUBIC), np.uint8)


def hair(data: Path) -> Iterator[Picture]:
    """Parts of photos in which at least 95 of 100 pixels are hair."""
    folder, rng = data / "hair", random.Random(0)
    with (folder / "labels.csv").open() as table:
        names = [row["image"] for row in csv.DictReader(table)]
    rng.shuffle(names)
    found = 0
    with zipfile.ZipFile(folder / "images.zip") as images, zipfile.ZipFile(folder / "masks.zip") as masks:
        for name in names:
            picture = np.asarray(Image.open(io.BytesIO(images.read(name))).convert("RGB"))
            mask = np.asarray(Image.open(io.BytesIO(masks.read(Path(name).stem + ".png"))).convert("L")) > 127
            for _ in range(30):
                side = rng.randint(40, 100)
                top, left = rng.randint(0, mask.shape[0]), rng.randint(0, mask.shape[1])
                part = mask[top : top + side, left : left + side]
                if part.shape == (side, side) and part.mean() >= 0.95:
                    cut = picture[top : top + side, left : left + side]
                    yield np.asarray(cv2.resize(cut, (480, 480), interpolation=cv2.INTER_CUBIC), np.uint8)
                    found += 1
                    break
            if found == HAIR:
                return


def photos(folders: list[Path]) -> Iterator[Picture]:
    """The photos in folders, links left out."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    yield read_photo(path).pixels
                except PhotoError:
                    continue


def main() -> None:
    """Print one line a kind, and one for all."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faces", description="False alarms of face finding."
    )
    parser.add_argument("--data", type=Path, help="the training data, for its hair/ folder")
    parser.add_argument("--photos", type=Path, nargs="+", default=[], help="folders of photos without people")
    options = parser.parse_args()
    kinds = {"drawings": drawings(), "patterns": patterns(), "science": science()}
    if options.data:
        kinds["hair"] = hair(options.data)
    if options.photos:
        kinds["photos"] = photos(options.photos)
    alarms: dict[str, list[bool]] = {}
    seconds: list[float] = []
    for kind, pictures in kinds.items():
        for pixels in pictures:
            started = time.perf_counter()
            try:
                seen = bool(find_faces(Photo(pixels)))
            except FaceError:
                seen = False
            seconds.append(time.perf_counter() - started)
            alarms.setdefault(kind, []).append(seen)
        print(f"{kind:10} {sum(alarms[kind]):4} of {len(alarms[kind]):4} give a face")
    every = [seen for kind in alarms.values() for seen in kind]
    print(f"{'all':10} {sum(every):4} of {len(every):4}: {100 * np.mean(every):.1f} of 100")
    print(f"seconds a picture: median {np.median(seconds):.2f}, 95th percentile {np.percentile(seconds, 95):.2f}, "
          f"most {max(seconds):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
