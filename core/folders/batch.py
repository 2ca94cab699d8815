"""Photos -> emojis, many at once: a batch goes through the networks together, and a bad photo spoils no other.

Importing this loads torch, which takes seconds: `core.folders.workers` does so where it disturbs nobody.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from core.drawing.png import draw_png
from core.drawing.svg import draw_svg
from core.folders.outcomes import Emoji, Failure, Outcome, Settings
from core.models.weights import WeightsError
from core.recipe.recipe import Recipe
from core.seeing.face import Face, FaceError, find_faces
from core.seeing.photo import PhotoError, read_photo
from core.seeing.reading import Reader, Reading

T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """One face of a photo, what the models saw in it and the emoji that follows."""

    face: Face
    reading: Reading
    recipe: Recipe


def people_in(photos: Sequence[Path]) -> list[list[Person] | Failure]:
    """Everyone in each photo, the largest face first, or why there is nobody. Raises WeightsError.

    All crops are held at once, but never more than one photo.
    """
    found = [_attempt(photo, partial(_faces, photo)) for photo in photos]
    reader = _reader()
    try:
        crops = [face.crop for faces in found if not isinstance(faces, Failure) for face in faces]
        readings = iter(reader.read(crops) if crops else [])
    except Exception:
        logging.exception("A batch could not be read together; its photos are read one by one.")
        read = partial(_read_alone, reader)
    else:
        read = partial(_next_readings, readings)
    return [
        faces if isinstance(faces, Failure) else _attempt(photo, partial(_persons, faces, read))
        for photo, faces in zip(photos, found, strict=True)
    ]


def make_emojis(photos: Sequence[Path], settings: Settings) -> list[Outcome]:
    """One outcome a photo, whose faces are read together. Raises WeightsError."""
    return [
        people if isinstance(people, Failure) else _attempt(photo, partial(_drawn, people, settings))
        for photo, people in zip(photos, people_in(photos), strict=True)
    ]


@cache
def _reader() -> Reader:
    return Reader()


def _faces(photo: Path) -> list[Face]:
    if os.path.exists(photo) and not os.path.isfile(photo):  # noqa: PTH110, PTH113 -- these never raise
        # Opening a pipe would wait for somebody who writes into it.
        raise PhotoError("This is a pipe or a device, not a file. Please save the photo as a file first.")
    return find_faces(read_photo(photo))


def _next_readings(readings: Iterator[Reading], faces: list[Face]) -> list[Reading]:
    return list(islice(readings, len(faces)))


def _read_alone(reader: Reader, faces: list[Face]) -> list[Reading]:
    return reader.read([face.crop for face in faces])


def _persons(faces: list[Face], read: Callable[[list[Face]], list[Reading]]) -> list[Person]:
    return [
        Person(face, reading, Recipe.from_reading(reading))
        for face, reading in zip(faces, read(faces), strict=True)
    ]


def _drawn(people: list[Person], settings: Settings) -> list[Emoji]:
    return [_emoji(person, settings) for person in people]


def _emoji(person: Person, settings: Settings) -> Emoji:
    reading = person.reading.to_dict() if settings.readings else {}
    files = {".png": draw_png(person.recipe, settings.size)}
    if settings.svg:
        files[".svg"] = draw_svg(person.recipe).encode()
    return Emoji({"box": list(person.face.box)} | reading | {"recipe": person.recipe.to_json()}, files)


def _attempt(photo: Path, work: Callable[[], T]) -> T | Failure:
    try:
        return work()
    except (PhotoError, FaceError) as error:
        # A file that cannot be opened now may be there, or be ours to read, another time.
        return Failure(str(error), lasting=os.access(photo, os.R_OK))
    except WeightsError:
        raise
    except Exception as error:
        # A bug of ours that this one photo met; the other photos should not have to wait for its repair.
        logging.exception("%s", photo)
        bug = f"Selfmoji failed on this photo, which is a bug: {type(error).__name__}."
        return Failure(bug, lasting=False)
