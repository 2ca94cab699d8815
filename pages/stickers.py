"""Sticker page: the visitor's emoji in every mood and some scenes, as files that a messenger or a website takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape

import streamlit as st

from core import Recipe
from core.extras.captions import LONGEST as LONGEST_CAPTION
from core.extras.moving import (
    MOST_BYTES,
    MovingSticker,
    draw_moving,
    draw_resting,
    ending_of,
    moving_stickers_of,
)
from core.extras.stickers import (
    LONGEST_NAME,
    SIZE,
    STICKERS,
    Sticker,
    StickerError,
    captioned,
    draw_animation,
    draw_sticker,
    pack_files,
    pack_size,
    portrait_of,
    slug,
    stickers_of,
    together,
    zip_of,
)
from core.extras.targets import (
    MEDIA_TYPES,
    Target,
    draw_for,
    orders,
    pack_name,
    pack_of,
    target_files,
    targets,
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

PREVIEW_SIZE = 240
"""Side in pixels of a preview that moves; shown at 150, and on screens with more pixels than that."""

FORMATS = {
    "WEBP": "WebP, for chats",
    "GIF": "GIF, for everything else",
    "APNG": "APNG",
    "WEBM": "WebM",
}
"""{format of a sticker that moves: what it is called}."""

session = current_session()
sheet = session.sheet


def main() -> None:
    st.title("Your sticker pack")
    recipe = session.draft.recipe if session.draft else EXAMPLE
    if session.draft is None:
        hint("These are an example person's stickers. Make your own emoji first, and come back for yours.")
    target = _choose_target()
    if target is None or target.pack:
        stickers = _captioned([*stickers_of(recipe), *together(_everybody())])
        st.caption("Take single ones with the arrow, or tick those you like and take them together below.")
        chosen = _choose(stickers, recipe, target)
        _take_away(recipe, chosen, target)
        _offer_moving(_captioned_quietly(moving_stickers_of(recipe)), target)
    else:
        # The lines for them are dropped meanwhile.
        sheet.first_name, sheet.first_caption = sheet.name, sheet.caption
    if target is not None:
        _offer_alone(recipe, target)
        st.header(f"How it gets there: {target.label}", anchor=False)
        st.markdown("\n".join(f"{number}. {step}" for number, step in enumerate(target.steps, start=1)))
    st.caption(
        "Made from [OpenMoji](https://openmoji.org), "
        "[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/); the pictures say so too, but for icons."
    )


def _everybody() -> list[Recipe]:
    """The emojis of all faces of the visitor's photo, the shown one first."""
    others = [draft.recipe for name, draft in session.faces.items() if name != session.shown]
    return [session.draft.recipe, *others] if session.draft else []


def _captioned(stickers: list[Sticker]) -> list[Sticker]:
    """The stickers with what the visitor writes below them, if it can be drawn."""
    sheet.caption = st.text_input(
        "Caption, if you like",
        sheet.first_caption,
        key=keys.CAPTION,
        max_chars=LONGEST_CAPTION,
        placeholder="LOL, Good morning, your name …",
        width=320,
    )
    try:
        return captioned(stickers, sheet.caption)
    except StickerError as error:
        problem(str(error))
        return stickers


def _captioned_quietly(stickers: list[MovingSticker]) -> list[MovingSticker]:
    """The same for those that move; what is wrong with it is told by then."""
    try:
        return captioned(stickers, sheet.caption)
    except StickerError:
        return stickers


def _choose_target() -> Target | None:
    """Where the files shall go; None for any messenger."""
    names = ["", *targets()]
    # The default, since what a widget holds is dropped while another page is open.
    sheet.target = st.selectbox(
        "For",
        names,
        index=names.index(sheet.first_target),
        format_func=lambda name: targets()[name].label if name else "Any messenger",
        key=keys.TARGET,
        width=320,
    )
    return targets().get(sheet.target)


def _choose(stickers: list[Sticker], recipe: Recipe, target: Target | None) -> list[Sticker]:
    """The preview grid, each sticker with a tick and to take by itself; the ticked ones."""
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
                _offer_single(sticker, target)
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


def _offer_single(sticker: Sticker, target: Target | None) -> None:
    """A sticker by itself; where several sizes are taken, the largest."""
    if target is None:
        data, file, kind = partial(draw_sticker, sticker), f"{sticker.name}.webp", WEBP
    else:
        order = orders(target, sticker.name)[-1]
        data, file, kind = partial(draw_for, order, sticker), order.file, MEDIA_TYPES[order.picture.format]
    st.download_button(
        f"Download “{sticker.label}”",
        data,
        file,
        kind,
        key=f"single-{sticker.name}",
        on_click="ignore",
        icon=":material/download:",
    )


def _tick(stickers: list[Sticker], ticked: bool) -> None:
    """Ticks all or none, in a new round: a new key makes new widgets, which take their defaults."""
    sheet.ticks = {sticker.name: ticked for sticker in stickers}
    sheet.round += 1


def _previews(stickers: list[Sticker], recipe: Recipe) -> dict[str, str]:
    """{sticker's name: its picture as a data URI}, drawn once for each emoji."""
    if (sheet.drawn, sheet.drawn_stickers) != (recipe, stickers):
        bar = st.progress(0.0, "Drawing your stickers …")
        pictures = {}
        for number, sticker in enumerate(stickers, start=1):
            pictures[sticker.name] = data_uri(draw_sticker(sticker), WEBP)
            bar.progress(number / len(stickers), f"Drawing “{sticker.label}” …")
        sheet.animation = data_uri(draw_animation(recipe), WEBP)
        sheet.previews, sheet.drawn, sheet.drawn_stickers = pictures, recipe, stickers
        bar.empty()
    return sheet.previews


def _take_away(recipe: Recipe, chosen: list[Sticker], target: Target | None) -> None:
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
        order = Order(name, recipe, tuple(chosen), sheet.target)
        if sheet.wanted:
            try:
                content = _made(name, recipe, chosen, target)
            except StickerError as error:
                problem(str(error))
            else:
                sheet.pack = (order, content)
            sheet.wanted = False
        if sheet.pack is not None and sheet.pack[0] == order:
            pack = sheet.pack[1]
            file = f"{slug(name)}.zip" if target is None else pack_name(target, name)
            st.download_button(
                f"Download {file} ({len(pack) / 1e6:.1f} MB)",
                pack,
                file,
                "application/zip",
                key="zip",
                on_click="ignore",
                icon=":material/download:",
            )
    if target is None:
        st.caption(
            "The ZIP holds the stickers (512x512 pixels) and an animation of all expressions as WebP, a tray icon, "
            "`contents.json` as WhatsApp's sticker apps read it, and the license."
        )


def _offer_moving(stickers: list[MovingSticker], target: Target | None) -> None:
    """Stickers that move, each to take by itself."""
    st.header("Stickers that move", anchor=False)
    if target is not None and not target.moving:
        st.caption(f"{target.label} takes no stickers that move.")
        return
    kind = "WEBP"
    if target is None:
        kind = st.radio(
            "Kind of file", list(FORMATS), format_func=FORMATS.__getitem__, horizontal=True, key="moving_kind"
        )
    st.caption("Take one with the arrow. It is drawn when you do, which takes a few seconds.")
    previews = _moving_previews(stickers)
    with st.container(horizontal=True, key="moving-grid"):
        for sticker in stickers:
            with st.container(key=f"sticker-{sticker.name}", width=150, gap="xxsmall"):
                moving, resting = previews[sticker.name]
                st.html(
                    f'<picture><source srcset="{resting}" media="(prefers-reduced-motion: reduce)">'
                    f'<img class="sticker" src="{moving}" alt="{escape(sticker.label)}, moving"></picture>'
                )
                if target is None:
                    data = partial(draw_moving, sticker, kind, SIZE, MOST_BYTES[kind])
                    file, mime = f"{sticker.name}.{ending_of(kind)}", MEDIA_TYPES[kind]
                else:
                    order = orders(target, sticker.name, moving=True)[-1]
                    data = partial(draw_for, order, sticker)
                    file, mime = order.file, MEDIA_TYPES[order.picture.format]
                st.download_button(
                    f"Download “{sticker.label}”, moving",
                    data,
                    file,
                    mime,
                    key=f"single-{sticker.name}",
                    on_click="ignore",
                    icon=":material/download:",
                )
                st.markdown(sticker.label)


def _moving_previews(stickers: list[MovingSticker]) -> dict[str, tuple[str, str]]:
    """{sticker's name: data URIs of it moving, and at rest for those who want less motion}, drawn once an emoji."""
    if sheet.drawn_moving != stickers:
        bar = st.progress(0.0, "Drawing your stickers that move …")
        pictures = {}
        for number, sticker in enumerate(stickers, start=1):
            moving = draw_moving(sticker, "WEBP", PREVIEW_SIZE, MOST_BYTES["WEBP"])
            pictures[sticker.name] = (
                data_uri(moving, WEBP),
                data_uri(draw_resting(sticker, PREVIEW_SIZE), "image/png"),
            )
            bar.progress(number / len(stickers), f"Drawing “{sticker.label}” …")
        sheet.moving_previews, sheet.drawn_moving = pictures, stickers
        bar.empty()
    return sheet.moving_previews


def _offer_alone(recipe: Recipe, target: Target) -> None:
    """The emoji as it is, in all that the target takes of one."""
    st.header("Your emoji alone", anchor=False)
    alone = portrait_of(recipe)
    with st.container(horizontal=True, key="alone", gap="small"):
        for order in orders(target, f"selfmoji-{target.name}"):
            sizes = order.picture.sizes if order.picture.format == "ICO" else [order.size]
            words = [
                order.picture.name.capitalize(),
                order.picture.format,
                f"{', '.join(map(str, sizes))} px",
            ]
            st.download_button(
                " ".join(filter(None, words)),
                partial(draw_for, order, alone),
                order.file,
                MEDIA_TYPES[order.picture.format],
                key=f"alone-{order.file}",
                on_click="ignore",
                icon=":material/download:",
            )


def _want_pack() -> None:
    # Kept until the pack is made: whatever else is clicked meanwhile runs the page anew, and would end the making.
    sheet.pack, sheet.wanted = None, True


def _made(name: str, recipe: Recipe, chosen: list[Sticker], target: Target | None) -> bytes:
    """The file that holds a pack. Raises StickerError."""
    if target is None:
        return zip_of(_packed(pack_files(name, recipe, chosen), pack_size(chosen)))
    count = len(chosen) * len(orders(target, "")) + 3
    return pack_of(_packed(target_files(target, name, recipe, chosen), count))


def _packed(files: Iterator[tuple[str, bytes]], count: int) -> dict[str, bytes]:
    """All files, with a bar that fills meanwhile. count: how many there are at most."""
    bar = st.progress(0.0, "Packing …")
    done = {}
    for number, (file, content) in enumerate(files, start=1):
        done[file] = content
        bar.progress(number / count, f"Packing {file} …")
    bar.empty()
    return done


main()
