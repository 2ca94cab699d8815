"""What the models saw as HTML bars: one card a group of labels, readable by screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from core.live.action_units import action_units
from core.recipe.names import (
    ATTRIBUTE_GROUPS,
    EMOTIONS,
    LOOK_QUESTIONS,
    SKIN_TONES,
    SUBJECTIVE_GROUP,
    answer_label,
)
from pages.parts.language import N_, _

LEFT_OUT = ("Chubby", "Double_Chin", "Big_Nose", "Bags_Under_Eyes", "Receding_Hairline", "age", "face")
"""Labels and questions that are no opinion by name, but that nobody wants to be told: shown of nobody, like the
subjective group."""

ANSWERS_SHOWN = 3
"""Answers a look question shows: the most likely ones."""


def bar(label: str, share: float, before: float | None = None, note: str = "") -> str:
    """One labeled bar. share: 0 to 1; before: the share from which the bar grows or shrinks to it; note: a line of text
    below. Label and note come in English."""
    percent = f"{share:.0%}"
    start = "" if before is None else f"; --before: {before:.3f}"
    return (
        f'<li class="bar" style="--share: {share:.3f}{start}"><span>{escape(_(label))}</span><span>{percent}</span>'
        f'<div role="meter" aria-label="{escape(_(label))}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share * 100:.0f}" aria-valuetext="{percent}"></div>'
        f"{f'<small>{escape(_(note))}</small>' if note else ''}</li>"
    )


def card(title: str, shares: Mapping[str, float], before: Mapping[str, float] | None = None) -> str:
    """A titled card of bars, in the order given. shares, before: {label: 0 to 1}."""
    bars = "".join(bar(label, share, before[label] if before else None) for label, share in shares.items())
    return f'<section class="card"><h2>{escape(_(title))}</h2><ul>{bars}</ul></section>'


def emotion_card(emotion: Mapping[str, float], before: Mapping[str, float] | None) -> str:
    """The emotions' card for a picture that moves: its bars keep their places. before: what it showed last."""
    named = {label: emotion[name] for name, label in EMOTIONS.items()}
    return card(N_("Emotion"), named, before and {label: before[name] for name, label in EMOTIONS.items()})


def unit_card(units: Mapping[str, float], before: Mapping[str, float] | None) -> str:
    """The action units' card for a face that moves. units, before: {code: 0 to 1}, now and what it showed last."""
    rows = "".join(
        bar(f"{code} {_(unit.name)}", units[code], None if before is None else before[code], unit.says)
        for code, unit in action_units().items()
    )
    return f'<section class="card units"><ul>{rows}</ul></section>'


def feature_cards(
    emotion: Mapping[str, float], skin_tone: Mapping[str, float], attributes: Mapping[str, float]
) -> str:
    """A card for the emotions from likely to unlikely, the skin tones from light to dark, and each group but the
    subjective one and what is left out. emotion, skin_tone, attributes: {name in `core.models.labels`: probability}."""
    likely_first = sorted(emotion.items(), key=lambda item: -item[1])
    return _cards(
        [
            card(N_("Emotion"), {EMOTIONS[name]: share for name, share in likely_first}),
            card(N_("Skin tone"), {SKIN_TONES[name]: share for name, share in skin_tone.items()}),
            *(
                card(
                    group, {label: attributes[name] for name, label in labels.items() if name not in LEFT_OUT}
                )
                for group, labels in ATTRIBUTE_GROUPS.items()
                if group != SUBJECTIVE_GROUP
            ),
        ]
    )


def look_cards(look: Mapping[str, Mapping[str, float]]) -> str:
    """A card for each look question with its most likely answers. look: {question: {answer: probability}}."""
    return _cards(
        card(LOOK_QUESTIONS[question], {answer_label(answer): share for answer, share in _top(answers)})
        for question, answers in look.items()
        if question not in LEFT_OUT
    )


def _top(answers: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(answers.items(), key=lambda item: -item[1])[:ANSWERS_SHOWN]


def _cards(cards: Iterable[str]) -> str:
    return f'<div class="cards">{"".join(cards)}</div>'
