"""The engine on small generated data: it learns, goes on where it stopped, and says what is wrong with bad data."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.labels import ATTRIBUTES, EMOTIONS, FERPLUS_COLUMNS
from core.weights import load_network
from engine import datasets, evaluation
from engine.__main__ import main
from engine.augmentation import Augmentation
from engine.datasets import DataError
from engine.measuring import measure
from engine.tasks import TASKS
from engine.training import Run, Settings, Stage, TrainingError, load_checkpoint


def picture(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", lossless=True)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and caches go to the test's folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fer(tmp_path: Path) -> Path:
    """Two easy classes in FER-2013's format: happy pictures are light above, sad ones light below."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data" / "fer2013"
    folder.mkdir(parents=True)
    with gzip.open(folder / "ferplus_votes.csv.gz", "wt", newline="") as file:
        votes = csv.DictWriter(
            file, ["split", "image", *FERPLUS_COLUMNS, "contempt", "unknown", "NF"], restval=0
        )
        votes.writeheader()
        for split, count in (("train", 64), ("val", 16)):
            with zipfile.ZipFile(folder / f"{split}.zip", "w") as archive:
                for i in range(count):
                    emotion, column = (("happy", "happiness"), ("sad", "sadness"))[i % 2]
                    pixels = rng.integers(0, 100, (48, 48), dtype=np.uint8)
                    pixels[slice(24) if i % 2 == 0 else slice(24, 48)] += 120
                    archive.writestr(f"{emotion}/{i}.webp", picture(pixels))
                    votes.writerow({"split": split, "image": f"{emotion}/{i}.webp", column: 10})
    return tmp_path / "data"


@pytest.fixture
def celeba(tmp_path: Path) -> Path:
    """Noise under CelebA's names, in our format."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data" / "celeba"
    folder.mkdir(parents=True)
    for split, count in (("train", 12), ("val", 6)):
        rows = [f"{i:06}.webp,1," + ",".join(rng.choice(["1", "-1"], 40)) for i in range(count)]
        with gzip.open(folder / f"{split}_attributes.csv.gz", "wt") as file:
            file.write("\n".join([",".join(["image_id", "identity", *ATTRIBUTES]), *rows]))
        with zipfile.ZipFile(folder / f"{split}-0.zip", "w") as archive:
            for i in range(count):
                archive.writestr(f"{i:06}.webp", picture(rng.integers(0, 255, (218, 178, 3), dtype=np.uint8)))
    return tmp_path / "data"


def settings(epochs: int, **changes: object) -> Settings:
    values = {"architecture": "fer_cnn5", "stages": (Stage(epochs, (48, 48)),), "batch_size": 16,
              "learning_rate": 3e-3, "averaging": 0.8, "device": "cpu"}  # fmt: skip
    return Settings(**(values | changes))  # type: ignore[arg-type]


def emotion_run(fer: Path, epochs: int, folder: str = "run") -> Run:
    return Run(TASKS["emotion"], settings(epochs), Path(folder))


def test_it_learns_what_there_is_to_learn(fer: Path) -> None:
    task = TASKS["emotion"]
    train, val = task.load(fer, "train"), task.load(fer, "val")
    run = emotion_run(fer, 10)
    run.train(train, val)
    rows = datasets.read_table(Path("run/metrics.csv"), ("epoch", "loss", "ferplus"))
    assert len(rows) == 10
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["ferplus"]) >= 0.9


def test_a_stopped_run_goes_on_to_the_same_weights(fer: Path) -> None:
    task = TASKS["emotion"]
    train, val = task.load(fer, "train"), task.load(fer, "val")
    whole = emotion_run(fer, 2, "whole")
    whole.train(train, val)

    stopped = emotion_run(fer, 2, "stopped")
    stopped._record = lambda metrics: None  # type: ignore[method-assign]
    original_save = stopped.save

    def save_and_stop() -> None:
        original_save()
        raise KeyboardInterrupt

    stopped.save = save_and_stop  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        stopped.train(train, val)
    resumed = emotion_run(fer, 2, "stopped")
    resumed.resume()
    assert resumed.epoch == 1
    resumed.train(train, val)
    for name, tensor in whole.averaged.module.state_dict().items():
        torch.testing.assert_close(resumed.averaged.module.state_dict()[name], tensor)


def test_train_export_and_load_by_the_command_line(fer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "train",
        "emotion",
        "--data",
        str(fer),
        "--arch",
        "fer_cnn5",
        "--stages",
        "1x48x48",
        "--device",
        "cpu",
    ]
    assert main(arguments) == 0
    assert main(["validate", "emotion", "--data", str(fer)]) == 0
    assert "best: runs/emotion/epoch-1.pt" in capsys.readouterr().out
    assert main(["export", "emotion", "--weights", "weights"]) == 0
    network, card = load_network("emotion", Path("weights"))
    assert card.content["architecture"] == "fer_cnn5"
    assert network(torch.zeros(1, 1, 48, 48)).shape == (1, 14)


def test_frozen_children_stay_as_they_are(fer: Path) -> None:
    task = TASKS["emotion"]
    train, val = task.load(fer, "train"), task.load(fer, "val")
    run = Run(task, settings(1, freeze=1), Path("run"))
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    run.train(train, val)
    after = run.network.state_dict()
    features = [name for name in before if name.startswith("features.")]
    assert any(name.endswith("running_mean") for name in features)
    assert all(torch.equal(after[name], before[name]) for name in features)
    assert not torch.equal(after["fc.3.weight"], before["fc.3.weight"])


def test_a_checkpoint_of_another_task_is_refused(fer: Path) -> None:
    run = emotion_run(fer, 1)
    run.folder.mkdir()
    run.save()
    with pytest.raises(TrainingError, match="checkpoint of 'emotion', not of 'attributes'"):
        load_checkpoint("attributes", Path("run/last.pt"))


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable, tuple]:
            return (Path("sprung").touch, ())

    torch.save({"task": "emotion", "trap": Trap()}, "trap.pt")
    with pytest.raises(TrainingError, match="read safely"):
        load_checkpoint("emotion", Path("trap.pt"))
    assert not Path("sprung").exists()


def test_a_full_disk_leaves_the_checkpoint_before(fer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = emotion_run(fer, 1)
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


def test_celeba_in_our_format(celeba: Path) -> None:
    data = datasets.celeba(celeba, "train")
    assert data.images.shape == (12, 218, 178, 3)
    assert data.targets["attributes"].shape == (12, 40)
    assert set(np.unique(data.targets["attributes"])) == {0.0, 1.0}


def test_celeba_in_its_own_layout(tmp_path: Path) -> None:
    (tmp_path / "img_align_celeba").mkdir()
    for i in range(3):
        Image.new("RGB", (178, 218), (i * 80, 0, 0)).save(tmp_path / "img_align_celeba" / f"{i:06}.jpg")
    lines = [f"{i:06}.jpg " + " ".join(["1", "-1"] * 20) for i in range(3)]
    (tmp_path / "list_attr_celeba.txt").write_text("\n".join(["3", " ".join(ATTRIBUTES), *lines]))
    (tmp_path / "list_eval_partition.txt").write_text("000000.jpg 0\n000001.jpg 1\n000002.jpg 0\n")
    data = datasets.celeba(tmp_path, "train")
    assert data.ids == ["000000.jpg", "000002.jpg"]
    assert data.targets["attributes"][0].tolist() == [1.0, 0.0] * 20
    assert data.images[1].mean((0, 1)) == pytest.approx([160, 0, 0], abs=2)


def test_fer2013_as_a_csv_file(tmp_path: Path) -> None:
    pixels = " ".join(["7"] * 48 * 48)
    rows = ["emotion,pixels,Usage", f"3,{pixels},Training", f"6,{pixels},Training", f"0,{pixels},PublicTest"]
    (tmp_path / "fer2013.csv").write_text("\n".join(rows))
    data = datasets.fer2013(tmp_path, "train")
    assert data.images.shape == (2, 48, 48)
    assert [EMOTIONS[i] for i in data.targets["fer2013"]] == ["happy", "neutral"]


def test_fer2013_as_a_folder_per_class(tmp_path: Path) -> None:
    for emotion in ("angry", "surprise"):
        (tmp_path / "val" / emotion).mkdir(parents=True)
        Image.new("L", (48, 48)).save(tmp_path / "val" / emotion / "a.png")
    data = datasets.fer2013(tmp_path, "val")
    assert [EMOTIONS[i] for i in data.targets["fer2013"]] == ["angry", "surprise"]


def rezip(path: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = [change(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            archive.writestr(name, data)


def spoil_table(celeba: Path) -> None:
    path = celeba / "celeba" / "train_attributes.csv.gz"
    text = gzip.decompress(path.read_bytes()).decode().replace("Eyeglasses", "Glasses")
    path.write_bytes(gzip.compress(text.encode()))


BAD_CELEBA = [
    # a column is missing
    (spoil_table, "lacks the column.s. Eyeglasses"),
    # a picture inside the zip is damaged
    (
        lambda d: rezip(d / "celeba" / "train-0.zip", lambda n, b: (n, b"RIFF" if n == "000003.webp" else b)),
        "000003.webp is not a readable picture",
    ),
    # the zip is no zip
    (lambda d: (d / "celeba" / "train-0.zip").write_bytes(b"nothing"), "not a readable zip"),
    # no pictures at all
    (lambda d: (d / "celeba" / "train-0.zip").unlink(), "No pictures for split 'train'"),
    # the table is missing
    (lambda d: (d / "celeba" / "train_attributes.csv.gz").unlink(), "train_attributes.csv.gz is missing"),
    # the table is cut off
    (
        lambda d: (p := d / "celeba" / "train_attributes.csv.gz").write_bytes(p.read_bytes()[:200]),
        "damaged",
    ),
    # a picture without labels
    (
        lambda d: rezip(d / "celeba" / "train-0.zip", lambda n, b: (n.replace("000003", "999999"), b)),
        "no row for 999999.webp",
    ),
]


@pytest.mark.parametrize(("spoil", "message"), BAD_CELEBA)
def test_bad_data_is_named(celeba: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(celeba)
    with pytest.raises(DataError, match=message):
        datasets.celeba(celeba, "train")


def test_an_unknown_emotion_is_named(fer: Path) -> None:
    rezip(fer / "fer2013" / "val.zip", lambda name, data: (name.replace("happy", "hangry"), data))
    with pytest.raises(DataError, match="unknown emotion 'hangry'"):
        datasets.fer2013(fer, "val")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "emotion", "--data", "nowhere"], "nowhere"),
        (["train", "emotion", "--data", "data", "--arch", "resnet17"], "resnet17"),
        (["train", "emotion", "--data", "data", "--stages", "5"], "EPOCHSxHEIGHTxWIDTH"),
        (["train", "emotion", "--data", "data", "--resume"], "Nothing to resume"),
        (["export", "emotion", "--checkpoint", "none.pt"], "none.pt is missing"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    fer: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_augmentation_keeps_shape_and_range_and_repeats() -> None:
    images = torch.rand(4, 3, 30, 20)
    change = Augmentation(erase=1.0)
    first, again = (change(images, torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == images.shape
    assert 0 <= first.min() <= first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, images)


def test_attribute_figures_on_a_case_worked_by_hand() -> None:
    truth = np.zeros((4, 40), np.float32)
    truth[:2] = 1
    logits = np.where(truth > 0.5, 3.0, -3.0)
    logits[0, 0] = -5.0  # one of four wrong, on the first attribute
    figures = evaluation.attributes(logits, {"attributes": truth})
    first = figures["per_class"][ATTRIBUTES[0]]
    assert figures["mean_accuracy"] == pytest.approx(1 - 1 / 160)
    assert first["accuracy"] == 0.75
    assert first["balanced_accuracy"] == 0.75
    assert first["f1"] == pytest.approx(2 / 3)
    assert first["auc"] == pytest.approx(0.5)
    json.dumps(figures)


def test_a_face_that_is_not_found_counts_as_all_wrong(celeba: Path) -> None:
    figures = measure("attributes", celeba, "val", unaligned=True)  # noise, in which there is no face
    assert figures["missed_faces"] == figures["images"] == 6
    assert figures["mean_accuracy"] == 0.0


def test_skin_tone_counts_any_rater_and_neighbours() -> None:
    votes = np.array([[1, 1, 0, 0, 0], [0, 0, 2, 0, 0], [0, 0, 0, 0, 2]], np.float32)
    logits = np.eye(5, dtype=np.float32)[[1, 3, 1]]
    figures = evaluation.skin_tone(logits, {"votes": votes})
    assert figures["accuracy"] == pytest.approx(1 / 3)
    assert figures["within_one"] == pytest.approx(2 / 3)


def test_calibration_error_of_an_overconfident_model() -> None:
    assert evaluation.calibration_error(np.full(100, 0.99), np.arange(100) < 50) == pytest.approx(0.49)
