"""What happens to faces on their way into a photo and through the web: compression, blur, noise, small sizes, lamps.

Training draws such changes at random (HARDSHIPS), so that what a network learns holds for anybody's photos;
`engine evaluate --degrade` makes each of MEASURED alone, always alike, and says what it costs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Change = Callable[[Picture, float, np.random.Generator], Picture]
"""(uint8 (H, W, 3), strength, chance) -> the same shape."""

GAP = 127
"""The gray that stands for "nothing there", where a crop reaches beyond the rim of its photo."""


def jpeg(picture: Picture, quality: float, chance: np.random.Generator) -> Picture:
    """Through a JPEG file of this quality, 1 to 100."""
    del chance
    return _through(picture, ".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)


def webp(picture: Picture, quality: float, chance: np.random.Generator) -> Picture:
    """Through a WebP file of this quality, 1 to 100."""
    del chance
    return _through(picture, ".webp", cv2.IMWRITE_WEBP_QUALITY, quality)


def _through(picture: Picture, kind: str, setting: int, quality: float) -> Picture:
    # OpenCV takes pictures for BGR; compression keeps brightness apart from color, so it must know which is which.
    _, data = cv2.imencode(kind, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [setting, round(quality)])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def blur(picture: Picture, spread: float, chance: np.random.Generator) -> Picture:
    """Out of focus; spread: the Gaussian's standard deviation, pixels."""
    del chance
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), spread), np.uint8)


def sharpen(picture: Picture, amount: float, chance: np.random.Generator) -> Picture:
    """What phones do to every photo: `amount` times the fine detail is added once more."""
    del chance
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.2)
    return np.asarray(cv2.addWeighted(picture, 1 + amount, smooth, -amount, 0), np.uint8)


def grain(picture: Picture, spread: float, chance: np.random.Generator) -> Picture:
    """Noise and skin texture; spread: standard deviation of its brightness, 0 to 255. Color varies half as much.

    What WebP of quality 60 took from CelebA's crops has such a spectrum, with a spread of 3 to 5.
    """
    height, width = picture.shape[:2]
    size = chance.uniform(0.3, 1.0)
    light = cv2.GaussianBlur(chance.standard_normal((height, width), np.float32), (0, 0), size)
    tint = chance.standard_normal(((height + 3) // 4, (width + 3) // 4, 3), np.float32)
    tint = np.asarray(cv2.resize(tint, (width, height), interpolation=cv2.INTER_LINEAR))
    noise = light[..., None] / max(float(light.std()), 1e-6) + tint * (0.5 / max(float(tint.std()), 1e-6))
    return _pixels(picture + spread * noise)


def shrink(picture: Picture, height: float, chance: np.random.Generator) -> Picture:
    """A face so many pixels high, from forehead to neck, that was enlarged again."""
    del chance
    rows, columns = picture.shape[:2]
    small = cv2.resize(
        picture, (max(1, round(columns * height / rows)), round(height)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)


def expose(picture: Picture, factor: float, chance: np.random.Generator) -> Picture:
    """Too dark (below 1) or too bright: the camera's values times a factor."""
    del chance
    return _pixels(picture * np.float32(factor))


def bend(picture: Picture, gamma: float, chance: np.random.Generator) -> Picture:
    """Deep shadows (above 1) or a pale picture."""
    del chance
    curve = 255 * (np.arange(256) / 255) ** gamma
    return np.asarray(cv2.LUT(picture, curve.round().astype(np.uint8)), np.uint8)


def cast(picture: Picture, strength: float, chance: np.random.Generator) -> Picture:
    """Light of another color: each channel up to `strength` brighter or darker."""
    return _pixels(picture * (1 + chance.uniform(-strength, strength, 3)).astype(np.float32))


def warm(picture: Picture, strength: float, chance: np.random.Generator) -> Picture:
    """A bulb's light (above 0) or an overcast sky's: red up, blue down, or the other way round."""
    del chance
    return _pixels(picture * np.array([1 + strength, 1, 1 - strength], np.float32))


def gray(picture: Picture, share: float, chance: np.random.Generator) -> Picture:
    """A black and white photo, or `share` of the way there."""
    del chance
    light = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    return _pixels(picture + np.float32(share) * (light - picture))


def cover(picture: Picture, share: float, chance: np.random.Generator) -> Picture:
    """A hand, a cup, a text: an ellipse or a box that is `share` of the picture wide, in a color of the picture."""
    height, width = picture.shape[:2]
    half = (int(share * width * chance.uniform(0.25, 0.5)), int(share * width * chance.uniform(0.25, 0.5)))
    x, y = int(chance.integers(width)), int(chance.integers(height))
    color = [int(v) for v in picture[chance.integers(height), chance.integers(width)]]
    out = picture.copy()
    if chance.random() < 0.5:
        cv2.ellipse(out, (x, y), half, float(chance.uniform(0, 180)), 0, 360, color, -1)
    else:
        cv2.rectangle(out, (x - half[0], y - half[1]), (x + half[0], y + half[1]), color, -1)
    return out


def rims(picture: Picture, share: float, chance: np.random.Generator) -> Picture:
    """As a tight photo leaves it: GAP on one to three sides, up to `share` of the height or width deep, a little
    askew."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    missing = np.zeros((height, width), bool)
    # In a chat's portrait the top is missing most often; the mouth and the eyes never are.
    for side in chance.choice(4, chance.integers(1, 4), replace=False, p=(0.4, 0.25, 0.25, 0.1)):
        depth, slope = share * chance.uniform(0.2, 1.0), chance.uniform(-0.15, 0.15)
        if side == 0:
            missing |= y < depth * height + slope * (x - width / 2)
        elif side == 1:
            missing |= x < depth * width + slope * (y - height / 2)
        elif side == 2:
            missing |= x > width - depth * width + slope * (y - height / 2)
        else:
            missing |= y > height - 0.6 * depth * height + slope * (x - width / 2)
    out = picture.copy()
    out[missing] = GAP
    return out


def _pixels(values: NDArray[Any]) -> Picture:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Hardship:
    """A change that befalls a share of the training pictures, of a strength between the two."""

    change: Change
    share: float
    least: float
    most: float


HARDSHIPS: tuple[Hardship, ...] = (
    Hardship(bend, 0.10, 0.7, 1.5),
    Hardship(expose, 0.15, 0.3, 1.5),
    Hardship(cast, 0.12, 0.05, 0.3),
    Hardship(warm, 0.08, -0.3, 0.35),
    Hardship(cover, 0.08, 0.2, 0.7),
    Hardship(blur, 0.10, 0.5, 2.2),
    Hardship(shrink, 0.10, 50, 140),
    Hardship(sharpen, 0.20, 0.2, 1.5),
    Hardship(grain, 0.35, 1.0, 8.0),
    Hardship(webp, 0.06, 20, 90),
    Hardship(jpeg, 0.30, 25, 98),
)
"""In the order of a photo's way: light, lens, sensor, file."""
RIMS = Hardship(rims, 0.15, 0.1, 0.35)
"""Comes last of all, after the picture was turned and shifted: aligning a face is what leaves it."""

MEASURED: dict[str, tuple[Change, float]] = {
    "jpeg50": (jpeg, 50),
    "webp60": (webp, 60),
    "blur": (blur, 1.5),
    "small": (shrink, 60),
    "dark": (expose, 0.4),
    "cast": (warm, 0.25),
    "rims": (rims, 0.25),
}
"""{name: (change, strength)}, what `engine evaluate --degrade` takes."""


def suffer(picture: Picture, hardships: tuple[Hardship, ...], chance: np.random.Generator) -> Picture:
    """The picture after those of the hardships that befall it."""
    for hardship in hardships:
        if chance.random() < hardship.share:
            picture = hardship.change(picture, chance.uniform(hardship.least, hardship.most), chance)
    return picture


def degraded(images: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """uint8 (N, H, W, 3), each after the change of this name in MEASURED; the same each time."""
    change, strength = MEASURED[name]
    return np.stack(
        [change(picture, strength, np.random.default_rng([13, i])) for i, picture in enumerate(images)]
    )
