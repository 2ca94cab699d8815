"""Make it yours: every choice of the recipe as tiles that show the visitor's own emoji with that option."""

from __future__ import annotations

import random
from typing import Literal

import streamlit as st

from core import Recipe, draw_svg
from core.drawing.layers import has_effect
from core.recipe.choices import FIELDS, GROUPS, NO_COLOR, Field, Value
from pages.parts import keys
from pages.parts.address import adopt
from pages.parts.data_uri import SVG, data_uri
from pages.parts.session import Draft, current_session
from pages.parts.tiles import tiles

SURPRISES = (
    "hair", "fringe", "hair_color", "expression", "strength", "glasses", "headwear", "headwear_color", "earrings",
    "necklace", "clothes", "clothes_color", "necktie", "background", "background_color",
)  # fmt: skip
"""Fields that "Surprise me" rolls the dice for: what a person can put on, not the face they have."""

CLOSE_UPS = {"person", "features", "mouth", "facial_hair", "glasses"}
"""Groups and fields whose tiles show the face alone, since their options differ in details."""

_CROSSED_OUT = "linear-gradient(to top right, #fff 46%, #d22f27 47%, #d22f27 53%, #fff 54%)"


_BLINK = """<style>
#eyes { transform-box: fill-box; transform-origin: center; animation: blink 5s 1s infinite; }
@keyframes blink { 0%, 95.5%, 100% { transform: none } 97%, 98% { transform: scaleY(0.22) } }
@media (prefers-reduced-motion: reduce) { #eyes { animation: none } }
</style>"""


def picture(recipe: Recipe) -> str:
    """The emoji as a data URI, for an image or a CSS background."""
    return data_uri(draw_svg(recipe).encode(), SVG)


def portrait(recipe: Recipe) -> str:
    """The same, but it blinks now and then, unless the visitor's system asks for less motion."""
    return data_uri(draw_svg(recipe).replace("<g ", f"{_BLINK}<g ", 1).encode(), SVG)


def describe(recipe: Recipe) -> str:
    """The emoji in words, for people who cannot see it."""
    parts = []
    for name, value in recipe.changes().items():
        field = FIELDS[name]
        parts.append(field.label if value is True else f"{field.label}: {value_label(field, value)}")
    return "; ".join(["Emoji", *parts])


def value_label(field: Field, value: Value) -> str:
    """The name for people of a field's value."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return field.choices.get(value, value)


def show_editor(draft: Draft) -> None:
    """The editor of the visitor's draft, with the ways back to its start.

    A change redraws the page with the new recipe, and puts it into the page's address.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Surprise me", icon=":material/casino:", key="surprise", on_click=_surprise, args=(draft.recipe,)
        )
        st.button(
            "Back to what was seen" if draft.reading else "Undo all changes",
            icon=":material/undo:",
            key="back_all",
            on_click=adopt,
            args=(draft.start,),
            disabled=draft.recipe == draft.start,
        )
    groups = st.tabs(list(GROUPS.values()), key=keys.GROUP, on_change="rerun")
    for group, tab in zip(GROUPS, groups, strict=True):
        if tab.open:
            with tab:
                _show_group(group, draft)


def _surprise(recipe: Recipe) -> None:
    rolls = {name: random.choice(_surprise_values(FIELDS[name])) for name in SURPRISES}
    adopt(recipe.replace(**rolls))


def _surprise_values(field: Field) -> list[Value]:
    """The values to roll among; being without stands in as often as all else together, or every roll is a carnival."""
    values = _values(field)
    return values + ["none"] * (len(values) - 2) if "none" in values else values


def _values(field: Field) -> list[Value]:
    return [False, True] if field.kind == "yes-no" else list(field.choices)


def _show_group(group: str, draft: Draft) -> None:
    """The group's fields; those of yes or no share rows below the others."""
    # What would not be seen, such as the color of no hat or a bald head's fringe, is not offered.
    fields = [
        field for field in FIELDS.values() if field.group == group and has_effect(draft.recipe, field.name)
    ]
    for field in fields:
        if field.kind != "yes-no":
            _show_field(field, draft, "stretch")
    with st.container(horizontal=True, gap="medium"):
        for field in fields:
            if field.kind == "yes-no":
                _show_field(field, draft, 210)


def _show_field(field: Field, draft: Draft, width: int | Literal["stretch"]) -> None:
    value, start = getattr(draft.recipe, field.name), getattr(draft.start, field.name)
    with st.container(key=f"field-{field.name}", gap="xxsmall", width=width):
        with st.container(horizontal=True, vertical_alignment="center", key=f"head-{field.name}"):
            st.markdown(f"**{field.label}** · {value_label(field, value)}", width="content")
            if value != start:
                st.button(
                    f"Back to {value_label(field, start)}",
                    icon=":material/undo:",
                    type="tertiary",
                    key=f"back-{field.name}",
                    on_click=_set,
                    args=(field.name, start),
                )
        if field.kind == "color":
            _show_colors(field, value)
        else:
            _show_pictures(field, draft.recipe)


def _show_pictures(field: Field, recipe: Recipe) -> None:
    key = keys.choice(field.name)
    st.session_state[key] = getattr(recipe, field.name)
    pictures = {value: f"url({picture(recipe.replace(**{field.name: value}))})" for value in _values(field)}
    tiles(
        field.label,
        pictures,
        key=key,
        shape="closeup" if CLOSE_UPS & {field.group, field.name} else "picture",
        format_func=lambda value: value_label(field, value),
        on_change=_take,
        args=(field.name, key),
    )


def _show_colors(field: Field, value: str) -> None:
    key, any_key = keys.choice(field.name), f"any-{field.name}"
    st.session_state[key] = value if value in field.choices else None
    st.session_state[any_key] = field.hex(value) if value != NO_COLOR else "#ffffff"
    swatches = {
        name: field.palette[name].hex if name in field.palette else _CROSSED_OUT for name in field.choices
    }
    with st.container(horizontal=True, vertical_alignment="center", key=f"colors-{field.name}"):
        tiles(
            field.label,
            swatches,
            key=key,
            shape="swatch",
            format_func=lambda name: field.choices[name],
            on_change=_take,
            args=(field.name, key),
        )
        st.color_picker(
            f"{field.label}: any",
            key=any_key,
            label_visibility="collapsed",
            on_change=_take,
            args=(field.name, any_key),
        )


def _take(name: str, key: str) -> None:
    _set(name, st.session_state[key])


def _set(name: str, value: Value) -> None:
    # Of the emoji as it is by now: a quick second tap comes from a page that does not show the first one's yet.
    if draft := current_session().draft:
        adopt(draft.recipe.replace(**{name: value}))
