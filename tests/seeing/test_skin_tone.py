"""What the skin tone is read from: colors of the skin, beside those of the rest of the picture."""

import math

import cv2
import numpy as np
import pytest
import torch

from core.models.architectures import SkinToneHead
from core.models.features import COLOR_STATISTICS, FEATURES, color_statistics, lab_thumbnail

HEIGHT, WIDTH = 218, 178
SHARE = 4
"""Which of the statistics is the skin's lightness as a share of the brightest."""


def statistics(picture: np.ndarray) -> np.ndarray:
    images = torch.from_numpy(picture.astype(np.float32) / 255).permute(2, 0, 1)[None]
    return color_statistics(lab_thumbnail(images))[0].numpy()


def flat(color: tuple[int, int, int]) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), color, np.uint8)


@pytest.mark.parametrize("color", [(224, 172, 140), (141, 85, 36), (60, 46, 40)])
def test_a_flat_picture_has_its_color_and_no_differences(color: tuple[int, int, int]) -> None:
    lab = cv2.cvtColor(flat(color)[:1, :1].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    figures = statistics(flat(color))
    assert figures.shape == (COLOR_STATISTICS,)
    assert figures[:3] == pytest.approx(lab / 100, abs=2e-3)
    assert figures[3] == pytest.approx(math.atan2(lab[0] - 50, lab[2]), abs=0.02)
    assert figures[SHARE] == pytest.approx(1, abs=1e-3)
    assert figures[20:] == pytest.approx(0, abs=1e-4)


def test_the_same_skin_before_a_brighter_wall_is_a_smaller_share() -> None:
    dark, bright = flat((120, 90, 75)), flat((120, 90, 75))
    bright[:40] = 250
    assert statistics(bright)[:3] == pytest.approx(statistics(dark)[:3])
    assert statistics(bright)[SHARE] < 0.5 < 0.99 < statistics(dark)[SHARE]


def test_a_black_picture_gives_numbers() -> None:
    assert np.isfinite(statistics(flat((0, 0, 0)))).all()


def test_in_training_each_photo_teaches_one_way_and_both_are_used_after() -> None:
    torch.manual_seed(0)
    head = SkinToneHead(5).eval()
    features = torch.randn(64, FEATURES)
    with torch.inference_mode():
        together = head(features)
        places = head.places(features).log_softmax(1)
        assert (together - places).logsumexp(1) == pytest.approx(torch.zeros(64), abs=1e-5)
        assert together.shape == (64, 5)
        views = head(torch.stack([features, features], 1))
    assert views.numpy() == pytest.approx(together.numpy(), abs=1e-5)

    head.train()(features)[:, 0].sum().backward()
    assert {name for name, weight in head.named_parameters() if weight.grad is None} == set()
    last = head.colors[-1]
    assert isinstance(last, torch.nn.Linear)
    with torch.no_grad():
        last.weight.zero_()
        last.bias.fill_(100)
        by_colors = (head(features)[:, 0] == 100).sum()
    assert 16 < by_colors < 48
