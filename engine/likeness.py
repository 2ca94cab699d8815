"""How well emojis tell people apart, and how far they show what people see: `python -m engine likeness --data DIR`.

Prints docs/likeness.md. With --thresholds it prints instead the rows of [thresholds] and [surely] in
core/recipe/rules.toml that fit the weights at hand. Run both after every training, thresholds first.
"""

import argparse
import io
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.drawing.png import draw_png
from core.drawing.svg import draw_svg
from core.models import labels
from core.models.labels import ATTRIBUTES
from core.models.weights import FOLDER, read_card
from core.recipe.choices import FIELDS, Value
from core.recipe.recipe import Recipe
from core.recipe.rules import NOT, RULES
from core.seeing.measurements import Measurements
from core.seeing.reading import Reader, Reading
from engine import datasets
from engine.files import swapped
from engine.restraint import NEAR_BLACK, restraint_table

TASKS = ("attributes", "look", "skin_tone", "emotion")
"""The models whose weights the figures depend on."""

ALIKE = 40
"""How many of the photos are compared with each other."""

CHOICES: tuple[tuple[str, str, float], ...] = (
    ("hair", "hair_length", 0.90), ("hair", "hair_texture", 0.86), ("hair_color", "hair_color", 0.82),
    ("hairline", "fringe", 0.95), ("glasses", "eyewear", 1.0), ("headwear", "headwear", 0.997),
    ("beard", "facial_hair", 0.92), ("clothes", "clothes", 0.77), ("clothes_color", "clothes_color", 0.81),
)  # fmt: skip
"""Fields of the recipe, the look question they answer, and how often two raters of 300 faces gave the same answer."""

DETAILS: tuple[tuple[str, str, Mapping[str, tuple[Value, ...]], float], ...] = (
    ("smile", "mouth", {
        "frown": ("down", "worried", "serious"), "serious": ("serious", "calm"), "calm": ("calm", "soft"),
        "soft": ("soft", "smile"), "teeth": ("teeth", "grin"), "laugh": ("laugh", "grin", "teeth"),
        "open": ("parted", "oh"),
    }, 0.77),
    ("shade", "hair_color", {
        "brownblack": ("brown_black",), "darkbrown": ("dark_brown",), "lightbrown": ("light_brown",),
        "ashblond": ("ash_blond",), "saltpepper": ("salt_pepper",),
        **{name: (name,) for name in (
            "black", "chestnut", "brown", "auburn", "copper", "strawberry", "honey", "blond", "platinum", "gray",
            "white",
        )},
    }, 0.62),
    ("glasses", "glasses", {
        "none": ("none",), "rect": ("rect", "square"), "thick": ("square",), "rimless": ("rect", "rimless"),
        **{name: (name,) for name in ("round", "aviator", "cat")},
    }, 0.99),
    ("earrings", "earrings", {
        "none": ("none",), "hidden": ("none",), **{name: (name,) for name in ("stud", "hoop", "drop")},
    }, 0.90),
    ("neck", "clothes", {
        "crew": ("crew", "boat"), "vneck": ("v", "cardigan"), "collar": ("shirt", "open", "polo", "zip", "blazer"),
        "tie": ("suit",), "suitopen": ("suit_open", "blazer"), "hood": ("hoodie",), "scoop": ("scoop", "wide"),
        "strap": ("strap", "tank"), "off": ("off", "strap"), "turtle": ("turtle",), "hidden": ("crew",),
    }, 0.68),
    ("brows", "brow_thickness", {"thin": ("thin",), "normal": ("normal",), "thick": ("thick",)}, 0.65),
    ("lips", "lipstick", {
        "natural": ("none", "nude"), "pink": ("rose", "pink", "nude", "coral"), "red": ("red", "coral"),
        "dark": ("berry", "plum"),
    }, 0.85),
)  # fmt: skip
"""A finer question, the field that answers it, {answer: values that show it}, and how often two raters agree."""

SHOWN: dict[str, tuple[str, tuple[Value, ...]]] = {
    "Arched_Eyebrows": ("brows", ("arched",)),
    "Big_Lips": ("lips", ("full",)),
    "Big_Nose": ("nose", ("big",)),
    "Bushy_Eyebrows": ("brow_thickness", ("thick",)),
    "Chubby": ("face_shape", ("round", "full")),
    "Heavy_Makeup": ("lashes", (True,)),
    "Mouth_Slightly_Open": ("mouth", ("teeth", "grin", "laugh", "parted", "oh")),
    "Mustache": ("moustache", ("thin", "full")),
    "Narrow_Eyes": ("eyes", ("narrow",)),
    "Pale_Skin": ("skin_tone", ("pale",)),
    "Receding_Hairline": ("hairline", ("bays", "high")),
    "Rosy_Cheeks": ("blush", (True,)),
    "Sideburns": ("sideburns", (True,)),
    "Smiling": ("mouth", ("soft", "smile", "teeth", "grin", "laugh")),
    "Wearing_Earrings": ("earrings", ("stud", "drop")),
    "Wearing_Lipstick": ("lipstick", tuple(FIELDS["lipstick"].palette)),
    "Wearing_Necklace": ("necklace", ("chain",)),
    "Wearing_Necktie": ("necktie", tuple(FIELDS["necktie"].palette)),
}
"""{CelebA label that the look questions leave out: the field and values that show it}."""

SURE = 0.95
"""How many of those with evidence at a threshold of [surely] are labeled so."""
LEAST = 20
"""How many photos a threshold of [surely] must be seen on."""


PAGE = """# Likeness

Would a friend pick the owner of an emoji out of a few photos? These figures say how different the emojis of different
people are, and how far each choice agrees with what people saw in the same photo. They come from one command, which
prints this page:

    python -m engine likeness --data DIR > docs/likeness.md

Photos are CelebA crops of its validation partition, which no model was trained on; readings are the models' own.
The thresholds and weights of `core/recipe/rules.toml` were chosen on photos of that partition, so the agreement below
is on the kind side of what new photos would show.
Weights: {weights}.

## Restraint

{photos} photos, evenly spread over the partition. A near-black mark is a part of the face, apart from others, in a
color of which no channel is above {near_black}: an eye with its lash, a mouth, glasses.

{restraint}

## Different people, different emojis

{alike} of these photos. "Unique" recipes are those that no other of these photos gets. Two recipes may differ in
something that is not seen (the lashes behind sunglasses), so drawings are counted too.

{uniqueness}

How many of a recipe's {fields} fields differ from the most similar recipes of the others:

{nearest}

How much each choice tells apart: with an entropy of 1 bit it halves the crowd, with 0 it is the same for everyone.
Choices for people to make by hand (freckles, aids, backgrounds) say nothing on purpose, and are left out.

{entropies}

## What people saw, and what the emoji shows

The {looks} validation photos with answers to the look questions, on which rare looks (hats, glasses, beards, bald,
gray) are more common than in life. Left out are photos whose answer has no picture: hair that is covered, clothes that
are hidden. Nobody can be expected to score above what two raters agree on. The two columns further right say what the
same rules show without the parser's measurements and colors, and without the finer questions.

{agreements}

The finer questions, asked for {details} of these photos.

{finer}

The labels that no look question asks for, on the same photos. "Right" are those of the emojis that show something whose
photos are labeled so: what could hurt is shown only near certainty, so that it is mostly right and often not shown.

{shares}
"""


def run(options: argparse.Namespace) -> str:
    """What the command prints. Raises DataError and WeightsError."""
    reader = Reader()
    return thresholds(reader, options.data) if options.thresholds else study(reader, options)


def study(reader: Reader, options: argparse.Namespace) -> str:
    """The page: how restrained and how different some emojis are, and how far they agree with the labels."""
    celeba = datasets.celeba(options.data, "val")
    some = np.linspace(0, len(celeba), options.photos, endpoint=False).astype(int)
    recipes = _recipes(reader, celeba.images[some])
    if options.sheet:
        _write_sheet(options.sheet, celeba.images[some], recipes)
    look = datasets.look(options.data, "val")
    readings = reader.read(list(look.images))
    shown = {
        name: [Recipe.from_reading(less(reading)) for reading in readings] for name, less in LESS.items()
    }
    finer = np.flatnonzero(np.any([look.targets[question] >= 0 for question in labels.DETAILS], 0))
    rows = np.array([celeba.ids.index(name) for name in look.ids])
    alike = recipes[:: max(1, len(recipes) // ALIKE)][:ALIKE]
    return PAGE.format(
        weights=", ".join(f"{task} `{_fingerprint(task)}`" for task in TASKS),
        photos=len(recipes),
        near_black=NEAR_BLACK,
        restraint=restraint_table(recipes),
        alike=len(alike),
        looks=len(readings),
        details=len(finer),
        fields=len(FIELDS),
        uniqueness=_uniqueness(alike),
        nearest=_nearest(alike),
        entropies=_entropies(recipes),
        agreements=_agreements(shown, look.targets),
        finer=_finer(
            {name: [recipes[number] for number in finer] for name, recipes in shown.items()},
            look.take(finer).targets,
        ),
        shares=_shares(shown[ALL], celeba.targets["attributes"][rows]),
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
        if len(set(values)) == 1:
            continue
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
    """{value of the field: answers to the question that speak most for it}, for the values that have some."""
    [options] = [decision.options[field] for decision in RULES.decisions if field in decision.options]
    shown: dict[Value, set[str]] = {}
    for value, (_, weights) in options.items():
        asked = {
            source.removeprefix(f"{question}."): weight
            for source, weight in weights.items()
            if source.startswith(f"{question}.")
        }
        if asked and max(asked.values()) > 0:
            most = max(asked.values())
            shown[value] = {
                answer for answers, weight in asked.items() if weight == most for answer in answers.split("|")
            }
    return shown


def _without_measurements(reading: Reading) -> Reading:
    return replace(reading, measurements=Measurements(), colors={})


def _without_details(reading: Reading) -> Reading:
    """As if nobody had answered the finer questions: each answer as likely as the others."""
    unknown = {
        question: dict.fromkeys(answers, 1 / len(answers)) for question, answers in labels.DETAILS.items()
    }
    return replace(reading, look=reading.look | unknown)


ALL = "Emoji shows the answer"
LESS: dict[str, Callable[[Reading], Reading]] = {
    ALL: lambda reading: reading,
    "without what is measured": _without_measurements,
    "without the finer questions": _without_details,
}
"""{a column: what is left of a reading in it}."""


def _agreements(shown_by: dict[str, list[Recipe]], targets: dict[str, NDArray[np.int64]]) -> str:
    rows = [
        f"| Choice | Question | Photos | {' | '.join(shown_by)} | Raters agree |",
        "|---" * (4 + len(shown_by)) + "|",
    ]
    for field, question, ceiling in CHOICES:
        shown = shown_answers(field, question)
        possible = set().union(*shown.values())
        pairs = [
            [
                (getattr(recipe, field), answer)
                for recipe, number in zip(recipes, targets[question], strict=True)
                for answer in [labels.LOOK[question][number]]
                if answer in possible and getattr(recipe, field) in shown
            ]
            for recipes in shown_by.values()
        ]
        right = [sum(answer in shown[value] for value, answer in column) / len(column) for column in pairs]
        rows.append(_agreement_row(FIELDS[field].label, question, len(pairs[0]), right, ceiling))
    return "\n".join(rows)


def _agreement_row(first: str, second: str, photos: int, right: list[float], ceiling: float) -> str:
    shares = " | ".join(f"{share:.1%}" for share in right)
    return f"| {first} | {second} | {photos} | {shares} | {ceiling:.0%} |"


def _finer(shown_by: dict[str, list[Recipe]], targets: dict[str, NDArray[np.int64]]) -> str:
    rows = [
        f"| Question | Choice | Photos | {' | '.join(shown_by)} | Raters agree |",
        "|---" * (4 + len(shown_by)) + "|",
    ]
    for question, field, shown, ceiling in DETAILS:
        pairs = [
            [
                (getattr(recipe, field), labels.DETAILS[question][number])
                for recipe, number in zip(recipes, targets[question], strict=True)
                if number >= 0 and labels.DETAILS[question][number] in shown
            ]
            for recipes in shown_by.values()
        ]
        right = [sum(value in shown[answer] for value, answer in column) / len(column) for column in pairs]
        rows.append(_agreement_row(question, FIELDS[field].label, len(pairs[0]), right, ceiling))
    return "\n".join(rows)


def _shares(recipes: list[Recipe], attributes: NDArray[np.float32]) -> str:
    rows = ["| Label | Photos with it | Emojis that show it | Right | Agreement |", "|---|---|---|---|---|"]
    for name, (field, values) in SHOWN.items():
        shown = np.array([getattr(recipe, field) in values for recipe in recipes])
        labeled = attributes[:, ATTRIBUTES.index(name)] > 0.5
        right = f"{labeled[shown].mean():.0%}" if shown.any() else "-"
        rows.append(
            f"| {name} | {labeled.mean():.1%} | {shown.mean():.1%} | {right} | {(shown == labeled).mean():.1%} |"
        )
    return "\n".join(rows)


# --- Thresholds and the contact sheet --------------------------------------------------------------------------------


def thresholds(reader: Reader, data: Path) -> str:
    """The rows of [thresholds], above each of which as many validation photos are as people labeled so, and of
    [surely], above each of which 19 of 20 are labeled so."""
    celeba = _as_people_have_them(data)
    readings = reader.read(list(celeba.images))
    probabilities = {
        name: np.array([reading.attributes[name] for reading in readings]) for name in ATTRIBUTES
    }
    labeled = dict(zip(ATTRIBUTES, celeba.targets["attributes"].T > 0.5, strict=True))
    rows = ["[thresholds]"]
    for name in RULES.thresholds:
        share = float(labeled[name].mean())
        rows.append(
            f"{f'{name} = {matching_threshold(probabilities[name], share):.2f}':30} # {share * 100:4.0f}"
        )
    rows += ["", "[surely]"]
    for name in RULES.surely:
        attribute = name.removeprefix(NOT)
        if name.startswith(NOT):
            threshold = 1 - sure_threshold(1 - probabilities[attribute], ~labeled[attribute])
        else:
            threshold = sure_threshold(probabilities[attribute], labeled[attribute])
        key = name if name == attribute else f'"{name}"'
        rows.append(f"{key} = {threshold:.2f}")
    return "\n".join(rows)


def _as_people_have_them(data: Path) -> datasets.Dataset:
    """The validation crops as their original files, where there are some: compression shifts what networks answer."""
    originals = data / "celeba" / "val_original.zip"
    return datasets.celeba(data, "val_original" if originals.is_file() else "val")


def sure_threshold(probabilities: NDArray[np.floating], labeled: NDArray[np.bool_]) -> float:
    """The least probability from which SURE of the photos, and at least LEAST, are labeled so; 1 if there is none."""
    order = np.argsort(-probabilities, kind="stable")
    right = np.cumsum(labeled[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(right[LEAST - 1 :] >= SURE)
    return float(probabilities[order[enough[-1] + LEAST - 1]]) if len(enough) else 1.0


def matching_threshold(probabilities: Sequence[float] | NDArray[np.floating], share: float) -> float:
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
