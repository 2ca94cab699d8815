"""How well emojis tell people apart, and how far they show what people see: `python -m engine likeness --data DIR`.

Prints docs/likeness.md. With --thresholds it prints instead the rows of [thresholds] in core/recipe/rules.toml that fit
the weights at hand. Run both after every training, thresholds first.
"""

import argparse
import io
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.drawing.png import draw_png
from core.drawing.svg import draw_svg
from core.models.labels import ATTRIBUTES
from core.models.weights import FOLDER, read_card
from core.recipe.choices import FIELDS, Value
from core.recipe.recipe import Recipe
from core.recipe.rules import PEAK, RULES
from core.seeing.reading import Reader, Reading
from engine import datasets
from engine.files import swapped

TASKS = ("attributes", "look", "skin_tone", "emotion")
"""The models whose weights the figures depend on."""

STRONG = 1 / 3
"""The share of expressions that are drawn strongly: the clearest ones."""

CHOICES: tuple[tuple[str, str, float], ...] = (
    ("hair", "hair_length", 0.90), ("hair", "hair_texture", 0.86), ("hair_color", "hair_color", 0.82),
    ("fringe", "fringe", 0.95), ("glasses", "eyewear", 1.0), ("headwear", "headwear", 0.997),
    ("facial_hair", "facial_hair", 0.92), ("clothes", "clothes", 0.77), ("clothes_color", "clothes_color", 0.81),
)  # fmt: skip
"""Fields of the recipe, the look question they answer, and how often two raters of 300 faces gave the same answer."""

SHOWN: dict[str, tuple[str, tuple[Value, ...]]] = {
    "Arched_Eyebrows": ("brows", ("arched",)),
    "Bags_Under_Eyes": ("eye_bags", (True,)),
    "Big_Lips": ("lips", ("full",)),
    "Big_Nose": ("nose", ("big",)),
    "Bushy_Eyebrows": ("brows", ("bushy",)),
    "Chubby": ("face_shape", ("chubby",)),
    "Double_Chin": ("double_chin", (True,)),
    "Heavy_Makeup": ("eye_shadow", ("lilac", "brown", "gray")),
    "High_Cheekbones": ("high_cheekbones", (True,)),
    "Mouth_Slightly_Open": ("mouth_open", (True,)),
    "Mustache": (
        "facial_hair",
        ("moustache", "moustache_goatee", "moustache_stubble", "beard", "long_beard"),
    ),
    "Narrow_Eyes": ("eyes", ("narrow",)),
    "Oval_Face": ("face_shape", ("oval",)),
    "Pale_Skin": ("complexion", ("pale",)),
    "Pointy_Nose": ("nose", ("pointy",)),
    "Receding_Hairline": ("hair", ("receding", "balding_crown")),
    "Rosy_Cheeks": ("complexion", ("rosy",)),
    "Sideburns": ("sideburns", (True,)),
    "Smiling": ("expression", ("happy",)),
    "Wearing_Earrings": ("earrings", ("hoop", "stud", "gem")),
    "Wearing_Lipstick": ("lipstick", ("rose", "red", "burgundy")),
    "Wearing_Necklace": ("necklace", ("chain", "beads")),
    "Wearing_Necktie": ("necktie", ("dark_red", "navy", "gray", "black")),
}
"""{CelebA label that the look questions leave out: the field and values that show it}."""


PAGE = """# Likeness

Would a friend pick the owner of an emoji out of a few photos? These figures say how different the emojis of different
people are, and how far each choice agrees with what people saw in the same photo. They come from one command, which
prints this page:

    python -m engine likeness --data DIR > docs/likeness.md

Photos are CelebA crops of its validation partition, which no model was trained on; readings are the models' own.
The thresholds and weights of `core/recipe/rules.toml` were chosen on photos of that partition, so the agreement below
is on the kind side of what new photos would show.
Weights: {weights}.

## Different people, different emojis

{photos} photos, evenly spread over the partition. "Unique" recipes are those that no other of these photos gets.
Two recipes may differ in something that is not seen (the lashes behind sunglasses), so drawings are counted too.

{uniqueness}

How many of a recipe's {fields} fields differ from the most similar recipes of the others:

{nearest}

How much each choice tells apart: with an entropy of 1 bit it halves the crowd, with 0 it is the same for everyone. The
rules never choose a background, so that one says nothing on purpose.

{entropies}

## What people saw, and what the emoji shows

The {looks} validation photos with answers to the look questions, on which rare looks (hats, glasses, beards, bald,
gray) are more common than in life. Left out are photos whose answer has no picture: hair that is covered, clothes that
are hidden. Nobody can be expected to score above what two raters agree on.

{agreements}

The labels that no look question asks for, on the same photos. Where several values of one choice compete (a nose that
is big and pointy), only one of them can be shown.

{shares}
"""


def run(options: argparse.Namespace) -> str:
    """What the command prints. Raises DataError and WeightsError."""
    reader = Reader()
    return thresholds(reader, options.data) if options.thresholds else study(reader, options)


def study(reader: Reader, options: argparse.Namespace) -> str:
    """The page: how different some recipes are, and how far recipes agree with the labels."""
    celeba = datasets.celeba(options.data, "val")
    some = np.linspace(0, len(celeba), options.photos, endpoint=False).astype(int)
    recipes = _recipes(reader, celeba.images[some])
    if options.sheet:
        _write_sheet(options.sheet, celeba.images[some], recipes)
    look = datasets.look(options.data, "val")
    rows = np.array([celeba.ids.index(name) for name in look.ids])
    seen = _recipes(reader, look.images)
    return PAGE.format(
        weights=", ".join(f"{task} `{_fingerprint(task)}`" for task in TASKS),
        photos=len(recipes),
        looks=len(seen),
        fields=len(FIELDS),
        uniqueness=_uniqueness(recipes),
        nearest=_nearest(recipes),
        entropies=_entropies(recipes),
        agreements=_agreements(seen, look.targets),
        shares=_shares(seen, celeba.targets["attributes"][rows]),
    )


def _fingerprint(task: str) -> str:
    return read_card(FOLDER / f"{task}.json").content["sha256"][:8]


def _recipes(reader: Reader, crops: NDArray[np.uint8]) -> list[Recipe]:
    return [Recipe.from_reading(reading) for reading in reader.read(list(crops))]


# --- Different people, different emojis ------------------------------------------------------------------------------


def unique_share(items: Sequence[object]) -> float:
    """The share of items that no other equals, 0 to 1."""
    counts = Counter(items)
    return sum(counts[item] == 1 for item in items) / len(items)


def differing_fields(recipes: Sequence[Recipe]) -> NDArray[np.intp]:
    """How many fields differ between each recipe and each other one, (N, N)."""
    values = np.array([[str(getattr(recipe, field)) for field in FIELDS] for recipe in recipes])
    return (values[:, None] != values[None]).sum(2)


def nearest(recipes: Sequence[Recipe], count: int = 3) -> NDArray[np.intp]:
    """Differing fields of each recipe to the `count` others that are most like it, ascending, (N, count)."""
    distances = differing_fields(recipes)
    np.fill_diagonal(distances, len(FIELDS) + 1)
    return np.sort(distances, 1)[:, :count]


def entropy(values: Sequence[object]) -> float:
    """Shannon's entropy of these values in bits: 0 when all are the same, 1 for a fair coin."""
    shares = [count / len(values) for count in Counter(values).values()]
    return -sum(share * math.log2(share) for share in shares) + 0.0


def _uniqueness(recipes: list[Recipe]) -> str:
    drawings = [draw_svg(recipe) for recipe in recipes]
    return "\n".join(
        [
            "| | Unique |",
            "|---|---|",
            f"| Recipes | {unique_share(recipes):.1%} |",
            f"| Drawings | {unique_share(drawings):.1%} |",
        ]
    )


def _nearest(recipes: list[Recipe]) -> str:
    rows = [
        f"| {place} | {column.min()} | {np.median(column):g} | {column.max()} |"
        for place, column in zip(("Most similar", "Second", "Third"), nearest(recipes).T, strict=True)
    ]
    return "\n".join(["| Other recipe | Fewest | Median | Most |", "|---|---|---|---|", *rows])


def _entropies(recipes: list[Recipe]) -> str:
    rows = []
    for name, field in FIELDS.items():
        values = [getattr(recipe, name) for recipe in recipes]
        common = Counter(values).most_common(1)[0]
        rows.append((entropy(values), f"| {field.label} | {entropy(values):.2f} | {len(set(values))} | {common[0]} "
                     f"({common[1] / len(values):.0%}) |"))  # fmt: skip
    rows.sort(key=lambda row: -row[0])
    total = sum(bits for bits, _ in rows)
    return "\n".join([
        "| Choice | Entropy (bits) | Values used | Most common |", "|---|---|---|---|", *(row for _, row in rows),
        f"| Sum | {total:.2f} | | |",
    ])  # fmt: skip


# --- What people see, and what the emoji shows -----------------------------------------------------------------------


def shown_answers(field: str, question: str) -> dict[Value, set[str]]:
    """{value of the field: answers to the question that speak for it}, for the values that have some."""
    [options] = [decision.options[field] for decision in RULES.decisions if field in decision.options]
    shown = {
        value: {
            answer
            for source in weights
            for asked, _, answers in [source.partition(".")]
            if asked == question
            for answer in answers.split("|")
        }
        for value, (_, weights) in options.items()
    }
    return {value: answers for value, answers in shown.items() if answers}


def _agreements(recipes: list[Recipe], targets: dict[str, NDArray[np.int64]]) -> str:
    rows = ["| Choice | Question | Photos | Emoji shows the answer | Raters agree |", "|---|---|---|---|---|"]
    for field, question, ceiling in CHOICES:
        shown = shown_answers(field, question)
        possible = set().union(*shown.values())
        pairs = [
            (getattr(recipe, field), answer)
            for recipe, number in zip(recipes, targets[question], strict=True)
            for answer in [datasets.LOOK[question][number]]
            if answer in possible and getattr(recipe, field) in shown
        ]
        right = sum(answer in shown[value] for value, answer in pairs) / len(pairs)
        rows.append(f"| {FIELDS[field].label} | {question} | {len(pairs)} | {right:.1%} | {ceiling:.0%} |")
    return "\n".join(rows)


def _shares(recipes: list[Recipe], labels: NDArray[np.float32]) -> str:
    rows = ["| Label | Photos with it | Emojis that show it | Agreement |", "|---|---|---|---|"]
    for name, (field, values) in SHOWN.items():
        shown = np.array([getattr(recipe, field) in values for recipe in recipes])
        labeled = labels[:, ATTRIBUTES.index(name)] > 0.5
        rows.append(
            f"| {name} | {labeled.mean():.1%} | {shown.mean():.1%} | {(shown == labeled).mean():.1%} |"
        )
    return "\n".join(rows)


# --- Thresholds and the contact sheet --------------------------------------------------------------------------------


def thresholds(reader: Reader, data: Path) -> str:
    """The rows of [thresholds]: above each, as many validation photos are as people labeled so."""
    celeba = datasets.celeba(data, "val")
    readings = reader.read(list(celeba.images))
    labels = dict(zip(ATTRIBUTES, celeba.targets["attributes"].mean(0), strict=True))
    rows = []
    for name in RULES.thresholds:
        share = float(labels.get(name, STRONG))
        threshold = matching_threshold([_probability(reading, name) for reading in readings], share)
        key = f'"{name}"' if name == PEAK else name
        rows.append(f"{f'{key} = {threshold:.2f}':30} # {share:4.0%}".replace("%", ""))
    return "\n".join(rows)


def _probability(reading: Reading, name: str) -> float:
    return max(reading.emotion.values()) if name == PEAK else reading.attributes[name]


def matching_threshold(probabilities: Sequence[float], share: float) -> float:
    """The probability above which this share of the photos lies, between 0.02 and 0.98."""
    return float(np.clip(np.quantile(probabilities, 1 - share), 0.02, 0.98))


def _write_sheet(path: Path, crops: NDArray[np.uint8], recipes: list[Recipe], columns: int = 5) -> None:
    height, width = crops.shape[1:3]
    rows = -(-len(crops) // columns)
    sheet = Image.new("RGB", (columns * (width + height), rows * height), "white")
    for i, (crop, recipe) in enumerate(zip(crops, recipes, strict=True)):
        left, top = i % columns * (width + height), i // columns * height
        emoji = Image.open(io.BytesIO(draw_png(recipe, height)))
        sheet.paste(Image.fromarray(crop), (left, top))
        sheet.paste(emoji, (left + width, top), emoji.convert("RGBA"))
    with swapped(path) as file:
        sheet.save(file, "PNG")
