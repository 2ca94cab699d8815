"""How well each group of people is seen: `python -m engine report fairness --data DIR`.

Groups are what data sets say of their pictures, and the skin tone that the models see; they serve to measure alone.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from core.models.groups import (
    BY_AGE,
    BY_RACE,
    BY_SEEN_TONE,
    BY_SEX,
    FOUND,
    GLASSES,
    HAIR,
    NO_GAP,
    SMILE,
    TONE,
    Comparison,
    Share,
    of_card,
    widest,
)
from core.models.labels import ATTRIBUTES, SKIN_TONES
from core.models.weights import FOLDER, read_card
from core.seeing.face import FaceError, find_faces
from core.seeing.photo import read_photo
from core.seeing.reading import Reader, Reading
from engine.files import folder, swapped
from engine.pictures import bytes_from_zips
from engine.tables import read_table, whole_number

PICTURES = 1500
"""How many of each set are looked at, evenly spread, unless told otherwise."""
MEASURES = (FOUND, TONE, HAIR, SMILE, GLASSES)
HAIR_COLORS = {
    "Black_Hair": ("black",), "Brown_Hair": ("darkbrown", "brown"), "Blond_Hair": ("darkblond", "blond"),
    "Gray_Hair": ("gray", "white"),
}  # fmt: skip
"""{CelebA's label: answers of the look network that say the same}."""

PAGE = """# Fairness

How well each group of people is seen. "{found}" is the share of pictures whose face is found; what follows is how often
the answer is one that people gave, among the faces found. In brackets: of how many pictures. Groups are the data sets'
own labels, which serve to measure alone, and the skin tone that the models see. The skin tone network learned from
the very FairFace faces whose skin tone is compared here: what counts for new ones is the cross-validation in its card.
This page comes from

    {command}

with its figures in `fairness.json`, which the models page shows from `weights/`. Weights: {weights}.

## The worst gap

Of all that is compared here and in the cards of the weights.

{worst}

{sections}
"""


@dataclass(frozen=True)
class Person:
    """A picture in a file's bytes. groups: {grouping: its group}; truths: {measure: the answers that are right}."""

    picture: bytes
    groups: Mapping[str, str]
    truths: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Seen:
    """What came of a picture: right: {measure: whether it was}, of the measures that people answered."""

    groups: Mapping[str, str]
    right: Mapping[str, bool]


def write(data: Path, out: Path, limit: int | None = None) -> Path:
    """Measure so many pictures of each set in the data, write `fairness.md` and `fairness.json` to `out` and give the
    path of the former.

    Raises DataError, WeightsError and WritingError.
    """
    sections: list[list[Comparison]] = []
    reader = Reader()
    for title, people in SETS.items():
        seen = [
            _seen(reader, person)
            for person in tqdm(_spread(list(people(data)), limit or PICTURES), title, disable=None)
        ]
        groupings = dict.fromkeys(name for one in seen for name in one.groups)
        sections += [compared(seen, title, grouping) for grouping in groupings]
    page = folder(out) / "fairness.md"
    command = "python -m engine report fairness --data DIR" + (f" --limit {limit}" if limit else "")
    cards = {path.stem: read_card(path).content for path in _cards()}
    weights = {task: card["sha256"][:8] for task, card in cards.items()}
    worst = worst_of([*sections, *(of_card(card) for card in cards.values())])
    with swapped(page) as file:
        file.write_text(page_of(sections, command, weights, worst))
    with swapped(page.with_suffix(".json")) as file:
        file.write_text(json_of(sections, command, weights, worst))
    return page


def page_of(
    sections: Sequence[Sequence[Comparison]], command: str, weights: Mapping[str, str], worst: str
) -> str:
    """The report for people. sections: the comparisons of each grouping; weights: {task: begin of their hash}."""
    return PAGE.format(
        found=FOUND.capitalize(),
        command=command,
        weights=", ".join(f"{task} `{digest}`" for task, digest in weights.items()),
        worst=worst,
        sections="\n\n".join(
            f"## {section[0].where}\n\n{_table(section)}" for section in sections if section
        ),
    )


def json_of(
    sections: Sequence[Sequence[Comparison]], command: str, weights: Mapping[str, str], worst: str
) -> str:
    """The same for programs, as `core.models.groups.of_report` reads it."""
    comparisons = [
        {
            "where": one.where,
            "measure": one.measure,
            "groups": {group: [share.hits, share.total] for group, share in one.groups.items()},
        }
        for section in sections
        for one in section
    ]
    document = {
        "command": command, "weights": weights, "worst_gap": worst, "comparisons": comparisons,
    }  # fmt: skip
    return json.dumps(document, indent=1) + "\n"


def worst_of(sections: Iterable[Sequence[Comparison]]) -> str:
    """The gap of which most is sure, in a sentence."""
    gap = widest([one for section in sections for one in section])
    return NO_GAP if gap is None else gap.told({})


def _spread(people: list[Person], count: int) -> list[Person]:
    return [people[i * len(people) // count] for i in range(count)] if count < len(people) else people


def _cards() -> list[Path]:
    return [path.with_suffix(".json") for path in sorted(FOLDER.glob("*.safetensors"))]


# --- What there is to see -----------------------------------------------------------------------------------


def fairface(data: Path) -> Iterator[Person]:
    """FairFace's validation faces, some of them with two people's skin tones."""
    tones: dict[str, frozenset[str]] = {}
    for row in _rows(data / "skintone" / "fairface_labels.csv", "val", ("rater_a", "rater_b")):
        said = {f"type{row[rater]}" for rater in ("rater_a", "rater_b")}
        if said <= set(SKIN_TONES):
            tones[row["image"]] = frozenset(said)
    rows = _rows(data / "fairface" / "labels.csv", "val", ("age", "gender", "race"))
    pictures = bytes_from_zips([data / "fairface" / "val.zip"], [row["image"] for row in rows])
    for row, picture in zip(rows, pictures, strict=True):
        truths = {TONE: tones[row["image"]]} if row["image"] in tones else {}
        yield Person(picture, _labels(row), truths)


def utkface(data: Path) -> Iterator[Person]:
    """UTKFace's children and old people; nothing is known of them but their groups."""
    rows = _rows(data / "utkface" / "labels.csv", None, ("age", "gender", "race"))
    pictures = bytes_from_zips([data / "utkface" / "images.zip"], [row["image"] for row in rows])
    for row, picture in zip(rows, pictures, strict=True):
        years = whole_number(row["age"], f"{data / 'utkface' / 'labels.csv'}, {row['image']}, age")
        age = "0-12" if years <= 12 else "60 and over"
        yield Person(picture, _labels(row | {"age": age}), {})


def celeba(data: Path) -> Iterator[Person]:
    """CelebA's validation crops."""
    rows = read_table(data / "celeba" / "val_attributes.csv.gz", ("image_id", *ATTRIBUTES))
    zips = [path for name in ("val.zip", "val-*.zip") for path in sorted((data / "celeba").glob(name))]
    for row, picture in zip(rows, bytes_from_zips(zips, [row["image_id"] for row in rows]), strict=True):
        truths = {SMILE: _yes(row["Smiling"]), GLASSES: _yes(row["Eyeglasses"])}
        colors = [answers for label, answers in HAIR_COLORS.items() if row[label] == "1"]
        if len(colors) == 1:
            truths[HAIR] = frozenset(colors[0])
        groups = {
            BY_SEX: "Male" if row["Male"] == "1" else "not Male",
            BY_AGE: "Young" if row["Young"] == "1" else "not Young",
        }
        yield Person(picture, groups, truths)


SETS: dict[str, Callable[[Path], Iterator[Person]]] = {
    "FairFace": fairface, "UTKFace": utkface, "CelebA": celeba,
}  # fmt: skip


def _rows(path: Path, split: str | None, columns: Sequence[str]) -> list[dict[str, str]]:
    rows = read_table(path, ("split", "image", *columns))
    return [row for row in rows if split is None or row["split"] == split]


def _labels(row: Mapping[str, str]) -> dict[str, str]:
    return {
        BY_SEX: row["gender"],
        BY_AGE: row["age"],
        BY_RACE: row["race"],
    }


def _yes(label: str) -> frozenset[str]:
    return frozenset({"yes" if label == "1" else "no"})


# --- What is seen -------------------------------------------------------------------------------------------


def _seen(reader: Reader, person: Person) -> Seen:
    try:
        [face, *_] = find_faces(read_photo(person.picture))
    except FaceError:
        return Seen(person.groups, {FOUND: False})
    [reading] = reader.read([face.crop])
    said = answers(reading)
    right = {measure: said[measure] in truth for measure, truth in person.truths.items()}
    return Seen({**person.groups, BY_SEEN_TONE: said[TONE]}, {FOUND: True, **right})


def answers(reading: Reading) -> dict[str, str]:
    """What the models say, in the words of `Person.truths`."""
    return {
        TONE: _likeliest(reading.skin_tone),
        HAIR: _likeliest(reading.look["hair_color"]),
        SMILE: "yes" if reading.attributes["Smiling"] > 0.5 else "no",
        GLASSES: "no" if _likeliest(reading.look["eyewear"]) == "none" else "yes",
    }


def _likeliest(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=probabilities.__getitem__)


# --- How it compares ----------------------------------------------------------------------------------------


def compared(seen: Sequence[Seen], title: str, grouping: str) -> list[Comparison]:
    """A comparison of each measure that somebody answered for, with all groups of the grouping; none where nobody
    did."""
    measures = [measure for measure in MEASURES if any(measure in one.right for one in seen)]
    if grouping == BY_SEEN_TONE:
        # A skin tone is seen only where a face was found.
        measures.remove(FOUND)
    groups = sorted({one.groups[grouping] for one in seen if grouping in one.groups}, key=_in_order)
    return [
        Comparison(
            f"{title}, by {grouping}",
            measure,
            {group: _share(seen, grouping, group, measure) for group in groups},
        )
        for measure in measures
    ]


def _share(seen: Sequence[Seen], grouping: str, group: str, measure: str) -> Share:
    inside = [one for one in seen if one.groups.get(grouping) == group]
    right = [one.right[measure] for one in inside if measure in one.right]
    return Share(sum(right), len(right))


def _in_order(group: str) -> tuple[int, str]:
    """Ages by their number, and what begins with no number behind them by its name."""
    start = re.match(r"\d*", group)
    return (int(start[0]) if start and start[0] else 1000, group)


def _table(section: Sequence[Comparison]) -> str:
    lines = [
        f"| {group} | " + " | ".join(str(one.groups[group]) for one in section) + " |"
        for group in section[0].groups
    ]
    gaps = ["none" if one.gap is None else f"{one.gap.points:.1f}" for one in section]
    head = f"| | {' | '.join(one.measure for one in section)} |"
    return "\n".join(
        [head, "|---" * (1 + len(section)) + "|", *lines, f"| gap, points | {' | '.join(gaps)} |"]
    )
