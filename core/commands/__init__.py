"""The commands of `python -m core`, one file each: `run(options)` carries it out and gives the exit code.

Raised through: OutputError, SelectionError, ManifestError and RayError for a command that makes no sense, and
WeightsError.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.folders.batch import Failure, people_in

if TYPE_CHECKING:
    from core.folders.batch import Person

DONE, INCOMPLETE, WRONG_USAGE, STOPPED = 0, 1, 2, 130
"""Exit codes: every photo gave a result; some did not; the command itself makes no sense; somebody pressed Ctrl-C."""


def people_or_complaint(photo: Path) -> list[Person]:
    """Everyone in a photo, the largest face first; nobody after saying on stderr why."""
    [people] = people_in([photo])
    if isinstance(people, Failure):
        print(printable(f"{photo}: {people.message}"), file=sys.stderr)
        return []
    return people


def printable(text: str) -> str:
    """The text with escapes for the bytes of a file name that are no characters."""
    return text.encode(errors="backslashreplace").decode()
