"""The loop: it learns what there is to learn, stops and goes on without a difference, and keeps what is frozen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.models.architectures import classifier
from core.models.torchvision import torchvision_models
from core.writing import LEFT_BEHIND
from engine import starting
from engine.checkpoints import load_checkpoint
from engine.datasets import Dataset
from engine.settings import Stage, TrainingError
from engine.tables import DataError, read_table
from engine.tasks import TASKS
from engine.training import Run
from tests.engine.conftest import emotion_run, settings


@pytest.fixture
def data(fer: Path) -> tuple[Dataset, Dataset]:
    return TASKS["emotion"].load(fer, "train"), TASKS["emotion"].load(fer, "val")


def test_it_learns_what_there_is_to_learn(data: tuple[Dataset, Dataset]) -> None:
    emotion_run(10).train(*data)
    rows = read_table(
        Path("run/metrics.csv"), ("epoch", "loss", "ferplus", "images_per_second", "learning_rate")
    )
    assert [int(row["epoch"]) for row in rows] == list(range(1, 11))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["ferplus"]) >= 0.9


def test_metrics_go_to_tensorboard(data: tuple[Dataset, Dataset]) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    emotion_run(1).train(*data)
    board = events.EventAccumulator("run/tensorboard").Reload()
    [point] = board.Scalars("ferplus")
    [row] = read_table(Path("run/metrics.csv"), ("ferplus",))
    assert point.value == pytest.approx(float(row["ferplus"]))


def test_a_stopped_run_goes_on_to_the_same_weights(
    data: tuple[Dataset, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = emotion_run(2, "whole")
    whole.train(*data)

    stopped = emotion_run(2, "stopped")
    learn = stopped._learn

    def learn_once(*arguments: Any) -> float:
        if stopped.epoch == 1:
            raise KeyboardInterrupt
        return learn(*arguments)

    monkeypatch.setattr(stopped, "_learn", learn_once)
    with pytest.raises(KeyboardInterrupt):
        stopped.train(*data)
    resumed = Run.resume(TASKS["emotion"], Path("stopped"), "cpu")
    assert resumed.epoch == 1
    assert resumed.settings == whole.settings
    resumed.train(*data)
    for name, tensor in whole.averaged.module.state_dict().items():
        torch.testing.assert_close(resumed.averaged.module.state_dict()[name], tensor)
    assert [row["epoch"] for row in read_table(Path("stopped/metrics.csv"), ("epoch",))] == ["1", "2"]


@pytest.mark.parametrize("freeze", [1, -1])  # its children are the features and the head
def test_frozen_children_stay_as_they_are(data: tuple[Dataset, Dataset], freeze: int) -> None:
    run = emotion_run(1, freeze=freeze)
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    run.train(*data)
    after = run.network.state_dict()
    features = [name for name in before if name.startswith("features.")]
    assert any(name.endswith("running_mean") for name in features)
    assert all(torch.equal(after[name], before[name]) for name in features)
    assert not torch.equal(after["fc.3.weight"], before["fc.3.weight"])


def test_a_run_begins_with_the_averaged_weights_of_another(data: tuple[Dataset, Dataset]) -> None:
    first = emotion_run(1)
    first.train(*data)
    second = emotion_run(1, "second", start="run/epoch-1.pt", seed=5)
    for name, tensor in second.network.state_dict().items():
        torch.testing.assert_close(tensor, first.averaged.module.state_dict()[name])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        # the network has two children
        ({"freeze": 2}, "nothing to train: the network's children are features, fc"),
        # a fully connected layer fits one picture size
        ({"stages": (Stage(1, (32, 32)),)}, "fer_cnn5 cannot take emotion pictures of 32x32"),
        # made for color
        (
            {"architecture": "alignment", "stages": (Stage(1, (64, 64)),)},
            "alignment cannot take emotion pictures of 64x64",
        ),
        # far too fast
        ({"learning_rate": 1e30}, "try a smaller --lr"),
    ],
)
def test_settings_that_cannot_work(
    data: tuple[Dataset, Dataset], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(TrainingError, match=message):
        emotion_run(1, "run", **changes).train(*data)


@pytest.mark.parametrize(
    "architecture", ["resnet18", "squeezenet1_1", "mobilenet_v3_small", "resnet50_head256"]
)
def test_networks_for_color_take_gray_pictures(architecture: str) -> None:
    network = classifier(architecture, 14).eval()
    gray = torch.rand(2, 1, 48, 48)
    assert network(gray).shape == (2, 14)
    torch.testing.assert_close(network(gray), network(gray.expand(-1, 3, -1, -1)))


@pytest.mark.parametrize("architecture", ["resnet18", "vgg11", "mobilenet_v3_small"])
def test_imagenet_networks_take_plain_pictures(architecture: str) -> None:
    network = torchvision_models().get_model(architecture).eval()
    plain = torch.rand(1, 3, 1, 1).expand(-1, -1, 64, 64)
    mean, spread = (
        torch.tensor(values).view(1, 3, 1, 1) for values in (starting.IMAGENET_MEAN, starting.IMAGENET_SPREAD)
    )
    # The first convolution and what follows it; away from the rim, where zeros mean black or average.
    first = (
        torch.nn.Sequential(*list(network.children())[:2])
        if architecture == "resnet18"
        else network.features[:1]
    )
    wanted = first((plain - mean) / spread)[:, :, 8:-8, 8:-8]
    starting.take_plain_pictures(network)
    torch.testing.assert_close(first(plain)[:, :, 8:-8, 8:-8], wanted, rtol=1e-4, atol=1e-4)


def test_imagenet_weights_out_of_reach(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(TrainingError, match="ImageNet weights of resnet18 could not be downloaded"):
        emotion_run(1, architecture="resnet18", pretrained=True)


def test_a_checkpoint_of_another_task_is_refused() -> None:
    run = emotion_run(1)
    run.folder.mkdir()
    run.save()
    with pytest.raises(TrainingError, match="checkpoint of 'emotion', not of 'attributes'"):
        load_checkpoint("attributes", Path("run/last.pt"))


def test_a_checkpoint_of_another_network_is_refused() -> None:
    run = emotion_run(1)
    run.folder.mkdir()
    run.save()
    with pytest.raises(TrainingError, match=r"holds a fer_cnn5, which does not fit into resnet18"):
        emotion_run(1, architecture="resnet18", start="run/last.pt")


def test_a_checkpoint_that_would_run_code_is_refused() -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (Path("sprung").touch, ())

    torch.save({"task": "emotion", "trap": Trap()}, "trap.pt")
    with pytest.raises(TrainingError, match="read safely"):
        load_checkpoint("emotion", Path("trap.pt"))
    assert not Path("sprung").exists()


def without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda state: state.pop(key)


def with_(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda state: state.update({key: value})


def with_setting(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda state: state["settings"].update({key: value})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("settings"), "settings is missing or of another kind"),
        (without("network"), "network is missing or of another kind"),
        (with_("epoch", "one"), "epoch is missing or of another kind"),
        (with_("averaged", {"fc.weight": 3}), "weights that are no tensors"),
        (
            with_("averaged", {"fc.weight": torch.zeros(2)}),
            "weights of another network than its settings name",
        ),
        (with_("lessons", [3]), "does not name what it learnt from"),
        (with_("optimizer", {"state": {}, "param_groups": []}), "no optimizer or schedule"),
        (with_("schedule", {"step": 3}), "no optimizer or schedule"),
        (with_setting("stages", [{"epochs": 1}]), "another shape than a run's"),
        (with_setting("stages", "5x1x1"), "another shape than a run's"),
        (with_setting("batch_size", "many"), "another shape than a run's"),
        (with_setting("seed", "x" * 200), r"have 'x{56}\.\.\. for seed"),
        (with_setting("colour", 3), "another shape than a run's"),
    ],
)
def test_a_checkpoint_of_another_shape_is_refused(
    data: tuple[Dataset, Dataset], spoil: Callable[[dict[str, Any]], object], message: str
) -> None:
    run = emotion_run(1)
    run.train(*data)
    state = torch.load("run/last.pt", weights_only=True)
    spoil(state)
    torch.save(state, "run/last.pt")
    with pytest.raises(TrainingError, match=message):
        Run.resume(TASKS["emotion"], Path("run"), "cpu").train(*data)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x80\x02}q\x00.", b"[1, 2]"])
def test_a_file_that_is_no_checkpoint_is_refused(content: bytes) -> None:
    Path("odd.pt").write_bytes(content)
    with pytest.raises(TrainingError, match=r"odd\.pt is"):
        load_checkpoint("emotion", Path("odd.pt"))


@pytest.mark.parametrize("text", ["epoch,loss\nfirst,1\n", "epoch,loss\n1,1,1\n", "loss\n1\n"])
def test_a_journal_of_another_shape_is_refused(data: tuple[Dataset, Dataset], text: str) -> None:
    Path("run").mkdir()
    Path("run/metrics.csv").write_text(text)
    with pytest.raises(DataError, match=r"run/metrics\.csv"):
        emotion_run(1).train(*data)


def test_a_batch_of_one_is_named(data: tuple[Dataset, Dataset]) -> None:
    # Its batch normalization sees one value a channel.
    run = emotion_run(1, batch_size=1, architecture="mobilenet_v3_small", stages=(Stage(1, (32, 32)),))
    with pytest.raises(TrainingError, match="cannot learn from one picture alone"):
        run.train(*data)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    ],
)
def test_too_little_memory_says_what_takes_less(data: tuple[Dataset, Dataset], error: Exception) -> None:
    def too_much(*arguments: object) -> torch.Tensor:
        raise error

    run = Run(replace(TASKS["emotion"], loss=too_much), settings(1), Path("run"))
    with pytest.raises(TrainingError, match="Out of memory: try a smaller --batch-size"):
        run.train(*data)


def test_a_full_disk_leaves_the_checkpoint_before(monkeypatch: pytest.MonkeyPatch) -> None:
    run = emotion_run(1)
    run.folder.mkdir()
    run.save()
    before = Path("run/last.pt").read_bytes()

    def full(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(TrainingError, match="No space left"):
        run.save()
    assert Path("run/last.pt").read_bytes() == before
    assert not list(Path("run").glob(LEFT_BEHIND))
