"""Data, loss and figures of the face parser, which learns from masks that people drew.

CelebAMask-HQ's faces have masks of 19 classes, Figaro's and LFW's photos of hair alone: those teach hair against
anything else. Each picture is laid into CelebA's frame by the app's own alignment; where no face is found, and where a
picture ends, there is nothing to learn.
"""

import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from core.models.labels import REGIONS
from core.models.weights import load_network
from core.seeing.face import FaceError, find_faces
from core.seeing.parsing import SIDE, canvas_of
from core.seeing.photo import PhotoError, read_photo
from core.seeing.windows import BEYOND
from engine import degradation
from engine.datasets import Dataset
from engine.degradation import Hardship, suffer
from engine.pictures import bytes_from_zips, cached
from engine.predicting import predict
from engine.tables import DataError, read_table
from engine.task import Measured, Metrics, Request, Task

ROOM = 1.2
"""Side of the squares that are kept, in sides of what the network sees, for training to turn and shift the view."""
KEPT_SIDE = 240
UNKNOWN, NO_HAIR, OUTSIDE = 255, 254, 253
"""Labels beside the numbers of REGIONS: nothing to learn, anything but hair, and where the picture has ended."""
HAIR = REGIONS.index("hair")
CLASSES: dict[str, str | None] = {
    "background": "background", "skin": "skin", "nose": "skin", "eyeglasses": "glasses", "left_eye": "eyes",
    "right_eye": "eyes", "left_brow": "brows", "right_brow": "brows", "left_ear": "skin", "right_ear": "skin",
    "mouth": "mouth", "upper_lip": "lips", "lower_lip": "lips", "hair": "hair", "hat": "hat", "earring": "earrings",
    "necklace": None, "neck": "skin", "cloth": "clothes",
}  # fmt: skip
"""CelebAMask-HQ's classes -> ours; None: nobody asks what it is."""
TIMES = 3
"""How often a picture with all classes is shown to one of hair alone."""
TURN, LEAST_SCALE, MOST_SCALE, SHIFT = 10.0, 0.88, 1.4, 0.06
"""How far training may turn (degrees), scale, and shift (sides of the canvas) the view."""
PAINTED = 0.4
"""How many views show, where their picture ends, its last pixels instead of gray: most photos do not end there."""
HARDSHIPS = (
    Hardship(degradation.bend, 0.15, 0.7, 1.5),
    Hardship(degradation.expose, 0.20, 0.4, 1.4),
    Hardship(degradation.cast, 0.25, 0.05, 0.25),
    Hardship(degradation.warm, 0.10, -0.3, 0.3),
    Hardship(degradation.gray, 0.08, 0.5, 1.0),
    Hardship(degradation.blur, 0.10, 0.4, 1.2),
    Hardship(degradation.shrink, 0.08, 60, 120),
    Hardship(degradation.sharpen, 0.10, 0.2, 1.0),
    Hardship(degradation.grain, 0.15, 1.0, 8.0),
    Hardship(degradation.jpeg, 0.12, 30, 95),
)
WEIGHTS = {
    "glasses": 2.0,
    "hat": 1.5,
    "earrings": 2.5,
    "lips": 1.5,
    "clothes": 1.3,
    "brows": 1.3,
    "eyes": 1.3,
}
"""How much a pixel of a rare or thin class counts; the others' count 1."""
DICE = 0.5
"""Weight of the classes' overlap beside the cross-entropy of pixels."""
BARS = {"hair": 0.92, "skin": 0.94, "clothes": 0.80, "glasses": 0.75, "lips": 0.80}
"""F1 that the classes should have."""


def load(data: Path, split: str) -> Dataset:
    """Training: squares of both kinds to look into. Any other split: what the app sees of CelebAMask-HQ's pictures.

    Targets: `regions`, uint8 (N, H, W), numbers of REGIONS, UNKNOWN, NO_HAIR or OUTSIDE. Raises DataError.
    """
    train = split == "train"
    room, side = (ROOM, KEPT_SIDE) if train else (1.0, SIDE)
    squares = _kept(data / "parsing", split, _region_numbers(data / "parsing"), room, side)
    known = _found(squares)
    rows = known * TIMES if train else known
    layers = [squares[rows]]
    if train and (data / "hair").is_dir():
        hair = np.full(256, HAIR, np.uint8)
        hair[0] = NO_HAIR
        squares = _kept(data / "hair", split, hair, room, side)
        layers.append(squares[_found(squares)])
    pictures = np.concatenate(layers)
    images, regions = np.ascontiguousarray(pictures[..., :3]), np.ascontiguousarray(pictures[..., 3])
    if not train:
        images[regions == OUTSIDE] = BEYOND
        regions[regions == OUTSIDE] = UNKNOWN
    return Dataset(images, {"regions": regions}, [str(i) for i in range(len(pictures))])


def _found(squares: NDArray[np.uint8]) -> list[int]:
    return [row for row, square in enumerate(squares) if (square[..., 3] != UNKNOWN).any()]


def _region_numbers(folder: Path) -> NDArray[np.uint8]:
    """(256,): a mask's value -> our label."""
    numbers = np.full(256, UNKNOWN, np.uint8)
    for row in read_table(folder / "classes.csv", ("number", "name")):
        if row["name"] not in CLASSES or not row["number"].isdigit() or int(row["number"]) > 255:
            raise DataError(
                f"{folder / 'classes.csv'}: no class of CelebAMask-HQ stands in the row of {row}."
            )
        region = CLASSES[row["name"]]
        numbers[int(row["number"])] = UNKNOWN if region is None else REGIONS.index(region)
    return numbers


def _kept(folder: Path, split: str, numbers: NDArray[np.uint8], room: float, side: int) -> NDArray[np.uint8]:
    """(N, side, side, 4): the pictures of a split in the canonical frame, and their labels, which are UNKNOWN all over
    where no face was found."""
    table = folder / "labels.csv"
    names = [row["image"] for row in read_table(table, ("split", "image")) if row["split"] == split]
    if not names:
        raise DataError(f"{table} has no rows of split {split!r}.")
    zips = [folder / "images.zip", folder / "masks.zip"]
    masks = [str(Path(name).with_suffix(".png")) for name in names]

    def squares() -> Iterator[NDArray[np.uint8]]:
        files = zip(names, bytes_from_zips(zips[:1], names), bytes_from_zips(zips[1:], masks), strict=True)
        for name, picture, mask in files:
            yield _square(f"{folder}: {name}", picture, mask, numbers, room, side)

    return cached([*zips, table], (len(names), side, side, 4), squares())


def _square(
    name: str, picture: bytes, mask: bytes, numbers: NDArray[np.uint8], room: float, side: int
) -> NDArray[np.uint8]:
    try:
        photo = read_photo(picture)
        labels = numbers[np.asarray(Image.open(io.BytesIO(mask)).convert("L"))]
    except (PhotoError, OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{name} has no readable picture or mask.") from error
    if labels.shape != (photo.height, photo.width):
        raise DataError(f"{name}: the mask has another size than the picture.")
    try:
        transform = find_faces(photo)[0].transform
    except FaceError:
        return np.full((side, side, 4), UNKNOWN, np.uint8)
    colors = canvas_of(photo.pixels, transform, room, side, None)
    regions = canvas_of(labels, transform, room, side, OUTSIDE, cv2.INTER_NEAREST)
    return np.dstack([colors, regions])


def prepare(
    data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """A batch of fresh views (N, 3, H, W) in [0, 1], with `regions` as int64 (N, H, W)."""
    rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
    views = [view(data.images[row], data.targets["regions"][row], size, rng) for row in rows]
    images, regions = (np.stack(part) for part in zip(*views, strict=True))
    batch = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    return batch.contiguous(memory_format=torch.channels_last), {
        "regions": torch.from_numpy(regions.astype(np.int64))
    }


def view(
    square: NDArray[np.uint8], regions: NDArray[np.uint8], size: tuple[int, int], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One look into a square, mirrored or not, a little off: uint8 (H, W, 3) and its labels (H, W)."""
    height, width = size
    angle = math.radians(rng.uniform(-TURN, TURN))
    factor = math.exp(rng.uniform(math.log(LEAST_SCALE), math.log(MOST_SCALE))) * width * ROOM / len(square)
    shift = rng.uniform(-SHIFT, SHIFT, 2) * width
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * factor
    if rng.random() < 0.5:
        matrix[:, 0] *= -1
    middle = np.full(2, (len(square) - 1) / 2)
    offset = np.array(((width - 1) / 2, (height - 1) / 2)) + shift - matrix @ middle
    matrix = np.hstack([matrix, offset[:, None]])

    def moved(picture: NDArray[np.uint8], interpolation: int, beyond: int) -> NDArray[np.uint8]:
        out = cv2.warpAffine(
            picture, matrix, (width, height), flags=interpolation, borderMode=cv2.BORDER_CONSTANT,
            borderValue=(beyond,) * 3,
        )  # fmt: skip
        return np.asarray(out, np.uint8)

    labels = moved(regions, cv2.INTER_NEAREST, OUTSIDE)
    image = suffer(moved(square, cv2.INTER_LINEAR, BEYOND), HARDSHIPS, rng)
    if rng.random() >= PAINTED:
        image[labels == OUTSIDE] = BEYOND
    labels[labels == OUTSIDE] = UNKNOWN
    return image, labels


def loss(outputs: Tensor, targets: dict[str, Tensor]) -> Tensor:
    """Cross-entropy of the pixels, of hair against anything else where that alone is known, and how little the regions
    overlap (1 - Dice)."""
    chances = outputs.log_softmax(1).flatten(2).transpose(0, 1).flatten(1)
    regions = targets["regions"].flatten()
    known, bare = regions < len(REGIONS), regions == NO_HAIR
    truth = regions[known]
    right = chances[:, known].gather(0, truth[None])[0]
    others = torch.log1p(-chances[HAIR, bare].exp().clamp(max=1 - 1e-6))
    weights = outputs.new_tensor([WEIGHTS.get(name, 1.0) for name in REGIONS])
    entropy = -((right * weights[truth]).sum() + others.sum()) / max(len(truth) + len(others), 1)
    counts = truth.bincount(minlength=len(REGIONS))
    there = counts > 0
    # A class that the batch lacks has no overlap to learn.
    if not there.any():
        return entropy
    shared = torch.zeros_like(weights).index_add(0, truth, right.exp())
    sizes = (chances.exp() * known).sum(1) + counts
    return entropy + DICE * (1 - (2 * shared / sizes)[there].mean())


def chosen(outputs: NDArray, regions: NDArray[np.uint8]) -> NDArray[np.intp]:
    """The likeliest region of each pixel of these masks, (N, H, W); early epochs answer for smaller pictures."""
    if outputs.shape[2:] != regions.shape[1:]:
        outputs = functional.interpolate(
            torch.from_numpy(outputs), regions.shape[1:], mode="bilinear"
        ).numpy()
    return outputs.argmax(1)


def overlaps(seen: NDArray[np.intp], regions: NDArray[np.uint8]) -> dict[str, float | None]:
    """{region: F1} over the known pixels of all masks together, None where neither people nor network saw any."""
    known = regions < len(REGIONS)
    found: dict[str, float | None] = {}
    for number, name in enumerate(REGIONS):
        here, there = (seen == number) & known, regions == number
        size = int(here.sum()) + int(there.sum())
        found[name] = 2 * int((here & there).sum()) / size if size else None
    return found


def metrics(outputs: NDArray, targets: dict[str, NDArray]) -> Metrics:
    """The mean F1 of the regions that have a bar, and the F1 of every region."""
    found = overlaps(chosen(outputs, targets["regions"]), targets["regions"])
    return {"f1": _mean(found[name] for name in BARS), **found}


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def evaluate(task: Task, request: Request) -> Measured:
    """F1 of every region over all pixels, and the mean of those of the pictures in which people drew it."""
    network, card = load_network(task.name, request.folder)
    pictures = load(request.data, request.split)
    regions = pictures.targets["regions"]
    seen = chosen(predict(task, network, pictures, card.size, torch.device("cpu")), regions)
    together = overlaps(seen, regions)
    each = [overlaps(seen[row : row + 1], regions[row : row + 1]) for row in range(len(pictures))]
    per_class: dict[str, dict[str, Any]] = {}
    for number, name in enumerate(REGIONS):
        drawn = np.flatnonzero((regions == number).any((1, 2)))
        per_class[name] = {
            "f1": together[name],
            "f1_by_picture": _mean(each[row][name] for row in drawn),
            "images": len(drawn),
            "bar": BARS.get(name),
        }
    known = regions < len(REGIONS)
    figures = {
        "f1": _mean(together[name] for name in BARS),
        "accuracy": float((seen == regions)[known].mean()),
        "per_class": per_class,
    }
    return Measured(figures, len(pictures))
