"""What happens to photos: each change by what it must do to a picture."""

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from engine.augmentation import Augmentation, Photography
from engine.degradation import (
    GAP,
    HARDSHIPS,
    MEASURED,
    RIMS,
    Hardship,
    bend,
    blur,
    cast,
    cover,
    degraded,
    expose,
    grain,
    jpeg,
    rims,
    sharpen,
    shrink,
    suffer,
    warm,
    webp,
)  # fmt: skip

FACE = cv2.resize(data.astronaut()[0:218, 130:308], (178, 218))
NONE = Hardship(blur, 0.0, 1, 1)


def chance() -> np.random.Generator:
    return np.random.default_rng(1)


def detail(picture: np.ndarray) -> float:
    return float(np.abs(np.diff(picture.astype(float), axis=0)).mean())


@pytest.mark.parametrize("hardship", (*HARDSHIPS, RIMS), ids=lambda hardship: hardship.change.__name__)
def test_a_hardship_changes_a_picture_but_neither_its_shape_nor_the_original(hardship: Hardship) -> None:
    before = FACE.copy()
    for strength in (hardship.least, hardship.most):
        after = hardship.change(FACE, strength, chance())
        assert after.shape == FACE.shape
        assert after.dtype == np.uint8
        assert not np.array_equal(after, FACE)
        np.testing.assert_array_equal(after, hardship.change(FACE, strength, chance()))
    np.testing.assert_array_equal(FACE, before)


@pytest.mark.parametrize(
    "change, mild, strong",
    [(jpeg, 95, 20), (webp, 95, 20), (blur, 0.5, 3), (sharpen, 0.2, 2), (grain, 1, 9), (shrink, 150, 40),
     (expose, 0.9, 0.3), (bend, 1.1, 2), (warm, 0.05, 0.4), (cast, 0.02, 0.4)],
)  # fmt: skip
def test_stronger_means_farther_from_the_picture(change, mild: float, strong: float) -> None:  # type: ignore[no-untyped-def]
    near, far = (
        np.abs(change(FACE, strength, chance()).astype(int) - FACE).mean() for strength in (mild, strong)
    )
    assert 0 < near < far


def test_blur_and_small_sizes_take_detail_and_sharpening_adds_it() -> None:
    assert detail(blur(FACE, 1.5, chance())) < detail(FACE) < detail(sharpen(FACE, 1.0, chance()))
    assert detail(shrink(FACE, 60, chance())) < detail(FACE)


def test_compression_keeps_colors_in_their_channels() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    for change in (jpeg, webp):
        np.testing.assert_allclose(change(red, 90, chance())[16, 16], (200, 0, 0), atol=8)


def test_light_scales_values_and_warm_light_is_red() -> None:
    gray = np.full((8, 8, 3), 100, np.uint8)
    assert expose(gray, 0.4, chance())[0, 0].tolist() == [40, 40, 40]
    assert warm(gray, 0.25, chance())[0, 0].tolist() == [125, 100, 75]
    assert bend(gray, 2.0, chance())[0, 0].tolist() == [39, 39, 39]


def test_grain_has_the_spread_that_was_asked_for() -> None:
    noise = grain(np.full((200, 160, 3), 128, np.uint8), 4, chance()).astype(float) - 128
    assert noise.mean(2).std() == pytest.approx(4, rel=0.1)  # brightness; colors nearly cancel out
    assert (noise - noise.mean(2, keepdims=True)).std() == pytest.approx(2 * (2 / 3) ** 0.5, rel=0.15)


def test_a_cover_leaves_most_of_the_picture() -> None:
    changed = (cover(FACE, 0.5, chance()) != FACE).any(2)
    assert 0 < changed.mean() < 0.35


@pytest.mark.parametrize("seed", range(6))
def test_missing_rims_are_gray_and_leave_eyes_and_mouth(seed: int) -> None:
    black = np.zeros((218, 178, 3), np.uint8)
    after = rims(black, 0.25, np.random.default_rng(seed))
    assert set(np.unique(after)) == {0, GAP}
    assert not after[100:160, 65:112].any()


def test_hardships_befall_their_share_of_pictures() -> None:
    always, never = Hardship(expose, 1.0, 0.5, 0.5), Hardship(expose, 0.0, 0.1, 0.1)
    gray = np.full((4, 4, 3), 100, np.uint8)
    assert suffer(gray, (never, always, never), chance())[0, 0, 0] == 50
    half = Hardship(expose, 0.5, 0.5, 0.5)
    hit = [suffer(gray, (half,), np.random.default_rng(seed))[0, 0, 0] == 50 for seed in range(200)]
    assert 70 < sum(hit) < 130


def test_measured_ways_are_the_same_each_time() -> None:
    faces = np.stack([FACE, FACE[:, ::-1]])
    for way in MEASURED:
        np.testing.assert_array_equal(degraded(faces, way), degraded(faces, way))


def test_photography_repeats_and_keeps_shape_and_range() -> None:
    faces = np.stack([FACE] * 6)
    change = Photography(Augmentation())
    first, again = (change(faces, (82, 67), torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == (6, 3, 82, 67)
    assert 0 <= first.min() <= first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first[0], first[1])


def test_rims_stay_the_gray_they_are() -> None:
    change = Photography(Augmentation(brightness=0.5), (NONE,), Hardship(rims, 1.0, 0.3, 0.3))
    images = change(np.zeros((4, 218, 178, 3), np.uint8), (82, 67), torch.Generator().manual_seed(1))
    assert {round(v * 255) for v in images.unique().tolist()} == {0, GAP}
