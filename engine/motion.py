"""Data, loss and figures of the motion network, which learns what a teacher network saw in faces.

CelebA's crops and FER-2013's pictures, which the points of their teacher lay into CelebA's frame, are kept as squares
a little larger than what the network sees, so that training can turn, shift and scale the view. Most people look at the
camera and smile or rest, so a share of the pictures is drawn by how rare their movements are.
"""

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.live.action_units import action_units
from core.models.labels import ATTRIBUTES, MOVEMENTS, POINT_COUNT, POINTS
from core.models.weights import load_network
from core.seeing.motion import DEGREES, MOTION_FRAME, MOTION_SIDE, split_outputs, window_of
from engine import datasets, degradation
from engine.alignment import faceless
from engine.datasets import Dataset
from engine.degradation import Hardship, suffer
from engine.evaluation import auc
from engine.pictures import cached, images_from_zips
from engine.predicting import predict
from engine.tables import DataError, read_table
from engine.task import Measured, Request, Task

ROOM = 1.3125
"""Side of the squares that are kept, in sides of what the network sees."""
KEPT_SIDE = round(MOTION_SIDE * ROOM)
LEAST_SCORE = 200
"""Of 255, for a teacher's answer to be learnt from."""
EYE_DISTANCE = 2 * 37.5 / MOTION_FRAME[2]
"""In halves of the network's window, the mean of CelebA's crops."""
CELEBA_UNIT, FER_UNIT = 4, 8
"""The tables' points are in quarters and eighths of a pixel."""
FRAMING = ((20, 28), (28, 36), (69, 70), (0, 1), (5, 6))
"""Points, or rings whose middle counts, by which a picture is laid into CelebA's frame: eyes, nose, mouth's corners."""
TURN, SCALE, SHIFT = 6.0, 0.06, 0.04
"""How far training may turn (degrees), scale, and shift (halves of the window) the view."""
RARE_SHARE = 0.35
"""How many of a batch's pictures are drawn by how rare their movements are."""
FACELESS_SHARE = 0.06
HARDSHIPS = (
    Hardship(degradation.bend, 0.12, 0.7, 1.5),
    Hardship(degradation.expose, 0.15, 0.4, 1.3),
    Hardship(degradation.warm, 0.12, -0.3, 0.3),
    Hardship(degradation.gray, 0.15, 0.5, 1.0),
    Hardship(degradation.cover, 0.06, 0.2, 0.5),
    Hardship(degradation.blur, 0.08, 0.4, 1.2),
    Hardship(degradation.shrink, 0.08, 36, 80),
    Hardship(degradation.grain, 0.10, 1.0, 7.0),
    Hardship(degradation.jpeg, 0.08, 35, 90),
)
REPORTED = {
    "smile": ("mouthSmileLeft", "mouthSmileRight"), "jawOpen": ("jawOpen",),
    "eyeBlink": ("eyeBlinkLeft", "eyeBlinkRight"), "browInnerUp": ("browInnerUp",),
    "browDown": ("browDownLeft", "browDownRight"), "mouthPucker": ("mouthPucker",),
}  # fmt: skip
"""Movements that the figures name: the mean of these."""
AGREEING = {"AU12": "Smiling", "AU25": "Mouth_Slightly_Open"}
"""{action unit: the label of CelebA that people gave for the same}."""
SPREAD_THAT_COUNTS = 0.03
"""Standard deviation over which a movement is one: some never occur in photos."""


def _swapped(name: str) -> str:
    if name.endswith("Left"):
        return name.removesuffix("Left") + "Right"
    return name.removesuffix("Right") + "Left" if name.endswith("Right") else name


def _mirrored_points() -> list[int]:
    """Which point takes each point's place in the mirror image."""
    order = list(range(POINT_COUNT))
    for part in ("lips_outer", "lips_inner", "outline"):
        start, stop = POINTS[part]
        size = stop - start
        # The outline's ring starts in the middle, the lips' at a corner.
        turn = size if part == "outline" else size // 2
        for k in range(size):
            order[start + k] = start + (turn - k) % size
    for one, other in (("eye", "eye"), ("brow", "brow")):
        left, right = POINTS[f"{one}_left_of_picture"], POINTS[f"{other}_right_of_picture"]
        for k in range(left[1] - left[0]):
            order[left[0] + k], order[right[0] + k] = right[0] + k, left[0] + k
    first, last = POINTS["pupils"][0], POINTS["pupils"][1] - 1
    order[first], order[last] = last, first
    return order


MIRRORED_POINTS = _mirrored_points()
MIRRORED_MOVEMENTS = [MOVEMENTS.index(_swapped(name)) for name in MOVEMENTS]


def load(data: Path, split: str) -> Dataset:
    """Training: squares of CelebA and FER-2013 to look into. Any other split: what the app sees of CelebA's crops.

    Targets: `points`, float32 (N, 70, 2) in halves of the window from its middle, `movements`, float32 (N, 52) from 0
    to 1, and `pose`, float32 (N, 3) in degrees. Raises DataError.
    """
    table = _table(data / "motion" / "celeba.npz")
    if split == "train":
        crops = datasets.celeba_with_originals(data, "train")
        rows, places = _found(table, crops.ids)
        parts = [(_celeba_squares(crops.images, places), _targets(table, rows, CELEBA_UNIT), crops.ids)]
        sources = sorted((data / "celeba").glob("train*.zip"))
        if (data / "motion" / "fer2013.npz").is_file():
            table = _table(data / "motion" / "fer2013.npz")
            fer = data / "fer2013" / "train.zip"
            pictures, names = images_from_zips([fer], color=False)
            ids = [f"train/{name}" for name in names]
            rows, places = _found(table, ids)
            laid = _laid(table["points"][rows] / FER_UNIT)
            parts.append((_fer_squares(pictures, places, laid), _targets(table, rows, FER_UNIT, laid), ids))
            sources.append(fer)
        targets = {name: np.concatenate([target[name] for _, target, _ in parts]) for name in parts[0][1]}
        count = len(targets["pose"])
        images = cached(
            [*sources, *sorted((data / "motion").glob("*.npz"))], (count, KEPT_SIDE, KEPT_SIDE, 3),
            (square for squares, _, _ in parts for square in squares),
        )  # fmt: skip
        return Dataset(images, targets, [str(i) for i in range(count)])
    crops = datasets.celeba(data, split)
    rows, places = _found(table, crops.ids)
    windows = np.stack([window_of(crops.images[place]) for place in places])
    return Dataset(windows, _targets(table, rows, CELEBA_UNIT), [crops.ids[place] for place in places])


def _table(path: Path) -> dict[str, NDArray]:
    try:
        with np.load(path) as table:
            return {name: table[name] for name in ("ids", "points", "blendshapes", "pose", "score")}
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing.") from error
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} is no table of movements: {error}.") from error


def _found(table: dict[str, NDArray], ids: list[str]) -> tuple[NDArray[np.intp], list[int]]:
    """Rows of the table that are sure and have a picture, and where that is in `ids`."""
    place: dict[str, int] = {}
    for number, name in enumerate(ids):
        place.setdefault(name, number)
    names = [name.decode() for name in table["ids"]]
    rows = [row for row, name in enumerate(names) if name in place and table["score"][row] >= LEAST_SCORE]
    if not rows:
        raise DataError("The table of movements has no sure answers for these pictures.")
    return np.array(rows), [place[names[row]] for row in rows]


def _targets(
    table: dict[str, NDArray], rows: NDArray[np.intp], unit: int, laid: NDArray | None = None
) -> dict[str, NDArray[np.float32]]:
    points = table["points"][rows] / unit
    pose = (table["pose"][rows] / 10).astype(np.float32)
    if laid is not None:
        points = np.einsum("nij,nkj->nki", laid[:, :, :2], points) + laid[:, None, :, 2]
        pose[:, 2] += np.degrees(np.arctan2(laid[:, 1, 0], laid[:, 0, 0]))
    left, top, side = MOTION_FRAME
    return {
        "points": ((points - (left, top)) * 2 / side - 1).astype(np.float32),
        "movements": (table["blendshapes"][rows] / 255).astype(np.float32),
        "pose": pose,
    }


def _frame() -> NDArray[np.float64]:
    """Where the FRAMING lies in CelebA's frame, pixels: eyes, nose and mouth of the mean face."""
    return np.array([[70.0, 112.4], [107.5, 112.4], [88.5, 134.1], [71.9, 152.6], [105.6, 152.8]])


def _laid(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The similarities (N, 2, 3) that lay points (N, 70, 2) of pictures into CelebA's frame, with least squares."""
    here = np.stack([points[:, start:stop].mean(1) for start, stop in FRAMING], 1) @ (1, 1j)
    there = _frame() @ (1, 1j)
    middle, wanted = here.mean(1, keepdims=True), there.mean()
    turn = ((here - middle).conj() * (there - wanted)).sum(1) / (np.abs(here - middle) ** 2).sum(1)
    origin = wanted - turn * middle[:, 0]
    return np.stack(
        [np.stack([turn.real, -turn.imag, origin.real], 1), np.stack([turn.imag, turn.real, origin.imag], 1)],
        1,
    )


def _to_square() -> NDArray[np.float64]:
    """(3, 3): corner-based pixel of a crop -> corner-based pixel of its square."""
    left, top, side = MOTION_FRAME
    factor, half = MOTION_SIDE / side, KEPT_SIDE / 2
    return np.array(
        [
            [factor, 0, half - factor * (left + side / 2)],
            [0, factor, half - factor * (top + side / 2)],
            [0, 0, 1],
        ]
    )


def _celeba_squares(images: NDArray[np.uint8], places: list[int]) -> Iterator[NDArray[np.uint8]]:
    for place in places:
        yield _warped(images[place], _to_square(), KEPT_SIDE)


def _fer_squares(
    images: NDArray[np.uint8], places: list[int], laid: NDArray[np.float64]
) -> Iterator[NDArray[np.uint8]]:
    for place, similarity in zip(places, laid, strict=True):
        matrix = _to_square() @ np.vstack([similarity, [0, 0, 1]])
        yield np.repeat(_warped(images[place], matrix, KEPT_SIDE)[..., None], 3, 2)


def _warped(picture: NDArray[np.uint8], matrix: NDArray[np.float64], side: int) -> NDArray[np.uint8]:
    """The picture through a matrix between corner-based pixels; OpenCV counts from the middle of the first pixel."""
    corner = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = np.linalg.inv(corner) @ matrix @ corner
    warped = cv2.warpAffine(
        picture, matrix[:2], (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)


def prepare(
    data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """A batch of fresh views (N, 3, 96, 96) in [0, 1] with the targets of `load`, and `face`, float32 (N,)."""
    del size  # the network's own
    rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
    rows = np.array(rows)
    rare = _rarity(data)
    drawn = rng.random(len(rows)) < RARE_SHARE
    rows[drawn] = np.searchsorted(rare, rng.random(int(drawn.sum())) * rare[-1])
    seeds = rng.integers(2**62, size=len(rows))

    def one(row: int, seed: int) -> tuple[NDArray, ...]:
        points, movements, pose = (data.targets[name][row] for name in ("points", "movements", "pose"))
        return view(data.images[row], points, movements, pose, np.random.default_rng(seed))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        views = list(pool.map(one, rows, seeds))
    images, points, movements, pose, face = (np.stack(part) for part in zip(*views, strict=True))
    batch = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    targets = {"points": points, "movements": movements, "pose": pose, "face": face}
    return batch.contiguous(memory_format=torch.channels_last), {
        name: torch.from_numpy(target) for name, target in targets.items()
    }


def _rarity(data: Dataset) -> NDArray[np.float64]:
    """Running sum of how rare each picture's movements are: each counts by how much more there is of it than usual."""
    if "rarity" not in data.targets:
        movements = data.targets["movements"]
        usual = movements.mean(0)
        counting = movements.std(0) > SPREAD_THAT_COUNTS
        excess = movements[:, counting] / usual[counting]
        data.targets["rarity"] = np.cumsum(excess.clip(max=8).sum(1).astype(np.float64))
    return data.targets["rarity"]


def view(
    square: NDArray[np.uint8],
    points: NDArray[np.float32],
    movements: NDArray[np.float32],
    pose: NDArray[np.float32],
    rng: np.random.Generator,
) -> tuple[NDArray, ...]:
    """One look into a square, mirrored or not, a little off: uint8 (96, 96, 3), its targets, and 1 if it is a face."""
    mirror = rng.random() < 0.5
    if mirror:
        points = points[MIRRORED_POINTS] * np.array((-1, 1), np.float32)
        movements = movements[MIRRORED_MOVEMENTS]
        pose = pose * np.array((-1, 1, -1), np.float32)
    turn, factor = rng.uniform(-TURN, TURN), math.exp(rng.uniform(-SCALE, SCALE))
    shift = rng.uniform(-SHIFT, SHIFT, 2)
    face = rng.random() >= FACELESS_SHARE
    if not face:
        square, turn, factor, shift = _nowhere(square, rng)
    angle = math.radians(turn)
    rotation = factor * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    image = _warped(square, _looking(rotation, shift, mirror), MOTION_SIDE)
    image = suffer(image, HARDSHIPS, rng)
    points = (points @ rotation.T + shift).astype(np.float32)
    pose = pose + np.array((0, 0, turn), np.float32)
    return image, points, movements, pose, np.asarray(face, np.float32)


def _looking(rotation: NDArray, shift: NDArray, mirror: bool) -> NDArray[np.float64]:
    """(3, 3): corner-based pixel of a square -> of the view; u, in halves of a window, becomes rotation @ u + shift."""
    middle, half = KEPT_SIDE / 2, MOTION_SIDE / 2
    to_halves = np.array([[1 / half, 0, -middle / half], [0, 1 / half, -middle / half], [0, 0, 1]])
    if mirror:
        to_halves[0] *= -1
    moved = np.array([[*rotation[0], shift[0]], [*rotation[1], shift[1]], [0, 0, 1]])
    to_pixels = np.array([[half, 0, half], [0, half, half], [0, 0, 1]])
    return to_pixels @ moved @ to_halves


def _nowhere(
    square: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], float, float, NDArray[np.float64]]:
    """A picture, turn, factor and shift that show no face where one is expected."""
    kind = rng.integers(4)
    if kind == 0:
        picture = faceless()[rng.integers(len(faceless()))]
        side = int(rng.integers(48, min(picture.shape[:2])))
        y, x = (int(rng.integers(length - side + 1)) for length in picture.shape[:2])
        cut = cv2.resize(
            picture[y : y + side, x : x + side], (KEPT_SIDE, KEPT_SIDE), interpolation=cv2.INTER_AREA
        )
        return np.asarray(cut, np.uint8), 0.0, 1.0, np.zeros(2)
    if kind == 1:
        angle, distance = rng.uniform(0, 2 * math.pi), rng.uniform(0.8, 1.4)
        return square, 0.0, 1.0, distance * np.array([math.cos(angle), math.sin(angle)])
    if kind == 2:
        return square, rng.uniform(-30, 30), rng.uniform(2.5, 4.0), rng.uniform(-1, 1, 2)
    return square, rng.uniform(110, 250), 1.0, np.zeros(2)


def loss(outputs: Tensor, targets: dict[str, Tensor]) -> Tensor:
    """How far off points, movements and pose of the faces are, and cross-entropy of the sureness."""
    ends = (2 * POINT_COUNT, 2 * POINT_COUNT + len(MOVEMENTS), outputs.shape[1] - 1)
    points, movements, pose, sure = outputs.tensor_split(ends, 1)
    shown = targets["face"] > 0.5
    sureness = functional.binary_cross_entropy_with_logits(sure[:, 0], targets["face"])
    if not shown.any():
        return sureness
    place = functional.smooth_l1_loss(
        points[shown].unflatten(1, (-1, 2)), targets["points"][shown], beta=0.01
    )
    wanted = targets["movements"][shown]
    # A movement that is rare or slight counts as much as a smile, as far as there is anything to be seen.
    weight = 1 / (wanted.var(0, unbiased=False) + 0.01)
    moved = ((movements[shown].sigmoid() - wanted).square() * weight).mean()
    held = functional.smooth_l1_loss(pose[shown], targets["pose"][shown] / DEGREES, beta=0.2)
    return 20 / EYE_DISTANCE * place + 2 * moved + held + 0.3 * sureness


def figures(outputs: NDArray, targets: dict[str, NDArray]) -> dict[str, Any]:
    """Mean point error as a share of the distance between the eyes, correlation with the teacher's movements, mean
    pose error in degrees, and how sure the network was."""
    points, movements, pose, sure = split_outputs(outputs)
    wanted = targets["points"]
    eyes = [wanted[:, slice(*POINTS[f"eye_{side}_of_picture"])].mean(1) for side in ("left", "right")]
    distance = np.linalg.norm(eyes[1] - eyes[0], axis=1)
    errors = np.linalg.norm(points - wanted, axis=2) / distance[:, None]
    each = {
        name: _correlation(movements[:, i], targets["movements"][:, i])
        for i, name in enumerate(MOVEMENTS)
        if targets["movements"][:, i].std() > SPREAD_THAT_COUNTS
    }
    named = {}
    for name, members in REPORTED.items():
        columns = [MOVEMENTS.index(member) for member in members]
        named[name] = _correlation(movements[:, columns].mean(1), targets["movements"][:, columns].mean(1))
    return {
        "correlation": float(np.mean(list(named.values()))),
        "point_error": float(errors.mean()),
        **named,
        "yaw_error": float(np.abs(pose[:, 0] - targets["pose"][:, 0]).mean()),
        "pitch_error": float(np.abs(pose[:, 1] - targets["pose"][:, 1]).mean()),
        "roll_error": float(np.abs(pose[:, 2] - targets["pose"][:, 2]).mean()),
        "sure": float((sure > 0.5).mean()),
        "point_error_by_part": {
            part: float(errors[:, start:stop].mean()) for part, (start, stop) in POINTS.items()
        },
        "movements": each,
    }


def metrics(outputs: NDArray, targets: dict[str, NDArray]) -> dict[str, float | None]:
    """Those of `figures` that are one number."""
    return {name: value for name, value in figures(outputs, targets).items() if isinstance(value, float)}


def _correlation(one: NDArray, other: NDArray) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 and other.std() > 0 else 0.0


def evaluate(task: Task, request: Request) -> Measured:
    """Against the teacher; action units against CelebA's labels; and the pose against that of
    `celeba/head_pose.csv.gz`, where that is there, after a straight line's fit."""
    network, card = load_network(task.name, request.folder)
    pictures = load(request.data, request.split)
    outputs = predict(task, network, pictures, card.size, torch.device("cpu"))
    measured = figures(outputs, pictures.targets)
    crops = datasets.celeba(request.data, request.split)
    rows = {name: row for row, name in enumerate(crops.ids)}
    labels = crops.targets["attributes"][[rows[name] for name in pictures.ids]]
    measured["action_units"] = agreement(split_outputs(outputs)[1], labels)
    poses = request.data / "celeba" / "head_pose.csv.gz"
    if poses.is_file():
        measured["head_pose"] = _beside(poses, pictures.ids, split_outputs(outputs)[2])
    return Measured(measured, len(pictures))


def agreement(movements: NDArray[np.float32], labels: NDArray[np.float32]) -> dict[str, dict[str, Any]]:
    """How well action units of movements (N, 52) tell CelebA's labels (N, 40): {unit: label, area under the ROC curve,
    and the accuracy where the unit is cut as the label is shared}."""
    faces = [dict(zip(MOVEMENTS, row, strict=True)) for row in movements.tolist()]
    told = {}
    for code, label in AGREEING.items():
        values = np.array([action_units()[code].value(face) for face in faces])
        truth = labels[:, ATTRIBUTES.index(label)] > 0.5
        cut = np.quantile(values, 1 - truth.mean())
        told[code] = {
            "label": label,
            "auc": auc(values, truth),
            "accuracy": float(((values > cut) == truth).mean()),
        }
    return told


def _beside(path: Path, ids: list[str], pose: NDArray[np.float32]) -> dict[str, float]:
    rows = {row["image_id"]: row for row in read_table(path, ("image_id", "yaw", "pitch"))}
    known = [number for number, name in enumerate(ids) if name in rows]
    errors = {}
    for column, name in enumerate(("yaw", "pitch")):
        theirs = np.array([float(rows[ids[number]][name]) for number in known])
        ours = pose[known, column].astype(float)
        errors[f"{name}_error"] = float(np.abs(np.polyval(np.polyfit(ours, theirs, 1), ours) - theirs).mean())
    return errors | {"images": len(known)}
