"""The standard emojis that fit the faces of photos best."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.commands import DONE, INCOMPLETE, printable
from core.extras.suggest import suggest
from core.folders.batch import Failure, Person, people_in


def run(options: argparse.Namespace) -> int:
    entries = []
    for photo in options.photos:
        entry = {"file": str(photo)} | _outcome(photo, options.count)
        entries.append(entry)
        if "error" in entry:
            print(printable(f"{photo}: {entry['error']}"), file=sys.stderr)
        elif not options.json:
            for number, face in enumerate(entry["faces"], start=1):
                emojis = ", ".join(f"{found['character']} {found['name']}" for found in face["suggestions"])
                print(printable(f"{photo}{f' (face {number})' if number > 1 else ''}: {emojis}"))
    if options.json:
        print(json.dumps(entries, indent=2))
    return INCOMPLETE if any("error" in entry for entry in entries) else DONE


def _outcome(photo: Path, count: int) -> dict[str, Any]:
    [people] = people_in([photo])
    return {"error": people.message} if isinstance(people, Failure) else {"faces": _faces(people, count)}


def _faces(people: Sequence[Person], count: int) -> list[dict[str, Any]]:
    return [
        {
            "box": list(person.face.box),
            "emotion": person.reading.emotion,
            "suggestions": [asdict(suggestion) for suggestion in suggest(person.reading, count)],
        }
        for person in people
    ]
