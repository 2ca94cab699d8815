"""The loop: it learns what there is to learn, stops and goes on without a difference, and keeps what is frozen."""

from pathlib import Path

import pytest
import torch

from core.models.architectures import classifier
from core.models.torchvision import torchvision_models
from engine import starting
from engine.checkpoints import load_checkpoint
from engine.datasets import Dataset
from engine.settings import Stage, TrainingError
from engine.tables import read_table
from engine.tasks import TASKS
from engine.training import Run
from tests.engine.conftest import emotion_run


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

    def learn_once(*arguments) -> float:  # type: ignore[no-untyped-def]
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
    assert not list(Path("run").glob("*.partial"))
