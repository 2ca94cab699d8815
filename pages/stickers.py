"""Sticker pack page: the visitor's emoji in every mood and some scenes, to choose from and to take away as a ZIP."""

from __future__ import annotations

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
from pages.parts import keys
from pages.parts.data_uri import data_uri
from pages.parts.notices import hint, problem
from pages.parts.session import Order, current_session

EXAMPLE = Recipe(
    skin_tone="medium_light",
    hair="loose_wavy",
    hairline="side",
    hair_color="auburn",
    lashes=True,
    clothes_color="dark_green",
)
"""Whose stickers a visitor sees who has no emoji yet."""

WEBP = "image/webp"

session = current_session()
sheet = session.sheet


def main() -> None:
    st.title("Your sticker pack")
    recipe = session.draft.recipe if session.draft else EXAMPLE
    if session.draft is None:
        hint("These are an example person's stickers. Make your own emoji first, and come back for yours.")
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
    ticks = sheet.ticks
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
                    key=keys.tick(sticker.name, sheet.round),
                )
            if ticks[sticker.name]:
                chosen.append(sticker)
    return chosen


def _tick(stickers: list[Sticker], ticked: bool) -> None:
    """Ticks all or none, in a new round: a new key makes new widgets, which take their defaults."""
    sheet.ticks = {sticker.name: ticked for sticker in stickers}
    sheet.round += 1


def _previews(stickers: list[Sticker], recipe: Recipe) -> dict[str, str]:
    """{sticker's name: its picture as a data URI}, drawn once for each emoji."""
    if sheet.drawn != recipe:
        bar = st.progress(0.0, "Drawing your stickers …")
        pictures = {}
        for number, sticker in enumerate(stickers, start=1):
            pictures[sticker.name] = data_uri(draw_sticker(sticker), WEBP)
            bar.progress(number / len(stickers), f"Drawing “{sticker.label}” …")
        sheet.animation = data_uri(draw_animation(recipe), WEBP)
        sheet.previews, sheet.drawn = pictures, recipe
        bar.empty()
    return sheet.previews


def _take_away(recipe: Recipe, chosen: list[Sticker]) -> None:
    st.header("Take it with you", anchor=False)
    left, right = st.columns([3, 1], gap="large", vertical_alignment="center")
    with right:
        st.html(f'<img class="sticker" src="{sheet.animation}" alt="All expressions, one after the other">')
    with left:
        # A default, not set in the widgets' state: the browser would put that over what is being typed meanwhile.
        name = sheet.name = st.text_input(
            "Name of the pack", sheet.first_name, key=keys.PACK_NAME, max_chars=LONGEST_NAME
        )
        st.markdown(f"**{len(chosen)}** of at most {STICKERS[-1]} stickers chosen.")
        st.button(
            "Make the pack",
            icon=":material/inventory_2:",
            type="primary",
            key="make_pack",
            on_click=_want_pack,
        )
        order = Order(name, recipe, tuple(sticker.name for sticker in chosen))
        if sheet.wanted:
            try:
                files = pack_files(name, recipe, chosen)
            except StickerError as error:
                problem(str(error))
            else:
                sheet.pack = (order, _packed(files, pack_size(chosen)))
            sheet.wanted = False
        if sheet.pack is not None and sheet.pack[0] == order:
            pack = sheet.pack[1]
            st.download_button(
                f"Download {slug(name)}.zip ({len(pack) / 1e6:.1f} MB)",
                pack,
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
    sheet.pack, sheet.wanted = None, True


def _packed(files: Iterator[tuple[str, bytes]], count: int) -> bytes:
    bar = st.progress(0.0, "Packing …")
    done = {}
    for number, (file, content) in enumerate(files, start=1):
        done[file] = content
        bar.progress(number / count, f"Packing {file} …")
    bar.empty()
    return zip_of(done)


main()
