"""Graphs are written beside the weights, without any weights inside."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from core.models.graphs import Graph
from core.models.weights import FOLDER, load_network, load_runner
from engine import graphs
from engine.__main__ import main


def test_the_command_writes_a_graph_that_answers_as_the_network(tmp_path: Path) -> None:
    for suffix in ("json", "safetensors"):
        shutil.copy(FOLDER / f"alignment.{suffix}", tmp_path)
    card = json.loads((tmp_path / "alignment.json").read_text())
    card.pop("graph", None)
    (tmp_path / "alignment.json").write_text(json.dumps(card))
    assert main(["graphs", "--weights", str(tmp_path)]) == 0
    assert (tmp_path / "alignment.onnx").stat().st_size < 50_000
    runner, _ = load_runner("alignment", tmp_path)
    assert isinstance(runner, Graph)
    pictures = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(
        runner(pictures), load_network("alignment", tmp_path)[0](pictures), rtol=1e-3, atol=1e-3
    )


def test_a_folder_without_weights_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graphs", "--weights", str(tmp_path)]) == 1
    assert "holds no weights that a graph could be made for" in capsys.readouterr().err


def test_all_networks_of_the_app_that_see_pictures_have_one() -> None:
    assert {path.stem for path in FOLDER.glob("*.onnx")} == set(graphs.TASKS)
