"""Data sets by name: pictures with their labels, in the engine's own format or in that of their makers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.models.labels import ATTRIBUTES, BASICS, DETAILS, EMOTIONS, FERPLUS_COLUMNS, SKIN_TONES
from engine import originals
from engine.pictures import images_by_id, images_from_zips
from engine.tables import DataError, choice, read_table, whole_number

ORIGINALS = 6
"""How often an original is shown to a crop's once: few are there, and they are what people's photos look like."""
_SIGNS = {"1": 1, "-1": 0, "0": 0}
_EMOTION_NUMBERS = {name: number for number, name in enumerate(EMOTIONS)}
FITZPATRICK = {name.removeprefix("type"): number for number, name in enumerate(SKIN_TONES)}


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

    Reads `celeba/<split>.zip` or `<split>-0.zip` and so on with `<split>_attributes.csv.gz`, or the dataset's own
    layout (`img_align_celeba/`, `list_attr_celeba.txt`, `list_eval_partition.txt`). The splits `train_original` and
    `val_original` are the files that crops were made of, as far as `celeba/<split>.zip` has them. Raises DataError.
    """
    return _celeba(data, split, 0)


def celeba_with_originals(data: Path, split: str) -> Dataset:
    """As `celeba`, but to train, each picture of `train_original.zip`, if that is there, is in ORIGINALS times more,
    under the name of the crop that was made of it."""
    return _celeba(data, split, ORIGINALS if split == "train" else 0)


def _celeba(data: Path, split: str, originals_too: int) -> Dataset:
    folder = data / "celeba" if (data / "celeba").is_dir() else data
    if (folder / "img_align_celeba").is_dir():
        images, ids, labels = originals.celeba(folder, split)
        targets = attribute_targets(ids, labels, folder / "list_attr_celeba.txt")
        return Dataset(images, {"attributes": targets}, ids)
    table = folder / f"{split.removesuffix('_original')}_attributes.csv.gz"
    rows = {row["image_id"]: row for row in read_table(table, ("image_id", *ATTRIBUTES))}
    zips = [*folder.glob(f"{split}.zip"), *sorted(folder.glob(f"{split}-*.zip"))]
    if not zips:
        raise DataError(f"No pictures for split {split!r}: expected {folder / (split + '*.zip')}.")
    zips += list(folder.glob(f"{split}_original.zip")) * originals_too
    images, names = images_from_zips(zips, color=True)
    # Originals are JPEG files, and the crops that were made of them may be of another kind.
    whole = {Path(name).stem: name for name in rows}
    ids = [whole.get(Path(name).stem, name) for name in names]
    missing = next((name for name in ids if name not in rows), None)
    if missing:
        raise DataError(f"{table} has no row for {missing}.")
    return Dataset(images, {"attributes": attribute_targets(ids, [rows[n] for n in ids], table)}, ids)


def attribute_targets(ids: list[str], rows: Sequence[dict[str, str]], path: Path) -> NDArray[np.float32]:
    """Rows with the values 1 and -1 (or 0) under the 40 names -> float32 (N, 40) of 1 and 0. Raises DataError."""
    return np.array(
        [
            [choice(row[name], _SIGNS, f"{path}, {image}, {name}") for name in ATTRIBUTES]
            for image, row in zip(ids, rows, strict=True)
        ],
        np.float32,
    )


def fer2013(data: Path, split: str) -> Dataset:
    """FER-2013 (N, 48, 48) with `fer2013`, int64 class numbers, and `ferplus`, float32 (N, 7) counts of FER+ votes.

    Rows without votes on the seven emotions are all zeros. Reads `fer2013/<split>.zip` (entries `<emotion>/<name>`)
    with `ferplus_votes.csv.gz`, `fer2013.csv`, or a folder per class in `<split>/`. Training needs pictures of every
    emotion. Raises DataError.
    """
    folder = data / "fer2013" if (data / "fer2013").is_dir() else data
    if (folder / "fer2013.csv").is_file():
        source = folder / "fer2013.csv"
        images, ids, labels = originals.fer2013(source, split)
    else:
        if (folder / split).is_dir():
            source = folder / split
            images, ids = originals.folder_per_class(source)
        elif (folder / f"{split}.zip").is_file():
            source = folder / f"{split}.zip"
            images, names = images_from_zips([source], color=False)
            # Who zips a folder has that folder's name before those of the classes.
            ids = ["/".join(name.split("/")[-2:]) for name in names]
        else:
            raise DataError(f"{folder} has no {split}.zip, no folder {split}/ and no fer2013.csv.")
        labels = np.array(
            [choice(name.split("/")[0], _EMOTION_NUMBERS, f"{source}: {name}, emotion") for name in ids],
            np.int64,
        )
    if split == "train":
        _every_class(labels, EMOTIONS, source)
    votes = _ferplus(folder / "ferplus_votes.csv.gz", split, ids)
    return Dataset(images, {"fer2013": labels, "ferplus": votes}, ids)


def _every_class(labels: NDArray[np.int64], names: Sequence[str], source: Path) -> None:
    counts = np.bincount(labels, minlength=len(names))
    if not counts.all():
        empty = [name for name, count in zip(names, counts, strict=True) if not count]
        raise DataError(
            f"{source} has no pictures of {', '.join(empty)}: each class needs some to learn from."
        )


def _ferplus(path: Path, split: str, ids: list[str]) -> NDArray[np.float32]:
    votes = np.zeros((len(ids), len(EMOTIONS)), np.float32)
    if not path.is_file():
        return votes
    table = read_table(path, ("split", "image", *FERPLUS_COLUMNS))
    rows = {row["image"]: row for row in table if row["split"] == split}
    for i, name in enumerate(ids):
        for column, emotion in FERPLUS_COLUMNS.items() if name in rows else ():
            votes[i, EMOTIONS.index(emotion)] = whole_number(rows[name][column], f"{path}, {name}, {column}")
    return votes


def look(data: Path, split: str) -> Dataset:
    """CelebA crops with the answers to the look questions: {question: int64 (N,), -1 where unanswered}.

    The finer questions are answered for those that `details/` knows, if it is there. Raises DataError.
    """
    table = data / "look" / "labels.csv"
    rows = _rows_of(table, split, BASICS)
    ids = [row["image_id"] for row in rows]
    targets = _answers(table, rows, BASICS)
    finer = data / "details" / "labels.csv"
    place = {name: number for number, name in enumerate(ids)}
    known = (
        [row for row in _rows_of(finer, split, DETAILS) if row["image_id"] in place]
        if finer.is_file()
        else []
    )
    where = [place[row["image_id"]] for row in known]
    for question, numbers in _answers(finer, known, DETAILS).items():
        targets[question] = np.full(len(ids), -1, np.int64)
        targets[question][where] = numbers
    own = data / "look" / "images.zip"
    zips = [own] if own.is_file() else sorted((data / "celeba").glob(f"{split}*.zip"))
    return Dataset(images_by_id(zips, ids), targets, ids)


def _rows_of(table: Path, split: str, questions: Iterable[str]) -> list[dict[str, str]]:
    rows = [row for row in read_table(table, ("split", "image_id", *questions)) if row["split"] == split]
    if not rows:
        raise DataError(f"{table} has no rows of split {split!r}.")
    return rows


def _answers(
    table: Path, rows: list[dict[str, str]], questions: Mapping[str, tuple[str, ...]]
) -> dict[str, NDArray[np.int64]]:
    """{question: the number of each row's answer, -1 where it is empty}."""
    targets = {}
    for question, answers in questions.items():
        numbers = {answer: number for number, answer in enumerate(answers)} | {"": -1}
        targets[question] = np.array(
            [choice(row[question], numbers, f"{table}, {row['image_id']}, {question}") for row in rows],
            np.int64,
        )
    return targets


def skin_tone(data: Path, split: str = "all") -> Dataset:
    """CelebA crops with `votes`, float32 (N, 5): how many raters said each of the Fitzpatrick types 2 to 6.

    Raises DataError, also where nobody was rated with one of the types.
    """
    del split  # too few labels for fixed splits: measured by cross-validation
    folder = data / "skintone"
    tables = (("labels.csv", ("fitzpatrick_type",)), ("extra_labels.csv", ("rater_a", "rater_b")))
    ids: list[list[str]] = []
    votes = []
    for name, raters in tables:
        rows = read_table(folder / name, ("image_id", *raters))
        ids.append([row["image_id"] for row in rows])
        for row in rows:
            types = [choice(row[r], FITZPATRICK, f"{folder / name}, {row['image_id']}, {r}") for r in raters]
            votes.append(np.bincount(types, minlength=len(SKIN_TONES)))
    counts = np.array(votes, np.float32)
    if empty := [name for name, column in zip(SKIN_TONES, counts.T, strict=True) if not column.any()]:
        raise DataError(
            f"{folder}: nobody is rated {', '.join(empty)}, so there is nothing to learn it from."
        )
    shards = sorted((data / "celeba").glob("train*.zip"))
    images = np.concatenate([images_by_id([folder / "images.zip"], ids[0]), images_by_id(shards, ids[1])])
    return Dataset(images, {"votes": counts}, ids[0] + ids[1])
