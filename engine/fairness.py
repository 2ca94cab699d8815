"""How well each group of people is seen: `python -m engine report fairness --data DIR`.

Groups are what data sets say of their pictures, and the skin tone that the models see; they serve to measure alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from core.models.labels import ATTRIBUTES, SKIN_TONES
from core.models.weights import FOLDER, read_card
from core.seeing.face import FaceError, find_faces
from core.seeing.photo import read_photo
from core.seeing.reading import Reader, Reading
from engine.evaluation import wilson
from engine.files import folder, swapped
from engine.pictures import bytes_from_zips
from engine.tables import read_table, whole_number

PICTURES = 1500
"""How many of each set are looked at, evenly spread, unless told otherwise."""
FEWEST = 10
"""Groups with fewer pictures are shown, and not compared."""
FOUND, TONE, HAIR, SMILE, GLASSES = "face found", "skin tone", "hair color", "smile", "glasses"
MEASURES = (FOUND, TONE, HAIR, SMILE, GLASSES)
SEEN_TONE = "skin tone as seen"
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

    python -m engine report fairness --data DIR

Weights: {weights}.

## The worst gap

{worst}

{sections}
"""
NO_GAP = "There is none that the number of pictures does not explain."


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


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    def __str__(self) -> str:
        return f"{self.hits / self.total:.1%} ({self.total})" if self.total else "none"

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% confidence interval."""
        low, high = wilson(self.hits, self.total)
        return low, high


@dataclass(frozen=True)
class Gap:
    """The best and the worst group of a grouping by one measure."""

    where: str
    measure: str
    worst: tuple[str, Share]
    best: tuple[str, Share]

    @property
    def points(self) -> float:
        """Between the shares, percentage points."""
        (_, worst), (_, best) = self.worst, self.best
        return 100 * (best.hits / best.total - worst.hits / worst.total)

    @property
    def sure(self) -> float:
        """Between the nearest ends of their intervals, percentage points; below zero where they overlap."""
        return 100 * (self.best[1].interval[0] - self.worst[1].interval[1])

    def __str__(self) -> str:
        (low, worst), (high, best) = self.worst, self.best
        return (
            f"{self.where}, {self.measure}: {low} {worst}, {high} {best}; {self.points:.1f} points, "
            f"and at least {max(0.0, self.sure):.1f} by their 95% intervals."
        )


def write(data: Path, out: Path, limit: int | None = None) -> Path:
    """Measure so many pictures of each set in the data, write `fairness.md` to `out` and give its path.

    Raises DataError, WeightsError and WritingError.
    """
    sections, gaps = [], []
    reader = Reader()
    for title, people in SETS.items():
        seen = [
            _seen(reader, person)
            for person in tqdm(_spread(list(people(data)), limit or PICTURES), title, disable=None)
        ]
        for grouping in dict.fromkeys(name for one in seen for name in one.groups):
            where = f"{title}, by {grouping}"
            table = shares(seen, grouping)
            if not any(table.values()):
                continue
            gaps += compare(where, table)
            sections.append(f"## {where}\n\n{_table(table)}")
    page = folder(out) / "fairness.md"
    text = PAGE.format(
        found=FOUND.capitalize(),
        weights=", ".join(f"{path.stem} `{read_card(path).content['sha256'][:8]}`" for path in _cards()),
        worst=name_worst(gaps),
        sections="\n\n".join(sections),
    )
    with swapped(page) as file:
        file.write_text(text)
    return page


def _spread(people: list[Person], count: int) -> list[Person]:
    return [people[i * len(people) // count] for i in range(count)] if count < len(people) else people


def _cards() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


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
            "sex as labeled": "Male" if row["Male"] == "1" else "not Male",
            "age as labeled": "Young" if row["Young"] == "1" else "not Young",
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
        "sex as labeled": row["gender"],
        "age as labeled": row["age"],
        "race group as labeled": row["race"],
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
    return Seen({**person.groups, SEEN_TONE: said[TONE]}, {FOUND: True, **right})


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


def shares(seen: Sequence[Seen], grouping: str) -> dict[str, dict[str, Share]]:
    """{group: {measure: share that was right}}, of the measures that somebody answered for."""
    table = {}
    measures = [measure for measure in MEASURES if any(measure in one.right for one in seen)]
    if grouping == SEEN_TONE:
        # A skin tone is seen only where a face was found.
        measures.remove(FOUND)
    for group in sorted({one.groups[grouping] for one in seen if grouping in one.groups}, key=_in_order):
        inside = [one for one in seen if one.groups.get(grouping) == group]
        results = {
            measure: [one.right[measure] for one in inside if measure in one.right] for measure in measures
        }
        table[group] = {measure: Share(sum(right), len(right)) for measure, right in results.items()}
    return table


def _in_order(group: str) -> tuple[int, str]:
    """Ages by their number, and what begins with no number behind them by its name."""
    start = re.match(r"\d*", group)
    return (int(start[0]) if start and start[0] else 1000, group)


def compare(where: str, table: Mapping[str, Mapping[str, Share]]) -> list[Gap]:
    """The gap of each measure, between groups of at least FEWEST pictures."""
    gaps = []
    for measure in next(iter(table.values()), {}):
        groups = [(group, row[measure]) for group, row in table.items() if row[measure].total >= FEWEST]
        if len(groups) > 1:
            ranked = sorted(groups, key=lambda pair: pair[1].hits / pair[1].total)
            gaps.append(Gap(where, measure, ranked[0], ranked[-1]))
    return gaps


def name_worst(gaps: Sequence[Gap]) -> str:
    """The gap of which most is sure, in a sentence."""
    worst = max(gaps, key=lambda gap: gap.sure, default=None)
    return str(worst) if worst is not None and worst.sure > 0 else NO_GAP


def _table(table: Mapping[str, Mapping[str, Share]]) -> str:
    measures = list(next(iter(table.values()), {}))
    lines = [
        f"| {group} | " + " | ".join(str(row[m]) for m in measures) + " |" for group, row in table.items()
    ]
    gaps = {gap.measure: f"{gap.points:.1f}" for gap in compare("", table)}
    last = "| gap, points | " + " | ".join(gaps.get(measure, "none") for measure in measures) + " |"
    return "\n".join([f"| | {' | '.join(measures)} |", "|---" * (1 + len(measures)) + "|", *lines, last])
