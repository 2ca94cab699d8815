"""core/live/teaching.py: what somebody shows corrects how they are read, and nothing else does."""

import json
from typing import Any

import numpy as np
import pytest

from core.live.teaching import LEARNT, NO_FILE, SECONDS, Correction, Lesson, TeachingError
from core.models.labels import EMOTIONS, MOVEMENTS

RATE = 10
Reading = tuple[dict[str, float], dict[str, float]]


def reading(seen: str, sure: float, moved: dict[str, float], seed: int) -> Reading:
    """What the networks say of a face: the emotion that is seen, how sure, and the movements that are not at rest."""
    random = np.random.default_rng(seed)
    emotion = dict.fromkeys(EMOTIONS, (1 - sure) / (len(EMOTIONS) - 1)) | {seen: sure}
    noise = random.uniform(0, 0.05, len(MOVEMENTS))
    return emotion, {
        name: min(1.0, moved.get(name, 0.0) + n) for name, n in zip(MOVEMENTS, noise, strict=True)
    }


def movement_of(emotion: str) -> dict[str, float]:
    """A person's own face for an emotion: three movements that are no other's."""
    first = 3 * EMOTIONS.index(emotion)
    return dict.fromkeys(MOVEMENTS[first : first + 3], 0.6)


def lesson(read_as: dict[str, str]) -> Lesson:
    """All seven faces; {emotion: what the network takes it for}, itself if it is not named."""
    lesson = Lesson()
    for number, name in enumerate(EMOTIONS):
        lesson.show(name)
        for frame in range(round(SECONDS * RATE) + 1):
            seen = read_as.get(name, name)
            lesson.add(*reading(seen, 0.7, movement_of(name), 100 * number + frame), frame / RATE)
    return lesson


ASIDE = round(SECONDS * RATE) + 1 - round(LEARNT * (round(SECONDS * RATE) + 1))


@pytest.mark.parametrize(
    ("read_as", "wrong"),
    [
        ({}, 0),
        ({"sad": "neutral"}, 1),
        ({"sad": "neutral", "fear": "surprise", "disgust": "angry"}, 3),
        (dict.fromkeys(EMOTIONS, "neutral"), 6),
    ],
)
def test_faces_that_are_read_wrongly_are_read_rightly_afterwards(read_as: dict[str, str], wrong: int) -> None:
    outcome = lesson(read_as).learn()
    assert outcome.count == 7 * ASIDE
    assert outcome.before == (7 - wrong) * ASIDE
    assert outcome.after == outcome.count
    assert outcome.helps == (wrong > 0)
    for number, name in enumerate(EMOTIONS):
        seen = reading(read_as.get(name, name), 0.7, movement_of(name), 9000 + number)
        corrected = outcome.correction.correct(*seen)
        assert max(corrected, key=corrected.__getitem__) == name
        assert sum(corrected.values()) == pytest.approx(1)


def test_a_correction_of_nothing_changes_nothing() -> None:
    width = len(EMOTIONS) + len(MOVEMENTS)
    nothing = Correction(np.zeros((7, width)), np.zeros(width), np.zeros(7))
    emotion, movements = reading("happy", 0.6, {}, 0)
    assert nothing.correct(emotion, movements) == pytest.approx(emotion)


def test_a_face_counts_once_it_was_held_for_two_seconds() -> None:
    lesson = Lesson()
    lesson.add(*reading("sad", 0.7, {}, 0), 0.0)
    assert (lesson.showing, lesson.missing) == (None, tuple(EMOTIONS))
    lesson.show("happy")
    for number in range(11):
        lesson.add(*reading("happy", 0.7, {}, number), 50 + number / RATE)
    assert (lesson.showing, lesson.progress) == ("happy", pytest.approx(0.5))
    for number in range(11, 21):
        lesson.add(*reading("happy", 0.7, {}, number), 50 + number / RATE)
    assert lesson.showing is None
    assert lesson.missing == tuple(name for name in EMOTIONS if name != "happy")
    with pytest.raises(TeachingError, match="all seven"):
        lesson.learn()


def test_a_slow_computer_takes_longer() -> None:
    lesson = Lesson()
    lesson.show("sad")
    for number in range(5):
        lesson.add(*reading("sad", 0.7, {}, number), float(number))
    assert (lesson.showing, lesson.progress) == ("sad", 1.0), "five readings are too few"
    lesson.add(*reading("sad", 0.7, {}, 6), 5.0)
    assert lesson.showing is None


def test_no_such_face() -> None:
    with pytest.raises(KeyError):
        Lesson().show("bored")


def test_a_file_holds_the_same_correction() -> None:
    correction = lesson({"sad": "neutral"}).learn().correction
    text = correction.to_text()
    assert len(text) < 10_000
    seen = reading("neutral", 0.7, movement_of("sad"), 1)
    assert Correction.from_text(text).correct(*seen) == pytest.approx(correction.correct(*seen), abs=0.01)


def changed(**entries: Any) -> str:
    return json.dumps(json.loads(lesson({}).learn().correction.to_text()) | entries)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 10_000,
        " " * 60_000,
        changed(version=2),
        changed(selfmoji=1),
        changed(emotions=["happy"]),
        changed(offset=[0.0] * 6),
        changed(offset=["a"] * 7),
        changed(offset=[float("nan")] * 7),
        changed(offset=[1e9] * 7),
        changed(weights=[[0.0] * 59] * 6 + [[0.0]]),
        changed(middle=None),
    ],
)
def test_what_is_no_file_of_ours_is_not_used(text: str) -> None:
    with pytest.raises(TeachingError) as error:
        Correction.from_text(text)
    assert str(error.value) == NO_FILE
