"""Networks by name: what is imported for them, and the function that they are."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from core.models.architectures import classifier, without_normalization
from core.models.efficientnet import StochasticDepth

READING = """
import os, sys
import core
assert os.environ["OMP_WAIT_POLICY"] and "torch" not in sys.modules
[face] = core.find_faces(core.sample_photo())
core.Reader().read([face.crop])
print(*(name for name in ("torchvision", "torch._dynamo", "sympy") if name in sys.modules))
"""


def test_reading_a_photo_imports_neither_torchvision_nor_a_compiler() -> None:
    done = subprocess.run([sys.executable, "-c", READING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_network_of_torchvision_is_found_when_it_is_asked_for() -> None:
    network = classifier("resnet18", 7).eval()
    assert network(torch.rand(2, 1, 64, 64)).shape == (2, 7)


def test_an_unknown_network_is_refused_with_the_names_of_others() -> None:
    with pytest.raises(
        ValueError, match=r"No network is called 'os.system'. Try one of .*efficientnet_lite2"
    ):
        classifier("os.system", 7)


def test_leaving_out_normalization_changes_no_answer() -> None:
    torch.manual_seed(0)
    network = classifier("efficientnet_lite0", 5)
    network.train()(torch.rand(8, 3, 64, 64))  # so that the normalizations have something to take off
    images = torch.rand(2, 3, 64, 64)
    expected = network.eval()(images)
    fused = without_normalization(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fused.modules())
    torch.testing.assert_close(fused(images), expected, rtol=1e-3, atol=1e-4)


def test_left_out_pictures_are_made_up_for_by_the_others() -> None:
    torch.manual_seed(0)
    depth, maps = StochasticDepth(0.25), torch.ones(4000, 2, 3, 3)
    trained = depth.train()(maps)
    assert {round(value, 4) for value in trained.unique().tolist()} == {0.0, round(1 / 0.75, 4)}
    assert (trained.flatten(1).std(1) == 0).all(), "a picture is left out whole"
    assert trained.mean().item() == pytest.approx(1, abs=0.05)
    assert torch.equal(depth.eval()(maps), maps)
