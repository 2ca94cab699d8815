"""Make it yours: every choice of the recipe as tiles that show the visitor's own emoji with that option."""

from __future__ import annotations

import functools
import random

import streamlit as st

from core import Recipe, draw_svg
from core.drawing.layers import has_effect
from core.drawing.palette import suiting_backgrounds
from core.recipe.choices import FIELDS, GROUPS, NO_COLOR, Field, Value
from pages.parts import keys
from pages.parts.address import adopt, write_address
from pages.parts.data_uri import SVG, data_uri
from pages.parts.session import Draft, current_session
from pages.parts.tiles import tiles

SURPRISES: dict[str, tuple[Value, ...]] = {
    "mouth": ("soft", "smile", "teeth", "grin", "laugh"),
    "glasses": tuple(FIELDS["glasses"].choices),
    "frame_color": ("black", "brown", "tortoise", "gold", "red", "blue", "purple"),
    "headwear": ("none", "cap", "beanie", "bobble", "brimmed", "sun", "beret", "cowboy", "headband", "crown"),
    "headwear_color": ("red", "mustard", "teal", "navy", "rose", "cream", "dark_green", "purple"),
    "earrings": tuple(FIELDS["earrings"].choices),
    "necklace": tuple(FIELDS["necklace"].choices),
    "jewelry_color": ("gold", "silver", "rose_gold", "pearl", "turquoise"),
    "clothes": tuple(FIELDS["clothes"].choices),
    "clothes_color": (
        "charcoal", "white", "cream", "red", "burgundy", "salmon", "orange", "mustard", "dark_green", "teal", "mint",
        "sky", "royal", "denim", "navy", "lilac", "rose",
    ),
    "inner_color": ("white", "cream", "light_gray", "sky"),
    "background": ("circle", "square", "dots", "rays", "confetti"),
}  # fmt: skip
"""{field: values} that "Surprise me" rolls the dice for: a good mood and what somebody can put on. Hair and face stay,
and so does a headscarf, a turban or whatever else is not among the values: nobody's is to be taken for a costume."""

CLOSE_UPS = {"person", "eyes", "mouth", "facial_hair", "glasses", "frame_color", "lenses"}
"""Groups and fields whose tiles show the face alone, since their options differ in details."""

_CROSSED_OUT = "linear-gradient(to top right, #fff 46%, #d22f27 47%, #d22f27 53%, #fff 54%)"


_BLINK = """<style>
.eyes { transform-box: fill-box; transform-origin: center; animation: blink 5s 1s infinite; }
@keyframes blink { 0%, 95.5%, 100% { transform: none } 97%, 98% { transform: scaleY(0.22) } }
@media (prefers-reduced-motion: reduce) { .eyes { animation: none } }
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
        if not _is_seen(recipe, name):
            continue
        field = FIELDS[name]
        parts.append(field.label if value is True else f"{field.label}: {value_label(field, value)}")
    return "; ".join(["Emoji", *parts])


def value_label(field: Field, value: Value) -> str:
    """The name for people of a field's value."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return field.choices.get(value, value)


def show_tools(draft: Draft) -> None:
    """Undo, redo and dice, for a place beside the emoji."""
    with st.container(key="tools", gap="xsmall"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key="undo",
            shortcut="Ctrl+Z",
            on_click=_turn_back,
            disabled=not draft.past,
            width="stretch",
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            key="redo",
            shortcut="Ctrl+Shift+Z",
            on_click=_turn_forth,
            disabled=not draft.future,
            width="stretch",
        )
        st.button(
            "Surprise me",
            icon=":material/casino:",
            key="surprise",
            on_click=_surprise,
            args=(draft.recipe,),
            width="stretch",
        )


def show_editor(draft: Draft) -> None:
    """The editor of the visitor's draft, with the way back to its start.

    A change redraws the page with the new recipe, and puts it into the page's address.
    """
    st.button(
        "Back to what was seen" if draft.reading else "Undo all changes",
        icon=":material/restart_alt:",
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


def _turn_back() -> None:
    if draft := current_session().draft:
        draft.undo()
        write_address()


def _turn_forth() -> None:
    if draft := current_session().draft:
        draft.redo()
        write_address()


def _surprise(recipe: Recipe) -> None:
    rolls = {
        name: _rolled(values)
        for name, values in SURPRISES.items()
        if name != "headwear" or recipe.headwear in values
    }
    dressed = recipe.replace(**rolls)
    adopt(dressed.replace(background_color=random.choice(suiting_backgrounds(dressed))))


def _rolled(values: tuple[Value, ...]) -> Value:
    """One of the values; being without as often as all else together, or every roll is a carnival."""
    return random.choice(values + ("none",) * (len(values) - 2) if "none" in values else values)


_is_seen = functools.lru_cache(maxsize=4096)(has_effect)


def _show_group(group: str, draft: Draft) -> None:
    """The group's fields; those of yes or no are switches below the others."""
    # What would not be seen, such as the color of no hat or a bald head's fringe, is not offered.
    fields = [
        field for field in FIELDS.values() if field.group == group and _is_seen(draft.recipe, field.name)
    ]
    for field in fields:
        if field.kind != "yes-no":
            _show_field(field, draft)
    with st.container(horizontal=True, gap="medium", key=f"switches-{group}"):
        for field in fields:
            if field.kind == "yes-no":
                _show_switch(field, draft.recipe)


def _show_switch(field: Field, recipe: Recipe) -> None:
    key = keys.choice(field.name)
    st.session_state[key] = getattr(recipe, field.name)
    st.toggle(field.label, key=key, on_change=_take, args=(field.name, key), width=230)


def _show_field(field: Field, draft: Draft) -> None:
    value, start = getattr(draft.recipe, field.name), getattr(draft.start, field.name)
    with st.container(key=f"field-{field.name}", gap="xxsmall"):
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
    pictures = {value: f"url({picture(recipe.replace(**{field.name: value}))})" for value in field.choices}
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
        adopt(_changed(draft, name, value))


def _changed(draft: Draft, name: str, value: Value) -> Recipe:
    """The draft's recipe with another value; a first background has a color on which the person stands out."""
    recipe = draft.recipe.replace(**{name: value})
    if name == "background" and draft.recipe.background == "none":
        return recipe.replace(background_color=suiting_backgrounds(recipe)[0])
    if name == "background" and value == "none":
        return recipe.replace(background_color=draft.start.background_color)
    return recipe
