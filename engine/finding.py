"""How well the app finds faces: photos put together from faces and pictures without any, of which training saw none."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.live.tracking import Tracker
from core.seeing.face import Face, FaceError, find_faces
from core.seeing.photo import Photo
from core.seeing.windows import CANONICAL_CENTER, CANONICAL_EYES, CANONICAL_HALF, Window, canonical_window
from engine import datasets, evaluation, faceless
from engine.finder import CHIP_SIDE, CHIP_WINDOW, chips
from engine.scenes import FacePicture, Views, add_thing, cut_out, lay, spoiled, turn
from engine.tables import read_table
from engine.task import Figures, Measured, Request, Task

PICTURES = 500
"""How many pictures each figure is of, unless told otherwise."""
NEAR = 24.0
"""How far off, pixels of the canonical frame, the eyes of a found face may be in the mean: 0.6 of their distance."""
SMALL = 32.0
"""Width, pixels, of the faces in groups."""
MEGAPIXEL = (1155, 866)
"""Width and height of the photos that are timed."""
FRAME = (640, 480)


@dataclass(frozen=True)
class Scene:
    """A photo and the canonical windows of all faces in it."""

    pixels: NDArray[np.uint8]
    windows: list[Window]


def alone(face: FacePicture, views: Views, rng: np.random.Generator) -> Scene:
    """One face at any turn, from a twelfth of the photo's shorter side to nearly all of it."""
    width, height = (int(side) for side in rng.integers(480, 1200, 2))
    share = math.exp(rng.uniform(math.log(1 / 12), math.log(0.8)))
    half = max(SMALL, share * min(width, height)) / 2
    place = complex(_between(rng, half, width), _between(rng, half, height))
    return _scene([face], [Window(place, half * turn(rng))], (width, height), views, rng)


def group(faces: list[FacePicture], views: Views, rng: np.random.Generator) -> Scene:
    """Faces of SMALL in a photo of a megapixel, at any turn."""
    windows: list[Window] = []
    width, height = MEGAPIXEL
    while len(windows) < len(faces):
        place = complex(_between(rng, SMALL / 2, width), _between(rng, SMALL / 2, height))
        if all(abs(place - window.center) > 1.5 * SMALL for window in windows):
            windows.append(Window(place, SMALL / 2 * turn(rng)))
    return _scene(faces, windows, MEGAPIXEL, views, rng)


def nothing(views: Views, rng: np.random.Generator) -> Scene:
    """A photo without a face, with up to eight other things in it."""
    width, height = (int(side) for side in rng.integers(300, 1200, 2))
    return _scene([], [], (width, height), views, rng)


def _scene(
    faces: list[FacePicture],
    windows: list[Window],
    size: tuple[int, int],
    views: Views,
    rng: np.random.Generator,
) -> Scene:
    pixels = views.view(rng, *size)
    for _ in range(rng.integers(0, 9)):
        place = complex(rng.uniform(0, size[0]), rng.uniform(0, size[1]))
        add_thing(pixels, views, rng, math.exp(rng.uniform(math.log(16), math.log(min(size) / 2))), place)
    for face, window in zip(faces, windows, strict=True):
        lay(pixels, face, window, cut_out(face, rng))
    return Scene(spoiled(pixels, rng), windows)


def _between(rng: np.random.Generator, reach: float, side: int) -> float:
    return float(rng.uniform(reach, side - reach))


def found_of(scene: Scene, faces: list[Face]) -> tuple[list[float | None], int]:
    """For each face of the scene how far off the eyes of what was found there are, or None; and how many others."""
    errors: list[float | None] = []
    left = list(faces)
    for window in scene.windows:
        nearest = min(left, key=lambda face: eye_error(face, window), default=None)
        if nearest is None or eye_error(nearest, window) > NEAR:
            errors.append(None)
        else:
            errors.append(eye_error(nearest, window))
            left.remove(nearest)
    return errors, len(left)


def eye_error(face: Face, window: Window) -> float:
    """Mean distance, pixels of the canonical frame, of the eyes of the face found from those of this window."""
    gaps = []
    for eye in CANONICAL_EYES:
        truth = window.center + window.half * (eye - CANONICAL_CENTER) / CANONICAL_HALF
        x, y = face.transform @ (truth.real, truth.imag, 1)
        gaps.append(abs(complex(x, y) - eye))
    return float(np.mean(gaps))


def look(pixels: NDArray[np.uint8]) -> list[Face]:
    """The faces of a photo; none is no error here."""
    try:
        return find_faces(Photo(pixels))
    except FaceError:
        return []


def celeba_faces(data: Path, split: str) -> list[FacePicture]:
    """Crops whose frame is known by definition."""
    return [FacePicture(crop, canonical_window()) for crop in datasets.celeba(data, split).images]


def fairface_faces(data: Path, split: str) -> tuple[list[FacePicture], list[dict[str, str]]]:
    """FairFace's chips and their rows of `labels.csv`; none where there is no FairFace."""
    folder = data / "fairface"
    if not folder.is_dir():
        return [], []
    rows = {
        row["image"]: row
        for row in read_table(folder / "labels.csv", ("split", "image", "age", "race"))
        if row["split"] == split
    }
    pictures = chips(folder, split, f"{split}.zip")
    window = CHIP_WINDOW
    faces = [FacePicture(chip, window.scaled(chip.shape[1] / CHIP_SIDE)) for _, chip in pictures]
    return faces, [rows[name] for name, _ in pictures]


def evaluate(task: Task, request: Request) -> Measured:
    """Share of faces found alone, in groups and in tight crops, of faceless photos with none, and the time it takes."""
    del task  # faces are found as the app finds them, with the networks of `weights/`
    count = request.limit or PICTURES
    views = Views(faceless.scenery(request.data, request.split))
    sources = {"celeba": celeba_faces(request.data, request.split)}
    chips_of, rows = fairface_faces(request.data, request.split)
    if chips_of:
        sources["fairface"] = chips_of
    figures: Figures = {}
    started, seen = time.perf_counter(), 0
    for number, (name, faces) in enumerate(sources.items()):
        chosen = np.linspace(0, len(faces) - 1, min(count, len(faces))).astype(int)
        scenes = (alone(faces[i], views, np.random.default_rng([21, number, i])) for i in chosen)
        results = _measured(scenes)
        figures[f"found_{name}"] = evaluation.share_of(np.array([e[0] is not None for e, _ in results]))
        figures[f"others_{name}"] = sum(others for _, others in results)
        if name == "celeba":
            errors = [e[0] for e, _ in results if e[0] is not None]
            figures |= {
                "eye_error": float(np.mean(errors)),
                "eye_error_p95": float(np.percentile(errors, 95)),
            }
        seen += len(chosen)
    rng = np.random.default_rng(22)
    everybody = [face for faces in sources.values() for face in faces]
    groups = max(1, count // 5)
    scenes = (
        group([everybody[i] for i in rng.integers(len(everybody), size=rng.integers(2, 13))], views, rng)
        for _ in range(groups)
    )
    results = _measured(scenes)
    hits = np.array([error is not None for errors, _ in results for error in errors])
    figures |= {
        "found_in_groups": evaluation.share_of(hits),
        "others_in_groups": sum(n for _, n in results),
    }
    if chips_of:
        chosen = np.linspace(0, len(chips_of) - 1, min(2 * count, len(chips_of))).astype(int)
        turned = [_quarter(chips_of[i], i % 4) for i in chosen]
        results = _measured(turned)
        hits = np.array([e[0] is not None for e, _ in results])
        figures["found_tight"] = evaluation.share_of(hits)
        figures["found_tight_by"] = {
            key: {
                value: evaluation.share_of(hits[[rows[i][key] == value for i in chosen]])
                for value in sorted({rows[i][key] for i in chosen})
            }
            for key in ("race", "age")
        }
    scenes = (nothing(views, np.random.default_rng([23, i])) for i in range(count))
    results = _measured(scenes)
    figures["faceless_with_faces"] = evaluation.share_of(np.array([n > 0 for _, n in results]))
    seconds = time.perf_counter() - started
    return Measured(figures | times(sources["celeba"], views), 2 * count + groups, seconds)


def _quarter(face: FacePicture, quarters: int) -> Scene:
    """The picture as it is, turned by so many quarters to the left."""
    window, pixels = face.window, face.pixels
    for _ in range(quarters):
        center = complex(window.center.imag, pixels.shape[1] - 1 - window.center.real)
        pixels, window = np.rot90(pixels), Window(center, window.half * -1j)
    return Scene(np.ascontiguousarray(pixels), [window])


def _measured(scenes: Iterator[Scene] | list[Scene]) -> list[tuple[list[float | None], int]]:
    return [found_of(scene, look(scene.pixels)) for scene in scenes]


def times(faces: list[FacePicture], views: Views) -> Figures:
    """Milliseconds, warm and on one core: the median over photos of a megapixel with one face, and over frames in which
    a face is looked for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        spent: dict[str, list[float]] = {"photo_ms": [], "frame_ms": []}
        for i in range(40):
            rng = np.random.default_rng([24, i])
            for name, size in (("photo_ms", MEGAPIXEL), ("frame_ms", FRAME)):
                half = rng.uniform(0.1, 0.3) * size[1]
                window = Window(complex(size[0], size[1]) / 2, complex(half))
                scene = _scene([faces[i % len(faces)]], [window], size, views, rng)
                started = time.perf_counter()
                if name == "photo_ms":
                    look(scene.pixels)
                else:
                    Tracker().follow(scene.pixels, 0.0)
                spent[name].append(1000 * (time.perf_counter() - started))
    finally:
        torch.set_num_threads(threads)
    return {name: float(np.median(values)) for name, values in spent.items()}
