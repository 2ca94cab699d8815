"""Whole folders: aligned crops in, PNGs of 512 px and a record out, as `python -m core emoji` does it.

The reference does the same one photo at a time, as many published pipelines do.
"""

import contextlib
import io
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
from PIL import Image

from benchmarks import elsewhere
from core import Reader, Recipe, draw_png, find_faces, read_photo, sample_photo
from core.__main__ import main
from core.folders.outcomes import Settings
from core.folders.workers import outcomes_here

WORKERS = 2
PHOTOS = 960
"""So many that starting the worker processes, which counts, is a small part of it."""
REFERENCE_PHOTOS = 40
MEMORY_PHOTOS = 2000
SHARED_CROPS = Path(__file__).parents[2] / "shared" / "data" / "celeba" / "val.zip"


def speed() -> list[float]:
    """Photos a second, from the command to its exit."""
    with _crops(PHOTOS) as photos:
        return [1 / _seconds(photos) for _ in range(3)]


def speedup() -> list[float]:
    """How many times faster than the reference a photo is done; both are measured in turn."""
    with _crops(PHOTOS) as photos:
        paths = sorted(photos.iterdir())[:REFERENCE_PHOTOS]
        return [_reference_seconds(paths) / _seconds(photos) for _ in range(3)]


def memory_growth() -> list[float]:
    """Megabytes by which a process grows from the 500th of many photos to the last."""
    process = psutil.Process()
    with _crops(MEMORY_PHOTOS) as photos:
        outcomes = outcomes_here(sorted(photos.iterdir()), Settings())
        resident = [process.memory_info().rss / 1e6 for _ in outcomes]
    return [max(resident[-500:]) - max(resident[:500])]


def _seconds(photos: Path) -> float:
    """Seconds a photo."""
    with tempfile.TemporaryDirectory() as out, contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        code = main(["emoji", str(photos), "--out", out, "--workers", str(WORKERS)])
        elapsed = time.perf_counter() - start
    if code:
        raise RuntimeError("Not every crop gave an emoji; what is measured is not what was promised.")
    return elapsed / len(list(photos.iterdir()))


def _reference_seconds(photos: list[Path]) -> float:
    """Seconds a photo with two ResNeXt-50 passes instead of our networks; reading and drawing are the same."""
    networks = elsewhere.networks()
    recipes = [
        Recipe.from_reading(reading)
        for reading in Reader().read([read_photo(photo).pixels for photo in photos])
    ]
    start = time.perf_counter()
    for photo, recipe in zip(photos, recipes, strict=True):
        [face] = find_faces(read_photo(photo))
        elsewhere.answers(networks, face.crop)
        draw_png(recipe, 512)
    return (time.perf_counter() - start) / len(photos)


@contextlib.contextmanager
def _crops(count: int) -> Iterator[Path]:
    """A folder of aligned crops of 178x218 pixels: real ones where there are any, else the sample's in other light."""
    with tempfile.TemporaryDirectory() as name:
        for number, (ending, data) in enumerate(_pictures(count)):
            (Path(name) / f"{number:05}{ending}").write_bytes(data)
        yield Path(name)


def _pictures(count: int) -> Iterator[tuple[str, bytes]]:
    if SHARED_CROPS.is_file():
        with zipfile.ZipFile(SHARED_CROPS) as archive:
            for name in archive.namelist()[:count]:
                yield os.path.splitext(name)[1], archive.read(name)  # noqa: PTH122 -- a name inside an archive
        return
    crop = Image.fromarray(find_faces(sample_photo())[0].crop)
    for number in range(count):
        stream = io.BytesIO()
        light = (60 + number % 80) / 100
        crop.point([min(255, round(value * light)) for value in range(256)] * 3).save(
            stream, "JPEG", quality=92
        )
        yield ".jpg", stream.getvalue()
