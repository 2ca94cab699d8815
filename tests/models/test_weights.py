"""Weights are checked before they are used: each way of being wrong is a message, never a run of foreign code."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from core.models.architectures import classifier
from core.models.weights import (
    FOLDER,
    WeightsError,
    keep_metrics,
    load_backbone,
    load_network,
    read_card,
    save_network,
)

CARD = {
    "task": "emotion", "architecture": "fer_cnn5", "outputs": 14, "size": [48, 48], "data": "none", "metrics": {},
    "licence": "none",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_network(classifier("fer_cnn5", 14), CARD, tmp_path)
    return tmp_path


def test_saved_weights_come_back_in_half_precision(folder: Path) -> None:
    network, card = load_network("emotion", folder)
    torch.manual_seed(0)
    original = classifier("fer_cnn5", 14)
    faces = torch.rand(4, 1, 48, 48)
    torch.testing.assert_close(network(faces), original.eval()(faces), rtol=1e-2, atol=1e-3)
    assert card.size == (48, 48)
    assert not network.training


def change_card(folder: Path, **changes: object) -> None:
    path = folder / "emotion.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def damage(folder: Path) -> None:
    path = folder / "emotion.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def cut_off(folder: Path) -> None:
    path = folder / "emotion.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def cut_off_with_its_hash(folder: Path) -> None:
    cut_off(folder)
    change_card(folder, sha256=sha256((folder / "emotion.safetensors").read_bytes()).hexdigest())


CASES = [
    # one flipped bit in the weights
    (damage, "SHA-256"),
    # a download that was cut off, and one whose card was made of what came
    (cut_off, "SHA-256"),
    (cut_off_with_its_hash, "is damaged: restore it"),
    # the weights of another version beside the card, and an empty file
    (
        lambda folder: (folder / "emotion.safetensors").write_bytes(
            (FOLDER / "alignment.safetensors").read_bytes()
        ),
        "SHA-256",
    ),
    (lambda folder: (folder / "emotion.safetensors").write_bytes(b""), "SHA-256"),
    # the card of another model
    (lambda folder: change_card(folder, task="look"), "not for 'emotion'"),
    # another architecture than the weights have
    (lambda folder: change_card(folder, architecture="resnet18"), "does not fit"),
    # an architecture nobody knows
    (lambda folder: change_card(folder, architecture="os.system"), "does not fit"),
    # a card that is not JSON
    (lambda folder: (folder / "emotion.json").write_text("{"), "cannot be read"),
    # a card without the hash
    (lambda folder: (folder / "emotion.json").write_text("{}"), "lacks"),
    # cards that are JSON of another shape
    (lambda folder: (folder / "emotion.json").write_text("[1]"), "is no card"),
    (lambda folder: (folder / "emotion.json").write_text("[" * 100_000), "cannot be read"),
    (lambda folder: (folder / "emotion.json").write_bytes(b"\xff\xfe{}"), "cannot be read"),
    (lambda folder: change_card(folder, size=[48]), r"size must be .height, width., .*not .48."),
    (lambda folder: change_card(folder, size=[48, True]), "size must be"),
    (lambda folder: change_card(folder, size=[10**9, 10**9]), "size must be"),
    (lambda folder: change_card(folder, outputs="14"), "outputs must be a whole number .*not '14'"),
    (lambda folder: change_card(folder, outputs=10**12), "outputs must be"),
    (lambda folder: change_card(folder, sha256=None), "sha256 must be 64 hexadecimal digits, not None"),
    (lambda folder: change_card(folder, architecture=["fer_cnn5"]), "architecture must be text"),
    (lambda folder: change_card(folder, metrics={"val": 0.9}), "metrics must be an object of objects"),
    (lambda folder: change_card(folder, settings=[]), "settings must be an object"),
    # a network that cannot be of use for this task
    (lambda folder: change_card(folder, outputs=7), "7 outputs, and emotion has 14"),
    (lambda folder: change_card(folder, size=[96, 96]), r"reads pictures of \[48, 48\] pixels"),
    # a long text is not shown whole
    (lambda folder: change_card(folder, task="x" * 5000), r"a network for 'x{56}\.\.\., not for"),
    (lambda folder: (folder / "emotion.json").unlink(), "is missing"),
    (lambda folder: (folder / "emotion.safetensors").unlink(), "is missing"),
]


@pytest.mark.parametrize(("spoil", "message"), CASES)
def test_wrong_weights_are_refused(folder: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(folder)
    with pytest.raises(WeightsError, match=message):
        load_network("emotion", folder)


def test_a_card_is_never_changed_in_place(folder: Path) -> None:
    before = read_card(folder / "emotion.json")
    keep_metrics("emotion", "val", {"accuracy": 0.5}, folder, {"thresholds": {"happy": 0.4}})
    after = read_card(folder / "emotion.json")
    assert (before.content["metrics"], after.content["metrics"]) == ({}, {"val": {"accuracy": 0.5}})
    assert after.content["thresholds"] == {"happy": 0.4}
    with pytest.raises(TypeError):
        after.content["task"] = "look"  # type: ignore[index]


def test_a_card_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    path = folder / "emotion.json"
    path.write_text("\ufeff" + path.read_text())
    assert load_network("emotion", folder)[1].size == (48, 48)


def test_look_and_skin_tone_stand_on_one_architecture(tmp_path: Path) -> None:
    card = CARD | {"task": "attributes", "architecture": "resnet18", "outputs": 40}
    save_network(classifier("resnet18", 40), card, tmp_path)
    with pytest.raises(WeightsError, match="train that with --arch efficientnet_lite2"):
        load_backbone(tmp_path)


def test_a_pickle_under_the_right_name_and_hash_is_refused(folder: Path) -> None:
    from hashlib import sha256

    path = folder / "emotion.safetensors"
    torch.save(classifier("fer_cnn5", 14).state_dict(), path)
    change_card(folder, sha256=sha256(path.read_bytes()).hexdigest())
    with pytest.raises(WeightsError, match="is damaged"):
        load_network("emotion", folder)


@pytest.mark.parametrize(
    "task", ["alignment", "attributes", "emotion", "look", "motion", "parser", "skin_tone"]
)
def test_the_weights_of_the_app_load_and_have_measured_figures(task: str) -> None:
    network, card = load_network(task)
    assert all(torch.isfinite(tensor).all() for tensor in network.state_dict().values())
    assert card.content["metrics"], f"measure it: python -m engine evaluate {task} --card"


def test_the_weights_stay_small_enough_to_download() -> None:
    sizes = {path.stem: path.stat().st_size / 1e6 for path in FOLDER.glob("*.safetensors")}
    assert sizes["attributes"] <= 50
    assert sizes["emotion"] <= 12
    assert sizes["parser"] <= 1.5
    assert sizes["alignment"] + sizes["look"] + sizes["skin_tone"] <= 4
