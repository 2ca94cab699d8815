"""A contact sheet of every drawing and every choice, and of people from photos."""

from __future__ import annotations

import argparse

from core.commands import DONE, INCOMPLETE, people_or_complaint, printable
from core.extras.gallery import gallery_png
from core.folders.outputs import OutputError, check_writable, key_of, write_whole


def run(options: argparse.Namespace) -> int:
    check_writable(options.out.parent)
    if key_of(options.out) in map(key_of, options.photos):
        raise OutputError(f"{options.out} is one of the photos. Please give another file to --out.")
    people = {photo: people_or_complaint(photo) for photo in options.photos}
    persons = [(printable(photo.stem), person.recipe) for photo, found in people.items() for person in found]
    try:
        write_whole(options.out, gallery_png(persons, options.size))
    except OSError as error:
        raise OutputError(f"{options.out} cannot be written: {error.strerror or error}.") from error
    return DONE if all(people.values()) else INCOMPLETE
