"""Models page: what each model is, what it learned from, how often it is right and where it fails, from its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from core.models.groups import FEWEST, Comparison, of_card, of_report
from core.recipe.names import SUBJECTIVE_REASON
from pages.parts import figures, groups
from pages.parts.language import N_, _
from pages.parts.notices import warning


@dataclass(frozen=True)
class About:
    """What a card cannot say about its model: its name for people, its job and its honest limits.

    right: what it gets right in a sentence, with the names of figures in the card's measurement `measured`.
    """

    title: str
    job: str
    limits: str
    right: str
    measured: str = "val"


MODELS = {
    "attributes": About(
        N_("Forty attributes"),
        "Says of each of CelebA's forty labels, from “Glasses” to “Smiling”, how likely it is.",
        "CelebA shows celebrities: many young, light-skinned and made up. Labels such as “Big nose” or “Attractive” "
        "are an annotator's taste, and some are plainly wrong. Rare labels are missed more often than common ones. "
        f"{SUBJECTIVE_REASON} So “Attractive”, “Young”, “Male”, “Chubby” and “Double chin” are measured below, and "
        "shown of nobody.",
        "{mean_accuracy:.1%} of its answers on {images:,} photos are right; always saying the commonest would get "
        "{majority_accuracy:.1%}.",
        measured="val_original",
    ),
    "look": About(
        N_("The look"),
        "Answers 21 questions that CelebA leaves open, from hair length, style and shade to glasses, earrings, "
        "neckline and how wide the smile is.",
        "It learned from few photos whose answers came from a rater, not from the people shown. The crop ends at the "
        "neck, so clothes are often a guess, and what a headscarf covers is unknown.",
        "{accuracy:.1%} of its answers on {images:,} photos are right: {basics_accuracy:.1%} on nine basic questions, "
        "{details_accuracy:.1%} on twelve finer ones.",
    ),
    "skin_tone": About(
        N_("Skin tone"),
        "Picks one of the five skin tones that emojis have.",
        "It learned from 1,300 photos only. Light and make-up change how skin "
        "looks in a photo, and neighboring tones are often confused. You know better: it is one click to change.",
        "It names the tone that people gave for {accuracy:.1%} of {images:,} faces, and is at most one tone off for "
        "{within_one:.1%}.",
    ),
    "emotion": About(
        N_("Emotion"),
        "Tells seven expressions apart.",
        "It learned from small gray pictures, many of them acted. It sees what a face does, not what a person feels; "
        "fear and surprise, and disgust and anger, look alike to it.",
        "It says what most of ten people said of {accuracy:.1%} of {images:,} faces; always saying the commonest would "
        "get {majority_accuracy:.1%}.",
        measured="ferplus",
    ),
    "finder": About(
        N_("Looking for faces"),
        "Says where in a photo faces may be, in any turn and of any size.",
        "Very small faces, and faces half hidden or in profile, are missed more often; a drawing of a face, or a "
        "thing that looks like one, may be taken for one.",
        "It finds {found_celeba:.1%} of faces that are alone in a photo, and {found_in_groups:.1%} of small ones in "
        "groups.",
    ),
    "alignment": About(
        N_("Turning the face upright"),
        "Tells faces from other things, and where their eyes and mouth are.",
        "Faces in profile, half hidden, or smaller than a twentieth of the picture are missed.",
        "It finds {found:.1%} of {images:,} faces, and their eyes to {eye_error:.1f} of 178 pixels in the mean.",
    ),
    "parser": About(
        N_("What each pixel shows"),
        "Tells hair, skin, brows, eyes, lips, glasses, hats, clothes and background apart, so that colors and the "
        "hairline are measured where they are.",
        "It learned from 764 portraits of celebrities, drawn by hand. Clothes and earrings are often missed.",
        "{accuracy:.1%} of the pixels of {images:,} portraits are named as people did.",
    ),
    "motion": About(
        N_("Movements"),
        "Reads 70 points, 52 movements and the turn of the head, so that the mirror's emoji moves as you do.",
        "It learned from another network's answers (MediaPipe's), so it knows no more than that does. It cannot see "
        "the tongue, and puffed cheeks hardly.",
        "Its movements agree with its teacher's by a correlation of {correlation:.2f}, over {images:,} pictures.",
    ),
}
"""{task: what to say about it}, in the order of the page."""


def main() -> None:
    st.title(_("The models"))
    st.markdown(
        "Small neural networks look at your photo, all on the machine that runs this app. What they say are "
        "probabilities, and they are not wrong equally often for everyone. Here is what they are, how well they do and "
        "for whom they do worse, measured on photos that they were not trained on."
    )
    cards = {task: _card(task) for task in MODELS}
    compared = _compared([card for card in cards.values() if isinstance(card, Mapping)])
    st.html(
        '<p class="widest-gap"><strong>The widest gap between groups of people.</strong> '
        f"{escape(groups.widest_gap(compared))}</p>"
    )
    for task, about in MODELS.items():
        with st.container(border=True):
            _show(task, about, cards[task], groups.of_reading(task, compared))


def _card(task: str) -> Mapping[str, Any] | str:
    """What the card of a task holds, or the sentence that says why it cannot be read."""
    # Not at the top: this brings torch, which opening the page must not wait for.
    from core.models.weights import FOLDER, WeightsError, read_card

    try:
        return read_card(FOLDER / f"{task}.json").content
    except WeightsError as error:
        return str(error)


def _compared(cards: Sequence[Mapping[str, Any]]) -> list[Comparison]:
    """How each group is read, as the cards and the report of fairness beside them say it."""
    from core.models.weights import FOLDER

    return [*(one for card in cards for one in of_card(card)), *of_report(FOLDER / "fairness.json")]


def _show(task: str, about: About, card: Mapping[str, Any] | str, compared: Sequence[Comparison]) -> None:
    st.header(_(about.title), anchor=task)
    st.markdown(about.job)
    if isinstance(card, str):
        warning(card)
        return
    try:
        right = about.right.format_map(card["metrics"].get(about.measured, {}))
    except (KeyError, TypeError):  # not measured, or on no photo at all
        right = _("Not measured yet.")
    st.markdown(_("**Right.**") + f" {right}")
    worse = groups.widest_gap(compared) if compared else _("Not measured by groups of people yet.")
    st.markdown(_("**For whom it is worse.**") + f" {worse}")
    if compared:
        st.html(groups.charts(compared))
        st.caption(f"Groups with fewer than {FEWEST} photos are left out.")
    st.markdown(_("**Limits.**") + f" {about.limits}")
    if card["metrics"]:
        with st.expander(_("All figures"), icon=":material/table_chart:"):
            for name, measured in card["metrics"].items():
                _show_measurement(name, measured)
    _show_origin(card)


def _show_origin(card: Mapping[str, Any]) -> None:
    with st.expander(_("What it is and what it learned from"), icon=":material/info:"):
        height, width = card["size"]
        sees = (
            f"{width} by {height} px"
            if width > 1
            else "what the network for the attributes makes of the photo"
        )
        facts = {
            "Architecture": f"{card['architecture']}, {card['outputs']} outputs; sees {sees}",
            "Data": card["data"],
            "License": card["licence"],
            "Weights": f"SHA-256 {card['sha256']}",
            "What else was tried": card.get("tried"),
        }
        st.html(figures.fact_list({name: fact for name, fact in facts.items() if fact}))


def _show_measurement(name: str, measured: Mapping[str, Any]) -> None:
    st.html(
        f'<h3 class="measurement">{escape(figures.MEASUREMENTS.get(name, name))}</h3>{figures.headline(measured)}'
    )
    for key, title in figures.TABLES.items():
        if key in measured:
            with st.expander(title):
                st.html(figures.row_table(measured[key]))
    if "confusion" in measured:
        with st.expander(_("What it takes for what")):
            for question, counts, labels in figures.confusions(measured["confusion"], measured["labels"]):
                if question:
                    st.html(f"<strong>{escape(question)}</strong>")
                st.html(figures.confusion_table(counts, labels))


main()
