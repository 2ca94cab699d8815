"""Make it yours: every choice of the recipe as tiles that show the visitor's own emoji with that option."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence

import streamlit as st

from core import Recipe, draw_svg
from core.drawing.layers import has_effect
from core.drawing.palette import suiting_backgrounds
from core.errors import shortened
from core.recipe.choices import FIELDS, GROUPS, NO_COLOR, Field, Value
from core.recipe.wishes import LONGEST, Granted, grant, search
from pages.parts import keys
from pages.parts.address import adopt, write_address
from pages.parts.data_uri import SVG, data_uri
from pages.parts.language import _, current_language
from pages.parts.notices import hint, warning
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

GROUP_ICONS = {
    "person": "face", "hair": "content_cut", "eyes": "visibility", "mouth": "sentiment_satisfied",
    "facial_hair": "face_6", "accessories": "eyeglasses", "clothes": "apparel", "details": "auto_awesome",
    "background": "wallpaper",
}  # fmt: skip
"""{group: its picture in the strip}, names of Google's Material Symbols, which Streamlit brings."""

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
        parts.append(_(field.label) if value is True else f"{_(field.label)}: {_label(field, value)}")
    return "; ".join([_("Emoji"), *parts])


def _label(field: Field, value: Value) -> str:
    """One of a field's values in the visitor's language."""
    return _(field.label_of(value))


def show_tools(draft: Draft) -> None:
    """Undo, redo, dice and left for right, for places beside the emoji."""
    with st.container(key="flip"):
        st.button(
            _("Flip left and right"),
            icon=":material/flip:",
            key="flip_emoji",
            on_click=_set,
            args=("flipped", not draft.recipe.flipped),
        )
    with st.container(key="tools", gap="xsmall"):
        st.button(
            _("Undo"),
            icon=":material/undo:",
            key="undo",
            shortcut="Ctrl+Z",
            on_click=_turn_back,
            disabled=not draft.past,
            width="stretch",
        )
        st.button(
            _("Redo"),
            icon=":material/redo:",
            key="redo",
            shortcut="Ctrl+Shift+Z",
            on_click=_turn_forth,
            disabled=not draft.future,
            width="stretch",
        )
        st.button(
            _("Surprise me"),
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
    _show_wishes(draft)
    with st.container(horizontal=True, key="finding", gap="small"):
        sought = st.text_input(
            _("Find a choice"),
            key=keys.SEARCH,
            placeholder=_("Find: beanie, curls …"),
            icon=":material/search:",
            label_visibility="collapsed",
        ).strip()
        st.button(
            _("Back to what was seen") if draft.reading else _("Undo all changes"),
            icon=":material/restart_alt:",
            key="back_all",
            on_click=adopt,
            args=(draft.start,),
            disabled=draft.recipe == draft.start,
        )
    if sought:
        _show_found(sought, draft)
        return
    groups = st.tabs([_(group) for group in GROUPS.values()], key=keys.GROUP, on_change="rerun")
    st.html(f"<style>{_ICONS}</style>")
    for group, tab in zip(GROUPS, groups, strict=True):
        if tab.open:
            with tab:
                _show_fields([field for field in FIELDS.values() if field.group == group], draft, group)


def _show_wishes(draft: Draft) -> None:
    """A line to say in words what to change, and what became of the last one, until something else is changed."""
    st.chat_input(
        _("Say it: shorter hair, round glasses, no beard …"),
        key=keys.WISH,
        max_chars=LONGEST,
        on_submit=_grant,
    )
    outcome = current_session().desk.granted
    if outcome is None or outcome.recipe != draft.recipe:
        return
    if outcome.granted:
        with st.container(horizontal=True, vertical_alignment="center", key="granted", gap="small"):
            hint("; ".join(map(_granted, outcome.granted)))
            if draft.past:
                st.button(_("Undo this"), icon=":material/undo:", key="undo_granted", on_click=_turn_back)
    if outcome.missed:
        warning(_("Not understood: {words}.").format(words=", ".join(map(shortened, outcome.missed))))
    elif not outcome.granted:
        warning(
            _("There is nothing to change in this. Say it like this: round glasses, no beard, shorter hair.")
        )


def _granted(wish: Granted) -> str:
    """A wish that was understood, in the visitor's language."""
    field = FIELDS[wish.field]
    pattern = "{field}: {value}" if wish.is_new else _("{field}: {value} already")
    return pattern.format(field=_(field.label), value=_label(field, wish.value))


def _grant() -> None:
    session = current_session()
    if session.draft:
        outcome = session.desk.granted = grant(session.draft.recipe, st.session_state[keys.WISH] or "")
        adopt(outcome.recipe)


def _show_found(sought: str, draft: Draft) -> None:
    """What a search has found, in place of the strip of groups."""
    found = _searched(sought)
    fields = [FIELDS[name] for name in found if _is_seen(draft.recipe, name)]
    with st.container(horizontal=True, vertical_alignment="center", key="found", gap="small"):
        if fields:
            hint(
                _("1 choice found")
                if len(fields) == 1
                else _("{count} choices found").format(count=len(fields))
            )
        else:
            hint(_("Nothing here is called so. Try beanie, curls, stubble, or the name of a color."))
        st.button(_("All choices"), icon=":material/close:", key="close_search", on_click=_close_search)
    _show_fields(fields, draft, "found", found)


def _searched(sought: str) -> dict[str, tuple[str, ...]]:
    """{field: its values} that a text names in English, or in the visitor's own language."""
    found = search(sought)
    if current_language() == "en":
        return found
    plain = sought.casefold()
    for name, field in FIELDS.items():
        if plain in _(field.label).casefold():
            found[name] = tuple(field.choices)
        elif some := {value for value in field.choices if plain in _label(field, value).casefold()}:
            named = some.union(found.get(name, ()))
            found[name] = tuple(value for value in field.choices if value in named)
    return {name: found[name] for name in FIELDS if name in found}


def _close_search() -> None:
    st.session_state[keys.SEARCH] = ""


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


_ICONS = "\n".join(
    f'.st-key-editor [data-testid="stTab"]:nth-of-type({number}) {{ --icon: "{GROUP_ICONS[group]}"; }}'
    for number, group in enumerate(GROUPS, start=1)
)


def _show_fields(
    fields: Sequence[Field], draft: Draft, place: str, only: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Some fields; those of yes or no are switches below the others.

    only: {field: the values to offer}, None for all of them.
    """
    # What would not be seen, such as the color of no hat or a bald head's fringe, is not offered.
    seen = [field for field in fields if _is_seen(draft.recipe, field.name)]
    for field in seen:
        if field.kind != "yes-no":
            _show_field(field, draft, tuple(field.choices) if only is None else only[field.name])
    with st.container(horizontal=True, gap="medium", key=f"switches-{place}"):
        for field in seen:
            if field.kind == "yes-no":
                _show_switch(field, draft.recipe)


def _show_switch(field: Field, recipe: Recipe) -> None:
    key = keys.choice(field.name)
    st.session_state[key] = getattr(recipe, field.name)
    st.toggle(_(field.label), key=key, on_change=_take, args=(field.name, key), width=230)


def _show_field(field: Field, draft: Draft, values: Sequence[str]) -> None:
    value, start = getattr(draft.recipe, field.name), getattr(draft.start, field.name)
    with st.container(key=f"field-{field.name}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"head-{field.name}"):
            st.markdown(f"**{_(field.label)}** · {_label(field, value)}", width="content")
            if value != start:
                st.button(
                    _("Back to {value}").format(value=_label(field, start)),
                    icon=":material/undo:",
                    type="tertiary",
                    key=f"back-{field.name}",
                    on_click=_set,
                    args=(field.name, start),
                )
        if field.kind == "color":
            _show_colors(field, value, values)
        else:
            _show_pictures(field, draft.recipe, values)


def _show_pictures(field: Field, recipe: Recipe, values: Sequence[str]) -> None:
    key, value = keys.choice(field.name), getattr(recipe, field.name)
    st.session_state[key] = value if value in values else None
    pictures = {value: f"url({picture(recipe.replace(**{field.name: value}))})" for value in values}
    tiles(
        _(field.label),
        pictures,
        key=key,
        shape="closeup" if CLOSE_UPS & {field.group, field.name} else "picture",
        format_func=lambda value: _label(field, value),
        on_change=_take,
        args=(field.name, key),
    )


def _show_colors(field: Field, value: str, values: Sequence[str]) -> None:
    key, any_key = keys.choice(field.name), f"any-{field.name}"
    st.session_state[key] = value if value in values else None
    st.session_state[any_key] = field.hex(value) if value != NO_COLOR else "#ffffff"
    swatches = {name: field.palette[name].hex if name in field.palette else _CROSSED_OUT for name in values}
    with st.container(horizontal=True, vertical_alignment="center", key=f"colors-{field.name}"):
        tiles(
            _(field.label),
            swatches,
            key=key,
            shape="swatch",
            format_func=lambda name: _(field.choices[name]),
            on_change=_take,
            args=(field.name, key),
        )
        st.color_picker(
            _("{field}: any").format(field=_(field.label)),
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
