"""Graphs answer as the networks do that they were made of, and one that does not fit is a message."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from core.models import weights
from core.models.graphs import Graph
from core.models.weights import FOLDER, WeightsError, load_backbone, load_network, load_runner

SIZES = {"alignment": (64, 64), "attributes": (164, 134), "emotion": (96, 96), "finder": (144, 240), "motion": (96, 96),
         "parser": (160, 160)}  # fmt: skip


@pytest.mark.parametrize("task", SIZES)
@pytest.mark.parametrize("batch", [1, 3])
def test_a_graph_answers_as_its_network(task: str, batch: int) -> None:
    torch.manual_seed(0)
    pictures = torch.rand(batch, 1 if task == "emotion" else 3, *SIZES[task])
    runner, card = load_runner(task)
    assert isinstance(runner, Graph)
    network = load_backbone()[0].read if task == "attributes" else load_network(task)[0]
    with torch.inference_mode():
        wanted, given = network(pictures), runner(pictures)
    torch.testing.assert_close(given, wanted, rtol=1e-3, atol=1e-3)
    assert card.content["task"] == task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for suffix in ("json", "safetensors", "onnx"):
        shutil.copy(FOLDER / f"motion.{suffix}", tmp_path)
    return tmp_path


def test_without_onnxruntime_the_network_itself_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "can_run", lambda: False)
    runner, _ = load_runner("motion")
    assert not isinstance(runner, Graph)
    assert runner(torch.zeros(2, 3, 96, 96)).shape == (2, 196)


def test_weights_without_a_graph_are_run_by_torch(folder: Path) -> None:
    card = json.loads((folder / "motion.json").read_text())
    del card["graph"]
    (folder / "motion.json").write_text(json.dumps(card))
    (folder / "motion.onnx").unlink()
    assert not isinstance(load_runner("motion", folder)[0], Graph)


def test_a_missing_graph_is_said(folder: Path) -> None:
    (folder / "motion.onnx").unlink()
    with pytest.raises(WeightsError, match=r"motion\.onnx is missing"):
        load_runner("motion", folder)


def test_a_damaged_graph_is_said(folder: Path) -> None:
    with (folder / "motion.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(WeightsError, match=r"motion\.onnx is not the file its card describes"):
        load_runner("motion", folder)


def test_another_networks_graph_is_said(folder: Path) -> None:
    graph = (FOLDER / "alignment.onnx").read_bytes()
    (folder / "motion.onnx").write_bytes(graph)
    card = json.loads((folder / "motion.json").read_text())
    (folder / "motion.json").write_text(json.dumps(card | {"graph": sha256(graph).hexdigest()}))
    with pytest.raises(WeightsError, match=r"motion\.onnx does not fit its weights .* engine graphs"):
        load_runner("motion", folder)
