"""From reading to recipe: the likeliest consistent combination wins, and the table says what speaks for what."""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe
from core.recipe.rules import MEASURED, NEVER, NOT, RULES, SURELY, Decision, load_rules
from core.seeing.measurements import MEASUREMENTS, Measurements
from core.seeing.reading import Reading

ROOT = Path(__file__).parents[2]
UNUSED = ("Attractive", "Blurry", "Male", "Oval_Face", "Pointy_Nose")
QUESTIONS = {**LOOK, "emotion": EMOTIONS, "skin_tone": SKIN_TONES}
PLAIN = {
    "hair_length": "short", "hair_texture": "straight", "hair_color": "brown", "fringe": "no", "eyewear": "none",
    "headwear": "none", "facial_hair": "none", "clothes": "tshirt", "clothes_color": "blue", "emotion": "neutral",
    "skin_tone": "type3",
}  # fmt: skip
"""The likeliest answers of an ordinary reading; the finer questions are open."""
OPEN = dict.fromkeys(QUESTIONS)
"""All answers equally likely."""
EXTRAS = ("nose", "eye_bags", "smile_lines", "crows_feet", "forehead_lines", "chin_fold", "dimples", "blush")
BY_HAND = [name for name, field in FIELDS.items() if field.group in ("details", "background")]
MEASURABLE = {
    "parting": (-12, 12), "forehead": (38, 60), "fall": (-16, 16), "fringe": (30, 55), "jaw": (55, 85), "rims": (0, 1),
    "mouth_dark": (0, 0.3), "mouth_light": (0, 0.3), "lip_redness": (5, 20), "shoulders": (3, 50), "chest": (3, 50),
    "neckline": (3, 50),
}  # fmt: skip
"""{measurement: from where to where it usually is}."""


def reading(attributes: dict[str, float] | None = None, **answers: str | dict[str, float] | None) -> Reading:
    """An ordinary face, but for these attributes and answers: the likeliest one, or the whole distribution."""
    usual = {name: 0.9 if name in ("No_Beard", "Young") else 0.1 for name in ATTRIBUTES}
    distributions = {
        question: _distribution(question, answer)
        for question, answer in (OPEN | PLAIN | answers).items()
    }
    return _reading(usual | (attributes or {}), distributions)


def _distribution(question: str, answer: str | dict[str, float] | None) -> dict[str, float]:
    """An answer's name -> 0.8 for it; a few probabilities -> the rest shared by the others; None -> all the same."""
    given = {} if answer is None else {answer: 0.8} if isinstance(answer, str) else answer
    others = [name for name in QUESTIONS[question] if name not in given]
    return given | {name: (1 - sum(given.values())) / len(others) for name in others}


def _reading(attributes: dict[str, float], answers: dict[str, dict[str, float]]) -> Reading:
    look = {question: answers[question] for question in LOOK}
    return Reading(attributes, look, answers["skin_tone"], answers["emotion"])


def measured(seen: Reading, colors: dict[str, str] | None = None, **numbers: float) -> Reading:
    """The same, with colors and numbers measured."""
    return dataclasses.replace(seen, colors=colors or {}, measurements=Measurements(**numbers))


def smiling(happy: float, open_: float = 0.05, dark: float = 0.0, **attributes: float) -> Reading:
    """An ordinary face that is so happy, its mouth so likely open, and so dark inside."""
    emotion = {"happy": happy, "neutral": 1 - happy}
    seen = reading({"Smiling": happy, "Mouth_Slightly_Open": open_} | attributes, emotion=emotion)
    return measured(seen, mouth_dark=dark)


def random_readings(count: int, seed: int = 0) -> list[Reading]:
    """Readings of any kind: sure, unsure and contradicting themselves."""
    draw = np.random.default_rng(seed)
    readings = []
    for _ in range(count):
        attributes = dict(zip(ATTRIBUTES, draw.beta(0.4, 0.4, len(ATTRIBUTES)).tolist(), strict=True))
        answers = {
            question: dict(zip(names, draw.dirichlet([0.3] * len(names)).tolist(), strict=True))
            for question, names in QUESTIONS.items()
        }
        colors = {place: f"#{draw.integers(1 << 24):06x}" for place in MEASURED if draw.random() < 0.7}
        numbers = {
            name: float(draw.uniform(*MEASURABLE[name])) for name in MEASUREMENTS if draw.random() < 0.8
        }
        readings.append(measured(_reading(attributes, answers), colors, **numbers))
    return readings


@pytest.fixture(scope="module")
def recipes() -> list[Recipe]:
    """What random readings become."""
    return [Recipe.from_reading(seen) for seen in random_readings(1000)]


def with_attribute(before: Reading, name: str, probability: float) -> Reading:
    return dataclasses.replace(before, attributes=before.attributes | {name: probability})


@pytest.mark.parametrize(
    ("happy", "open_", "mouth"),
    [
        # A serious face stays serious, but one that is not quite is calm already.
        (0.01, 0.05, "serious"),
        (0.2, 0.05, "calm"),
        # Who smiles a little gets a slight smile, no flat line.
        (0.5, 0.05, "soft"),
        (0.7, 0.1, "soft"),
        (0.97, 0.05, "smile"),
        # Teeth show when the mouth is open, whether the smile is broad or not.
        (0.75, 0.9, "teeth"),
        (0.96, 0.98, "teeth"),
        # An open mouth that does not smile is a little open.
        (0.02, 0.95, "parted"),
    ],
)
def test_mouths_are_a_scale(happy: float, open_: float, mouth: str) -> None:
    recipe = Recipe.from_reading(smiling(happy, open_))

    assert (recipe.mouth, recipe.eyes) == (mouth, "dot")


@pytest.mark.parametrize(
    ("seen", "mouth", "eyes"),
    [
        # A mouth that is dark inside laughs, eyes and all.
        (smiling(0.995, 0.99, dark=0.2), "laugh", "joy"),
        # The same mouth is a smile if it shows teeth,
        (smiling(0.995, 0.99, dark=0.05), "teeth", "dot"),
        # if it was not measured,
        (dataclasses.replace(smiling(0.995, 0.99), measurements=Measurements()), "teeth", "dot"),
        # or if the face is not that happy: it is a shadow, or somebody sings.
        (smiling(0.6, 0.99, dark=0.2), "teeth", "dot"),
        (smiling(0.05, 0.99, dark=0.3), "parted", "dot"),
        # Lifted cheeks make a broad smile a grin.
        (smiling(0.995, 0.99, High_Cheekbones=0.99), "grin", "dot"),
    ],
)
def test_only_a_real_laugh_is_drawn_as_one(seen: Reading, mouth: str, eyes: str) -> None:
    recipe = Recipe.from_reading(seen)

    assert (recipe.mouth, recipe.eyes) == (mouth, eyes)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # A clear emotion bends brows and mouth; a doubtful one does not.
        (reading({"Smiling": 0.02}, emotion={"sad": 0.97}), {"brows": "worried", "mouth": "down"}),
        (
            reading({"Smiling": 0.02}, emotion={"sad": 0.5, "neutral": 0.4}),
            {"brows": "soft", "mouth": "serious"},
        ),
        # A stern face is drawn serious, not cross.
        (
            reading({"Smiling": 0.02}, emotion={"angry": 0.7, "neutral": 0.2}),
            {"brows": "soft", "mouth": "serious"},
        ),
        (
            reading({"Mouth_Slightly_Open": 0.95, "Smiling": 0.02}, emotion={"surprise": 0.95}),
            {"brows": "raised", "mouth": "oh"},
        ),
    ],
)
def test_emotions(seen: Reading, expected: dict[str, object]) -> None:
    recipe = Recipe.from_reading(seen)

    assert {field: getattr(recipe, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # Length decides first, texture among the outlines of that length.
        (
            reading({"Wavy_Hair": 0.02}, hair_length={"long": 0.9}, hair_texture={"curly": 0.6}),
            {"hair": "curly_long"},
        ),
        (reading(hair_length="long", hair_texture="coily"), {"hair": "locs"}),
        (
            reading(hair_length={"medium": 0.6, "short": 0.3}, hair_texture="coily"),
            {"hair": "afro", "hairline": "curls_high"},
        ),
        # Short hair that could be shaved is a close crop.
        (reading(hair_length={"short": 0.55, "buzz": 0.4}), {"hair": "close"}),
        # Curls that could be waves are not tamed.
        (
            reading(hair_length={"short": 0.9}, hair_texture={"wavy": 0.45, "curly": 0.4}),
            {"hair": "curly_short", "hairline": "curls_high"},
        ),
        # A bald head has no hairline; hair at its sides has a color.
        (
            reading({"Bald": 0.9}, hair_length="bald", hair_texture="none", hair_color="none"),
            {"hair": "none", "hairline": "open"},
        ),
        (
            reading({"Bald": 0.9}, hair_length="bald", hair_texture="straight", hair_color="gray"),
            {"hair": "horseshoe", "hairline": "open", "hair_color": "gray"},
        ),
        # A clearly receding hairline shows on short hair, but not on long hair.
        (measured(reading({"Receding_Hairline": 0.9}), forehead=56), {"hair": "slick", "hairline": "bays"}),
        (reading({"Receding_Hairline": 0.9}, hair_length="long"), {"hairline": "center_high"}),
        # The finer question knows locs, plaits and half of the hair tied up.
        (reading(hair_length="long", hair_texture="coily", style="locs"), {"hair": "locs"}),
        (reading(hair_length="short", hair_texture="coily", style="locs"), {"hair": "locs_short"}),
        (reading(hair_length="long", style="halfup"), {"hair": "half_up"}),
        (reading(hair_length="tied", style="braids"), {"hair": "tight", "tied": "plait_side"}),
        (reading(hair_length="long", part="right"), {"parting": "right"}),
        # Tied hair that shows beside the neck is a ponytail, otherwise up.
        (reading(hair_length={"tied": 0.7, "long": 0.28}), {"hair": "tight", "tied": "pony_low"}),
        (reading(hair_length={"tied": 0.7, "short": 0.28}), {"hair": "tight", "tied": "bun_low"}),
        # Hair that is about as likely loose is drawn loose.
        (reading(hair_length={"tied": 0.45, "long": 0.43}), {"tied": "none"}),
        # Where the hairline is highest, there is the parting; in the middle it is a center parting.
        (
            measured(reading(hair_length="long"), parting=9, fall=2, forehead=47),
            {"hairline": "side_high", "parting": "right"},
        ),
        (measured(reading(hair_length="long"), parting=-9, fall=-2, forehead=47), {"parting": "left"}),
        (measured(reading(hair_length="long"), parting=0.5, fall=0, forehead=47), {"hairline": "center"}),
        # A fringe that hangs low on both sides is blunt, one that hangs on one side is swept.
        (
            measured(
                reading({"Bangs": 0.95}, hair_length="long", fringe="yes"), fringe=33, fall=1, parting=1
            ),
            {"hairline": "blunt"},
        ),
        (
            measured(
                reading({"Bangs": 0.9}, hair_length="long", fringe="yes"), fringe=42, fall=15, parting=8
            ),
            {"hairline": "swoop"},
        ),
        # What the pixels say of a hairline does not count under a hat.
        (
            measured(reading({"Wearing_Hat": 0.9}, headwear="cap"), forehead=60, parting=-12, fall=-16),
            {"headwear": "cap", "parting": "right"},
        ),
    ],
)
def test_hair(seen: Reading, expected: dict[str, object]) -> None:
    recipe = Recipe.from_reading(seen)

    assert {field: getattr(recipe, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("seen", "color"),
    [
        # Of one class, the finer question says which shade.
        (reading(hair_color="brown", shade="lightbrown"), "light_brown"),
        (reading(hair_color={"black": 0.5, "gray": 0.4}, shade="saltpepper"), "salt_pepper"),
        # The likeliest color wins although nothing reaches 0.5.
        (reading(hair_color={"red": 0.3, "brown": 0.2, "darkblond": 0.1}), "copper"),
        # CelebA's labels tip the balance between two answers that are about equally likely.
        (reading({"Black_Hair": 0.95}, hair_color={"black": 0.4, "darkbrown": 0.42}), "black"),
        # A clear look reading is not overturned by one label.
        (reading({"Blond_Hair": 0.9}, hair_color={"gray": 0.95}), "gray"),
        # Gray ages: it must be clearly gray.
        (reading({"Gray_Hair": 0.2}, hair_color={"gray": 0.42, "brown": 0.38}), "brown"),
        # Of one class, the pixels say which shade: golden blond, ash blond, and both in shadow.
        (measured(reading(hair_color={"blond": 0.6, "darkblond": 0.38}), {"hair": "#d9a441"}), "honey"),
        (measured(reading(hair_color={"blond": 0.6, "darkblond": 0.38}), {"hair": "#8a652a"}), "honey"),
        (measured(reading(hair_color={"blond": 0.6, "darkblond": 0.38}), {"hair": "#cdb48a"}), "ash_blond"),
        # Dark red is neither brown nor orange, and orange is.
        (measured(reading(hair_color={"red": 0.6, "brown": 0.35}), {"hair": "#7a3a26"}), "auburn"),
        (measured(reading(hair_color={"red": 0.95}), {"hair": "#e27022"}), "ginger"),
        # Hair that is not seen is of no rare color.
        (
            reading({"Brown_Hair": 0.3}, hair_length="bald", hair_texture="none", hair_color={"none": 0.97}),
            "brown",
        ),
        (
            reading({"Black_Hair": 0.5}, hair_length="bald", hair_color={"none": 0.97}, skin_tone="type6"),
            "black",
        ),
        # Under a hat there are no pixels of hair.
        (
            measured(
                reading({"Wearing_Hat": 0.9}, headwear="cap", hair_color={"red": 0.9}), {"hair": "#3f3f3f"}
            ),
            "copper",
        ),
    ],
)
def test_hair_color(seen: Reading, color: str) -> None:
    assert Recipe.from_reading(seen).hair_color == color


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # A doubtful beard stays away when the labels see none, and comes when they do.
        (reading({"No_Beard": 0.99}, facial_hair={"stubble": 0.45, "none": 0.4}), {"beard": "none"}),
        (
            reading({"No_Beard": 0.05, "5_o_Clock_Shadow": 0.9}, facial_hair={"stubble": 0.4, "none": 0.45}),
            {"beard": "stubble"},
        ),
        # A moustache alone, a goatee, and the two together.
        (
            reading({"No_Beard": 0.2, "Mustache": 0.9}, facial_hair="moustache"),
            {"moustache": "full", "beard": "none"},
        ),
        (
            reading({"No_Beard": 0.1, "Goatee": 0.9}, facial_hair="goatee"),
            {"beard": "goatee", "moustache": "none"},
        ),
        (
            reading({"No_Beard": 0.1, "Goatee": 0.9, "Mustache": 0.9}, facial_hair="goatee"),
            {"beard": "circle", "moustache": "none"},
        ),
        # Sideburns make a beard a full one, and vanish in it.
        (
            reading({"No_Beard": 0.1, "Sideburns": 0.95, "Goatee": 0.9}, facial_hair="beard"),
            {"beard": "full", "sideburns": False},
        ),
        # Sunglasses and glasses are told apart by the look, found by both; thick rims by the pixels.
        (
            reading({"Eyeglasses": 0.9}, eyewear={"none": 0.5, "glasses": 0.4}),
            {"glasses": "rect", "lenses": "clear"},
        ),
        (reading({"Eyeglasses": 0.9}, eyewear="sunglasses"), {"glasses": "square", "lenses": "dark"}),
        (
            measured(reading({"Eyeglasses": 0.9}, eyewear="glasses"), rims=0.85),
            {"glasses": "square", "frame_color": "black"},
        ),
        (
            measured(reading({"Eyeglasses": 0.9}, eyewear="glasses"), rims=0.1),
            {"glasses": "rect", "frame_color": "silver"},
        ),
        # Cloth over all hair is a turban with a beard, a headscarf without.
        (reading({"Wearing_Hat": 0.9}, headwear="scarf", hair_length="covered"), {"headwear": "headscarf"}),
        (
            reading({"Wearing_Hat": 0.9}, headwear="scarf", hair_length="covered", facial_hair="beard"),
            {"headwear": "turban"},
        ),
        # A headband is no hat. A hat has the color that was measured.
        (reading(headwear="other", hair_length="long"), {"headwear": "none"}),
        (
            measured(reading({"Wearing_Hat": 0.9}, headwear="cap"), {"hat": "#3fa090"}),
            {"headwear": "cap", "headwear_color": "teal"},
        ),
        # The finer questions tell the shape of glasses and of earrings, where there are any.
        (reading({"Eyeglasses": 0.9}, eyewear="glasses", glasses="round"), {"glasses": "round"}),
        (reading({"Eyeglasses": 0.02}, glasses={"round": 0.5}), {"glasses": "none"}),
        (
            reading({"Eyeglasses": 0.9}, eyewear="sunglasses", glasses="aviator"),
            {"glasses": "aviator", "lenses": "dark"},
        ),
        (reading({"Wearing_Earrings": 0.9}, earrings="hoop"), {"earrings": "hoop"}),
        (reading({"Wearing_Earrings": 0.9}, earrings="drop"), {"earrings": "drop"}),
        # A loop of hair is no earring.
        (reading({"Wearing_Earrings": 0.2}, earrings={"hoop": 0.35, "hidden": 0.3}), {"earrings": "none"}),
        # No reading of a necklace is sure enough.
        (reading({"Wearing_Necklace": 0.99}), {"necklace": "none"}),
    ],
)
def test_what_is_worn(seen: Reading, expected: dict[str, object]) -> None:
    recipe = Recipe.from_reading(seen)

    assert {field: getattr(recipe, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # Where clothes are hidden, a plain crew neck in a color that suits the hair; whatever else was measured.
        (
            measured(
                reading(clothes="hidden", clothes_color="hidden", hair_color="red"),
                {"clothes": "#c4342c"}, shoulders=5, chest=5, neckline=5,
            ),
            {"clothes": "crew", "clothes_color": "teal"},
        ),
        (
            reading(clothes="hidden", clothes_color="hidden", hair_color="blond"),
            {"clothes": "crew", "clothes_color": "navy"},
        ),
        # A hoodie by its hood alone; necklines by the finer question too.
        (reading(clothes="jacket", neck="hood"), {"clothes": "hoodie"}),
        (reading(clothes={"tshirt": 0.5, "dress": 0.4}, neck="vneck"), {"clothes": "v"}),
        (reading(clothes="jacket", neck="turtle"), {"clothes": "turtle"}),
        (measured(reading(clothes={"jacket": 0.7, "tshirt": 0.2}), chest=30), {"clothes": "zip"}),
        # The neckline is where skin ends.
        (measured(reading(clothes="dress"), shoulders=4, chest=6, neckline=5), {"clothes": "strap"}),
        (measured(reading(clothes="tshirt"), shoulders=40, chest=4, neckline=20), {"clothes": "v"}),
        (measured(reading(clothes="tshirt"), shoulders=40, chest=30, neckline=30), {"clothes": "crew"}),
        # The shade is measured, within what the look model says ...
        (measured(reading(clothes_color="blue"), {"clothes": "#2a3a70"}), {"clothes_color": "navy"}),
        (measured(reading(clothes_color="blue"), {"clothes": "#9fd0ee"}), {"clothes_color": "sky"}),
        # ... unless it is in doubt and the pixels are not,
        (
            measured(reading(clothes_color={"black": 0.4, "red": 0.3}), {"clothes": "#c83028"}),
            {"clothes_color": "dark_red"},
        ),
        # and a clear answer is not overturned by a shadow.
        (measured(reading(clothes_color={"white": 0.97}), {"clothes": "#8f9090"}), {"clothes_color": "white"}),
        # A tie needs a collar: the likeliest clothes that have one, here against a jacket.
        (
            measured(
                reading({"Wearing_Necktie": 0.95}, clothes={"jacket": 0.5, "suit": 0.4}), {"inner": "#7b2c3b"}, chest=30
            ),
            {"clothes": "suit", "necktie": "burgundy"},
        ),
        # A tie never vanishes in a suit of its color.
        (
            measured(
                reading({"Wearing_Necktie": 0.95}, clothes="suit", clothes_color="black"), {"inner": "#3f3f3f"}
            ),
            {"clothes_color": "black", "necktie": "dark_green"},
        ),
        # An open suit shows what is under it.
        (
            measured(reading({"Wearing_Necktie": 0.05}, clothes="suit"), {"inner": "#404040"}, chest=40),
            {"clothes": "suit_open", "inner_color": "black", "necktie": "none"},
        ),
    ],
)  # fmt: skip
def test_clothes(seen: Reading, expected: dict[str, object]) -> None:
    recipe = Recipe.from_reading(seen)

    assert {field: getattr(recipe, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # The likeliest skin tone; of two equal ones the one beside which more of the rest lies.
        (reading(skin_tone={"type5": 0.3, "type6": 0.25, "type4": 0.25}), {"skin_tone": "medium_dark"}),
        (
            reading(skin_tone={"type3": 0.35, "type4": 0.35, "type2": 0.02, "type5": 0.2}),
            {"skin_tone": "medium"},
        ),
        # Pale is a kind of light.
        (reading({"Pale_Skin": 0.9}, skin_tone="type2"), {"skin_tone": "pale"}),
        (reading({"Pale_Skin": 0.9}, skin_tone="type4"), {"skin_tone": "medium"}),
        # Lashes and lips follow make-up that is seen.
        (reading({"Heavy_Makeup": 0.95, "Wearing_Lipstick": 0.95}), {"lashes": True, "lipstick": "rose"}),
        (reading(hair_length="long"), {"lashes": False, "lipstick": "none", "lips": "line"}),
        (
            measured(
                reading({"Heavy_Makeup": 0.99, "Wearing_Lipstick": 0.99}), {"lips": "#b83030"}, lip_redness=20
            ),
            {"lipstick": "red"},
        ),
        (
            measured(
                reading({"Heavy_Makeup": 0.9, "Wearing_Lipstick": 0.95}, skin_tone="type6"),
                {"lips": "#8a2f4a"},
            ),
            {"lipstick": "berry"},
        ),
        # Full lips are a caricature when they are wrong: never, unless with lipstick, which fills them.
        (reading({"Big_Lips": 0.99}), {"lips": "line", "lipstick": "none"}),
        # Widths of the face are measured, but beards hide them.
        (measured(reading(), jaw=84), {"face_shape": "square"}),
        (measured(reading(), jaw=55), {"face_shape": "heart"}),
        (measured(reading({"No_Beard": 0.05}, facial_hair="beard"), jaw=84), {"face_shape": "oval"}),
        # A big nose only near certainty.
        (reading({"Big_Nose": 0.8}), {"nose": "none"}),
        (reading({"Big_Nose": 0.97}), {"nose": "big"}),
        # What is right less often than 19 times of 20 is never drawn.
        (
            reading({"Double_Chin": 0.999, "Bags_Under_Eyes": 0.999, "Chubby": 0.999}),
            {"chin_fold": False, "eye_bags": False, "face_shape": "round"},
        ),
        # Smile lines take more than a face that is not young.
        (reading({"Young": 0.02, "Gray_Hair": 0.95, "Bags_Under_Eyes": 0.8}), {"smile_lines": True}),
        (reading({"Young": 0.0001}), {"smile_lines": False}),
    ],
)
def test_face(seen: Reading, expected: dict[str, object]) -> None:
    recipe = Recipe.from_reading(seen)

    assert {field: getattr(recipe, field) for field in expected} == expected


def decision_of(field: str) -> Decision:
    [decision] = [decision for decision in RULES.decisions if field in decision.options]
    return decision


def values_of(field: str, *besides: object) -> list[object]:
    """The values that the rules give a field, but for these."""
    return [value for value in decision_of(field).options[field] if value not in besides]


@pytest.mark.parametrize(
    "together",
    [
        # A bare head has no hairline, and hair has one.
        {"hair": ["none", "horseshoe"], "hairline": values_of("hairline", "open")},
        {"hair": values_of("hair", "none", "horseshoe", "shadow"), "hairline": ["open"]},
        # Only hair that is tied has a knot or tail.
        {"hair": values_of("hair", "tight"), "tied": values_of("tied", "none")},
        # No tie without a collar, none of the suit's own color.
        {"necktie": values_of("necktie", "none"), "clothes": values_of("clothes", "suit", "shirt")},
        {"necktie": ["black"], "clothes_color": ["black"]},
        # Arcs are the eyes of a laugh.
        {"eyes": ["joy"], "mouth": values_of("mouth", "laugh")},
        # Only glasses have lenses.
        {"glasses": ["none"], "lenses": ["dark"]},
        # Long hair is not cut straight at the temples, and short hair has no center parting.
        {"hair": ["long", "wavy", "bob", "curly_long"], "hairline": ["temples", "crop", "bays"]},
        {"hair": ["cap", "quiff", "spiky", "close"], "hairline": ["center", "curtain", "blunt"]},
    ],
)
def test_any_reading_gives_a_recipe_without_contradictions(
    recipes: list[Recipe], together: dict[str, list[object]]
) -> None:
    for recipe in recipes:
        assert not all(getattr(recipe, field) in values for field, values in together.items())


def test_no_more_than_two_extras(recipes: list[Recipe]) -> None:
    everything = dict.fromkeys(ATTRIBUTES, 0.9999) | {"Young": 0.0001, "Heavy_Makeup": 0.01}
    recipes = [*recipes, Recipe.from_reading(reading(everything))]

    counts = [sum(getattr(recipe, field) not in (False, "none") for field in EXTRAS) for recipe in recipes]

    assert max(counts) == 2


@pytest.mark.parametrize("name", BY_HAND)
def test_what_people_choose_by_hand_is_never_guessed(name: str, recipes: list[Recipe]) -> None:
    assert not any(name in decision.options for decision in RULES.decisions)
    assert {getattr(recipe, name) for recipe in recipes} == {FIELDS[name].default}


def test_certain_and_impossible_probabilities_are_read() -> None:
    sure = {question: dict.fromkeys(names, 0.0) | {names[0]: 1.0} for question, names in QUESTIONS.items()}

    nothing, everything = (
        Recipe.from_reading(_reading(dict.fromkeys(ATTRIBUTES, p), sure)) for p in (0.0, 1.0)
    )

    assert (nothing.skin_tone, nothing.mouth, nothing.lipstick) == ("light", "serious", "none")
    assert everything.skin_tone == "pale"
    assert everything.lipstick != "none"


@pytest.mark.parametrize("name", [name for name in ATTRIBUTES if name not in UNUSED])
def test_attribute_changes_some_emoji(name: str) -> None:
    never = RULES.surely.get(name) == 1.0 and not heard(name, besides=SURELY + name)
    assert never != any(
        Recipe.from_reading(with_attribute(seen, name, 0.02))
        != Recipe.from_reading(with_attribute(seen, name, 0.98))
        for seen in [reading(), smiling(0.995, 0.99), *random_readings(60)]
    )


def heard(name: str, besides: str = "") -> bool:
    """Whether any evidence but this one comes from an attribute."""
    return any(
        source == name or (source in RULES.scales and name in RULES.scales[source].of)
        for source in RULES.sources - {besides}
    )


@pytest.mark.parametrize("name", UNUSED)
def test_attribute_changes_no_emoji(name: str) -> None:
    for seen in random_readings(40):
        low, high = (Recipe.from_reading(with_attribute(seen, name, p)) for p in (0.02, 0.98))
        assert low == high


def test_sex_and_beauty_stand_nowhere_in_the_table() -> None:
    table = (ROOT / "core/recipe/rules.toml").read_text("utf-8")
    rules = "\n".join(line for line in table.splitlines() if not line.startswith("#"))
    assert not re.search(r"Male|Attractive", rules)


def test_young_changes_smile_lines_alone() -> None:
    for seen in random_readings(40):
        old, young = (Recipe.from_reading(with_attribute(seen, "Young", p)) for p in (0.001, 0.999))
        extras = {name: FIELDS[name].default for name in EXTRAS}
        assert old.replace(**extras) == young.replace(**extras)


def test_every_value_of_the_table_is_reached(recipes: list[Recipe]) -> None:
    given = {
        (field, value) for decision in RULES.decisions for field, values in decision.options.items() for value in values
    }  # fmt: skip
    never = {(field, value) for field, value in given if is_never(field, value)}
    favored = [
        Recipe.from_reading(favoring(field, value, usual))
        for field, value in given
        for usual in (OPEN | PLAIN, OPEN | PLAIN | {"hair_length": "long"}, OPEN)
    ]

    reached = {(field, getattr(recipe, field)) for recipe in favored + recipes for field in FIELDS}

    assert given - reached == never


def is_never(field: str, value: str | bool) -> bool:
    """Whether all that speaks for a value is evidence that never is sure."""
    _, weights = decision_of(field).options[field][value]
    sources = [source for source, weight in weights.items() if weight > 0]
    return bool(sources) and all(
        source.startswith(SURELY) and RULES.surely[source.removeprefix(SURELY)] == 1.0 for source in sources
    )


def favoring(field: str, value: str | bool, usual: Mapping[str, str | None]) -> Reading:
    """The reading in which all the evidence of one value of a field is strong, and the rest is as usual."""
    _, weights = decision_of(field).options[field][value]
    attributes = dict(reading().attributes)
    likely: dict[str, dict[str, float]] = {}
    numbers: dict[str, float] = {}
    colors: dict[str, str] = {}
    for source, weight in weights.items():
        plain = source.removeprefix(SURELY)
        speaks = (weight > 0) != plain.startswith(NOT)
        plain = plain.removeprefix(NOT)
        question, _, named = source.partition(".")
        if plain in attributes:
            attributes[plain] = 0.999 if speaks else 0.001
        elif source in RULES.scales:
            scale = RULES.scales[source]
            target = scale.middle + (3 if weight > 0 else -3) * scale.unit
            for number, share in scale.of.items():
                if number in MEASUREMENTS:
                    numbers[number] = max(target, 0) / share if scale.size else target / share
                elif number in attributes:
                    attributes[number] = 0.995 if weight > 0 else 0.005
                elif number == "emotion.happy":
                    likely.setdefault("emotion", {})["happy" if weight > 0 else "neutral"] = 1.0
        elif question.startswith("measured_"):
            place = question.removeprefix("measured_")
            colors[place] = FIELDS[MEASURED[place]].hex(named)
        elif weight > 0:
            for answer in named.split("|"):
                likely.setdefault(question, {}).setdefault(answer, weight)
                likely[question][answer] = max(weight, likely[question][answer])
    answers = {}
    for question in QUESTIONS:
        shares = likely.get(question)
        total = sum(shares.values()) if shares else 0
        answers[question] = _distribution(
            question,
            {answer: 0.99 * share / total for answer, share in shares.items()} if shares else usual[question],
        )
    return measured(_reading(attributes, answers), colors, **numbers)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[thresholds]\nHandsome = 0.5", r"\[thresholds\] Handsome: no attribute"),
        ("[surely]\nHandsome = 0.5", r"\[surely\] Handsome: no attribute"),
        (
            "[scales]\nx = { of = { height = 1 }, middle = 0, unit = 1 }",
            r"\[scales\] x: there is no number 'height'",
        ),
        ("[fields.halo]\nyes = {}", r"\[fields.halo\]: a recipe has no such field"),
        ("[fields.hair]\nmohawk = {}", r"\[fields.hair\]: hair cannot be 'mohawk'"),
        ("[fields.hair]\ncap = { Luck = 1 }", r"\[fields.hair\] cap: there is no evidence 'Luck'"),
        (
            '[fields.hair]\ncap = {}\n[[never]]\nwhy = "so"\nhair = ["bob"]',
            r"\[\[never\]\] hair = 'bob': no rule gives that value \(so\)",
        ),
    ],
)
def test_a_table_with_a_slip_says_where(text: str, message: str) -> None:
    parts = ["thresholds", "surely", "scales", "sets", "shades", "fields"]
    shades = "\n".join(f"{place} = {{ unit = 10, lightness = 1 }}" for place in MEASURED)
    whole = "limit = 4.0\n" + ("never = []\n" if "[[never]]" not in text else "") + "at_most = []\n"
    whole += "".join(f"[{part}]\n" for part in parts if f"[{part}]" not in text and f"[{part}." not in text)
    whole = whole.replace("[shades]", f"[shades]\n{shades}")
    with pytest.raises(ValueError, match=message):
        load_rules(f"{whole}\n{text}")


def test_documentation_tells_what_each_attribute_changes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]*) \|", (ROOT / "docs" / "attributes.md").read_text("utf-8"), re.MULTILINE
    )
    told = {name: set(re.findall(r"`(\w+)`", effect)) for name, effect in rows}

    assert told == {name: fields_that_hear(name) for name in ATTRIBUTES}


def fields_that_hear(name: str) -> set[str]:
    """The fields in whose rows an attribute counts, in some kind of evidence that can be sure."""
    kinds = {name} | {source for source, scale in RULES.scales.items() if name in scale.of}
    kinds |= {SURELY + key for key in (name, NOT + name) if RULES.surely.get(key, NEVER) != NEVER}
    return {
        field
        for decision in RULES.decisions
        for field, values in decision.options.items()
        if any(not kinds.isdisjoint(weights) for _, weights in values.values())
    }
