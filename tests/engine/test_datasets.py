"""Data sets in the engine's own format and in that of their makers."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.models.labels import ATTRIBUTES, EMOTIONS
from engine import datasets
from engine.augmentation import Augmentation
from engine.pictures import images_by_id
from tests.engine.conftest import picture, rezip


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """CelebA in its own layout: three pictures, the second of them for validation."""
    (tmp_path / "img_align_celeba").mkdir()
    for i in range(3):
        Image.new("RGB", (178, 218), (i * 80, 0, 0)).save(tmp_path / "img_align_celeba" / f"{i:06}.jpg")
    lines = [f"{i:06}.jpg " + " ".join(["1", "-1"] * 20) for i in range(3)]
    (tmp_path / "list_attr_celeba.txt").write_text("\n".join(["3", " ".join(ATTRIBUTES), *lines]))
    (tmp_path / "list_eval_partition.txt").write_text("000000.jpg 0\n000001.jpg 1\n000002.jpg 0\n")
    return tmp_path


def test_celeba_in_our_format(celeba: Path) -> None:
    data = datasets.celeba(celeba, "train")
    assert data.images.shape == (12, 218, 178, 3)
    assert data.targets["attributes"].shape == (12, 40)
    assert set(np.unique(data.targets["attributes"])) == {0.0, 1.0}


def test_celeba_in_its_own_layout(original: Path) -> None:
    data = datasets.celeba(original, "train")
    assert data.ids == ["000000.jpg", "000002.jpg"]
    assert data.targets["attributes"][0].tolist() == [1.0, 0.0] * 20
    assert data.images[1].mean((0, 1)) == pytest.approx([160, 0, 0], abs=2)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        # a picture that the partition names is not there
        (lambda d: (d / "img_align_celeba" / "000002.jpg").unlink(), "000002.jpg is missing"),
        # ... or damaged
        (
            lambda d: (d / "img_align_celeba" / "000002.jpg").write_bytes(b"\xff\xd8\xff"),
            "000002.jpg is not a readable picture",
        ),
        # a partition that does not exist
        (
            lambda d: replace(d / "list_eval_partition.txt", "2.jpg 0", "2.jpg 7"),
            "is not a picture and 0, 1 or 2",
        ),
        # no pictures of this split
        (
            lambda d: replace(d / "list_eval_partition.txt", ".jpg 0", ".jpg 2"),
            "has no pictures of split 'train'",
        ),
        # an unknown attribute
        (lambda d: replace(d / "list_attr_celeba.txt", "Eyeglasses", "Glasses"), "CelebA's 40 attributes"),
        # a row that ends too early
        (lambda d: replace(d / "list_attr_celeba.txt", "2.jpg 1 -1", "2.jpg"), "has 38 labels instead of 40"),
        # a picture without a row
        (lambda d: replace(d / "list_attr_celeba.txt", "000002", "000009"), "has no row for 000002.jpg"),
        # a label that is no label
        (
            lambda d: replace(d / "list_attr_celeba.txt", "2.jpg 1", "2.jpg yes"),
            "000002.jpg, 5_o_Clock_Shadow: 'yes' is not one of 1, -1, 0",
        ),
        # the table is missing
        (lambda d: (d / "list_attr_celeba.txt").unlink(), "list_attr_celeba.txt is missing"),
    ],
)
def test_bad_data_in_celebas_own_layout(
    original: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(original)
    with pytest.raises(datasets.DataError, match=message):
        datasets.celeba(original, "train")


PIXELS = " ".join(["7"] * 48 * 48)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """fer2013.csv with a picture of each emotion to train with, and one for validation."""
    rows = ["emotion,pixels,Usage", *(f"{i},{PIXELS},Training" for i in range(7)), f"3,{PIXELS},PublicTest"]
    (tmp_path / "fer2013.csv").write_text("\n".join(rows))
    return tmp_path


def test_a_byte_order_mark_is_passed_over(table: Path) -> None:
    path = table / "fer2013.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(datasets.fer2013(table, "train")) == 7


def test_fer2013_as_a_csv_file(table: Path) -> None:
    data = datasets.fer2013(table, "train")
    assert data.images.shape == (7, 48, 48)
    assert (data.images == 7).all()
    names = [EMOTIONS[i] for i in data.targets["fer2013"]]
    assert names == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("6,7", "9,7", "row 7, emotion: '9' is not one of 0, 1, 2, 3, 4, 5, 6"),
        ("6,7", "sad,7", "row 7, emotion: 'sad' is not one of"),
        ("6,7", "6,x", "row 7: the pixels are not all numbers"),
        ("6,7", "6,777", "row 7: pixels must be from 0 to 255"),
        ("6,7", "6,7 7", "row 7: 2305 pixels instead of 2304"),
        ("6,7", "5,7", "has no pictures of neutral"),
        (",Usage", ",Use", "lacks the column.s. Usage"),
        (",PublicTest", "", "there is no value for Usage"),
        ("6,7", "9" * 5000 + ",7", r"emotion: '9{56}\.\.\. is not one of"),
        ("6,7", "6," + "7" * 5000, "row 7: the pixels are not all numbers"),
        ("Training", "Practice", "has no rows with Usage 'Training'"),
    ],
)
def test_bad_rows_of_fer2013_are_named(table: Path, old: str, new: str, message: str) -> None:
    replace(table / "fer2013.csv", old, new)
    with pytest.raises(datasets.DataError, match=message):
        datasets.fer2013(table, "train")


CRUMBS = ("__MACOSX/._0.webp", "__MACOSX/happy/._0.webp", ".DS_Store", "happy/.DS_Store", "happy/Thumbs.db")


def test_what_systems_leave_beside_pictures_is_passed_over(fer: Path, celeba: Path) -> None:
    for path in (fer / "fer2013" / "train.zip", celeba / "celeba" / "train-0.zip"):
        with zipfile.ZipFile(path, "a") as archive:
            for name in CRUMBS:
                archive.writestr(name, b"no picture")
    assert len(datasets.fer2013(fer, "train")) == 69
    assert len(datasets.celeba(celeba, "train")) == 12


def test_a_zip_of_a_folder_is_read_as_that_folder(fer: Path) -> None:
    before = datasets.fer2013(fer, "train")
    rezip(fer / "fer2013" / "train.zip", lambda name, data: (f"train/{name}", data))
    after = datasets.fer2013(fer, "train")
    assert after.ids == before.ids
    for name, target in before.targets.items():
        np.testing.assert_array_equal(after.targets[name], target)


def test_pictures_named_in_a_table_are_found_in_a_zip_of_a_folder(celeba: Path) -> None:
    path = celeba / "celeba" / "train-0.zip"
    [before] = images_by_id([path], ["000003.webp"])
    rezip(path, lambda name, data: (f"celeba/{name}", data))
    [after] = images_by_id([path], ["000003.webp"])
    np.testing.assert_array_equal(after, before)


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """FER-2013 as a folder per class."""
    for emotion in EMOTIONS:
        (tmp_path / "train" / emotion).mkdir(parents=True)
        Image.new("L", (48, 48)).save(tmp_path / "train" / emotion / "a.png")
    return tmp_path


def test_fer2013_as_a_folder_per_class(classes: Path) -> None:
    (classes / "train" / ".DS_Store").touch()
    (classes / "train" / "fear" / ".DS_Store").touch()
    (classes / "train" / "__MACOSX").mkdir()
    data = datasets.fer2013(classes, "train")
    assert [EMOTIONS[i] for i in data.targets["fer2013"]] == list(EMOTIONS)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        # a class without pictures
        (lambda d: (d / "train" / "fear" / "a.png").unlink(), "fear is empty"),
        # a class that there is not
        (lambda d: (d / "train" / "fear").rename(d / "train" / "fury"), "'fury' is not one of angry"),
        # a picture that is none
        (lambda d: (d / "train" / "fear" / "a.png").write_text("?"), "a.png is not a readable picture"),
        # neither folder nor zip nor table
        (lambda d: (d / "train").rename(d / "training"), "no train.zip, no folder train/ and no fer2013.csv"),
    ],
)
def test_a_bad_folder_per_class(classes: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(classes)
    with pytest.raises(datasets.DataError, match=message):
        datasets.fer2013(classes, "train")


def test_augmentation_keeps_shape_and_range_and_repeats() -> None:
    images = torch.rand(4, 3, 30, 20)
    change = Augmentation(erase=1.0)
    first, again = (change(images, torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == images.shape
    assert 0 <= first.min() <= first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, images)


def test_originals_are_shown_to_training_under_the_crops_names(celeba: Path) -> None:
    crops = datasets.celeba(celeba, "train")
    with zipfile.ZipFile(celeba / "celeba" / "train_original.zip", "w") as archive:
        archive.writestr("000003.jpg", picture(np.full((218, 178, 3), 200, np.uint8)))
    assert datasets.celeba(celeba, "train").ids == crops.ids
    shown = datasets.celeba_with_originals(celeba, "train")
    assert shown.ids == crops.ids + ["000003.webp"] * datasets.ORIGINALS
    assert (shown.images[len(crops) :] == 200).all()
    for row in range(len(crops), len(shown)):
        np.testing.assert_array_equal(shown.targets["attributes"][row], crops.targets["attributes"][3])
    alone = datasets.celeba(celeba, "train_original")
    assert alone.ids == ["000003.webp"]
    np.testing.assert_array_equal(alone.targets["attributes"][0], crops.targets["attributes"][3])
