"""The data sets as their makers publish them: CelebA's folder and text files, FER-2013's table, a folder per class."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import shortened
from core.models.labels import ATTRIBUTES, EMOTIONS
from engine.pictures import GRAY_SIDE, hidden, images_from_files
from engine.tables import DataError, choice, read_lines, read_table

CELEBA_PARTITIONS = {"train": "0", "val": "1", "test": "2"}
FER_USAGES = {"train": "Training", "val": "PublicTest", "test": "PrivateTest"}
FER_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""What the numbers 0 to 6 in fer2013.csv stand for."""
_FER_NUMBERS = {str(number): EMOTIONS.index(name) for number, name in enumerate(FER_ORDER)}


def celeba(folder: Path, split: str) -> tuple[NDArray[np.uint8], list[str], list[dict[str, str]]]:
    """Pictures, names and label rows of a folder with `img_align_celeba/`, `list_attr_celeba.txt` and
    `list_eval_partition.txt`. Raises DataError."""
    if split not in CELEBA_PARTITIONS:
        raise DataError(f"CelebA has the splits {', '.join(CELEBA_PARTITIONS)}, not {split!r}.")
    partition = folder / "list_eval_partition.txt"
    for words in read_lines(partition):
        if len(words) != 2 or words[1] not in CELEBA_PARTITIONS.values():
            raise DataError(f"{partition}: {shortened(' '.join(words))} is not a picture and 0, 1 or 2.")
    ids = sorted(words[0] for words in read_lines(partition) if words[1] == CELEBA_PARTITIONS[split])
    if not ids:
        raise DataError(f"{partition} has no pictures of split {split!r} ({CELEBA_PARTITIONS[split]}).")
    rows = _celeba_labels(folder / "list_attr_celeba.txt")
    missing = next((name for name in ids if name not in rows), None)
    if missing:
        raise DataError(f"{folder / 'list_attr_celeba.txt'} has no row for {missing}.")
    images = images_from_files([folder / "img_align_celeba" / name for name in ids], color=True)
    return images, ids, [rows[name] for name in ids]


def _celeba_labels(path: Path) -> dict[str, dict[str, str]]:
    lines = read_lines(path)
    names = lines[1] if len(lines) > 1 else []
    if sorted(names) != sorted(ATTRIBUTES):
        raise DataError(f"{path}: the second line should name CelebA's 40 attributes.")
    for words in lines[2:]:
        if len(words) != 1 + len(names):
            raise DataError(
                f"{path}: {shortened(words[0])} has {len(words) - 1} labels instead of {len(names)}."
            )
    return {words[0]: dict(zip(names, words[1:], strict=True)) for words in lines[2:]}


def fer2013(path: Path, split: str) -> tuple[NDArray[np.uint8], list[str], NDArray[np.int64]]:
    """Pictures, names and class numbers out of `fer2013.csv`. Raises DataError."""
    usage = FER_USAGES.get(split, split)
    table = list(enumerate(read_table(path, ("emotion", "pixels", "Usage")), 1))
    rows = [(number, row) for number, row in table if row["Usage"] == usage]
    if not rows:
        raise DataError(f"{path} has no rows with Usage {usage!r}.")
    images = np.stack([_pixels(row["pixels"], f"{path}, row {number}") for number, row in rows])
    labels = [choice(row["emotion"], _FER_NUMBERS, f"{path}, row {number}, emotion") for number, row in rows]
    return images, [f"{usage}_{i}" for i in range(len(rows))], np.array(labels, np.int64)


def _pixels(text: str, where: str) -> NDArray[np.uint8]:
    try:
        values = np.array(text.split(), np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{where}: the pixels are not all numbers.") from error
    if len(values) != GRAY_SIDE**2:
        raise DataError(f"{where}: {len(values)} pixels instead of {GRAY_SIDE**2}.")
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"{where}: pixels must be from 0 to 255.")
    return values.astype(np.uint8).reshape(GRAY_SIDE, GRAY_SIDE)


def folder_per_class(folder: Path) -> tuple[NDArray[np.uint8], list[str]]:
    """Gray pictures and their names `<class>/<file>`. Raises DataError, also for a class without pictures."""
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not hidden(path.name))
    if not classes:
        raise DataError(f"{folder} is empty: expected a folder per class, with pictures.")
    paths: list[Path] = []
    for inside in classes:
        pictures = sorted(path for path in inside.iterdir() if path.is_file() and not hidden(path.name))
        if not pictures:
            raise DataError(f"{inside} is empty: expected pictures of this class.")
        paths += pictures
    return images_from_files(paths, color=False), [f"{path.parent.name}/{path.name}" for path in paths]
