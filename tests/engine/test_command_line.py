"""python -m engine: from data to weights and a report, and a clear sentence for everything that is wrong."""

import json
from pathlib import Path

import pytest
import torch

from core.models.weights import load_network
from engine import measuring
from engine.__main__ import main

TRAIN = ["train", "emotion", "--data", "data", "--arch", "fer_cnn5", "--epochs", "1", "--device", "cpu"]


def test_from_data_to_weights_and_a_report(fer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRAIN, "--batch-size", "32", "--lr", "1e-3", "--freeze", "0", "--seed", "3"]) == 0
    assert main(["validate", "emotion", "--data", str(fer)]) == 0
    assert "best: runs/emotion/epoch-1.pt" in capsys.readouterr().out
    assert main(["export", "emotion", "--weights", "weights"]) == 0
    network, card = load_network("emotion", Path("weights"))
    assert card.content["architecture"] == "fer_cnn5"
    assert card.content["settings"]["seed"] == 3
    assert network(torch.zeros(1, 1, 48, 48)).shape == (1, 14)
    capsys.readouterr()

    measured = ["emotion", "--data", str(fer), "--weights", "weights", "--labels", "fer2013"]
    assert main(["evaluate", *measured, "--json", "--card"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["task"], figures["split"], figures["images"]) == ("emotion", "val", 16)
    assert {
        "accuracy",
        "confusion",
        "labels",
        "balanced_accuracy",
        "macro_f1",
        "auc",
        "calibration_error",
    } < set(figures)

    pytest.importorskip("matplotlib")
    assert main(["report", "emotion", "--weights", "weights", "--labels", "fer2013"]) == 0
    page = Path("runs/emotion/report/report.md").read_text()
    for name in ("bars.png", "confusion.png", "curves.png", "reliability.png"):
        assert f"({name})" in page
        assert (Path("runs/emotion/report") / name).read_bytes().startswith(b"\x89PNG")
    assert "Khaireddin and Chen, 2021" in page


def test_without_votes_the_labels_stand_in_and_the_card_says_so(
    fer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fer / "fer2013" / "ferplus_votes.csv.gz").unlink()
    assert main([*TRAIN, "--batch-size", "32", "--lr", "1e-3"]) == 0
    assert "ferplus none" in capsys.readouterr().err
    assert main(["validate", "emotion", "--data", str(fer)]) == 0
    assert "ferplus none  fer2013 0." in capsys.readouterr().out
    assert main(["export", "emotion", "--weights", "weights"]) == 0
    network, card = load_network("emotion", Path("weights"))
    assert card.content["stand_ins"] == {"ferplus": "never trained: it answers as fer2013 does"}
    original, voted = network(torch.rand(3, 1, 48, 48)).split(7, 1)
    torch.testing.assert_close(voted, original)

    capsys.readouterr()
    assert main(["evaluate", "emotion", "--data", str(fer), "--weights", "weights", "--card"]) == 0
    assert "accuracy: none (no picture has five FER+ votes on one emotion)" in capsys.readouterr().out
    pytest.importorskip("matplotlib")
    assert main(["report", "emotion", "--weights", "weights"]) == 0
    page = Path("runs/emotion/report/report.md").read_text()
    assert "| accuracy | none: no picture has five FER+ votes on one emotion |" in page


def test_a_head_stays_trained_where_a_run_goes_on_without_its_labels(fer: Path) -> None:
    assert main(TRAIN) == 0
    (fer / "fer2013" / "ferplus_votes.csv.gz").unlink()
    assert main([*TRAIN, "--from", "runs/emotion/last.pt", "--run", "second"]) == 0
    assert main(["export", "emotion", "--checkpoint", "second/last.pt", "--weights", "weights"]) == 0
    assert "stand_ins" not in json.loads(Path("weights/emotion.json").read_text())


def test_a_run_is_gone_on_with_as_it_began(fer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(TRAIN) == 0
    assert main(TRAIN) == 1
    assert "runs/emotion holds a run already" in capsys.readouterr().err
    assert main([*TRAIN, "--resume"]) == 0
    assert main([*TRAIN, "--resume", "--lr", "5"]) == 1
    assert "another learning rate, 0.002" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "emotion", "--data", "nowhere"], "nowhere"),
        (["train", "emotion", "--data", "data", "--arch", "resnet17"], "resnet17"),
        ([*TRAIN, "--pretrained"], "no ImageNet weights for fer_cnn5"),
        (["train", "emotion", "--data", "data", "--stages", "5"], "EPOCHSxHEIGHTxWIDTH"),
        (["train", "emotion", "--data", "data", "--epochs", "0"], "at least one epoch"),
        (["train", "emotion", "--data", "data", "--batch-size", "0"], "--batch-size must be at least 1"),
        (["train", "emotion", "--data", "data", "--resume"], "Nothing to resume"),
        (["export", "emotion", "--checkpoint", "none.pt"], "none.pt is missing"),
        (["evaluate", "emotion", "--data", "data", "--weights", "no"], "emotion.json is missing"),
        (["evaluate", "emotion", "--data", "data", "--unaligned"], "--unaligned is for attributes"),
        (["evaluate", "look", "--data", "data", "--labels", "ferplus"], "--labels ferplus is for emotion"),
        (["evaluate", "skin-tone", "--data", "data", "--limit", "9"], "not for skin_tone"),
        (["train", "emotion", "--data", "data", "--run", "data/fer2013/val.zip/run"], "Name another one"),
        (["report", "emotion", "--split", "test", "--weights", "no"], "emotion.json is missing"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    fer: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_weights_that_are_not_those_of_the_card(fer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(TRAIN) == 0
    assert main(["export", "emotion", "--weights", "weights"]) == 0
    path = Path("weights/emotion.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    assert main(["evaluate", "emotion", "--data", "data", "--weights", "weights"]) == 1
    assert "not the file its card describes (SHA-256 differs)" in capsys.readouterr().err


def test_a_full_disk_leaves_the_weights_before(
    fer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(TRAIN) == 0
    assert main(["export", "emotion", "--weights", "weights"]) == 0
    before = {path.name: path.read_bytes() for path in Path("weights").iterdir()}

    def full(path: Path, data: bytes) -> int:
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["export", "emotion", "--weights", "weights", "--tried", "more"]) == 1
    assert "No space left" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path("weights").iterdir()} == before


def test_a_bug_of_ours_is_not_hidden(fer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*arguments: object, **options: object) -> None:
        raise ValueError("the inner works")

    monkeypatch.setattr(measuring, "measure", bug)
    with pytest.raises(ValueError, match="inner works"):
        main(["evaluate", "emotion", "--data", "data"])


def test_stopping_says_how_to_go_on(
    fer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "measure", stop)
    assert main(["evaluate", "emotion", "--data", "data"]) == 130
    assert "--resume" in capsys.readouterr().err
