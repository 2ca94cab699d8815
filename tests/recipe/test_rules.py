"""From reading to recipe: the likeliest consistent combination wins, and the table says what speaks for what."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe
from core.recipe.rules import MEASURED, PEAK, RULES, load_rules
from core.seeing.reading import Reading

ROOT = Path(__file__).parents[2]
UNUSED = ("Attractive", "Blurry", "Male")
QUESTIONS = {**LOOK, "emotion": EMOTIONS, "skin_tone": SKIN_TONES}
PLAIN = {
    "hair_length": "short", "hair_texture": "straight", "hair_color": "brown", "fringe": "no", "eyewear": "none",
    "headwear": "none", "facial_hair": "none", "clothes": "tshirt", "clothes_color": "blue", "emotion": "neutral",
    "skin_tone": "type3",
}  # fmt: skip
"""The likeliest answers of an ordinary reading."""
TIES = ["dark_red", "navy", "gray", "black"]
COVERING = ["headscarf", "turban"]
NO_FRINGE = ["bald", "buzz", "receding", "balding_crown"]


def reading(attributes: dict[str, float] | None = None, **answers: str | dict[str, float] | None) -> Reading:
    """An ordinary face, but for these attributes and answers: the likeliest one, or the whole distribution."""
    usual = {name: 0.9 if name in ("No_Beard", "Young") else 0.1 for name in ATTRIBUTES}
    distributions = {
        question: _distribution(question, answer) for question, answer in (PLAIN | answers).items()
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


def measured(seen: Reading, **colors: str) -> Reading:
    """The same, with colors measured."""
    return dataclasses.replace(seen, colors=colors)


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
        readings.append(measured(_reading(attributes, answers), **colors))
    return readings


@pytest.fixture(scope="module")
def recipes() -> list[Recipe]:
    """What random readings become."""
    return [Recipe.from_reading(seen) for seen in random_readings(400)]


def with_attribute(before: Reading, name: str, probability: float) -> Reading:
    return dataclasses.replace(before, attributes=before.attributes | {name: probability})


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # The likeliest hair color wins although nothing reaches 0.5.
        (reading(hair_color={"red": 0.3, "brown": 0.25, "darkblond": 0.2}), {"hair_color": "red"}),
        # CelebA's labels tip the balance between two answers that are about equally likely.
        (
            reading({"Black_Hair": 0.95}, hair_color={"black": 0.4, "darkbrown": 0.42}),
            {"hair_color": "black"},
        ),
        # A clear look reading is not overturned by one label.
        (reading({"Blond_Hair": 0.9}, hair_color={"gray": 0.95}), {"hair_color": "gray"}),
        # Hair of a bald head is not seen; brows and beard still get the likeliest color.
        (reading(hair_length="bald", hair_color={"none": 0.7, "gray": 0.2}), {"hair_color": "gray"}),
        # Length decides first, texture among the cuts of that length.
        (reading(hair_length={"long": 0.4, "medium": 0.3}, hair_texture={"curly": 0.4}), {"hair": "long_curly"}),
        (reading(hair_length="long", hair_texture="coily"), {"hair": "braids"}),
        (reading(hair_length="medium", hair_texture="coily"), {"hair": "afro"}),
        (reading(hair_length="medium"), {"hair": "bob"}),
        # Hair on the sides of a bald head has a color, a shaven head has none.
        (reading({"Bald": 0.9}, hair_length="bald", hair_texture="none", hair_color="none"), {"hair": "bald"}),
        (reading({"Bald": 0.9}, hair_length="bald", hair_texture="none", hair_color="gray"), {"hair": "balding_crown"}),
        # A receding hairline changes the cut of short hair, not of long hair.
        (reading({"Receding_Hairline": 0.9}), {"hair": "receding"}),
        (reading({"Receding_Hairline": 0.9}, hair_length="long"), {"hair": "long_straight"}),
        # Tied hair that shows beside the neck is a ponytail, otherwise a bun.
        (reading(hair_length={"tied": 0.5, "long": 0.4}), {"hair": "ponytail"}),
        (reading(hair_length={"tied": 0.5, "short": 0.4}), {"hair": "bun"}),
        # A fringe wins over a doubtful receding hairline: there is hair at the forehead.
        (reading({"Bangs": 0.95, "Receding_Hairline": 0.6}, fringe="yes"), {"hair": "short_straight", "fringe": True}),
        # A sure shaven head has no fringe, whatever the label says.
        (
            reading({"Bangs": 0.6, "Bald": 0.99}, hair_length="bald", hair_texture="none", hair_color="none"),
            {"hair": "bald", "fringe": False},
        ),
        # A doubtful beard stays away when the labels see none, and comes when they do.
        (reading({"No_Beard": 0.99}, facial_hair={"stubble": 0.45, "none": 0.4}), {"facial_hair": "none"}),
        (
            reading({"No_Beard": 0.05, "5_o_Clock_Shadow": 0.9}, facial_hair={"stubble": 0.4, "none": 0.45}),
            {"facial_hair": "stubble"},
        ),
        # A goatee with a moustache, and without.
        (
            reading({"No_Beard": 0.1, "Goatee": 0.9, "Mustache": 0.9}, facial_hair="goatee"),
            {"facial_hair": "moustache_goatee"},
        ),
        (reading({"No_Beard": 0.1, "Goatee": 0.9}, facial_hair="goatee"), {"facial_hair": "goatee"}),
        # Sideburns tie a full beard to the hair, but hang from nothing on a bald head.
        (
            reading({"No_Beard": 0.1, "Sideburns": 0.9}, facial_hair="beard"),
            {"facial_hair": "beard", "sideburns": True},
        ),
        (
            reading(
                {"No_Beard": 0.1, "Sideburns": 0.9, "Bald": 0.9},
                facial_hair="beard",
                hair_length={"bald": 0.95},
                hair_texture="none",
                hair_color="none",
            ),
            {"hair": "bald", "facial_hair": "beard", "sideburns": False},
        ),
        # Sunglasses and glasses are told apart by the look, found by both.
        (reading({"Eyeglasses": 0.9}, eyewear={"none": 0.5, "glasses": 0.4}), {"glasses": "rectangular"}),
        (reading({"Eyeglasses": 0.9}, eyewear="sunglasses"), {"glasses": "sunglasses"}),
        # Cloth over all hair is a turban with a beard, a headscarf without; no fringe looks out.
        (
            reading({"Wearing_Hat": 0.9}, headwear="scarf", hair_length="covered", fringe="yes"),
            {"headwear": "headscarf", "fringe": False},
        ),
        (
            reading({"Wearing_Hat": 0.9}, headwear="scarf", hair_length="covered", facial_hair="beard"),
            {"headwear": "turban", "facial_hair": "beard"},
        ),
        # A headband is no hat.
        (reading(headwear="other", hair_length="long"), {"headwear": "none"}),
        # Clothes and their color are drawn even when the photo hides them.
        (
            reading(
                clothes={"hidden": 0.6, "shirt": 0.3}, clothes_color={"hidden": 0.6, "green": 0.3}
            ),
            {"clothes": "shirt", "clothes_color": "dark_green"},
        ),
        # The shade is measured, within what the look model says ...
        (measured(reading(clothes_color="blue"), clothes="#20408f"), {"clothes_color": "navy"}),
        (measured(reading(clothes_color="blue"), clothes="#9fd0ee"), {"clothes_color": "light_blue"}),
        (measured(reading(clothes_color="gray"), clothes="#cfcfcf"), {"clothes_color": "light_gray"}),
        # ... unless it is in doubt and the pixels are not,
        (
            measured(reading(clothes_color={"black": 0.4, "red": 0.3}), clothes="#c83028"),
            {"clothes_color": "dark_red"},
        ),
        # and a clear answer is not overturned by a shadow.
        (measured(reading(clothes_color={"white": 0.97}), clothes="#8f9090"), {"clothes_color": "white"}),
        # A hat has the color that was measured, and one that nobody wears has none.
        (
            measured(reading({"Wearing_Hat": 0.9}, headwear="cap"), hat="#d03028"),
            {"headwear": "cap", "headwear_color": "dark_red"},
        ),
        (
            measured(reading({"Wearing_Hat": 0.9}, headwear="brimmed"), hat="#f0c030"),
            {"headwear_color": "gold"},
        ),
        (measured(reading(), hat="#d03028"), {"headwear": "none", "headwear_color": "blue"}),
        # Sandy hair is ashen or golden by what people would call it.
        (reading({"Brown_Hair": 0.9}, hair_color="darkblond"), {"hair_color": "ashblond"}),
        (reading({"Blond_Hair": 0.9}, hair_color="darkblond"), {"hair_color": "darkblond"}),
        # Eyes smile with the mouth when they are narrow too.
        (
            reading({"Smiling": 0.98, "Narrow_Eyes": 0.7, "High_Cheekbones": 0.9}, emotion={"happy": 0.97}),
            {"eyes": "smiling"},
        ),
        (reading({"Smiling": 0.98, "Narrow_Eyes": 0.05}, emotion={"happy": 0.97}), {"eyes": "normal"}),
        # Hair that is nearly shaven is a crop.
        (reading(hair_length={"short": 0.5, "buzz": 0.3}), {"hair": "crop"}),
        # A tie needs a collar: the likeliest clothes that have one, here against a jacket.
        (
            reading({"Wearing_Necktie": 0.95}, clothes={"jacket": 0.5, "suit": 0.4}),
            {"clothes": "suit", "necktie": "dark_red"},
        ),
        # A tie never vanishes in a suit of its color.
        (
            reading({"Wearing_Necktie": 0.95}, clothes="suit", clothes_color={"black": 0.8, "blue": 0.15}),
            {"necktie": "navy", "clothes_color": "black"},
        ),
        # A broad smile is happy even if the emotion is in doubt.
        (
            reading({"Smiling": 0.98}, emotion={"neutral": 0.4, "happy": 0.35}),
            {"expression": "happy", "strength": "mild"},
        ),
        # A face that does not smile is not drawn happy on a small lead.
        (reading({"Smiling": 0.02}, emotion={"happy": 0.4, "neutral": 0.35}), {"expression": "neutral"}),
        # A clear emotion is drawn strongly, teeth show when the mouth is open.
        (
            reading({"Smiling": 0.98, "Mouth_Slightly_Open": 0.9}, emotion={"happy": 0.97}),
            {"expression": "happy", "strength": "strong", "mouth_open": True},
        ),
        # The likeliest skin tone; of two equal ones the one beside which more of the rest lies.
        (reading(skin_tone={"type5": 0.3, "type6": 0.25, "type4": 0.25}), {"skin_tone": "medium_dark"}),
        (
            reading(skin_tone={"type3": 0.35, "type4": 0.35, "type2": 0.02, "type5": 0.2}),
            {"skin_tone": "medium"},
        ),
        # Hair that is gray makes lines likely on a face that does not look young.
        (reading({"Young": 0.05, "Gray_Hair": 0.95, "Bags_Under_Eyes": 0.8}), {"wrinkles": True}),
    ],
)  # fmt: skip
def test_decides(seen: Reading, expected: dict[str, object]) -> None:
    recipe = Recipe.from_reading(seen)

    assert {field: getattr(recipe, field) for field in expected} == expected


@pytest.mark.parametrize(
    "together",
    [
        # Hair that is not at the forehead cannot fall into it.
        {"hair": NO_FRINGE, "fringe": [True]},
        # Cloth over all hair leaves no hair in front.
        {"headwear": COVERING, "fringe": [True]},
        # No tie without a collar, none of the suit's own color, none over a necklace.
        {"necktie": TIES, "clothes": ["tshirt", "dress", "hoodie", "tank_top", "jacket"]},
        {"necktie": ["black"], "clothes_color": ["black"]},
        {"necktie": TIES, "necklace": ["chain", "beads"]},
        # Eyes smile only with the mouth.
        {"eyes": ["smiling"], "expression": [name for name in EMOTIONS if name != "happy"]},
        # Sideburns begin where the hair ends.
        {"hair": ["bald"], "sideburns": [True]},
        # What is not worn has no color.
        {
            "headwear": ["none"],
            "headwear_color": [name for name in FIELDS["headwear_color"].choices if name != "blue"],
        },
    ],
)
def test_any_reading_gives_a_recipe_without_contradictions(
    recipes: list[Recipe], together: dict[str, list[object]]
) -> None:
    for recipe in recipes:
        assert not all(getattr(recipe, field) in values for field, values in together.items())


def test_certain_and_impossible_probabilities_are_read() -> None:
    sure = {question: dict.fromkeys(names, 0.0) | {names[0]: 1.0} for question, names in QUESTIONS.items()}

    nothing, everything = (
        Recipe.from_reading(_reading(dict.fromkeys(ATTRIBUTES, p), sure)) for p in (0.0, 1.0)
    )

    assert (nothing.skin_tone, nothing.expression, nothing.lipstick) == ("light", "angry", "none")
    assert (everything.skin_tone, everything.expression) == ("light", "happy")
    assert everything.lipstick != "none"


@pytest.mark.parametrize("name", [name for name in ATTRIBUTES if name not in UNUSED])
def test_attribute_changes_some_emoji(name: str) -> None:
    assert any(
        Recipe.from_reading(with_attribute(seen, name, 0.02))
        != Recipe.from_reading(with_attribute(seen, name, 0.98))
        for seen in [reading(), *random_readings(30)]
    )


@pytest.mark.parametrize("name", UNUSED)
def test_attribute_changes_no_emoji(name: str) -> None:
    for seen in random_readings(40):
        low, high = (Recipe.from_reading(with_attribute(seen, name, p)) for p in (0.02, 0.98))
        assert low == high


def test_young_changes_wrinkles_alone_and_never_by_itself() -> None:
    for seen in random_readings(40):
        old, young = (Recipe.from_reading(with_attribute(seen, "Young", p)) for p in (0.001, 0.999))
        assert old.replace(wrinkles=False) == young.replace(wrinkles=False)
    no_sign = dict.fromkeys(("Gray_Hair", "Bags_Under_Eyes", "Receding_Hairline"), 0.01)
    assert not Recipe.from_reading(reading({**no_sign, "Young": 0.0001})).wrinkles


def test_every_value_of_the_table_is_reached(recipes: list[Recipe]) -> None:
    given = {
        (field, value) for decision in RULES.decisions for field, values in decision.options.items() for value in values
    }  # fmt: skip
    favored = [Recipe.from_reading(favoring(field, value)) for field, value in given]

    reached = {(field, getattr(recipe, field)) for recipe in favored + recipes for field in FIELDS}

    assert given - reached == set()


def favoring(field: str, value: str | bool) -> Reading:
    """The reading in which all the evidence of one value of a field is strong, and nothing else is known."""
    [options] = [decision.options[field] for decision in RULES.decisions if field in decision.options]
    _, weights = options[value]
    attributes = {name: RULES.thresholds.get(name, 0.5) for name in ATTRIBUTES}
    attributes |= {
        name: 0.98 if weight > 0 else 0.02 for name, weight in weights.items() if name in attributes
    }
    likely: dict[str, list[str]] = {}
    for source in weights:
        question, _, named = source.partition(".")
        if question in QUESTIONS and source != PEAK:
            likely.setdefault(question, []).extend(named.split("|"))
    answers = {
        question: _distribution(question, {name: 0.9 / len(likely[question]) for name in likely[question]})
        if question in likely
        else _distribution(question, None)
        for question in QUESTIONS
    }
    if PEAK in weights:
        answers["emotion"] = _distribution("emotion", {"happy": 0.98})
    if field == "headwear_color" and value != "blue":
        answers["headwear"] = _distribution("headwear", "cap")
    colors = {place: FIELDS[field].hex(str(value)) for place, colored in MEASURED.items() if colored == field}
    return dataclasses.replace(_reading(attributes, answers), colors=colors)


TABLE = """
limit = 4
shade = 20
[thresholds]
Bangs = 0.3
[fields.fringe]
no = {}
yes = { Bangs = 1 }
[[never]]
why = "of nothing"
fringe = [true]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # A threshold of something that no model says.
        ("Bangs = 0.3", "Fringe = 0.3", "[thresholds] Fringe: no attribute of that name."),
        # Evidence that no model gives.
        ("{ Bangs = 1 }", '{ "fringe.maybe" = 1 }', "[fields.fringe] yes: there is no evidence 'fringe.maybe'."),
        # An attribute without a threshold is left out on purpose.
        ("{ Bangs = 1 }", "{ Male = 1 }", "[fields.fringe] yes: there is no evidence 'Male'."),
        # A field that recipes do not have.
        ("fields.fringe", "fields.bangs", "[fields.bangs]: a recipe has no such field."),
        # A value that the field cannot have.
        ("yes = {", "maybe = {", "fringe must be true or false, not 'maybe'."),
        # Forbidding what is never given would do nothing.
        ("fringe = [true]", 'hair = ["afro"]', "[[never]] hair = 'afro': no rule gives that value (of nothing)."),
    ],
)  # fmt: skip
def test_mistake_in_the_table_is_named(old: str, new: str, message: str) -> None:
    load_rules(TABLE)
    with pytest.raises(ValueError, match=re.escape(message)):
        load_rules(TABLE.replace(old, new))


def test_documentation_tells_what_each_attribute_changes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]*) \|", (ROOT / "docs" / "attributes.md").read_text("utf-8"), re.MULTILINE
    )
    told = {name: set(re.findall(r"`(\w+)`", effect)) for name, effect in rows}
    used = {
        name: {
            field
            for decision in RULES.decisions
            for field, values in decision.options.items()
            if any(name in weights for _, weights in values.values())
        }
        for name in ATTRIBUTES
    }

    assert told == used
