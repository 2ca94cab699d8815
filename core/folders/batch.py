"""Photos -> emojis, many at once: a batch goes through the networks together, and a bad photo spoils no other."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import core
from core.errors import SelfmojiError

if TYPE_CHECKING:
    from core import Face, Reader, Reading, Recipe

T = TypeVar("T")

BATCH = 16
"""Photos that go through the networks together. More are hardly faster, and progress is shown once a batch."""


class BatchError(SelfmojiError):
    """A run that cannot go on; what it has done stays valid. The message says why and what to do."""


@dataclass(frozen=True)
class Person:
    """One face of a photo, what the models saw in it and the emoji that follows."""

    face: Face
    reading: Reading
    recipe: Recipe


@dataclass(frozen=True)
class Failure:
    """Why a photo gave nothing, fit to show; lasting: the same file would fail again."""

    message: str
    lasting: bool


@dataclass(frozen=True)
class Settings:
    """How emojis are drawn and told of. size: side of a PNG, pixels; svg: draw that too; readings: tell them too."""

    size: int = 512
    svg: bool = False
    readings: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Emoji:
    """One face's emoji. details: its box, its recipe and, if asked for, its reading, ready for JSON; files: {ending:
    content}, the PNG first."""

    details: dict[str, Any]
    files: dict[str, bytes]


Outcome = list[Emoji] | Failure
"""What becomes of a photo: the emojis of its faces, the largest face's first, or why there is none."""


def people_in(photos: Sequence[Path]) -> list[list[Person] | Failure]:
    """Everyone in each photo, the largest face first, or why there is nobody. Raises WeightsError.

    All crops are held at once, but never more than one photo.
    """
    found = [_attempt(photo, partial(_faces, photo)) for photo in photos]
    crops = [face.crop for faces in found if not isinstance(faces, Failure) for face in faces]
    readings = iter(_reader().read(crops) if crops else [])
    people: list[list[Person] | Failure] = []
    for photo, faces in zip(photos, found, strict=True):
        if isinstance(faces, Failure):
            people.append(faces)
        else:
            seen = [(face, next(readings)) for face in faces]
            people.append(_attempt(photo, partial(_persons, seen)))
    return people


def make_emojis(photos: Sequence[Path], settings: Settings) -> list[Outcome]:
    """One outcome a photo, whose faces are read together. Raises WeightsError."""
    return [
        people if isinstance(people, Failure) else _attempt(photo, partial(_drawn, people, settings))
        for photo, people in zip(photos, people_in(photos), strict=True)
    ]


@cache
def _reader() -> Reader:
    return core.Reader()


def _faces(photo: Path) -> list[Face]:
    return core.find_faces(core.read_photo(photo))


def _persons(seen: list[tuple[Face, Reading]]) -> list[Person]:
    return [Person(face, reading, core.Recipe.from_reading(reading)) for face, reading in seen]


def _drawn(people: list[Person], settings: Settings) -> list[Emoji]:
    return [_emoji(person, settings) for person in people]


def _emoji(person: Person, settings: Settings) -> Emoji:
    reading = person.reading.to_dict() if settings.readings else {}
    files = {".png": core.draw_png(person.recipe, settings.size)}
    if settings.svg:
        files[".svg"] = core.draw_svg(person.recipe).encode()
    return Emoji({"box": list(person.face.box)} | reading | {"recipe": person.recipe.to_json()}, files)


def _attempt(photo: Path, work: Callable[[], T]) -> T | Failure:
    try:
        return work()
    except (core.PhotoError, core.FaceError) as error:
        # A file that cannot be opened now may be there, or be ours to read, another time.
        return Failure(str(error), lasting=os.access(photo, os.R_OK))
    except core.WeightsError:
        raise
    except Exception as error:
        # A bug of ours that this one photo met; the other photos should not have to wait for its repair.
        logging.exception("%s", photo)
        bug = f"Selfmoji failed on this photo, which is a bug: {type(error).__name__}."
        return Failure(bug, lasting=False)
