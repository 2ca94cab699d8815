"""Views of squares whose regions are known, and figures worked by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.models.labels import REGIONS
from core.seeing.windows import BEYOND
from engine import parsing
from engine.parsing import HAIR, KEPT_SIDE, NO_HAIR, OUTSIDE, UNKNOWN
from engine.tables import DataError

SKIN, LIPS, HAT = (REGIONS.index(name) for name in ("skin", "lips", "hat"))


@pytest.mark.parametrize("seed", range(6))
def test_labels_stay_on_what_they_mark(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "HARDSHIPS", ())
    square = np.full((KEPT_SIDE, KEPT_SIDE, 3), (200, 150, 120), np.uint8)
    regions = np.full((KEPT_SIDE, KEPT_SIDE), SKIN, np.uint8)
    square[70:110, 80:140], regions[70:110, 80:140] = (40, 30, 20), HAIR
    square[:, 160:], regions[:, 160:] = (9, 9, 200), OUTSIDE

    image, labels = parsing.view(square, regions, (160, 160), np.random.default_rng(seed))

    dark = image[..., 0] < 100
    hair = dark & (image[..., 2] < 100)
    assert (hair == (labels == HAIR)).mean() > 0.99
    assert 0.5 < (labels == HAIR).sum() / (40 * 60 * 0.64) < 2.0
    assert set(np.unique(labels)) == {SKIN, HAIR, UNKNOWN}
    ended = image[labels == UNKNOWN]
    # Either gray, or the color that the photo ended with; never both.
    gray, going_on = (
        np.abs(ended - np.array(color, float)).max(1) < 2 for color in ((BEYOND,) * 3, (9, 9, 200))
    )
    assert gray.mean() > 0.95 or going_on.mean() > 0.5


def test_where_a_picture_ends_is_learnt_with_gray_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "HARDSHIPS", ())
    square = np.full((KEPT_SIDE, KEPT_SIDE, 3), 220, np.uint8)
    regions = np.full((KEPT_SIDE, KEPT_SIDE), OUTSIDE, np.uint8)
    views = [parsing.view(square, regions, (32, 32), np.random.default_rng(seed))[0] for seed in range(40)]
    grays = [bool((view == BEYOND).all()) for view in views]
    assert 10 < sum(grays) < 38


def _certain(regions: list[list[int]]) -> torch.Tensor:
    """Logits of a network that is sure of these."""
    return (
        40.0 * torch.nn.functional.one_hot(torch.tensor([regions]), len(REGIONS)).permute(0, 3, 1, 2).float()
    )


@pytest.mark.parametrize(
    ("drawn", "seen", "loss"),
    [
        ([[SKIN, HAIR]], [[SKIN, HAIR]], 0.0),
        # Anything but hair is right; hair is wrong by as much as the network can say.
        ([[NO_HAIR, SKIN]], [[HAT, SKIN]], 0.0),
        ([[NO_HAIR, NO_HAIR]], [[HAIR, HAIR]], -np.log(1e-6)),
        # One of two regions is missed, the other's overlap is 2 / 3.
        ([[SKIN, HAIR]], [[SKIN, SKIN]], 40 / 2 + parsing.DICE * (1 - (2 / 3 + 0) / 2)),
        ([[UNKNOWN, SKIN]], [[HAIR, SKIN]], 0.0),
    ],
)  # fmt: skip
def test_the_loss_is_that_of_what_was_drawn(
    drawn: list[list[int]], seen: list[list[int]], loss: float
) -> None:
    found = parsing.loss(_certain(seen), {"regions": torch.tensor([drawn])}).item()
    assert found == pytest.approx(loss, rel=0.02, abs=1e-4)


def test_f1_counts_known_pixels_alone() -> None:
    drawn = np.array([[[SKIN, SKIN, HAIR, UNKNOWN]]], np.uint8)
    seen = _certain([[SKIN, HAIR, HAIR, LIPS]]).numpy()
    found = parsing.overlaps(parsing.chosen(seen, drawn), drawn)
    assert found["skin"] == pytest.approx(2 / 3)
    assert found["hair"] == pytest.approx(2 / 3)
    assert found["lips"] is None
    assert parsing.metrics(seen, {"regions": drawn})["f1"] == pytest.approx(2 / 3)


def test_answers_for_small_pictures_are_compared_with_large_masks() -> None:
    drawn = np.repeat(np.repeat(np.array([[[SKIN, HAIR]]], np.uint8), 8, 1), 4, 2)
    small = _certain([[SKIN, HAIR]] * 2).numpy()
    assert (parsing.chosen(small, drawn) == drawn).all()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("number,name\n1,wings\n", "no class of CelebAMask-HQ"),
        ("number,name\nx,skin\n", "no class of CelebAMask-HQ"),
    ],
)
def test_a_class_that_nobody_knows_is_refused(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "classes.csv").write_text(table)
    with pytest.raises(DataError, match=message):
        parsing._region_numbers(tmp_path)
