"""The standard emojis that fit the faces of photos best."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from core.commands import DONE, INCOMPLETE
from core.commands.console import complain, tell
from core.commands.options import one_of, path
from core.folders.aside import aside
from core.folders.outcomes import Failure

HELP = "name the standard emojis that fit the faces of photos best"

COUNTS = range(1, 101)
"""How many emojis may be suggested for a face."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "photos", nargs="+", type=path, metavar="PHOTO", help="JPEG, PNG, WebP, HEIC or AVIF file"
    )
    parser.add_argument("--count", type=one_of(COUNTS), default=6, help="emojis for each face (default: 6)")
    parser.add_argument("--json", action="store_true", help="print one JSON document, with scores")


def run(options: argparse.Namespace) -> int:
    entries = []
    for photo in options.photos:
        entry = {"file": str(photo)} | aside(partial(_outcome, photo, options.count))
        entries.append(entry)
        if "error" in entry:
            complain(f"{photo}: {entry['error']}")
        elif not options.json:
            for number, face in enumerate(entry["faces"], start=1):
                emojis = ", ".join(f"{found['character']} {found['name']}" for found in face["suggestions"])
                tell(f"{photo}{f' (face {number})' if number > 1 else ''}: {emojis}")
    if options.json:
        print(json.dumps(entries, indent=2))
    return INCOMPLETE if any("error" in entry for entry in entries) else DONE


def _outcome(photo: Path, count: int) -> dict[str, Any]:
    """What the JSON document says of a photo, besides its path."""
    from core.extras.suggest import suggest
    from core.folders.batch import people_in

    [people] = people_in([photo])
    if isinstance(people, Failure):
        return {"error": people.message}
    return {
        "faces": [
            {
                "box": list(person.face.box),
                "emotion": person.reading.emotion,
                "suggestions": [asdict(suggestion) for suggestion in suggest(person.reading, count)],
            }
            for person in people
        ]
    }
