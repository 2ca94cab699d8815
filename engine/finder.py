"""The face finder's training: squares of a picture's pyramid with faces of any turn, and which cells must answer.

See `FaceFinder` in `core/models/architectures.py` for what it answers, and `core/seeing/finding.py` for how it is used.
"""

import io
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from core.seeing.finding import CELL, REACH, REFERENCE_HALF
from core.seeing.windows import Window, canonical_window
from engine import datasets, faceless
from engine.datasets import Dataset
from engine.pictures import kept
from engine.scenes import (
    FacePicture,
    Views,
    add_thing,
    changed,
    close_up,
    cut_out,
    lay,
    scrambled,
    spoiled,
    turn,
)
from engine.tables import read_table

SIDE = 128
"""Of a training picture, pixels."""
CELLS = SIDE // CELL
FRAME = (109, 89)
"""Rows and columns in which every face is kept: a CelebA crop at half its size fills them."""
CROPS = 10_000
"""As many of CelebA's crops are drawn from, evenly spread."""
CHIP_SIDE = 80
CHIP_WINDOW = Window(complex(39.6, 31.7), complex(51.0))
"""The canonical window of FairFace's and UTKFace's chips at that side (medians of what the alignment network says)."""
DRAWN, VALIDATION = 48_000, 1000
"""How many pictures are drawn to learn from, each seen turned, mirrored and in another light in every epoch, and how
many to rank checkpoints."""
SOURCES = ("celeba", "fairface", "utkface", "hair", "parsing", "faceless")
"""Folders of the data; all but the first may be missing."""
_PART = 500
CHIP_SHARE = 0.4
"""How many of the faces in training pictures are chips: few data, but of everybody."""
_DOUBTFUL = 1.5
"""Faces beyond REACH by up to this factor are neither asked for nor forbidden."""


@dataclass(frozen=True)
class Faces(Dataset):
    """images: uint8 (N, 109, 89, 3); targets: `extent`, rows and columns that are in use, and `window`, complex (N, 2).

    views: of pictures without faces; chips: from which row on there are chips instead of CelebA's crops.
    """

    views: Views
    chips: int

    def face(self, row: int) -> FacePicture:
        rows, columns = self.targets["extent"][row]
        center, half = self.targets["window"][row]
        return FacePicture(self.images[row, :rows, :columns], Window(complex(center), complex(half)))

    def any(self, rng: np.random.Generator) -> FacePicture:
        """A face at random."""
        if self.chips < len(self) and rng.random() < CHIP_SHARE:
            return self.face(int(rng.integers(self.chips, len(self))))
        return self.face(int(rng.integers(self.chips)))


def load(data: Path, split: str) -> Dataset:
    """Pictures with their cells, drawn once and kept: uint8 (N, 128, 128, 3), and the targets of `draw`."""
    count = DRAWN if split == "train" else VALIDATION
    rows = np.arange(count)

    def parts() -> Iterator[tuple[NDArray[np.uint8], dict[str, NDArray]]]:
        loaded, rng = faces(data, split), np.random.default_rng([7, split == "train"])
        order = rng.permutation(max(count, len(loaded))) % len(loaded)
        for start in tqdm(range(0, count, _PART), "drawing", disable=None, leave=False):
            yield draw(loaded, order[start : min(start + _PART, count)], rng)

    sources = [path for name in SOURCES for path in sorted((data / name).rglob("*")) if path.is_file()]
    images, targets = kept(sources, f"finder {split} {count}", parts)
    return Dataset(images, targets, [str(row) for row in rows])


def faces(data: Path, split: str) -> Faces:
    """CelebA's crops, and FairFace's and UTKFace's chips where they are there."""
    crops = datasets.celeba(data, split)
    crops = crops.take(np.linspace(0, len(crops) - 1, min(CROPS, len(crops))).astype(int))
    pictures = [
        np.asarray(cv2.resize(crop, FRAME[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        for crop in crops.images
    ]
    window = canonical_window(0.5)
    windows = [(window.center, window.half)] * len(pictures)
    extents = [FRAME] * len(pictures)
    ids = list(crops.ids)
    for folder, archive in (("fairface", f"{split}.zip"), ("utkface", "images.zip")):
        if (data / folder).is_dir():
            for name, chip in chips(data / folder, split, archive):
                framed = np.zeros((*FRAME, 3), np.uint8)
                framed[:CHIP_SIDE, :CHIP_SIDE] = cv2.resize(
                    chip, (CHIP_SIDE, CHIP_SIDE), interpolation=cv2.INTER_AREA
                )
                pictures.append(framed)
                windows.append((CHIP_WINDOW.center, CHIP_WINDOW.half))
                extents.append((CHIP_SIDE, CHIP_SIDE))
                ids.append(f"{folder}/{name}")
    targets = {"extent": np.array(extents), "window": np.array(windows, np.complex128)}
    views = Views(faceless.scenery(data, split))
    return Faces(np.stack(pictures), targets, ids, views, len(crops))


def chips(folder: Path, split: str, archive: str) -> list[tuple[str, NDArray[np.uint8]]]:
    """The pictures of a split with their names. Raises DataError."""
    rows = [
        row["image"] for row in read_table(folder / "labels.csv", ("split", "image")) if row["split"] == split
    ]
    with zipfile.ZipFile(folder / archive) as pictures:
        return [
            (name, np.asarray(Image.open(io.BytesIO(pictures.read(name))).convert("RGB"))) for name in rows
        ]


def prepare(
    data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """A batch (N, 3, 128, 128) in [0, 1] with its cells: each picture turned by quarters and mirrored by chance, in
    another light."""
    del size  # the pictures' size was decided when they were drawn
    seed = int(torch.randint(2**31, (1,), generator=generator))
    rng = np.random.default_rng(seed)
    images = np.empty((len(rows), SIDE, SIDE, 3), np.uint8)
    face = np.empty((len(rows), CELLS, CELLS), np.float32)
    similarity = np.empty((len(rows), 4, CELLS, CELLS), np.float32)
    for i, row in enumerate(rows):
        quarters, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        images[i] = _moved(data.images[row], quarters, mirrored)
        face[i] = _moved(data.targets["face"][row], quarters, mirrored)
        x, y, cosine, sine = data.targets["similarity"][row].astype(np.float32)
        offset, ratio = (
            (_moved(part, quarters, mirrored)) * (-1j) ** quarters
            for part in (x + 1j * y, cosine + 1j * sine)
        )
        if mirrored:
            offset, ratio = -offset.conj(), ratio.conj()
        similarity[i] = offset.real, offset.imag, ratio.real, ratio.imag
    batch = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    gain = torch.from_numpy(
        rng.uniform(0.8, 1.2, (len(rows), 1, 1, 1)) * rng.uniform(0.93, 1.07, (len(rows), 3, 1, 1))
    )
    shift = torch.from_numpy(rng.uniform(-0.1, 0.1, (len(rows), 1, 1, 1)))
    batch = ((batch - 0.5) * gain.float() + 0.5 + shift.float()).clamp(0, 1)
    batch = batch.contiguous(memory_format=torch.channels_last)
    return batch, {"face": torch.from_numpy(face), "similarity": torch.from_numpy(similarity)}


def _moved(grid: NDArray, quarters: int, mirrored: bool) -> NDArray:
    """Rows and columns turned by so many quarters to the left, then mirrored or not."""
    turned = np.rot90(grid, quarters)
    return turned[:, ::-1] if mirrored else turned


def draw(
    data: Faces, rows: NDArray, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], dict[str, NDArray]]:
    """One picture per row, uint8 (N, 128, 128, 3), and `face`, float32 (N, 16, 16): 1 where a cell must say that there
    is a face, 0 where it must not, -1 where either will do; and `similarity`, float32 (N, 4, 16, 16), where it must.
    """
    images = np.empty((len(rows), SIDE, SIDE, 3), np.uint8)
    face = np.zeros((len(rows), CELLS, CELLS), np.float32)
    similarity = np.zeros((len(rows), 4, CELLS, CELLS), np.float32)
    for i, row in enumerate(rows):
        images[i], windows = picture(data, int(row), rng)
        mark(face[i], similarity[i], windows)
    return images, {"face": face, "similarity": similarity}


def picture(data: Faces, row: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], list[Window]]:
    """A picture, and the windows of all faces in it, the first of which is the row's."""
    views, windows = data.views, []
    kind = rng.random()
    if kind < 0.35:
        # Half of them in reach, the others larger: nothing inside a large face is a small one.
        most = REACH[1] / 2 if rng.random() < 0.6 else 160
        half = math.exp(rng.uniform(math.log(REACH[0] / 2), math.log(most)))
        scene, window = close_up(changed(data.face(row), views, rng), views, rng, SIDE, half)
        windows.append(window)
    else:
        scene = views.view(rng, SIDE, SIDE)
    for _ in range(rng.integers(0, 5)):
        place = complex(*rng.uniform(0, SIDE, 2))
        size = math.exp(rng.uniform(math.log(6), math.log(70)))
        if all(abs(place - window.center) > abs(window.half) + size * 0.8 for window in windows):
            if rng.random() < 0.12:
                odd = scrambled(changed(data.any(rng), views, rng), rng)
                lay(scene, odd, Window(place, size / 2 * turn(rng)), cut_out(odd, rng))
            else:
                add_thing(scene, views, rng, size, place)
    protected = np.zeros((SIDE, SIDE), np.uint8)
    for window in windows:
        _protect(protected, window)
    wanted = (
        0 if kind > 0.88 else int(rng.integers(0, 4)) if kind < 0.35 else int(rng.choice([2, 4, 6, 9, 12]))
    )
    for number in range(wanted):
        shown = data.face(row) if number == 0 and not windows else data.any(rng)
        half = math.exp(rng.uniform(math.log(9), math.log(48))) / 2
        near = windows[rng.integers(len(windows))] if windows and rng.random() < 0.3 else None
        if near is None:
            place = complex(*rng.uniform(0, SIDE, 2))
        else:
            place = near.center + 1.3 * (abs(near.half) + half) * turn(rng)
        if not (0 <= place.real < SIDE and 0 <= place.imag < SIDE) or any(
            abs(place - window.center) < 1.2 * (abs(window.half) + half) for window in windows
        ):
            continue
        shown = changed(shown, views, rng)
        window = Window(place, half * turn(rng))
        lay(scene, shown, window, cut_out(shown, rng), protected)
        _protect(protected, window)
        windows.append(window)
    return spoiled(scene, rng), windows


def _protect(protected: NDArray[np.uint8], window: Window) -> None:
    """What is laid later must not hide this face."""
    center = round(window.center.real), round(window.center.imag)
    cv2.circle(protected, center, round(0.95 * abs(window.half)), 1, -1)


def mark(face: NDArray[np.float32], similarity: NDArray[np.float32], windows: list[Window]) -> None:
    """Write what the cells must answer for these windows into (16, 16) and (4, 16, 16).

    The cell nearest to a face and those near its middle must answer; those farther off may; so may cells on faces that
    are slightly too small or large, or cut by the rim.
    """
    steps = np.arange(CELLS) * CELL + (CELL - 1) / 2
    cells = steps[None, :] + 1j * steps[:, None]
    for window in windows:
        half = abs(window.half)
        away = np.abs(cells - window.center)
        if 2 * half > REACH[1] * _DOUBTFUL:
            continue
        inside = REACH[0] <= 2 * half <= REACH[1] and _shown(window) > 0.6
        if not inside:
            face[(away < max(0.7 * half, CELL)) & (face == 0)] = -1
            continue
        chosen = away <= max(0.4 * half, away.min())
        face[(away < 0.9 * half) & (face == 0)] = -1
        face[chosen] = 1
        offset = (window.center - cells[chosen]) / REFERENCE_HALF
        ratio = window.half / REFERENCE_HALF
        similarity[0][chosen], similarity[1][chosen] = offset.real, offset.imag
        similarity[2][chosen], similarity[3][chosen] = ratio.real, ratio.imag


def _shown(window: Window) -> float:
    """Which share of the face's inner square lies in the picture."""
    half, share = 0.75 * abs(window.half), 1.0
    for middle in (window.center.real, window.center.imag):
        share *= max(0.0, min(middle + half, SIDE) - max(middle - half, 0)) / (2 * half)
    return share


def loss(outputs: Tensor, targets: dict[str, Tensor]) -> Tensor:
    """Focal loss (Lin et al., 2017) of the cells that must say yes or no, a face, and how far off the windows are.

    Size and roll count apart: a network that doubts the roll would otherwise make all windows small, because the mean
    of two arrows that point in different directions is shorter than both.
    """
    face, similarity = targets["face"], targets["similarity"]
    counted, positive = face >= 0, face > 0.5
    logits, truth = outputs[:, 0][counted], face[counted]
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    wrong = (truth - logits.sigmoid()).abs()
    count = positive.sum().clamp(min=1)
    confidence = (wrong.square() * entropy).sum() / count
    answers = outputs[:, 1:].movedim(1, 3)[positive]
    wanted = similarity.movedim(1, 3)[positive]
    place = functional.smooth_l1_loss(answers[:, :2], wanted[:, :2], beta=0.1, reduction="sum") / 2
    sizes, true_sizes = (arrows[:, 2:].norm(dim=1).clamp(min=0.1) for arrows in (answers, wanted))
    size = functional.smooth_l1_loss(sizes.log(), true_sizes.log(), beta=0.1, reduction="sum")
    roll = (1 - (answers[:, 2:] * wanted[:, 2:]).sum(1) / (sizes * true_sizes)).sum()
    return confidence + (place + size / 2 + 2 * roll) / count


def metrics(outputs: NDArray, targets: dict[str, NDArray]) -> dict[str, float | None]:
    """Average precision of the cells, how many of them are right where one in a thousand others is wrong, and how far
    off the windows are: in place, as a share of their half-side, and in roll, degrees."""
    face = targets["face"].reshape(-1)
    scores = outputs[:, 0].reshape(-1)
    positive, negative = scores[face > 0.5], np.sort(scores[face == 0])
    every = np.concatenate([positive, negative])
    order = np.argsort(-every, kind="stable")
    hits = order < len(positive)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    answers = np.moveaxis(outputs[:, 1:], 1, 3)[targets["face"] > 0.5]
    wanted = np.moveaxis(targets["similarity"], 1, 3)[targets["face"] > 0.5]
    sizes = np.hypot(wanted[:, 2], wanted[:, 3])
    arrows = [part[:, 2] + 1j * part[:, 3] for part in (answers, wanted)]
    return {
        "average_precision": float(precision[hits].mean()),
        "found": float((positive > negative[-max(1, len(negative) // 1000)]).mean()),
        "distance": float((np.hypot(*(answers - wanted)[:, :2].T) / sizes).mean()),
        "roll": float(np.degrees(np.abs(np.angle(arrows[0] / arrows[1]))).mean()),
    }
