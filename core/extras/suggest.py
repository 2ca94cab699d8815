"""Reading -> the standard OpenMoji faces and gestures that fit the expression best.

emoji_emotions.csv says what each emoji shows, in percent: its mixture of the seven emotions, and its cues, what the
face does and wears. A cue that a line leaves blank is as likely as `USUAL` says. Nothing in the table follows from who
a person is: no age, gender, weight or skin; and narrow eyes count for laughing and playful faces alone, since the
networks also see them where eyes are merely that way.

The measure is the Bhattacharyya coefficient, 1 minus the squared Hellinger distance: bounded, defined where
probabilities are 0, and for independent observations the product of theirs, so that no weights need choosing.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.drawing.openmoji import character, openmoji_svg
from core.drawing.png import png_of, rasterize
from core.drawing.svg import glyph_svg
from core.models.labels import EMOTIONS
from core.recipe.rules import RULES

if TYPE_CHECKING:
    from core.seeing.reading import Reading

USUAL: dict[str, float] = {
    "smiling": 0.4, "mouth_open": 0.5, "narrow_eyes": 0.12, "eye_bags": 0.2, "rosy_cheeks": 0.08, "lipstick": 0.4,
    "moustache": 0.06, "glasses": 0.05, "sunglasses": 0.04, "hat": 0.06,
}  # fmt: skip
"""{cue: its probability for an emoji that does not mention it}. Rare cues are telling: their emojis come first when
they are seen, and stay away when they are not."""

_ATTRIBUTES = {
    "smiling": "Smiling", "mouth_open": "Mouth_Slightly_Open", "narrow_eyes": "Narrow_Eyes",
    "eye_bags": "Bags_Under_Eyes", "rosy_cheeks": "Rosy_Cheeks", "lipstick": "Wearing_Lipstick",
    "moustache": "Mustache", "hat": "Wearing_Hat",
}  # fmt: skip
"""{cue: the CelebA attribute that tells it}; the other two follow from Eyeglasses and the look's eyewear."""


@dataclass(frozen=True)
class Suggestion:
    """A standard emoji and how well it fits.

    hexcode: OpenMoji's, such as "1F600"; character: what to type, send or copy; name: Unicode's; score: 0..1.
    """

    hexcode: str
    character: str
    name: str
    score: float


@dataclass(frozen=True)
class Shown:
    """One line of the table. emotion: {emotion: p}, summing to 1; cues: {cue of `USUAL`: p}."""

    hexcode: str
    name: str
    emotion: Mapping[str, float]
    cues: Mapping[str, float]


def suggest(reading: Reading, count: int = 6) -> list[Suggestion]:
    """The `count` emojis that fit a reading best, the best first."""
    seen = _roots(reading.emotion, cues_of(reading))
    # One coefficient for the emotions and one for each cue, which is there or not.
    products = _table_roots() * seen
    emotion, cues = products[:, : len(EMOTIONS)], products[:, len(EMOTIONS) :]
    scores = emotion.sum(1) * cues.reshape(len(cues), -1, 2).sum(2).prod(1)
    best = np.argsort(-scores, kind="stable")[:count]
    return [
        Suggestion(shown.hexcode, character(shown.hexcode), shown.name, float(scores[number]))
        for number in best
        for shown in (shown_emojis()[number],)
    ]


def suggestion_svg(suggestion: Suggestion) -> str:
    """The emoji's OpenMoji drawing as an SVG document with its license as metadata."""
    return glyph_svg(openmoji_svg(suggestion.hexcode), suggestion.name)


def suggestion_png(suggestion: Suggestion, size: int) -> bytes:
    """The emoji's OpenMoji drawing as a PNG of size x size pixels, its license as text chunks."""
    return png_of(rasterize(openmoji_svg(suggestion.hexcode), size), suggestion.name)


def cues_of(reading: Reading) -> dict[str, float]:
    """{cue of `USUAL`: its probability in a reading}; an attribute at its threshold in rules.toml counts as 0.5."""
    attributes = {cue: _calibrated(reading, name) for cue, name in _ATTRIBUTES.items()}
    eyewear, worn = reading.look["eyewear"], _calibrated(reading, "Eyeglasses")
    dark = eyewear["sunglasses"] / max(eyewear["glasses"] + eyewear["sunglasses"], 1e-9)
    return attributes | {"glasses": worn * (1 - dark), "sunglasses": worn * dark}


@functools.cache
def shown_emojis() -> tuple[Shown, ...]:
    """The table, in Unicode's order."""
    with (Path(__file__).parent / "emoji_emotions.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Shown(
                row["hexcode"],
                row["name"],
                {emotion: int(row[emotion]) / 100 for emotion in EMOTIONS},
                {cue: int(row[cue]) / 100 if row[cue] else usual for cue, usual in USUAL.items()},
            )
            for row in csv.DictReader(file)
        )


@functools.cache
def _table_roots() -> NDArray[np.float64]:
    return np.stack([_roots(shown.emotion, shown.cues) for shown in shown_emojis()])


def _roots(emotion: Mapping[str, float], cues: Mapping[str, float]) -> NDArray[np.float64]:
    """Square roots of the emotions' probabilities, then of each cue's and of its absence's; float64 (7 + 20,)."""
    pairs = [side for cue in USUAL for side in (cues[cue], 1 - cues[cue])]
    return np.sqrt([*(emotion[name] for name in EMOTIONS), *pairs])


def _calibrated(reading: Reading, attribute: str) -> float:
    """An attribute's probability with its odds divided by those of its threshold."""
    yes = reading.attributes[attribute] * (1 - RULES.thresholds[attribute])
    no = (1 - reading.attributes[attribute]) * RULES.thresholds[attribute]
    return yes / (yes + no)
