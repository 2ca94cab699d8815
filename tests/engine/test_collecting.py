"""Photos in a folder per class -> training pictures: which are dropped, who is in which split, what trains on them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from core.models.labels import EMOTIONS
from core.seeing.face import find_faces
from core.seeing.photo import Photo
from core.seeing.reading import fer_faces
from engine import datasets
from engine.__main__ import main
from engine.collecting import SAME, collect, fingerprint
from engine.tables import DataError


def crop(seed: int) -> Image.Image:
    """An aligned crop like no other: soft spots of light and dark."""
    spots = np.random.default_rng(seed).integers(0, 256, (12, 10, 3), dtype=np.uint8)
    return Image.fromarray(cv2.resize(spots, (178, 218), interpolation=cv2.INTER_CUBIC))


def put(folder: Path, image: Image.Image, name: str, quality: int = 90) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    image.save(folder / name, quality=quality)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three pictures of nobody by name, and one of each of four people, in every emotion."""
    folder = tmp_path / "photos"
    for number, emotion in enumerate(EMOTIONS):
        for picture in range(3):
            put(folder, crop(100 * number + picture), f"{emotion}/{picture}.png")
        for person in range(4):
            put(folder, crop(100 * number + 50 + person), f"{emotion}/person{person}/me.png")
    return folder


def bits_apart(one: Image.Image, other: Image.Image) -> int:
    return (fingerprint(np.asarray(one)) ^ fingerprint(np.asarray(other))).bit_count()


@pytest.mark.parametrize("change", ["jpeg", "small", "bright", "gray"])
def test_a_fingerprint_hardly_changes_with_how_a_picture_was_saved(
    change: str, crop_image: Image.Image, tmp_path: Path
) -> None:
    crop_image.save(tmp_path / "a.jpg", quality=30)
    changed = {
        "jpeg": Image.open(tmp_path / "a.jpg"),
        "small": crop_image.resize((89, 109)).resize((178, 218)),
        "bright": ImageEnhance.Brightness(crop_image).enhance(1.2),
        "gray": crop_image.convert("L").convert("RGB"),
    }[change]
    assert bits_apart(crop_image, changed) <= SAME


def test_fingerprints_of_different_pictures_differ(crop_image: Image.Image) -> None:
    pictures = [crop_image, crop_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), *map(crop, range(6))]
    apart = [bits_apart(one, other) for number, one in enumerate(pictures) for other in pictures[:number]]
    assert min(apart) > SAME


def test_what_it_writes_is_trained_on_as_it_is(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", str(photos), "--out", "data"]) == 0
    told = capsys.readouterr()
    assert "happy: 5 to train, 2 to validate\n" in told.out
    assert told.err.count("warning") == 0
    short = ["--arch", "fer_cnn5", "--epochs", "1", "--batch-size", "8", "--device", "cpu"]
    assert main(["train", "emotion", "--data", "data", *short]) == 0
    assert Path("runs/emotion/epoch-1.pt").is_file()


def test_training_sees_a_crop_as_the_app_does(photos: Path) -> None:
    collect(photos, Path("data"))
    train = datasets.fer2013(Path("data"), "train")
    assert len(train) == 5 * len(EMOTIONS)
    picture = np.asarray(Image.open(Path("data/train") / train.ids[0]))
    assert picture.shape == (218, 178, 3)
    assert (train.images[0] == fer_faces([picture])[0]).all()


def test_a_person_is_in_one_split_alone_in_every_class(photos: Path) -> None:
    report = collect(photos, Path("data"))
    splits: dict[str, set[str]] = {}
    for picture in report["pictures"]:
        assert (Path("data") / picture["file"]).is_file()
        assert Path(picture["file"]).parts[:2] == (picture["split"], picture["label"])
        if picture["person"]:
            splits.setdefault(picture["person"], set()).add(picture["split"])
    assert report["people"] == 4
    assert sorted(len(of) for of in splits.values()) == [1, 1, 1, 1]
    assert list(splits.values()).count({"val"}) == 1
    assert json.loads(Path("data/report.json").read_text("utf-8")) == report


def test_the_same_photos_make_the_same_data(photos: Path) -> None:
    one, other = collect(photos, Path("one")), collect(photos, Path("other"))
    assert one == other
    assert {path.relative_to("one") for path in Path("one").rglob("*")} == {
        path.relative_to("other") for path in Path("other").rglob("*")
    }


def test_the_sheet_shows_every_class_and_split(photos: Path) -> None:
    collect(photos, Path("data"))
    with Image.open("data/sheet.png") as sheet:
        assert sheet.size == (16 * 89, 14 * 129)
        pixels = np.asarray(sheet)
    for row in range(14):
        assert pixels[129 * row + 20 : 129 * row + 129, :89].std() > 20


def test_what_is_dropped_is_told_with_the_reason(portrait: Photo, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    image = Image.fromarray(portrait.pixels)
    _, y, _, h = find_faces(portrait)[0].box
    group = Image.new("RGB", (1030, 512), "gray")
    group.paste(image, (0, 0))
    group.paste(image, (516, 0))
    put(folder, image, "happy/a.jpg", quality=92)
    put(folder, image.resize((400, 400)), "happy/again.jpg", quality=50)
    put(folder, image, "sad/a.jpg", quality=92)
    put(folder, Image.new("RGB", (300, 300), "olive"), "sad/blank.png")
    put(folder, group, "sad/group.png")
    put(folder, image.resize((130, 130)), "sad/small.png")
    put(folder, image.crop((0, y + round(0.345 * h), 512, 512)), "sad/brow.png")
    put(folder, crop(1), "sad/other.png")
    (folder / "sad" / "note.txt").write_text("nothing")
    (folder / "sad" / ".DS_Store").write_bytes(b"")
    report = collect(folder, Path("data"))
    dropped = {one["source"]: (one["why"], one["told"]) for one in report["dropped_photos"]}
    assert {source: why for source, (why, _) in dropped.items()} == {
        "happy/again.jpg": "duplicate",
        "sad/a.jpg": "duplicate",
        "sad/blank.png": "no_face",
        "sad/group.png": "several_faces",
        "sad/brow.png": "cut_off",
        "sad/small.png": "small",
        "sad/note.txt": "unreadable",
    }
    assert dropped["happy/again.jpg"][1] == "It is nearly the same as happy/a.jpg."
    assert dropped["sad/a.jpg"][1] == "It is nearly the same as happy/a.jpg, which is of another class."
    assert report["dropped"] == {
        "duplicate": 2,
        "no_face": 1,
        "several_faces": 1,
        "cut_off": 1,
        "small": 1,
        "unreadable": 1,
    }
    assert (report["photos"], report["kept"]) == (9, 2)
    assert "The class happy has no picture to measure with." in report["warnings"]
    [face] = (Path("data") / "train" / "happy").iterdir()
    with Image.open(face) as kept:
        assert kept.size == (178, 218)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "has no folders: expected one for each class"),
        (["a.png"], "has no folders: expected one for each class"),
        (["happy/"], "happy is empty: expected photos of this class"),
        (["happy/note.txt"], "No face was kept of 1 photos in photos: 1 unreadable"),
    ],
)
def test_a_folder_that_gives_nothing_is_told(names: list[str], message: str) -> None:
    Path("photos").mkdir()
    for name in names:
        path = Path("photos") / name
        (path if name.endswith("/") else path.parent).mkdir(exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(b"x")
    with pytest.raises(DataError, match=message):
        collect(Path("photos"), Path("data"))


def test_nothing_is_written_over(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    Path("data/mine.txt").write_text("mine")
    assert main(["collect", str(photos), "--out", "data"]) == 1
    assert "data is not empty. Please name a new folder." in capsys.readouterr().err
    assert main(["collect", "nowhere", "--out", "new"]) == 1
    assert "nowhere is no folder" in capsys.readouterr().err
    assert main(["collect", str(photos), "--out", "new", "--val", "1"]) == 1
    assert "--val must be above 0 and below 1" in capsys.readouterr().err
    assert [path.name for path in Path("data").iterdir()] == ["mine.txt"]
