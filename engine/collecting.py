"""Photos in a folder per class -> training pictures: faces found and aligned, none twice, nobody in both splits."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tqdm import tqdm

from core.seeing.face import Face, FaceError, find_faces
from core.seeing.photo import Photo, PhotoError, read_photo
from core.seeing.reading import FER_FRAME, fer_faces
from core.seeing.windows import CANONICAL_SIZE
from engine import files
from engine.pictures import hidden
from engine.tables import DataError

VAL = 0.2
"""Share of the people, and of each class's pictures that are nobody's by name, that is kept for validation."""
LEAST_FACE = 40
"""Pixels that a face must be wide: a smaller one would be a blur."""
MOST_MISSING = 0.25
"""Share of a face, as the emotion network sees it, that may lie beyond the photo's rim."""
BESIDE = 0.6
"""A photo whose second face is wider than this share of the first one's does not say whose expression is meant."""
SAME, SAME_ELSEWHERE = 6, 2
"""Most differing bits, of 64, of two pictures that are the same: in one class, and in two, where a small difference may
be the one that the classes are about."""
SHEET_ROW, THUMB = 16, (89, 109)
"""Pictures in a row of the contact sheet, and the size of each, pixels."""


@dataclass(frozen=True)
class Kept:
    """A picture that is learnt from. file: in the data's folder; source: in the photos'; person: "" for nobody."""

    file: str
    source: str
    label: str
    split: str
    person: str


@dataclass(frozen=True)
class Dropped:
    """A photo that is not: why is one of unreadable, no_face, several_faces, small, cut_off and duplicate."""

    source: str
    why: str
    told: str


@dataclass(frozen=True)
class _Found:
    source: str
    label: str
    person: str
    bits: int


def collect(photos: Path, out: Path, val: float = VAL) -> dict[str, Any]:
    """Reads `<class>/<photo>` and `<class>/<person>/<photo>`, and writes what the engine trains on: `train/<class>/`,
    `val/<class>/`, aligned crops of 178x218 pixels as PNG, with `sheet.png` to look at and `report.json`, which is
    returned too.

    val: share for validation, above 0 and below 1. A person, whom folders of the same name show in every class, is in
    one split alone. Raises DataError, and WritingError where it cannot be written.
    """
    if not 0 < val < 1:
        raise DataError("--val must be above 0 and below 1, such as 0.2.")
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out} is not empty. Please name a new folder.")
    found: list[_Found] = []
    dropped: list[Dropped] = []
    sources = list(_sources(photos))
    for path in tqdm(sources, "collecting", unit="photo", disable=None):
        source = path.relative_to(photos)
        face = _face(path, source)
        if isinstance(face, Dropped):
            dropped.append(face)
            continue
        bits = fingerprint(face.crop)
        label, *within = source.parts[:-1]
        twin = next((other for other in found if _are_same(other, bits, label)), None)
        if twin is not None:
            elsewhere = "" if twin.label == label else ", which is of another class"
            dropped.append(
                Dropped(str(source), "duplicate", f"It is nearly the same as {twin.source}{elsewhere}.")
            )
            continue
        found.append(_Found(str(source), label, within[0] if within else "", bits))
        _write(out / _name(found[-1], "train"), face.crop)
    if not found:
        raise DataError(f"No face was kept of {len(sources)} photos in {photos}: {_counted(dropped)}.")
    kept = _split(found, out, val)
    report = _report(photos, kept, dropped)
    _save(out / "report.json", json.dumps(report, indent=2, ensure_ascii=False).encode())
    with files.swapped(out / "sheet.png") as part:
        _sheet(out, kept).save(part, "PNG")
    return report


def fingerprint(crop: NDArray[np.uint8]) -> int:
    """64 bits of an aligned crop that hardly change with its size, brightness or compression: the signs of the face's
    low frequencies (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010)."""
    [face] = fer_faces([crop])
    low = cv2.dct(cv2.resize(face, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32))[1:9, 1:9]
    return int("".join("01"[int(value)] for value in (low > np.median(low)).ravel()), 2)


def _sources(photos: Path) -> Iterator[Path]:
    """The photos of all classes, sorted. Raises DataError where there are none."""
    if not photos.is_dir():
        raise DataError(f"{photos} is no folder. Please give one with a folder of photos for each class.")
    classes = sorted(path for path in photos.iterdir() if path.is_dir() and not hidden(path.name))
    if not classes:
        raise DataError(f"{photos} has no folders: expected one for each class, with photos.")
    for inside in classes:
        paths = [
            path
            for path in sorted(inside.rglob("*"))
            if path.is_file() and not hidden(str(path.relative_to(photos)))
        ]
        if not paths:
            raise DataError(f"{inside} is empty: expected photos of this class.")
        yield from paths


def _face(path: Path, source: Path) -> Face | Dropped:
    """The one face that a photo is about, or why there is none."""
    try:
        photo = read_photo(path)
        first, *others = find_faces(photo)
    except PhotoError as error:
        return Dropped(str(source), "unreadable", str(error))
    except FaceError as error:
        return Dropped(str(source), "no_face", str(error))
    if others and others[0].box[2] > BESIDE * first.box[2]:
        return Dropped(str(source), "several_faces", "It shows several faces of about the same size.")
    if first.box[2] < LEAST_FACE:
        return Dropped(
            str(source), "small", f"Its face is {first.box[2]} pixels wide, less than {LEAST_FACE}."
        )
    if _missing(photo, first) > MOST_MISSING:
        return Dropped(str(source), "cut_off", "Too much of its face lies beyond the rim of the photo.")
    return first


def _missing(photo: Photo, face: Face) -> float:
    """The share of a face that lies beyond the rim of its photo."""
    left, top, side = FER_FRAME
    inside = cv2.warpAffine(np.ones(photo.pixels.shape[:2], np.uint8), face.transform, CANONICAL_SIZE)
    return 1 - float(inside[top : top + side, left : left + side].mean())


def _are_same(other: _Found, bits: int, label: str) -> bool:
    return (other.bits ^ bits).bit_count() <= (SAME if other.label == label else SAME_ELSEWHERE)


def _name(one: _Found, split: str) -> Path:
    return Path(split, one.label, f"{one.bits:016x}.png")


def _split(found: list[_Found], out: Path, val: float) -> list[Kept]:
    """Moves to val/ what is for validation: by person where there is a name, by the picture in each class elsewhere."""
    people = _first({one.person for one in found if one.person}, val)
    labels = sorted({one.label for one in found})
    pictures = {
        name
        for label in labels
        for name in _first(
            {f"{one.bits:016x}" for one in found if one.label == label and not one.person}, val
        )
    }
    kept = []
    for one in found:
        is_val = one.person in people if one.person else f"{one.bits:016x}" in pictures
        split = "val" if is_val else "train"
        if is_val:
            files.folder(out / "val" / one.label)
            (out / _name(one, "train")).rename(out / _name(one, "val"))
        kept.append(Kept(_name(one, split).as_posix(), one.source, one.label, split, one.person))
    return kept


def _first(names: set[str], share: float) -> set[str]:
    """This share of some names, at least one of two: always the same, in no order that means anything."""
    ordered = sorted(names, key=lambda name: blake2b(name.encode(), digest_size=8).digest())
    count = max(1, round(share * len(names))) if len(names) > 1 else 0
    return set(ordered[: min(count, len(names) - 1)])


def _report(photos: Path, kept: list[Kept], dropped: list[Dropped]) -> dict[str, Any]:
    labels = sorted({one.label for one in kept} | {Path(one.source).parts[0] for one in dropped})
    counts = {
        label: {
            split: sum((one.label, one.split) == (label, split) for one in kept) for split in ("train", "val")
        }
        for label in labels
    }
    return {
        "photos": len(kept) + len(dropped),
        "kept": len(kept),
        "classes": counts,
        "people": len({one.person for one in kept if one.person}),
        "dropped": dict(Counter(one.why for one in dropped)),
        "warnings": [
            f"The class {label} has no picture to {'learn from' if split == 'train' else 'measure with'}."
            for label, splits in counts.items()
            for split, count in splits.items()
            if not count
        ],
        "folder": str(photos),
        "pictures": [asdict(one) for one in kept],
        "dropped_photos": [asdict(one) for one in dropped],
    }


def _sheet(out: Path, kept: list[Kept]) -> Image.Image:
    """A row for each class and split, its pictures evenly spread, under its name."""
    groups: dict[tuple[str, str], list[Kept]] = {}
    for one in sorted(kept, key=lambda one: (one.label, one.split, one.file)):
        groups.setdefault((one.label, one.split), []).append(one)
    width, height, line = *THUMB, 20
    sheet = Image.new("RGB", (SHEET_ROW * width, len(groups) * (height + line)), "white")
    draw = ImageDraw.Draw(sheet)
    for row, ((label, split), members) in enumerate(groups.items()):
        top = row * (height + line)
        draw.text((4, top + 4), f"{label}, {split}: {len(members)}", "black")
        shown = np.unique(np.linspace(0, len(members) - 1, min(SHEET_ROW, len(members))).round().astype(int))
        for column, number in enumerate(shown):
            with Image.open(out / members[number].file) as picture:
                sheet.paste(picture.resize(THUMB), (column * width, top + line))
    return sheet


def _counted(dropped: list[Dropped]) -> str:
    return ", ".join(f"{count} {why}" for why, count in Counter(one.why for one in dropped).items())


def _write(path: Path, crop: NDArray[np.uint8]) -> None:
    files.folder(path.parent)
    with files.swapped(path) as part:
        Image.fromarray(crop).save(part, "PNG")


def _save(path: Path, data: bytes) -> None:
    with files.swapped(path) as part:
        part.write_bytes(data)
