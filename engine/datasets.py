"""Pictures and labels on disk -> arrays. Pictures are decoded once into a memory-mapped file beside the runs."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from core.labels import ATTRIBUTES, EMOTIONS, FERPLUS_COLUMNS, LOOK, SKIN_TONES

CACHE = Path("runs/cache")
HEIGHT, WIDTH = 218, 178


class DataError(Exception):
    """Data that is missing or damaged; the message names the file and what was expected."""


@dataclass(frozen=True)
class Dataset:
    """Pictures with their labels, row by row.

    images: uint8 (N, H, W) or (N, H, W, 3), or float32 (N, F) features of them; targets: {name: array of N rows};
    ids: N file names.
    """

    images: NDArray
    targets: dict[str, NDArray]
    ids: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.integer]) -> "Dataset":
        """The same pictures, restricted to these rows (copied out of the cache)."""
        return Dataset(
            self.images[rows],
            {name: t[rows] for name, t in self.targets.items()},
            [self.ids[i] for i in rows],
        )


def celeba(data: Path, split: str) -> Dataset:
    """Aligned CelebA crops (N, 218, 178, 3) with `attributes`, float32 (N, 40) of 0 and 1.

    Reads `celeba/<split>*.zip` with `<split>_attributes.csv.gz`, or the dataset's own layout
    (`img_align_celeba/`, `list_attr_celeba.txt`, `list_eval_partition.txt`). Raises DataError.
    """
    if (data / "img_align_celeba").is_dir():
        return _celeba_original(data, split)
    folder = data / "celeba" if (data / "celeba").is_dir() else data
    rows = {
        row["image_id"]: row
        for row in read_table(folder / f"{split}_attributes.csv.gz", ("image_id", *ATTRIBUTES))
    }
    zips = sorted(folder.glob(f"{split}*.zip"))
    if not zips:
        raise DataError(f"No pictures for split {split!r}: expected {folder / (split + '*.zip')}.")
    images, ids = images_from_zips(zips, color=True)
    missing = [name for name in ids if name not in rows]
    if missing:
        raise DataError(f"{folder / (split + '_attributes.csv.gz')} has no row for {missing[0]}.")
    return Dataset(images, {"attributes": attribute_targets(rows[name] for name in ids)}, ids)


def attribute_targets(rows: Iterable[dict[str, str]]) -> NDArray[np.float32]:
    """Rows with the values 1 and -1 (or 0) under the 40 names -> float32 (N, 40) of 1 and 0."""
    return np.array([[float(row[name] == "1") for name in ATTRIBUTES] for row in rows], np.float32)


def _celeba_original(data: Path, split: str) -> Dataset:
    numbers = {"train": "0", "val": "1", "test": "2"}
    if split not in numbers:
        raise DataError(f"CelebA has the splits train, val and test, not {split!r}.")
    with _open_text(data / "list_eval_partition.txt") as file:
        wanted = {line.split()[0] for line in file if line.split()[1:] == [numbers[split]]}
    with _open_text(data / "list_attr_celeba.txt") as file:
        file.readline()
        names = file.readline().split()
        if sorted(names) != sorted(ATTRIBUTES):
            raise DataError(
                f"{data / 'list_attr_celeba.txt'}: the second line should name CelebA's 40 attributes."
            )
        rows = {
            line.split()[0]: dict(zip(names, line.split()[1:], strict=True)) for line in file if line.strip()
        }
    ids = sorted(name for name in wanted if name in rows)
    images = _cached(
        [data / "img_align_celeba"],
        ids,
        ((name, (data / "img_align_celeba" / name).read_bytes()) for name in ids),
        color=True,
    )
    return Dataset(images, {"attributes": attribute_targets(rows[name] for name in ids)}, ids)


def fer2013(data: Path, split: str) -> Dataset:
    """FER-2013 (N, 48, 48) with `fer2013`, int64 class numbers, and `ferplus`, float32 (N, 7) shares of FER+ votes.

    Rows without votes on the seven emotions are all zeros. Reads `fer2013/<split>.zip` (entries `<emotion>/<name>`)
    with `ferplus_votes.csv.gz`, `fer2013.csv`, or a folder per class. Raises DataError.
    """
    folder = data / "fer2013" if (data / "fer2013").is_dir() else data
    if (folder / "fer2013.csv").is_file():
        return _fer2013_original(folder / "fer2013.csv", split)
    if (folder / split).is_dir():
        ids = sorted(str(p.relative_to(folder / split)) for p in (folder / split).glob("*/*") if p.is_file())
        pictures = ((name, (folder / split / name).read_bytes()) for name in ids)
        images = _cached([folder / split], ids, pictures, color=False)
    else:
        images, ids = images_from_zips([folder / f"{split}.zip"], color=False)
    classes = [name.split("/")[0] for name in ids]
    for name in dict.fromkeys(classes):
        if name not in EMOTIONS:
            raise DataError(f"{folder}: unknown emotion {name!r}; expected one of {', '.join(EMOTIONS)}.")
    labels = np.array([EMOTIONS.index(name) for name in classes], np.int64)
    votes = _ferplus(folder / "ferplus_votes.csv.gz", split, ids)
    return Dataset(images, {"fer2013": labels, "ferplus": votes}, ids)


def _ferplus(path: Path, split: str, ids: list[str]) -> NDArray[np.float32]:
    if not path.is_file():
        return np.zeros((len(ids), len(EMOTIONS)), np.float32)
    rows = {
        row["image"]: row
        for row in read_table(path, ("split", "image", *FERPLUS_COLUMNS))
        if row["split"] == split
    }
    votes = np.zeros((len(ids), len(EMOTIONS)), np.float32)
    for i, name in enumerate(ids):
        for column, emotion in FERPLUS_COLUMNS.items():
            votes[i, EMOTIONS.index(emotion)] = float(rows[name][column]) if name in rows else 0.0
    return votes


def _fer2013_original(path: Path, split: str) -> Dataset:
    usage = {"train": "Training", "val": "PublicTest", "test": "PrivateTest"}.get(split, split)
    order = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    rows = [row for row in read_table(path, ("emotion", "pixels", "Usage")) if row["Usage"] == usage]
    if not rows:
        raise DataError(f"{path} has no rows with Usage {usage!r}.")
    images = np.array([np.array(row["pixels"].split(), np.uint8).reshape(48, 48) for row in rows])
    labels = np.array([EMOTIONS.index(order[int(row["emotion"])]) for row in rows], np.int64)
    votes = np.zeros((len(rows), len(EMOTIONS)), np.float32)
    return Dataset(images, {"fer2013": labels, "ferplus": votes}, [f"{usage}_{i}" for i in range(len(rows))])


def look(data: Path, split: str) -> Dataset:
    """CelebA crops with the answers to the nine look questions: {question: int64 (N,), -1 where unanswered}."""
    table = data / "look" / "labels.csv"
    rows = [row for row in read_table(table, ("split", "image_id", *LOOK)) if row["split"] == split]
    if not rows:
        raise DataError(f"{table} has no rows of split {split!r}.")
    for row in rows:
        for question, answers in LOOK.items():
            if row[question] and row[question] not in answers:
                raise DataError(
                    f"{table}: {row[question]!r} is no answer to {question}; expected {', '.join(answers)}."
                )
    targets = {
        question: np.array([answers.index(row[question]) if row[question] else -1 for row in rows], np.int64)
        for question, answers in LOOK.items()
    }
    ids = [row["image_id"] for row in rows]
    own = data / "look" / "images.zip"
    zips = [own] if own.is_file() else sorted((data / "celeba").glob(f"{split}*.zip"))
    return Dataset(images_by_id(zips, ids), targets, ids)


def skin_tone(data: Path, split: str = "all") -> Dataset:
    """CelebA crops with `votes`, float32 (N, 5): how many raters said each of the Fitzpatrick types 2 to 6."""
    del split  # too few labels for fixed splits: measured by cross-validation
    folder = data / "skintone"
    first = read_table(folder / "labels.csv", ("image_id", "fitzpatrick_type"))
    extra = read_table(folder / "extra_labels.csv", ("image_id", "rater_a", "rater_b"))
    votes = np.zeros((len(first) + len(extra), len(SKIN_TONES)), np.float32)
    for i, row in enumerate(first):
        votes[i, _fitzpatrick(row["fitzpatrick_type"], folder / "labels.csv")] += 1
    for i, row in enumerate(extra, len(first)):
        for rater in ("rater_a", "rater_b"):
            votes[i, _fitzpatrick(row[rater], folder / "extra_labels.csv")] += 1
    ids = [row["image_id"] for row in first], [row["image_id"] for row in extra]
    shards = sorted((data / "celeba").glob("train*.zip"))
    images = np.concatenate([images_by_id([folder / "images.zip"], ids[0]), images_by_id(shards, ids[1])])
    return Dataset(images, {"votes": votes}, ids[0] + ids[1])


def _fitzpatrick(value: str, path: Path) -> int:
    if f"type{value}" not in SKIN_TONES:
        raise DataError(f"{path}: {value!r} is no Fitzpatrick type from 2 to 6.")
    return SKIN_TONES.index(f"type{value}")


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV file, gzipped or not. Raises DataError if it is missing, damaged or lacks a column."""
    with _open_text(path) as file:
        try:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(f"{path} lacks the column(s) {', '.join(missing)}.")
            return list(reader)
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{path} is damaged: {error}.") from error


def _open_text(path: Path) -> io.TextIOBase:
    if not path.is_file():
        raise DataError(f"{path} is missing.")
    return gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="")  # type: ignore[return-value]


def _open_zip(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise DataError(f"{path} is missing.")
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is not a readable zip file: {error}.") from error


def images_from_zips(zips: list[Path], color: bool) -> tuple[NDArray[np.uint8], list[str]]:
    """Every picture in these zip files, decoded into one cached array, with its name."""
    archives = [_open_zip(path) for path in zips]
    names = [[n for n in archive.namelist() if not n.endswith("/")] for archive in archives]

    def pictures() -> Iterator[tuple[str, bytes]]:
        for path, archive, inside in zip(zips, archives, names, strict=True):
            for name in inside:
                yield f"{path}:{name}", _read_entry(path, archive, name)

    ids = [name for inside in names for name in inside]
    return _cached(zips, ids, pictures(), color), ids


def images_by_id(zips: list[Path], ids: list[str]) -> NDArray[np.uint8]:
    """The named pictures out of these zip files, (N, 218, 178, 3), in the order asked for."""
    where = {
        name: (path, archive) for path in zips for archive in [_open_zip(path)] for name in archive.namelist()
    }
    out = np.empty((len(ids), HEIGHT, WIDTH, 3), np.uint8)
    for i, name in enumerate(ids):
        if name not in where:
            raise DataError(
                f"{name} is in none of {', '.join(str(path) for path in zips) or 'the zip files'}."
            )
        path, archive = where[name]
        out[i] = _decode(f"{path}:{name}", _read_entry(path, archive, name), color=True)
    return out


def _read_entry(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise DataError(f"{path}: the entry {name} is damaged: {error}.") from error


def _decode(name: str, data: bytes, color: bool) -> NDArray[np.uint8]:
    try:
        image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB" if color else "L"))
    except (UnidentifiedImageError, OSError) as error:
        raise DataError(f"{name} is not a readable picture.") from error
    size = (WIDTH, HEIGHT) if color else (48, 48)
    if image.shape[1::-1] != size:
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return image


def _cached(
    sources: list[Path], ids: list[str], pictures: Iterable[tuple[str, bytes]], color: bool
) -> NDArray[np.uint8]:
    shape = (len(ids), HEIGHT, WIDTH, 3) if color else (len(ids), 48, 48)
    stamp = (
        "|".join(f"{p.resolve()}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in sources) + f"|{shape}"
    )
    path = CACHE / f"{sha256(stamp.encode()).hexdigest()[:16]}.npy"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        array = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
        for i, (name, data) in enumerate(tqdm(pictures, "decoding", len(ids), disable=None, leave=False)):
            array[i] = _decode(name, data, color)
        array.flush()
        partial.rename(path)
    return np.load(path, mmap_mode="r")
