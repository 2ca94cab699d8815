"""Views of faces whose points are known, and figures worked by hand."""

from pathlib import Path

import numpy as np
import pytest

from core.models.labels import ATTRIBUTES, MOVEMENTS, POINT_COUNT, POINTS
from core.seeing.motion import MOTION_FRAME, MOTION_SIDE, OUTPUTS, window_of
from engine import motion
from engine.degradation import Hardship, blur
from engine.tables import DataError


def test_mirroring_twice_changes_nothing() -> None:
    for order in (motion.MIRRORED_POINTS, motion.MIRRORED_MOVEMENTS):
        assert [order[order[i]] for i in range(len(order))] == list(range(len(order)))


@pytest.mark.parametrize(
    ("one", "other"),
    [("browDownLeft", "browDownRight"), ("eyeLookInLeft", "eyeLookInRight"), ("mouthRight", "mouthLeft"),
     ("jawOpen", "jawOpen"), ("mouthRollUpper", "mouthRollUpper")],
)  # fmt: skip
def test_left_becomes_right(one: str, other: str) -> None:
    assert MOVEMENTS[motion.MIRRORED_MOVEMENTS[MOVEMENTS.index(one)]] == other


def test_a_symmetric_face_is_its_own_mirror_image() -> None:
    angles = 2 * np.pi * np.arange(18) / 18
    points = np.zeros((POINT_COUNT, 2))
    ring = np.arange(10) * 2 * np.pi / 10
    # From the left corner under the lips to the right one, as in the table; y points down.
    for part in ("lips_outer", "lips_inner"):
        points[slice(*POINTS[part])] = np.stack([-np.cos(ring), 0.6 + 0.2 * np.sin(ring)], 1)
    points[slice(*POINTS["outline"])] = np.stack([np.sin(angles), -np.cos(angles)], 1)
    for part, x in (("eye", 0.4), ("brow", 0.5)):
        left, right = (slice(*POINTS[f"{part}_{side}_of_picture"]) for side in ("left", "right"))
        shape = np.random.default_rng(0).random((left.stop - left.start, 2)) * 0.1
        points[left], points[right] = shape * (-1, 1) - (x, 0.3), shape - (-x, 0.3)
    points[slice(*POINTS["pupils"])] = (-0.4, -0.3), (0.4, -0.3)
    points[slice(*POINTS["nose"]), 1] = np.linspace(-0.2, 0.3, 4)
    np.testing.assert_allclose(points[motion.MIRRORED_POINTS] * (-1, 1), points, atol=1e-9)


def spot(x: float, y: float) -> np.ndarray:
    """A square with a white spot at a place, in halves of the window from its middle."""
    rows, columns = np.mgrid[: motion.KEPT_SIDE, : motion.KEPT_SIDE] + 0.5
    middle, half = motion.KEPT_SIDE / 2, MOTION_SIDE / 2
    near = np.exp(-((columns - middle - x * half) ** 2 + (rows - middle - y * half) ** 2) / 18)
    return np.repeat((255 * near).astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize("seed", range(8))
def test_points_stay_on_what_they_mark(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion, "HARDSHIPS", (Hardship(blur, 0, 1, 1),))
    monkeypatch.setattr(motion, "FACELESS_SHARE", 0.0)
    points = np.full((POINT_COUNT, 2), (0.4, -0.25), np.float32)
    movements, pose = np.zeros(len(MOVEMENTS), np.float32), np.array((10, 5, 2), np.float32)
    image, moved, _, turned, face = motion.view(
        spot(0.4, -0.25), points, movements, pose, np.random.default_rng(seed)
    )
    light = image[..., 0].astype(float)
    rows, columns = np.mgrid[:MOTION_SIDE, :MOTION_SIDE] + 0.5
    seen = np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()
    np.testing.assert_allclose(seen, (moved[0] + 1) * MOTION_SIDE / 2, atol=0.5)
    assert face == 1
    assert turned[1] == 5
    assert np.sign(turned[0]) == np.sign(moved[0, 0])  # mirrored together


def test_a_similarity_lays_points_into_the_frame() -> None:
    frame = motion._frame()
    points = np.zeros((1, POINT_COUNT, 2))
    for (start, stop), place in zip(motion.FRAMING, frame, strict=True):
        points[0, start:stop] = place
    turn = np.array([[0.0, -2.0], [2.0, 0.0]])
    laid = motion._laid(points @ turn.T + (5, -3))
    np.testing.assert_allclose(laid[0, :, :2] @ turn, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(laid[0] @ (*(turn @ frame[0] + (5, -3)), 1), frame[0], atol=1e-9)


def test_the_square_s_middle_is_what_the_app_sees() -> None:
    crop = (
        np.random.default_rng(0).integers(0, 255, (218 // 8, 178 // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    )
    crop = np.pad(crop, ((0, 2), (0, 2), (0, 0)), mode="edge")[:218, :178]
    [square] = motion._celeba_squares(crop[None], [0])
    rim = (motion.KEPT_SIDE - MOTION_SIDE) // 2
    inside = square[rim : rim + MOTION_SIDE, rim : rim + MOTION_SIDE]
    assert np.abs(inside.astype(int) - window_of(crop)).mean() < 8


def test_figures_of_answers_as_the_teachers() -> None:
    random = np.random.default_rng(0)
    points = random.uniform(-0.5, 0.5, (20, POINT_COUNT, 2)).astype(np.float32)
    movements = random.uniform(0.05, 0.95, (20, len(MOVEMENTS))).astype(np.float32)
    pose = random.uniform(-20, 20, (20, 3)).astype(np.float32)
    outputs = np.zeros((20, OUTPUTS), np.float32)
    outputs[:, : 2 * POINT_COUNT] = points.reshape(20, -1)
    outputs[:, 2 * POINT_COUNT : -4] = np.log(movements / (1 - movements))
    outputs[:, -4:-1] = pose / motion.DEGREES
    outputs[:, -1] = 3
    targets = {"points": points, "movements": movements, "pose": pose}
    figures = motion.figures(outputs, targets)
    assert figures["correlation"] == pytest.approx(1)
    assert figures["point_error"] == pytest.approx(0, abs=1e-6)
    assert figures["yaw_error"] == pytest.approx(0, abs=1e-4)
    assert figures["sure"] == 1
    outputs[:, : 2 * POINT_COUNT : 2] += 136 / MOTION_FRAME[2]
    eyes = [points[:, slice(*POINTS[f"eye_{side}_of_picture"])].mean(1) for side in ("left", "right")]
    distance = np.linalg.norm(eyes[1] - eyes[0], axis=1)
    assert motion.figures(outputs, targets)["point_error"] == pytest.approx((1 / distance).mean(), rel=1e-4)


def test_action_units_are_laid_beside_the_labels_people_gave() -> None:
    movements, labels = (
        np.zeros((10, len(MOVEMENTS)), np.float32),
        np.zeros((10, len(ATTRIBUTES)), np.float32),
    )
    smiles = np.array([0.1, 0.2, 0.3, 0.8, 0.4, 0.9, 0.7, 0.6, 0.95, 0.5], np.float32)
    for side in ("Left", "Right"):
        movements[:, MOVEMENTS.index(f"mouthSmile{side}")] = smiles
    labels[:, ATTRIBUTES.index("Smiling")] = smiles > 0.45
    movements[:, MOVEMENTS.index("jawOpen")] = smiles
    labels[3:5, ATTRIBUTES.index("Mouth_Slightly_Open")] = 1
    told = motion.agreement(movements, labels)
    assert told["AU12"] == {"label": "Smiling", "auc": 1.0, "accuracy": 1.0}
    assert told["AU25"]["label"] == "Mouth_Slightly_Open"
    # The two with the label are the fourth and the eighth of ten by their jaws: 3 + 6 of 16 pairs are in order.
    assert told["AU25"]["auc"] == pytest.approx(9 / 16)
    assert told["AU25"]["accuracy"] == pytest.approx(0.6)


def test_a_table_that_is_none_is_named(celeba: Path) -> None:
    with pytest.raises(DataError, match="npz is missing"):
        motion.load(celeba, "val")
    (celeba / "motion").mkdir()
    (celeba / "motion" / "celeba.npz").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="no table of movements"):
        motion.load(celeba, "val")
