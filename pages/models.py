"""Models page: what each model is, what it learned from, how often it is right and where it fails, from its card."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from core.recipe.names import SUBJECTIVE_REASON
from pages.parts import figures
from pages.parts.notices import warning


@dataclass(frozen=True)
class About:
    """What a card cannot say about its model: its name for people, its job and its honest limits."""

    title: str
    job: str
    limits: str


MODELS = {
    "attributes": About(
        "Forty attributes",
        "Says of each of CelebA's forty labels, from “Glasses” to “Smiling”, how likely it is.",
        "CelebA shows celebrities: many young, light-skinned and made up. Labels such as “Big nose” or “Attractive” "
        "are an annotator's taste, and some are plainly wrong. Rare labels are missed more often than common ones. "
        f"{SUBJECTIVE_REASON} So “Attractive”, “Young”, “Male”, “Chubby” and “Double chin” are measured below, and "
        "shown of nobody.",
    ),
    "look": About(
        "The look",
        "Answers 21 questions that CelebA leaves open, from hair length, style and shade to glasses, earrings, "
        "neckline and how wide the smile is.",
        "It learned from few photos whose answers came from a rater, not from the people shown. The crop ends at the "
        "neck, so clothes are often a guess, and what a headscarf covers is unknown.",
    ),
    "skin_tone": About(
        "Skin tone",
        "Picks one of the five skin tones that emojis have.",
        "It learned from 1,300 photos only. Light and make-up change how skin "
        "looks in a photo, and neighboring tones are often confused. You know better: it is one click to change.",
    ),
    "emotion": About(
        "Emotion",
        "Tells seven expressions apart.",
        "It learned from small gray pictures, many of them acted. It sees what a face does, not what a person feels; "
        "fear and surprise, and disgust and anger, look alike to it.",
    ),
    "finder": About(
        "Looking for faces",
        "Says where in a photo faces may be, in any turn and of any size.",
        "Very small faces, and faces half hidden or in profile, are missed more often; a drawing of a face, or a "
        "thing that looks like one, may be taken for one.",
    ),
    "alignment": About(
        "Turning the face upright",
        "Tells faces from other things, and where their eyes and mouth are.",
        "Faces in profile, half hidden, or smaller than a twentieth of the picture are missed.",
    ),
    "parser": About(
        "What each pixel shows",
        "Tells hair, skin, brows, eyes, lips, glasses, hats, clothes and background apart, so that colors and the "
        "hairline are measured where they are.",
        "It learned from 764 portraits of celebrities, drawn by hand. Clothes and earrings are often missed.",
    ),
    "motion": About(
        "Movements",
        "Reads 70 points, 52 movements and the turn of the head, so that the mirror's emoji moves as you do.",
        "It learned from another network's answers (MediaPipe's), so it knows no more than that does. It cannot see "
        "the tongue, and puffed cheeks hardly.",
    ),
}
"""{task: what to say about it}, in the order of the page."""


def main() -> None:
    st.title("The models")
    st.markdown(
        "Small neural networks look at your photo, all on the machine that runs this app. What they say are "
        "probabilities, and they are not wrong equally often for everyone. Here is what they are and how well they do, "
        "measured on photos that they were not trained on."
    )
    for task, about in MODELS.items():
        with st.container(border=True):
            _show(task, about)


def _show(task: str, about: About) -> None:
    # Not at the top: this brings torch, which opening the page must not wait for.
    from core.models.weights import FOLDER, WeightsError, read_card

    st.header(about.title, anchor=task)
    st.markdown(about.job)
    try:
        card = read_card(Path(FOLDER) / f"{task}.json").content
    except WeightsError as error:
        warning(str(error))
        return
    for name, measured in card["metrics"].items():
        _show_measurement(name, measured)
    if not card["metrics"]:
        st.caption("Not measured yet.")
    st.markdown(f"**Limits.** {about.limits}")
    with st.expander("What it is and what it learned from", icon=":material/info:"):
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


def _show_measurement(name: str, measured: dict[str, Any]) -> None:
    st.html(
        f'<h3 class="measurement">{escape(figures.MEASUREMENTS.get(name, name))}</h3>{figures.headline(measured)}'
    )
    for key, title in figures.TABLES.items():
        if key in measured:
            with st.expander(title):
                st.html(figures.row_table(measured[key]))
    if "confusion" in measured:
        with st.expander("What it takes for what"):
            for question, counts, labels in figures.confusions(measured["confusion"], measured["labels"]):
                if question:
                    st.html(f"<strong>{escape(question)}</strong>")
                st.html(figures.confusion_table(counts, labels))


main()
