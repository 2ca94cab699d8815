"""Every task from pictures to weights and figures: small real trainings on generated pictures."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from core.models.features import FEATURES
from core.models.labels import BASICS, DETAILS, LOOK, MOVEMENTS, POINT_COUNT, SKIN_TONES
from core.models.weights import FOLDER, load_network
from engine import alignment, fairface, heads, measuring
from engine.__main__ import main
from engine.datasets import Dataset
from engine.degradation import GAP
from engine.tables import DataError, read_table
from engine.tasks import TASKS
from tests.engine.conftest import picture

LIGHT, DARK = 200, 60


def crop(level: int, number: int) -> bytes:
    """A plain crop with some noise, light or dark."""
    noise = np.random.default_rng(number).integers(0, 40, (218, 178, 3))
    return picture((level + noise).astype(np.uint8))


def answered(folder: Path, questions: Mapping[str, tuple[str, ...]], unknown: str) -> Path:
    """Light pictures have the first answer to every question, dark ones the second; one question is seldom answered."""
    folder.mkdir(parents=True)
    rows = [",".join(("split", "image_id", *questions))]
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for number in range(12):
            split, kind = ("val" if number >= 8 else "train"), number % 2
            archive.writestr(f"{number}.webp", crop((LIGHT, DARK)[kind], number))
            answers = {question: options[kind] for question, options in questions.items()}
            if number > 1:
                answers[unknown] = ""
            rows.append(",".join((split, f"{number}.webp", *answers.values())))
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder.parent


@pytest.fixture
def look(tmp_path: Path) -> Path:
    answered(tmp_path / "data" / "details", DETAILS, "part")
    return answered(tmp_path / "data" / "look", BASICS, "fringe")


@pytest.fixture
def skin_tone(tmp_path: Path, celeba: Path) -> Path:
    """Two pictures of each type, the lighter the type, the lighter the picture, and two of CelebA's train crops."""
    folder = tmp_path / "data" / "skintone"
    folder.mkdir()
    types = [name.removeprefix("type") for name in SKIN_TONES for _ in range(2)]
    rows = [f"{number}.webp,{kind}" for number, kind in enumerate(types)]
    (folder / "labels.csv").write_text("\n".join(["image_id,fitzpatrick_type", *rows]))
    (folder / "extra_labels.csv").write_text("image_id,rater_a,rater_b\n000000.webp,2,3\n000001.webp,6,6\n")
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for number, kind in enumerate(types):
            archive.writestr(f"{number}.webp", crop(240 - 40 * int(kind), number))
    return celeba


@pytest.fixture
def movements(celeba: Path) -> Path:
    """Random answers of a teacher for CelebA's and FER-2013's pictures, sure but for one."""
    random = np.random.default_rng(0)
    ids = [f"{number:06}.webp" for number in range(12)]
    (celeba / "motion").mkdir()
    np.savez(
        celeba / "motion" / "celeba.npz",
        ids=np.array(ids, "S"),
        points=random.integers(4 * 40, 4 * 140, (12, POINT_COUNT, 2)).astype(np.int16),
        blendshapes=random.integers(0, 255, (12, len(MOVEMENTS))).astype(np.uint8),
        pose=random.integers(-300, 300, (12, 3)).astype(np.int16),
        score=np.array([100] + [255] * 11, np.uint8),
    )
    return celeba


TRAININGS = {
    "motion": ["--epochs", "12"],
    "attributes": ["--arch", "efficientnet_lite0", "--stages", "2x32x28"],
    "emotion": ["--arch", "fer_cnn5", "--stages", "2x48x48"],
    "look": ["--epochs", "8"],
    "skin-tone": ["--epochs", "8"],
    "alignment": ["--epochs", "4"],
}
FIXTURES = {
    "motion": "movements",
    "attributes": "celeba",
    "emotion": "fer",
    "look": "look",
    "skin-tone": "skin_tone",
    "alignment": "celeba",
}


@pytest.mark.parametrize("task", TRAININGS)
def test_it_trains_and_is_exported(
    task: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alignment, "WINDOWS", 40)
    data = request.getfixturevalue(FIXTURES[task])
    name = task.replace("-", "_")
    options = ["--data", str(data), "--batch-size", "8", "--lr", "1e-3", "--device", "cpu"]
    assert main(["train", task, *options, *TRAININGS[task]]) == 0
    rows = read_table(Path("runs") / name / "metrics.csv", ("epoch", "loss"))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert main(["validate", task, "--data", str(data)]) == 0
    assert main(["export", task, "--weights", "weights"]) == 0
    network, card = load_network(name, Path("weights"))
    assert card.content["data"] == TASKS[name].source
    assert "stand_ins" not in card.content
    taught = torch.load(Path("runs") / name / "last.pt", weights_only=True)["averaged"]
    # In half precision, and with batch normalization folded into the convolutions: the last layer is as it was.
    last, learnt = list(network.parameters())[-1], list(taught.values())[-1]
    torch.testing.assert_close(last, learnt, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("task", "arguments", "expected"),
    [
        ("look", [], {"split": "val", "images": 4}),
        ("look", ["--limit", "1"], {"split": "val", "images": 1}),
        ("attributes", ["--limit", "1"], {"split": "val", "images": 1}),
        ("emotion", ["--limit", "1"], {"split": "val", "images": 1, "head": "ferplus"}),
        ("emotion", ["--labels", "fer2013"], {"split": "val", "images": 16, "head": "fer2013"}),
        ("alignment", ["--limit", "1"], {"split": "val", "images": 1}),
    ],
)
def test_what_the_app_uses_is_measured(
    task: str,
    arguments: list[str],
    expected: dict[str, object],
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = request.getfixturevalue(FIXTURES[task])
    assert main(["evaluate", task, "--data", str(data), *arguments, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures.items() >= {"task": task.replace("-", "_"), **expected}.items()
    pytest.importorskip("matplotlib")
    # The page takes what was measured, whatever of it there is.
    if not arguments:
        assert main(["report", task, "--data", str(data), "--out", "page"]) == 0
        assert f"{expected['images']} pictures" in Path("page/report.md").read_text()


def test_skin_tone_is_measured_with_heads_trained_on_the_other_folds(
    skin_tone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["skin-tone", "--data", str(skin_tone)]
    assert main(["train", *data, "--epochs", "1", "--device", "cpu"]) == 0
    assert main(["export", "skin-tone", "--weights", "weights"]) == 0
    capsys.readouterr()
    assert main(["evaluate", *data, "--weights", "weights", "--card", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["split"], figures["images"]) == ("cross-validation", 12)
    assert np.array(figures["confusion"]).sum() == 12
    assert measuring.kept("skin_tone", "val", folder=Path("weights")) == figures


def test_faces_of_fairface_are_laid_into_the_frame_and_measured_apart(
    skin_tone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (skin_tone / "fairface").mkdir()
    with zipfile.ZipFile(skin_tone / "fairface" / "val.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.webp", picture(np.full((160, 160, 3), 90 + 40 * number, np.uint8)))
    (skin_tone / "fairface" / "labels.csv").write_text(
        "split,image,race\nval,0.webp,Black\nval,1.webp,White\nval,2.webp,White\n"
    )
    (skin_tone / "skintone" / "fairface_labels.csv").write_text(
        "split,image,rater_a,rater_b\nval,0.webp,6,6\nval,1.webp,x,x\nval,2.webp,x,3\n"
    )
    faces = fairface.load(skin_tone)
    assert faces.ids == ["fairface/val/0.webp", "fairface/val/2.webp"]
    assert faces.targets["votes"].tolist() == [[0, 0, 0, 0, 2], [0, 1, 0, 0, 0]]
    # There is no face to be found in a plain picture, so it lies where faces mostly are.
    assert (faces.images[0][130, 89] == 90).all()
    assert (faces.images[0][20, 89] == GAP).all()
    data = ["skin-tone", "--data", str(skin_tone)]
    assert main(["train", *data, "--epochs", "1", "--device", "cpu"]) == 0
    assert main(["export", "skin-tone", "--weights", "weights"]) == 0
    capsys.readouterr()
    assert main(["evaluate", *data, "--weights", "weights", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["images"] == 12
    assert figures["fairface"]["images"] == 2
    assert {name: row["images"] for name, row in figures["fairface"]["groups"].items()} == {
        "Black": 1, "White": 1,
    }  # fmt: skip


def test_a_heads_data_are_features_of_changed_crops_and_of_both_sides(look: Path) -> None:
    train, val = heads.look(look, "train"), heads.look(look, "val")
    assert train.images.shape == (8 * heads.VERSIONS, FEATURES)
    assert val.images.shape == (4, 2, FEATURES)
    first, again = train.images[0], train.images[8]
    assert train.ids[0] == train.ids[8]
    assert not np.array_equal(first, again)
    assert not np.array_equal(val.images[0, 0], val.images[0, 1])


def test_skin_tones_for_validation_are_every_fifth(skin_tone: Path) -> None:
    assert heads.skin_tone(skin_tone, "val").ids == ["0.webp", "5.webp", "000000.webp"]


@pytest.fixture
def crops() -> Dataset:
    images = np.random.default_rng(3).integers(0, 255, (4, 109, 89, 3), np.uint8)
    return Dataset(images, {}, list("abcd"))


def test_windows_are_drawn_the_same_from_the_same_seed(crops: Dataset) -> None:
    rows = np.arange(4).repeat(10)
    first, again = (alignment.draw(crops, rows, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    images, targets = first
    assert images.shape == (40, 64, 64, 3)
    assert 0 < targets["face"].sum() < 40
    # Only a window with a face has somewhere for it to be.
    assert (targets["similarity"][targets["face"] == 0] == 0).all()


def test_the_distance_of_the_eyes_is_that_of_the_windows() -> None:
    # The right answer, and one that has the face a tenth of the window's half side too far to the right.
    true = np.array([[0.0, 0.0, 1.0, 0.0]] * 2)
    predicted = np.array([[0.0, 0.0, 1.0, 0.0], [0.1, 0.0, 1.0, 0.0]])
    errors = alignment.eye_error(predicted, true)
    assert errors[0] == pytest.approx(0)
    assert errors[1] == pytest.approx(0.1 * alignment.CANONICAL_HALF, rel=1e-6)


LOSSES: dict[str, Callable[[], tuple[torch.Tensor, dict[str, torch.Tensor]]]] = {
    "alignment": lambda: (torch.zeros(3, 5), {"face": torch.zeros(3), "similarity": torch.zeros(3, 4)}),
    "look": lambda: (torch.zeros(2, TASKS["look"].outputs), {q: torch.tensor([-1, -1]) for q in LOOK}),
    "emotion": lambda: (torch.zeros(2, 14), {"fer2013": torch.tensor([0, 1]), "ferplus": torch.zeros(2, 7)}),
}


@pytest.mark.parametrize(
    ("task", "loss"),
    [("alignment", np.log(2)), ("look", 0.0), ("emotion", np.log(7))],
)
def test_a_batch_without_some_labels_has_a_loss(task: str, loss: float) -> None:
    logits, targets = LOSSES[task]()
    assert TASKS[task].loss(logits, targets).item() == pytest.approx(loss, abs=1e-5)


def test_a_question_that_nobody_answered_keeps_a_head_from_being_exported(
    look: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = look / "look" / "labels.csv"
    lines = [line.split(",") for line in table.read_text().splitlines()]
    column = lines[0].index("fringe")
    for line in lines[1:]:
        line[column] = ""
    table.write_text("\n".join(map(",".join, lines)))
    assert main(["train", "look", "--data", str(look), "--epochs", "1", "--device", "cpu"]) == 0
    assert "fringe none" in capsys.readouterr().err
    assert main(["export", "look", "--weights", "weights"]) == 1
    assert "never saw a label of fringe" in capsys.readouterr().err
    assert not Path("weights").exists()


def test_alignment_is_measured_with_the_weights_of_the_app(celeba: Path) -> None:
    with pytest.raises(DataError, match="leave --weights out"):
        measuring.measure("alignment", celeba, "val", folder=Path("mine"))
    assert measuring.measure("alignment", celeba, "val", limit=1, folder=FOLDER)["found"] == 0.0
