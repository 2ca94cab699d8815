"""Damaged data in the engine's own format: the message names the file and what was expected."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.models.labels import LOOK
from core.writing import LEFT_BEHIND
from engine import datasets
from engine.datasets import DataError
from tests.engine.conftest import rezip


def respell(path: Path, old: str, new: str) -> None:
    text = gzip.decompress(path.read_bytes()).decode()
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new).encode()))


BAD_CELEBA = [
    # a column is missing
    (
        lambda d: respell(d / "celeba" / "train_attributes.csv.gz", "Eyeglasses", "Glasses"),
        "lacks the column.s. Eyeglasses",
    ),
    # a label outside the list
    (
        lambda d: respell(d / "celeba" / "train_attributes.csv.gz", "000003.webp,1,", "000003.webp,1,2"),
        "000003.webp, 5_o_Clock_Shadow: '2-?1' is not one of 1, -1, 0",
    ),
    # a picture inside the zip is damaged
    (
        lambda d: rezip(d / "celeba" / "train-0.zip", lambda n, b: (n, b"RIFF" if n == "000003.webp" else b)),
        "train-0.zip:000003.webp is not a readable picture",
    ),
    # ... or cut off
    (
        lambda d: rezip(d / "celeba" / "train-0.zip", lambda n, b: (n, b[:-9] if n == "000003.webp" else b)),
        "train-0.zip:000003.webp is not a readable picture",
    ),
    # the zip is no zip
    (lambda d: (d / "celeba" / "train-0.zip").write_bytes(b"nothing"), "not a readable zip"),
    # the zip is empty
    (lambda d: rezip(d / "celeba" / "train-0.zip", lambda n, b: None), "there are no pictures inside"),
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
def test_bad_celeba_data_is_named(celeba: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(celeba)
    with pytest.raises(DataError, match=message):
        datasets.celeba(celeba, "train")
    assert not list(Path("runs/cache").glob(LEFT_BEHIND))


BAD_FER = [
    # an emotion that there is not
    (
        lambda d: rezip(d / "train.zip", lambda name, data: (name.replace("happy", "hangry"), data)),
        "hangry/0.webp, emotion: 'hangry' is not one of angry",
    ),
    # a class without pictures
    (
        lambda d: rezip(
            d / "train.zip", lambda name, data: None if name.startswith("fear") else (name, data)
        ),
        "train.zip has no pictures of fear",
    ),
    # votes that are no number
    (
        lambda d: respell(d / "ferplus_votes.csv.gz", "happy/0.webp,0", "happy/0.webp,many"),
        "'many' is not a number of",
    ),
    # ... or one that nobody can read
    (
        lambda d: respell(d / "ferplus_votes.csv.gz", "happy/0.webp,0", "happy/0.webp," + "1" * 5000),
        r"'1{56}\.\.\. is not a number of",
    ),
    # a column is missing
    (lambda d: respell(d / "ferplus_votes.csv.gz", "surprise", "amazement"), "lacks the column.s. surprise"),
]


@pytest.mark.parametrize(("spoil", "message"), BAD_FER)
def test_bad_fer_data_is_named(fer: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(fer / "fer2013")
    with pytest.raises(DataError, match=message):
        datasets.fer2013(fer, "train")


def test_an_answer_outside_the_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "look").mkdir()
    table = tmp_path / "look" / "labels.csv"
    answers = ["mohawk", *(answers[0] for answers in list(LOOK.values())[1:])]
    table.write_text(f"split,image_id,{','.join(LOOK)}\nval,7.webp,{','.join(answers)}\n")
    with pytest.raises(DataError, match=r"7.webp, hair_length: 'mohawk' is not one of bald"):
        datasets.look(tmp_path, "val")


@pytest.mark.parametrize(
    ("types", "message"),
    [
        (["2", "3", "4", "5", "7"], "5.webp, fitzpatrick_type: '7' is not one of 2, 3, 4, 5, 6"),
        (["2", "3", "4", "5", "dark"], "'dark' is not one of"),
        (["2", "3", "4", "5"], "nobody is rated type6"),  # a class without pictures
    ],
)
def test_bad_skin_tone_labels_are_named(tmp_path: Path, types: list[str], message: str) -> None:
    (tmp_path / "skintone").mkdir()
    rows = [f"{number}.webp,{kind}" for number, kind in enumerate(types, 1)]
    (tmp_path / "skintone" / "labels.csv").write_text("\n".join(["image_id,fitzpatrick_type", *rows]))
    (tmp_path / "skintone" / "extra_labels.csv").write_text("image_id,rater_a,rater_b\n")
    with pytest.raises(DataError, match=message):
        datasets.skin_tone(tmp_path)


def test_too_small_a_disk_for_the_decoded_pictures(celeba: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(DataError, match="make room"):
        datasets.celeba(celeba, "train")
