"""Sticker pack page: the visitor's emoji in every mood and some scenes, to choose from and to take away as a ZIP."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape

import streamlit as st

from core import Recipe
from core.extras.stickers import (
    LONGEST_NAME,
    STICKERS,
    Sticker,
    StickerError,
    draw_animation,
    draw_sticker,
    pack_files,
    pack_size,
    slug,
    stickers_of,
    zip_of,
)

EXAMPLE = Recipe(
    skin_tone="medium_light", hair="long_wavy", hair_color="red", lashes=True, clothes_color="dark_green"
)
"""Whose stickers a visitor sees who has no emoji yet."""

state = st.session_state


def main() -> None:
    st.title("Your sticker pack")
    recipe: Recipe = state.get("recipe", EXAMPLE)
    if "recipe" not in state:
        st.info(
            "These are an example person's stickers. Make your own emoji first, and come back for yours.",
            icon=":material/mood:",
        )
    st.caption(
        "Stickers of 512x512 pixels for WhatsApp, Telegram, Signal and other messengers: pick the ones you like."
    )
    stickers = stickers_of(recipe)
    chosen = _choose(stickers, recipe)
    _take_away(recipe, chosen)


def _choose(stickers: list[Sticker], recipe: Recipe) -> list[Sticker]:
    """The preview grid with a tick below each sticker; the ticked ones."""
    with st.container(horizontal=True, key="ticks"):
        st.button(
            "Choose all", icon=":material/done_all:", key="choose_all", on_click=_tick, args=(stickers, True)
        )
        st.button(
            "Choose none",
            icon=":material/remove_done:",
            key="choose_none",
            on_click=_tick,
            args=(stickers, False),
        )
    previews = _previews(stickers, recipe)
    ticks: dict[str, bool] = state.setdefault("ticks_kept", {})
    state.setdefault("tick_round", 0)
    chosen = []
    with st.container(horizontal=True, key="sticker-grid"):
        for sticker in stickers:
            with st.container(key=f"sticker-{sticker.name}", width=150, gap="xxsmall"):
                st.html(f'<img class="sticker" src="{previews[sticker.name]}" alt="{escape(sticker.label)}">')
                # What a widget holds is dropped while another page is open; `ticks` keeps it, and gives it back as the
                # default, not by way of the state (docs/decisions.md, "Browsers may be slow").
                ticks[sticker.name] = st.checkbox(
                    sticker.label,
                    ticks.get(sticker.name, True),
                    key=f"tick-{sticker.name}-{state.tick_round}",
                )
            if ticks[sticker.name]:
                chosen.append(sticker)
    return chosen


def _tick(stickers: list[Sticker], ticked: bool) -> None:
    """Ticks all or none, in a new round: a new key makes new widgets, which take their defaults."""
    state.ticks_kept = {sticker.name: ticked for sticker in stickers}
    state.tick_round += 1


def _previews(stickers: list[Sticker], recipe: Recipe) -> dict[str, str]:
    """{sticker's name: its picture as a data URI}, drawn once for each emoji."""
    if state.get("previews_of") != recipe:
        bar = st.progress(0.0, "Drawing your stickers …")
        pictures = {}
        for number, sticker in enumerate(stickers, start=1):
            pictures[sticker.name] = _data_uri(draw_sticker(sticker))
            bar.progress(number / len(stickers), f"Drawing “{sticker.label}” …")
        state.animation = _data_uri(draw_animation(recipe))
        state.previews, state.previews_of = pictures, recipe
        bar.empty()
    return state.previews


def _data_uri(webp: bytes) -> str:
    return "data:image/webp;base64," + b64encode(webp).decode()


def _take_away(recipe: Recipe, chosen: list[Sticker]) -> None:
    st.header("Take it with you", anchor=False)
    left, right = st.columns([3, 1], gap="large", vertical_alignment="center")
    with right:
        st.html(f'<img class="sticker" src="{state.animation}" alt="All expressions, one after the other">')
    with left:
        # Not set in the session's state: the browser would put it over what is being typed meanwhile.
        if "pack_name" not in state:
            state.pack_name_before = state.get("pack_name_kept", "Selfmoji")
        name = state.pack_name_kept = st.text_input(
            "Name of the pack", state.pack_name_before, key="pack_name", max_chars=LONGEST_NAME
        )
        st.markdown(f"**{len(chosen)}** of at most {STICKERS[-1]} stickers chosen.")
        st.button(
            "Make the pack",
            icon=":material/inventory_2:",
            type="primary",
            key="make_pack",
            on_click=_want_pack,
        )
        if state.get("pack_wanted"):
            try:
                files = pack_files(name, recipe, chosen)
            except StickerError as error:
                st.error(str(error), icon=":material/error:")
            else:
                state.pack = (_order(name, recipe, chosen), _packed(files, pack_size(chosen)))
            state.pack_wanted = False
        if "pack" in state and state.pack[0] == _order(name, recipe, chosen):
            st.download_button(
                f"Download {slug(name)}.zip ({len(state.pack[1]) / 1e6:.1f} MB)",
                state.pack[1],
                f"{slug(name)}.zip",
                "application/zip",
                key="zip",
                on_click="ignore",
                icon=":material/download:",
            )
    st.caption(
        "The ZIP holds the stickers and an animation of all expressions as WebP, a tray icon, `contents.json` as "
        "WhatsApp's sticker apps read it, and the license: made from [OpenMoji](https://openmoji.org), "
        "[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)."
    )


def _want_pack() -> None:
    # Kept until the pack is made: whatever else is clicked meanwhile runs the page anew, and would end the making.
    state.pop("pack", None)
    state.pack_wanted = True


def _order(name: str, recipe: Recipe, chosen: list[Sticker]) -> tuple[str, Recipe, tuple[str, ...]]:
    """What a pack was made of, to tell whether it is still the one that is wanted."""
    return name, recipe, tuple(sticker.name for sticker in chosen)


def _packed(files: Iterator[tuple[str, bytes]], count: int) -> bytes:
    bar = st.progress(0.0, "Packing …")
    done = {}
    for number, (file, content) in enumerate(files, start=1):
        done[file] = content
        bar.progress(number / count, f"Packing {file} …")
    bar.empty()
    return zip_of(done)


main()
