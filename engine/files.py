"""Files and folders that a command writes, with a sentence for a disk that is full or may not be written to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import SelfmojiError
from core.writing import written_whole


class WritingError(SelfmojiError):
    """A file that cannot be written; the message names it and says what to do."""


@contextmanager
def swapped(path: Path) -> Iterator[Path]:
    """A new file to write, which takes the place of the old one at the end, so that a full disk leaves that whole.

    Raises WritingError where it cannot be written, by an OSError or torch's RuntimeError.
    """
    try:
        with written_whole(path) as part:
            yield part
    except (OSError, RuntimeError) as error:
        raise WritingError(
            f"Could not write {path}: {error}. Make room, or write to another folder."
        ) from error


def folder(path: Path) -> Path:
    """This folder, made if it is not there. Raises WritingError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WritingError(f"Could not make the folder {path}: {error}. Name another one.") from error
    return path
