"""What people write to have an emoji changed, and the search for choices by the same words."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import Recipe
from core.recipe.choices import FIELDS, NO_COLOR
from core.recipe.wishes import LONGEST, grant, search, steps, things

SHE = Recipe(hair="loose_wavy", hair_color="brown", skin_tone="medium", clothes="hoodie", earrings="hoop")
HE = Recipe(hair="quiff", hair_color="dark_blond", beard="full", moustache="thin", glasses="rect", headwear="cap",
            clothes="suit", necktie="navy", background="circle", mouth="smile", freckles=True)  # fmt: skip

PHRASES: list[tuple[Recipe, str, dict[str, Any]]] = [
    # Kinds, before and after the thing, and by themselves.
    (SHE, "round glasses", {"glasses": "round"}),
    (SHE, "glasses", {"glasses": "round"}),
    (HE, "glasses that are round", {"glasses": "round"}),
    (HE, "make the glasses square", {"glasses": "square"}),
    (HE, "aviators", {"glasses": "aviator"}),
    (SHE, "cat eye glasses", {"glasses": "cat"}),
    (SHE, "beanie", {"headwear": "beanie"}),
    (SHE, "a cowboy hat, please", {"headwear": "cowboy"}),
    (SHE, "hijab", {"headwear": "headscarf"}),
    (SHE, "turban", {"headwear": "turban"}),
    (SHE, "T-shirt", {"clothes": "crew"}),
    (SHE, "turtle neck", {"clothes": "turtle"}),
    (SHE, "put on a blazer", {"clothes": "blazer"}),
    (SHE, "stubble", {"beard": "stubble"}),
    (SHE, "5 o'clock shadow", {"beard": "stubble"}),
    (SHE, "goatee", {"beard": "goatee"}),
    (SHE, "long beard", {"beard": "long"}),
    (SHE, "add a mustache", {"moustache": "full"}),
    (SHE, "bushy moustache", {"moustache": "big"}),
    (SHE, "pearl necklace", {"necklace": "pearls"}),
    (SHE, "stud earrings", {"earrings": "stud"}),
    (SHE, "ponytail", {"tied": "pony_high"}),
    (SHE, "hair in a bun", {"tied": "bun_top"}),
    (SHE, "braids", {"tied": "plaits"}),
    (SHE, "curtain bangs", {"hairline": "curtain"}),
    (SHE, "fringe", {"hairline": "blunt"}),
    (SHE, "center parting", {"hairline": "center"}),
    (SHE, "part on the right", {"parting": "right"}),
    (SHE, "heart-shaped face", {"face_shape": "heart"}),
    (SHE, "bushy eyebrows", {"brow_thickness": "thick"}),
    (SHE, "raised eyebrows", {"brows": "raised"}),
    (SHE, "freckles and dimples", {"freckles": True, "dimples": True}),
    (SHE, "long lashes", {"lashes": True}),
    (SHE, "rosy cheeks", {"blush": True}),
    (SHE, "hearing aid", {"ear_device": "hearing_aid"}),
    (SHE, "in a wheelchair", {"mobility": "wheelchair"}),
    (SHE, "white cane", {"mobility": "white_cane"}),
    (SHE, "eye patch", {"eye_cover": "patch"}),
    (SHE, "nose ring", {"piercing": "nose_stud"}),
    (SHE, "full lips", {"lips": "full"}),
    (SHE, "button nose", {"nose": "button"}),
    (SHE, "confetti background", {"background": "confetti"}),
    # The length of hair, how it falls, and both.
    (SHE, "short hair", {"hair": "wavy_short"}),
    (HE, "long hair", {"hair": "long"}),
    (SHE, "curly hair", {"hair": "curly_mid"}),
    (SHE, "long curly hair", {"hair": "curly_long"}),
    (SHE, "long and curly hair", {"hair": "curly_long"}),
    (HE, "curls", {"hair": "curly_short"}),
    (SHE, "straight hair", {"hair": "lob"}),
    (SHE, "afro", {"hair": "afro"}),
    (SHE, "pixie cut", {"hair": "pixie"}),
    (SHE, "dreadlocks", {"hair": "locs_mid"}),
    (HE, "bald", {"hair": "none"}),
    (HE, "buzz cut", {"hair": "shadow"}),
    (HE, "spiky hair", {"hair": "spiky"}),
    # Steps.
    (SHE, "shorter hair", {"hair": "bob_wavy"}),
    (SHE, "much shorter hair", {"hair": "wavy_short"}),
    (SHE, "longer", {"hair": "wavy"}),
    (SHE, "curlier", {"hair": "curly_mid"}),
    (SHE, "hair shorter and curlier", {"hair": "curly_bob"}),
    (HE, "longer beard", {"beard": "long"}),
    (HE, "shorter beard", {"beard": "short"}),
    (HE, "happier", {"mouth": "teeth"}),
    (HE, "a lot happier", {"mouth": "laugh"}),
    (HE, "sadder", {"mouth": "soft"}),
    (HE, "bigger smile", {"mouth": "teeth"}),
    (SHE, "thicker eyebrows", {"brow_thickness": "thick"}),
    (SHE, "bigger eyes", {"eyes": "large"}),
    (SHE, "darker skin", {"skin_tone": "medium_dark"}),
    (SHE, "lighter skin", {"skin_tone": "medium_light"}),
    (SHE, "darker hair", {"hair_color": "dark_brown"}),
    (SHE, "make the hair a bit lighter", {"hair_color": "light_brown"}),
    (SHE, "lighter shirt", {"clothes_color": "#addef8"}),
    (HE, "darker tie", {"necktie": "midnight"}),
    # Colors.
    (SHE, "red hair", {"hair_color": "copper"}),
    (SHE, "blonde", {"hair_color": "blond"}),
    (SHE, "grey hair", {"hair_color": "gray"}),
    (SHE, "pink hair", {"hair_color": "#ffb3c7"}),
    (SHE, "hair in #FF8800", {"hair_color": "#ff8800"}),
    (SHE, "blue shirt", {"clothes_color": "blue"}),
    (SHE, "dark green hoodie", {"clothes_color": "dark_green"}),
    (SHE, "shirt red", {"clothes_color": "red"}),
    (SHE, "green background", {"background": "circle", "background_color": "green"}),
    (HE, "light blue background", {}),
    (SHE, "green eyes", {"eye_color": "green", "eyes": "large"}),
    (SHE, "navy beanie", {"headwear": "beanie", "headwear_color": "navy"}),
    (SHE, "red lipstick", {"lipstick": "red"}),
    (SHE, "silver earrings", {"jewelry_color": "silver"}),
    (HE, "gold glasses", {"frame_color": "gold"}),
    (SHE, "purple glasses", {"glasses": "round", "frame_color": "purple"}),
    (SHE, "sunglasses", {"glasses": "square", "lenses": "dark"}),
    (HE, "red tie", {"necktie": "red"}),
    (SHE, "bow tie", {"clothes": "suit", "necktie": "red", "bow_tie": True}),
    (HE, "hair red and shirt blue", {"hair_color": "copper", "clothes_color": "blue"}),
    # Refusals.
    (HE, "no beard", {"beard": "none"}),
    (HE, "without glasses", {"glasses": "none"}),
    (HE, "take off the hat", {"headwear": "none"}),
    (HE, "no beard or glasses", {"beard": "none", "glasses": "none"}),
    (HE, "no glasses and hat", {"glasses": "none", "headwear": "none"}),
    (HE, "no glasses, a beret", {"glasses": "none", "headwear": "beret"}),
    (HE, "no beard and round glasses", {"beard": "none", "glasses": "round"}),
    (HE, "no hat but a scar", {"headwear": "none", "scar": "cheek"}),
    (HE, "clean-shaven", {"beard": "none", "moustache": "none"}),
    (HE, "get rid of the freckles", {"freckles": False}),
    (HE, "don't smile", {"mouth": "calm"}),
    (HE, "no tie", {"necktie": "none"}),
    (HE, "no background", {"background": "none"}),
    (SHE, "no curls", {"hair": "lob"}),
    (SHE, "no earrings", {"earrings": "none"}),
    # Moods.
    (SHE, "happy", {"mouth": "smile"}),
    (SHE, "very happy", {"mouth": "laugh", "eyes": "joy", "brows": "raised"}),
    (SHE, "angry", {"mouth": "serious", "brows": "stern"}),
    (SHE, "surprised", {"mouth": "parted", "brows": "raised"}),
    (HE, "not happy", {"mouth": "calm"}),
    (SHE, "winking", {"eyes": "wink"}),
    # All together.
    (
        HE,
        "Shorter hair, round glasses, no beard, happier!",
        {"hair": "close", "glasses": "round", "beard": "none", "mouth": "teeth"},
    ),
    (
        SHE,
        "Give her curly red hair and a green beanie; a big smile, but no earrings.",
        {
            "hair": "curly_mid", "hair_color": "copper", "headwear": "beanie", "headwear_color": "green",
            "mouth": "teeth", "earrings": "none",
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("person", "text", "changes"), PHRASES, ids=[text for _, text, _ in PHRASES])
def test_a_wish_is_granted(person: Recipe, text: str, changes: dict[str, Any]) -> None:
    outcome = grant(person, text)
    assert outcome.recipe == person.replace(**changes)
    assert outcome.understood
    assert outcome.missed == ()


@pytest.mark.parametrize(
    ("text", "understood", "missed"),
    [
        ("round glasses, no beard", ("Glasses: Round", "Beard: None already"), ()),
        ("purple unicorn hat", ("Hat or scarf: Brimmed hat", "Hat color: Purple"), ("unicorn",)),
        ("freckles and a dragon", ("Freckles: Yes",), ("dragon",)),
        ("red", (), ("red",)),
        ("hair", (), ("hair",)),
        ("not darker", (), ("darker",)),
        ("sharper hair 🎩", (), ("sharper", "🎩", "hair")),
        ("", (), ()),
        (" , and but ; ", (), ()),
    ],
)
def test_what_was_understood_is_told_and_what_was_not(
    text: str, understood: tuple[str, ...], missed: tuple[str, ...]
) -> None:
    outcome = grant(SHE, text)
    assert (outcome.understood, outcome.missed) == (understood, missed)


def test_a_long_text_is_read_up_to_a_limit() -> None:
    outcome = grant(SHE, "round glasses," + " " * LONGEST + "no earrings")
    assert outcome.recipe == SHE.replace(glasses="round")
    assert outcome.missed == ("no earrings",)


KNOWN = sorted({word for thing in things().values() for word in (*thing.words, *thing.kinds)})


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from([*KNOWN, "no", "and", ",", "very", "darker", "longer", "red", "more", "#12ab34"]),
            max_size=9,
        ).map(" ".join),
    )
)
@example("#12345g hair")
@example("ſ İ ﬁ ½ hair")  # noqa: RUF001 -- letters that change their length when they are folded
def test_whatever_is_written_nothing_changes_that_is_not_told(text: str) -> None:
    for person in (SHE, HE):
        outcome = grant(person, text)
        told = {entry.partition(": ")[0] for entry in outcome.understood}
        changed = {
            FIELDS[name].label for name in FIELDS if getattr(outcome.recipe, name) != getattr(person, name)
        }
        assert changed <= told
        search(text)


@pytest.mark.parametrize(
    "name", ["hair", "beard", "moustache", "headwear", "clothes", "glasses", "mouth", "eyes"]
)
def test_every_choice_can_be_asked_for_by_its_label_and_its_field(name: str) -> None:
    thing = {"headwear": "hat", "beard": "beard"}.get(name, name)
    for value, label in FIELDS[name].choices.items():
        if value != "none":
            outcome = grant(Recipe(), f"{label.replace(',', '')} {thing}")
            assert getattr(outcome.recipe, name) == value or label.lower() in things()[thing].kinds, label


def test_the_tables_name_what_there_is() -> None:
    for thing in things().values():
        assert thing.field in FIELDS
        for changes in (thing.add, thing.remove, *thing.kinds.values()):
            for name, value in changes.items():
                if name not in ("length", "texture"):
                    assert FIELDS[name].check(value) == value
        for name, allowed in thing.needs.items():
            assert all(value == "*" or FIELDS[name].check(value) == value for value in allowed)
        assert not thing.color or FIELDS[thing.color].kind == "color"
    for step in steps():
        for ladder in step.ladders:
            assert all(FIELDS[step.field].check(value) == value for rung in ladder for value in rung)


@pytest.mark.parametrize("hair", FIELDS["hair"].choices)
def test_every_cut_can_be_made_longer_shorter_and_curlier(hair: str) -> None:
    for word in ("longer", "shorter", "curlier", "straighter"):
        assert grant(Recipe(hair=hair), f"{word} hair").missed == ()


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("beanie", "headwear", ("beanie",)),
        ("BEAN", "headwear", ("beanie",)),
        ("hijab", "headwear", ("headscarf",)),
        ("ponyt", "tied", ("pony_high", "pony_low")),
        ("round glasses", "glasses", ("round",)),
        ("afro", "hair", ("afro", "afro_round", "afro_big")),
        ("stubble", "beard", ("stubble",)),
        ("turquoise", "jewelry_color", ("turquoise",)),
        ("beard", "beard", tuple(FIELDS["beard"].choices)),
        ("freck", "freckles", ()),
    ],
)
def test_a_search_finds_choices_by_labels_and_other_words(
    text: str, field: str, values: tuple[str, ...]
) -> None:
    assert search(text)[field] == values


def test_a_search_for_curls_finds_all_curly_hair_and_no_straight() -> None:
    found = search("curls")["hair"]
    assert {"curly_short", "curly_bob", "curly_long", "curly_wild_mid"} <= set(found)
    assert not {"cap", "long", "wavy", "afro"} & set(found)


@pytest.mark.parametrize("text", ["", "  ", "?!", "xyzzy", "glasses xyzzy", "🎩"])
def test_a_search_for_nothing_we_have_finds_nothing(text: str) -> None:
    assert search(text) == {}


def test_no_color_is_found_by_its_absence_alone() -> None:
    assert search("no lipstick")["lipstick"] == (NO_COLOR,)
