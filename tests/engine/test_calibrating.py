"""A slope and an offset for each answer."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.models.weights import load_network
from engine import calibrating
from engine.evaluation import sigmoid
from engine.settings import TrainingError
from engine.tasks import TASKS
from tests.engine.test_learning_from_others import export_fresh


def test_the_line_that_answers_were_drawn_from_is_found_again() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20_000, 2))
    truth = random.random((20_000, 2)) < sigmoid(logits * (0.5, 1.0) + (1.0, 0.0))
    slopes, offsets = calibrating.fit(logits, truth)
    np.testing.assert_allclose(slopes, (0.5, 1.0), atol=0.05)
    np.testing.assert_allclose(offsets, (1.0, 0.0), atol=0.06)


def test_a_label_that_nobody_has_gives_a_finite_line() -> None:
    slopes, offsets = calibrating.fit(np.full((50, 1), -9.0), np.zeros((50, 1), bool))
    assert np.isfinite([slopes, offsets]).all()
    assert (-9 * slopes + offsets < 0).all()


def test_lines_promise_no_more_than_they_keep() -> None:
    random = np.random.default_rng(0)
    logits, truth = random.normal(0, 3, (300, 40)), random.random((300, 40)) < 0.5
    figures = calibrating.figures(logits, truth)
    assert figures["accuracy_where_fitted"] > 0.51
    assert figures["accuracy_with_lines_of_the_other_half"] == pytest.approx(0.5, abs=0.015)


def test_the_last_layer_does_the_arithmetic() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    images, slopes, offsets = torch.rand(5, 3), np.array([2.0, 0.5]), np.array([-1.0, 3.0])
    wanted = network(images).detach() * torch.tensor(slopes).float() + torch.tensor(offsets).float()
    calibrating.bend(network, slopes, offsets)
    torch.testing.assert_close(network(images), wanted)


def test_exported_weights_are_calibrated_on_a_split(celeba: Path) -> None:
    export_fresh("resnet18", "mine")
    before = load_network("attributes", Path("mine"))[0](torch.ones(1, 3, 64, 48))
    card = calibrating.calibrate("attributes", celeba, "val", Path("mine"))
    assert card.content["calibration"]["split"] == "val"
    after = load_network("attributes", Path("mine"))[0](torch.ones(1, 3, 64, 48))
    assert not torch.allclose(before, after)


def test_answers_that_are_not_yes_or_no_are_refused(celeba: Path) -> None:
    assert not TASKS["emotion"].teachable
    with pytest.raises(TrainingError, match="emotion has others"):
        calibrating.calibrate("emotion", celeba, "val", Path("mine"))
