"""Which checkpoint is best, and what its card says; a sentence for a run that cannot be exported."""

from pathlib import Path
from typing import Any

import pytest
import torch

from engine.exporting import IMAGENET, export, validate
from engine.settings import TrainingError
from engine.tasks import TASKS
from tests.engine.conftest import emotion_run


def test_a_run_without_checkpoints_has_no_best(fer: Path) -> None:
    with pytest.raises(TrainingError, match="holds no checkpoints"):
        validate("emotion", Path("run"), fer)


def test_the_first_figure_ranks(fer: Path) -> None:
    run = emotion_run(2)
    run.train(TASKS["emotion"].load(fer, "train"), TASKS["emotion"].load(fer, "val"))
    ranked = validate("emotion", Path("run"), fer)
    assert {path.name for path, _ in ranked} == {"epoch-1.pt", "epoch-2.pt"}
    votes = [figures["ferplus"] for _, figures in ranked]
    assert votes == sorted(votes, key=lambda share: -(share or 0))


def saved(**changes: Any) -> Path:
    run = emotion_run(1)
    run.folder.mkdir()
    run.save()
    path = Path("run/epoch-0.pt")
    torch.save(torch.load(path, weights_only=True) | changes, path)
    return path


def test_the_card_tells_what_was_learnt_before() -> None:
    lessons = ["imagenet", "attributes", "emotion"]
    card = export("emotion", saved(lessons=lessons, heads=["fer2013", "ferplus"]), Path("weights"), "less")
    assert card.content["data"].split("; before that ") == [
        TASKS["emotion"].source, TASKS["attributes"].source, IMAGENET,
    ]  # fmt: skip
    assert card.content["tried"] == "less"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lessons": ["handwriting"], "heads": ["ferplus", "fer2013"]}, "learnt from 'handwriting'"),
        ({"heads": []}, "never saw a label of fer2013"),
        ({"averaged": {"fc.weight": torch.zeros(2)}}, "weights are not those of 'fer_cnn5'"),
        ({"lessons": []}, "does not name what it learnt from"),
    ],
)
def test_what_cannot_be_exported(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        export("emotion", saved(**changes), Path("weights"))
    assert not Path("weights").exists()
