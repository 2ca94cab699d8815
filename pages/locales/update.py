"""`python -m pages.locales.update`: finds all texts, brings the catalogues up to date, and compiles them.

New texts come into every .po without a translation, and tests/pages/test_language.py fails until each has one. The app
reads the .mo files, which are committed beside them, so that running it needs no Babel.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from core.extras import captions
from core.extras.moving import moving_stickers_of
from core.extras.stickers import stickers_of, together
from core.extras.targets import targets
from core.live import mirror
from core.live.action_units import action_units
from core.live.clips import KINDS
from core.models.labels import LOOK
from core.recipe import names
from core.recipe.choices import FIELDS, GROUPS
from core.recipe.recipe import Recipe
from core.recipe.suggestions import labels
from core.seeing.photo import ADVICE, OTHER_SIGNATURES
from pages.parts.language import DOMAIN, LANGUAGES, LOCALES

ROOT = Path(__file__).parents[2]
SOURCES = (
    "streamlit_app.py",
    "pages/**/*.py",
    "core/seeing/*.py",
    "core/extras/stickers.py",
    "core/live/teaching.py",
)

KEYWORDS = {
    "_": None,
    "N_": None,
    "PhotoError": None,
    "FaceError": None,
    "StickerError": None,
    "TeachingError": None,
}
"""Calls whose first argument is a text for visitors: those that translate, that mark, and that raise it."""


def texts() -> dict[str, list[str]]:
    """{text in English: where it stands}, of the code and of the tables.

    Babel sees no call within an f-string before Python 3.12: what is in one gets a name before it.
    """
    found: dict[str, list[str]] = {}
    for place, text in [*_of_code(), *_of_tables()]:
        places = found.setdefault(text, [])
        if place not in places:
            places.append(place)
    return found


def catalogue(language: str) -> Catalog:
    """What stands in a language's .po."""
    with _po(language).open("rb") as file:
        return read_po(file, language, DOMAIN)


def compiled(of: Catalog) -> bytes:
    """A catalogue as a .mo file, the same bytes for the same translations."""
    buffer = io.BytesIO()
    write_mo(buffer, of)
    return buffer.getvalue()


def updated(language: str) -> Catalog:
    """A language's catalogue with all texts and no others, and the translations that there are."""
    before = catalogue(language) if _po(language).exists() else Catalog(language, DOMAIN)
    after = Catalog(language, DOMAIN, project="Selfmoji", fuzzy=False, creation_date=before.creation_date)
    after.revision_date = before.revision_date
    for text, places in sorted(texts().items(), key=lambda entry: entry[1][0]):
        known = before.get(text)
        after.add(text, known.string if known else "", [(place, 0) for place in places])
    return after


def _of_code() -> Iterator[tuple[str, str]]:
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            for _line, text, _comments, _context in extract_from_file("python", path, KEYWORDS):
                yield path.relative_to(ROOT).as_posix(), text if isinstance(text, str) else text[0]


def _of_tables() -> Iterator[tuple[str, str]]:
    choices = "core/recipe/choices.toml"
    yield from ((choices, label) for label in GROUPS.values())
    for field in FIELDS.values():
        yield choices, field.label
        values = (True, False) if field.kind == "yes-no" else tuple(field.choices)
        yield from ((choices, field.label_of(value)) for value in values)
    yield from (("core/recipe/suggestions.toml", label) for label in labels())
    named = "core/recipe/names.py"
    for group, attributes in names.ATTRIBUTE_GROUPS.items():
        yield named, group
        yield from ((named, label) for label in attributes.values())
    for table in (names.EMOTIONS, names.SKIN_TONES, names.LOOK_QUESTIONS):
        yield from ((named, label) for label in table.values())
    for answers in LOOK.values():
        yield from ((named, names.answer_label(answer)) for answer in answers)
    yield from _of_stickers()
    for unit in action_units().values():
        yield from (("core/live/action_units.toml", text) for text in (unit.name, unit.says))
    yield from (("core/live/clips.py", kind.label) for kind in KINDS.values())
    messages = ("STARTING", "NO_FACE", "SEVERAL", "RELAXING", "SETTLING", "TROUBLE")
    yield from (("core/live/mirror.py", getattr(mirror, name)) for name in messages)
    yield from (("core/seeing/photo.py", text) for text in (ADVICE, *OTHER_SIGNATURES))


def _of_stickers() -> Iterator[tuple[str, str]]:
    person = Recipe()
    for sticker in (*stickers_of(person), *together([person, person]), *moving_stickers_of(person)):
        yield "core/extras/stickers.py", sticker.label
    for target in targets().values():
        where = "core/extras/targets.toml"
        yield from ((where, text) for text in (target.label, *target.steps))
        yield from ((where, picture.name.capitalize()) for picture in target.pictures if picture.name)
    yield from (("core/extras/captions.py", text) for text in (captions.NOT_ONE_LINE, captions.NOT_IN_FONT))


def _po(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def main() -> None:
    for language in LANGUAGES:
        if language == "en":
            continue
        path, content = _po(language), updated(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, content, width=100, include_lineno=False)
        path.with_suffix(".mo").write_bytes(compiled(content))


if __name__ == "__main__":
    main()
