"""The names and groups that people read: nothing of what the models can say is missing or there twice."""

from collections import Counter

from core.models import labels
from core.recipe import names


def test_every_attribute_stands_in_exactly_one_group() -> None:
    counts = Counter(name for members in names.ATTRIBUTE_GROUPS.values() for name in members)
    assert counts == Counter(labels.ATTRIBUTES)


def test_names_for_people_are_distinct_and_free_of_underscores() -> None:
    given = [label for members in names.ATTRIBUTE_GROUPS.values() for label in members.values()]
    assert len(set(given)) == len(labels.ATTRIBUTES)
    assert not [name for name in given if "_" in name or name != name.strip()]


def test_opinions_are_in_the_subjective_group() -> None:
    assert {"Attractive", "Young", "Male"} <= set(names.ATTRIBUTE_GROUPS[names.SUBJECTIVE_GROUP])


def test_every_other_label_has_a_name() -> None:
    assert set(names.LOOK_QUESTIONS) == set(labels.LOOK)
    assert set(names.SKIN_TONES) == set(labels.SKIN_TONES)
    assert set(names.EMOTIONS) == set(labels.EMOTIONS)
    for answers in labels.LOOK.values():
        given = [names.answer_label(answer) for answer in answers]
        assert len(set(given)) == len(answers)
        assert all(name[0].isupper() and "_" not in name for name in given)
