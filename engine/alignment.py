"""Training windows for the alignment network, drawn from aligned crops whose canonical frame is known.

Every picture is a CelebA crop at half size, laid on a background, and looked at through a random window: turned up to
50 degrees, up to 1.7 times too large or small, and off the face by up to a third of its side. Windows much farther
off, upside down, or on pictures without a face are the negatives. CelebA crops end close to the head, so what lies
beyond their rim is replicated, reflected, flat, or another picture: its edge must not give the answer away.
"""

import math
from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from core.seeing.windows import CANONICAL_EYES, CANONICAL_HALF, INPUT_SIDE, Window, canonical_window, sample
from engine import datasets
from engine.datasets import Dataset
from engine.evaluation import mean, share_of

# The loop keeps every core busy already: more threads inside would only get in its way.
cv2.setNumThreads(1)

SCALE = 0.5
HALF_SIZE = (89, 109)
FACELESS = (
    "brick", "chelsea", "clock_motion", "coffee", "grass", "gravel", "horse", "hubble_deep_field", "ihc",
    "moon", "motorcycle_left", "page", "retina", "rocket", "text",
)  # fmt: skip
"""Pictures in scikit-image's wheel that show no human face."""
WINDOWS = 4000
"""How many windows a network is validated on."""
_BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101, cv2.BORDER_CONSTANT)


def load(data: Path, split: str) -> Dataset:
    """Training: half-size crops to draw windows from. Any other split: WINDOWS of them, drawn once, with targets."""
    crops = datasets.celeba(data, split).images
    small = np.stack([cv2.resize(crop, HALF_SIZE, interpolation=cv2.INTER_AREA) for crop in crops])
    pictures = Dataset(small, {}, [str(i) for i in range(len(small))])
    if split == "train":
        return pictures
    images, targets = draw(pictures, np.arange(WINDOWS) % len(small), np.random.default_rng(7))
    return Dataset(images, targets, [str(i) for i in range(len(images))])


def prepare(
    data: Dataset, rows: NDArray, size: tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """A batch of fresh windows (N, 3, 64, 64) in [0, 1] with `face` (N,) and `similarity` (N, 4)."""
    del size  # the window's size is the network's
    seed = int(torch.randint(2**31, (1,), generator=generator))
    images, targets = draw(data, rows, np.random.default_rng(seed))
    batch = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    batch = batch.contiguous(memory_format=torch.channels_last)
    return batch, {name: torch.from_numpy(target) for name, target in targets.items()}


def draw(
    data: Dataset, rows: NDArray, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], dict[str, NDArray]]:
    """One window per row: uint8 (N, 64, 64, 3) and its targets."""
    images = np.empty((len(rows), INPUT_SIDE, INPUT_SIDE, 3), np.uint8)
    face = np.zeros(len(rows), np.float32)
    similarity = np.zeros((len(rows), 4), np.float32)
    for i, row in enumerate(rows):
        picture = data.images[row]
        kind = rng.random()
        if kind < 0.55:
            window = _near(rng, tight=kind < 0.25)
            face[i], similarity[i] = 1, canonical_window(SCALE).relative_to(window)
        elif kind < 0.75:
            window = _far(rng)
        else:
            picture = faceless()[rng.integers(len(FACELESS))]
            window = _anywhere(picture, rng)
        other = data.images[rng.integers(len(data))]
        images[i] = spoil(_look(picture, other, window, rng), rng)
    return images, {"face": face, "similarity": similarity}


def _near(rng: np.random.Generator, tight: bool) -> Window:
    """A window from which the face must be found; `tight` ones are what the second pass sees."""
    turn, log_scale, shift = (8, 0.1, 0.08) if tight else (50, 0.55, 0.35)
    return _offset(rng.uniform(-shift, shift), rng.uniform(-shift, shift), rng.uniform(-turn, turn),
                   math.exp(rng.uniform(-log_scale, log_scale)))  # fmt: skip


def _far(rng: np.random.Generator) -> Window:
    """A window in which no face is to be found: beside it, far too near or wide, or upside down."""
    turn = rng.uniform(-50, 50)
    match rng.integers(4):
        case 0:
            angle, distance = rng.uniform(0, 2 * math.pi), rng.uniform(0.9, 1.8)
            return _offset(
                distance * math.cos(angle), distance * math.sin(angle), turn, math.exp(rng.uniform(-0.5, 0.4))
            )
        case 1:
            return _offset(rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), turn, rng.uniform(0.18, 0.38))
        case 2:
            return _offset(rng.uniform(-0.7, 0.7), rng.uniform(-0.7, 0.7), turn, rng.uniform(2.6, 4.5))
        case _:
            return _offset(rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3), turn + rng.uniform(110, 250),
                           math.exp(rng.uniform(-0.4, 0.4)))  # fmt: skip


@cache
def faceless() -> list[NDArray[np.uint8]]:
    """The FACELESS pictures, RGB."""
    folder = Path(str(files("skimage") / "data"))
    found = [next(iter(folder.glob(f"{name}.*"))) for name in FACELESS]
    return [np.asarray(Image.open(path).convert("RGB")) for path in found]


def _anywhere(picture: NDArray[np.uint8], rng: np.random.Generator) -> Window:
    height, width = picture.shape[:2]
    half = math.exp(rng.uniform(math.log(16), math.log(min(height, width) / 2)))
    center = complex(rng.uniform(half, width - half), rng.uniform(half, height - half))
    angle = rng.uniform(0, 2 * math.pi)
    return Window(center, half * complex(math.cos(angle), math.sin(angle)))


def _offset(x: float, y: float, degrees: float, factor: float) -> Window:
    target = canonical_window(SCALE)
    half = target.half * factor * complex(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    return Window(target.center + half * complex(x, y), half)


def _look(
    picture: NDArray[np.uint8], other: NDArray[np.uint8], window: Window, rng: np.random.Generator
) -> NDArray[np.uint8]:
    border = rng.integers(4)
    if border < 3:
        return sample(picture, window, _BORDERS[border])
    # The other picture shows beyond the rim, turned and zoomed so that no face of its own stands upright there.
    ground = sample(
        other,
        _offset(rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5), rng.uniform(90, 270), rng.uniform(0.2, 0.5)),
    )
    mask = cv2.warpAffine(
        np.full(picture.shape[:2], 255, np.uint8), window.sampling(), (INPUT_SIDE, INPUT_SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )  # fmt: skip
    return np.where(mask[..., None] > 127, sample(picture, window), ground)


def spoil(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Light, color, blur, noise and mild covering, as bad cameras and hands give them."""
    out: NDArray[np.floating] = image.astype(np.float32)
    out = 255 * (out / 255) ** math.exp(rng.uniform(-0.5, 0.5))
    out = (out - 128) * rng.uniform(0.6, 1.3) + 128 + rng.uniform(-35, 35)
    out *= rng.uniform(0.85, 1.15, 3).astype(np.float32)
    if rng.random() < 0.2:
        out[:] = out.mean(2, keepdims=True)
    if rng.random() < 0.3:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 2.0)), np.float32)
    if rng.random() < 0.3:
        out += rng.normal(0, rng.uniform(2, 12), out.shape).astype(np.float32)
    if rng.random() < 0.2:
        x, y = rng.integers(0, INPUT_SIDE - 12, 2)
        w, h = rng.integers(8, 22, 2)
        out[y : y + h, x : x + w] = rng.uniform(0, 255, 3)
    return np.clip(out, 0, 255).astype(np.uint8)


def loss(outputs: Tensor, targets: dict[str, Tensor]) -> Tensor:
    """Cross-entropy of the face logit, and the distance of the similarity on the windows that show a face."""
    face, similarity = targets["face"], targets["similarity"]
    confidence = functional.binary_cross_entropy_with_logits(outputs[:, 0], face)
    shown = face > 0.5
    if not shown.any():
        return confidence
    distance = functional.smooth_l1_loss(outputs[shown, 1:], similarity[shown], beta=0.05)
    return confidence + 4 * distance


def metrics(outputs: NDArray, targets: dict[str, NDArray]) -> dict[str, float | None]:
    """Share of windows told apart, and the mean eye-position error of one pass in pixels of the canonical frame."""
    face = targets["face"] > 0.5
    return {
        "accuracy": share_of((outputs[:, 0] > 0) == face),
        "eye_error": mean(eye_error(outputs[face, 1:], targets["similarity"][face])),
    }


def eye_error(predicted: NDArray, true: NDArray) -> NDArray[np.float64]:
    """How far the canonical eyes lie apart, (N,), in canonical pixels, for similarities (N, 4) in one window."""
    errors = []
    for p, t in zip(predicted, true, strict=True):
        start = Window(0j, 1 + 0j)
        found, wanted = start.within(p), start.within(t)
        eyes = [(eye - canonical_window().center) / CANONICAL_HALF for eye in CANONICAL_EYES]
        gaps = [abs((found.center + found.half * e) - (wanted.center + wanted.half * e)) for e in eyes]
        errors.append(np.mean(gaps) / abs(wanted.half) * CANONICAL_HALF)
    return np.array(errors)
