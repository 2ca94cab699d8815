"""Figures on cases worked by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.models.groups import NO_GAP, of_card, widest
from core.models.labels import ATTRIBUTES, LOOK, LOOK_SIZE, SKIN_TONES
from core.models.weights import FOLDER
from engine import evaluation, measuring, thresholds
from engine.tables import DataError


def test_attribute_figures() -> None:
    truth = np.zeros((4, 40), np.float32)
    truth[:2] = 1
    logits = np.where(truth > 0.5, 3.0, -3.0)
    logits[0, 0] = -5.0  # one of four wrong, on the first attribute
    figures = evaluation.attributes(logits, {"attributes": truth}, np.array([0, 0, 0, 4]))
    first = figures["per_class"][ATTRIBUTES[0]]
    assert figures["mean_accuracy"] == pytest.approx(1 - 1 / 160)
    assert first["accuracy"] == 0.75
    assert first["balanced_accuracy"] == 0.75
    assert first["f1"] == pytest.approx(2 / 3)
    assert first["auc"] == pytest.approx(0.5)
    assert figures["groups"]["Male"] == {
        "with": pytest.approx(1 - 1 / 80), "images_with": 2, "without": 1.0, "images_without": 2
    }  # fmt: skip
    assert figures["skin_tones"]["type2"] == {"accuracy": pytest.approx(1 - 1 / 120), "images": 3}
    assert figures["skin_tones"]["type6"] == {"accuracy": 1.0, "images": 1}
    json.dumps(figures, allow_nan=False)


def test_a_label_that_nobody_has_has_no_auc() -> None:
    logits = np.full((3, 40), -1.0)
    figures = evaluation.attributes(logits, {"attributes": np.zeros((3, 40), np.float32)})
    assert figures["per_class"]["Bald"]["auc"] is None
    assert figures["per_class"]["Bald"]["balanced_accuracy"] == 1.0
    json.dumps(figures, allow_nan=False)


def test_figures_of_several_classes() -> None:
    truth = np.array([0, 0, 1, 2])
    logits = 5 * np.eye(4)[[0, 1, 1, 2]]
    logits[1, 0] = -1  # the second picture, an "a", looks least like one
    figures = evaluation.multiclass(logits, truth, ("a", "b", "c", "d"))
    assert figures["accuracy"] == 0.75
    assert figures["balanced_accuracy"] == pytest.approx((0.5 + 1 + 1) / 3)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert figures["auc"] == pytest.approx((1 / 2 + 2 / 3 + 1) / 3)
    assert figures["confusion"] == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert figures["majority_accuracy"] == 0.5


def test_skin_tone_counts_any_rater_and_neighbours() -> None:
    votes = np.array([[1, 1, 0, 0, 0], [0, 0, 2, 0, 0], [0, 0, 0, 0, 2]], np.float32)
    logits = np.eye(5, dtype=np.float32)[[1, 3, 1]]
    figures = evaluation.skin_tone(logits, {"votes": votes})
    assert figures["accuracy"] == pytest.approx(1 / 3)
    assert figures["within_one"] == pytest.approx(2 / 3)
    low, high = figures["accuracy_interval"]
    assert (low, high) == (
        pytest.approx(0.0615, abs=1e-3),
        pytest.approx(0.7923, abs=1e-3),
    )  # Wilson's for 1 of 3
    assert np.array(figures["confusion"]).sum() == 3
    assert figures["labels"] == list(SKIN_TONES)


def test_look_has_figures_and_confusion_for_each_question() -> None:
    logits = np.zeros((4, LOOK_SIZE), np.float32)  # always the first answer
    targets = {question: np.array([0, 0, 1, -1]) for question in LOOK}
    figures = evaluation.questions(logits, targets, LOOK)
    assert figures["per_question"]["fringe"]["accuracy"] == pytest.approx(2 / 3)
    assert figures["per_question"]["fringe"]["majority_accuracy"] == pytest.approx(2 / 3)
    assert figures["confusion"]["fringe"] == [[2, 0], [1, 0]]
    assert figures["labels"]["fringe"] == ["yes", "no"]


def test_figures_over_no_pictures_are_none_with_a_reason() -> None:
    votes, labels = np.zeros((3, 7), np.float32), np.array([0, 0, 0])
    figures = evaluation.emotion(np.zeros((3, 14)), {"fer2013": labels, "ferplus": votes}, "ferplus")
    assert all(figures[name] is None for name in (*evaluation.SUMMARY, "majority_accuracy"))
    assert figures["reasons"]["accuracy"] == "no picture has five FER+ votes on one emotion"
    assert figures["per_class"]["happy"] == {"recall": None, "images": 0}
    json.dumps(figures, allow_nan=False)


def test_one_class_alone_cannot_be_told_from_another() -> None:
    figures = evaluation.multiclass(5 * np.eye(2)[[0, 0]], np.array([0, 0]), ("a", "b"))
    assert figures["accuracy"] == 1.0
    assert figures["reasons"] == {"auc": "these pictures are all of one class"}


def test_a_question_that_nobody_answered_is_left_out_of_the_means() -> None:
    targets = {question: np.array([0, 0, 1]) for question in LOOK} | {"fringe": np.array([-1, -1, -1])}
    figures = evaluation.questions(np.zeros((3, LOOK_SIZE), np.float32), targets, LOOK)
    assert figures["per_question"]["fringe"]["accuracy"] is None
    assert figures["accuracy"] == pytest.approx(2 / 3)


def test_thresholds_of_a_single_picture_are_as_before() -> None:
    fitted, figures = thresholds.attribute_thresholds(np.zeros((1, 40)), np.ones((1, 40), bool))
    assert set(fitted.values()) == {0.5}
    assert figures["mean_accuracy_with_thresholds_of_the_other_half"] is None


def test_calibration_error_of_an_overconfident_model() -> None:
    assert evaluation.calibration_error(np.full(100, 0.99), np.arange(100) < 50) == pytest.approx(0.49)


@pytest.mark.parametrize(
    ("probability", "truth", "expected"),
    [
        ([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1], 0.25),  # the model is too shy
        ([0.1, 0.6, 0.7, 0.9], [0, 0, 0, 1], 0.8),  # the model is too bold
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 0.5),  # nothing to mend
        ([0.3, 0.4], [1, 1], 0.5),  # everyone has it: nothing to choose by
        ([0.3, 0.3, 0.3], [1, 1, 0], 0.0),  # ties cannot be cut
    ],
)
def test_a_threshold_where_most_are_right(
    probability: list[float], truth: list[int], expected: float
) -> None:
    assert thresholds.fit(np.array(probability), np.array(truth) == 1) == pytest.approx(expected)


def test_thresholds_promise_no_more_than_they_keep() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((200, 40)) < 0.5
    fitted, figures = thresholds.attribute_thresholds(
        rng.normal(size=(200, 40)), truth
    )  # nothing to be learnt
    assert list(fitted) == list(ATTRIBUTES)
    assert figures["mean_accuracy_where_thresholds_were_fitted"] > 0.52
    assert figures["mean_accuracy_with_thresholds_of_the_other_half"] == pytest.approx(0.5, abs=0.015)


def test_a_face_that_is_not_found_counts_as_all_wrong(celeba: Path) -> None:
    # Noise, in which there is no face.
    figures = measuring.measure("attributes", celeba, "val", unaligned=True, limit=1)
    assert figures["missed_faces"] == figures["images"] == 1
    assert figures["mean_accuracy"] == 0.0
    assert figures["cost_in_points"] == pytest.approx(100 * figures["aligned_accuracy"])


def test_figures_of_the_validation_split_go_into_the_card(celeba: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    for task in ("attributes", "skin_tone"):
        for kind in ("json", "safetensors"):
            (folder / f"{task}.{kind}").write_bytes((FOLDER / f"{task}.{kind}").read_bytes())
    figures = measuring.measure("attributes", celeba, "val", folder=folder)
    assert figures["images"] == sum(row["images"] for row in figures["skin_tones"].values()) == 6
    measuring.keep(figures, folder)
    card = json.loads((folder / "attributes.json").read_text())
    assert card["thresholds"] == figures["thresholds"]
    assert "thresholds" not in card["metrics"]["val"]
    gap = widest(of_card(card))
    assert card["worst_gap"] == (NO_GAP if gap is None else gap.told({}))
    kept = measuring.kept("attributes", "val", folder=folder)
    assert kept["mean_accuracy"] == figures["mean_accuracy"]


def test_what_degrading_costs(celeba: Path) -> None:
    figures = measuring.measure("attributes", celeba, "val", limit=3, degrade=("blur", "dark"))
    assert list(figures["degraded"]) == ["blur", "dark"]
    for row in figures["degraded"].values():
        assert row["cost_in_points"] == pytest.approx(100 * (figures["mean_accuracy"] - row["mean_accuracy"]))
    with pytest.raises(DataError, match="--degrade is for attributes, not for emotion"):
        measuring.measure("emotion", celeba, degrade=("blur",))


def test_thresholds_are_fitted_where_pictures_are_most_like_photos(celeba: Path) -> None:
    assert thresholds.best_split(celeba) == "val"
    (celeba / "celeba" / "val_original.zip").touch()
    assert thresholds.best_split(celeba) == "val_original"
