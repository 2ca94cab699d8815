"""Which color each role of the catalogue has in a recipe, and which backgrounds suit one."""

from __future__ import annotations

import functools

import numpy as np

from core.colors import contrast, luminance, mixed
from core.drawing.catalogue import Skin, catalogue
from core.recipe.choices import FIELDS, NO_COLOR
from core.recipe.recipe import Recipe
from core.seeing.colors import differences

BLACK, WHITE, CHARCOAL = "#000000", "#ffffff", "#3f3f3f"

_GRAYS = {FIELDS["hair_color"].hex(name) for name in ("salt_pepper", "gray", "silver", "white")}
_LEAST_BROW_CONTRAST = 2.2
_LEAST_LIP_CONTRAST = 1.6
_LIGHT_ENOUGH = 100.0
"""Difference from the person that a white ground counts as at most; a darker one less, as its luminance."""

_FIXED = {
    "white": WHITE, "mouth": "#6b2a2a", "tongue": "#c9403a", "device": "#d0cfce", "device_line": "#6f6f6e",
    "bindi": "#c4342c", "patch": CHARCOAL, "prosthesis": "#61b2e4", "mask": "#cfe6f2", "mask_shade": "#8fb8cc",
    "tube": "#8fc3d9", "chair": "#55585e", "chair_shade": "#3f3f3f", "wood": "#8a5a3a", "lens": CHARCOAL,
    "lens_shine": "#8a8a8a",
}  # fmt: skip
"""{role: color} of what is the same for everybody."""


@functools.lru_cache(maxsize=4096)
def colors_of(recipe: Recipe) -> dict[str, str]:
    """{role of the catalogue: #rrggbb} for a recipe."""
    skin = catalogue().skin[recipe.skin_tone]
    hair, hat, clothes = (_color(recipe, name) for name in ("hair_color", "headwear_color", "clothes_color"))
    lips = _color(recipe, "lipstick") or skin.lips
    background, jewelry = (_color(recipe, name) for name in ("background_color", "jewelry_color"))
    return {
        **_FIXED,
        **_skin_colors(skin),
        "hair": hair,
        "hair_shade": hair_shade(hair),
        "brow": brow_color(hair, skin.plain),
        "stubble": mixed(skin.plain, hair if luminance(hair) < 0.2 else mixed(hair, CHARCOAL, 0.5), 0.28),
        "scalp": mixed(skin.plain, hair if luminance(hair) < 0.25 else mixed(hair, CHARCOAL, 0.45), 0.3),
        "lips": lips,
        "beard_lips": beard_lips(skin, hair),
        "lip_line": mixed(lips, "#3a0a10", 0.55),
        "eye": _color(recipe, "eye_color"),
        "clothes": clothes,
        "clothes_shade": fold(clothes),
        "collar": mixed(clothes, WHITE, 0.22) if luminance(clothes) < 0.75 else mixed(clothes, BLACK, 0.06),
        "inner": _color(recipe, "inner_color"),
        "necktie": _color(recipe, "necktie"),
        "hat": hat,
        "hat_shade": fold(hat),
        "hat_inside": fold(fold(hat)),
        "frame": _color(recipe, "frame_color"),
        "jewelry": jewelry,
        "jewelry_shade": mixed(jewelry, BLACK, 0.28),
        "background": background,
        "pattern": mixed(background, WHITE, 0.4)
        if luminance(background) < 0.6
        else mixed(background, BLACK, 0.08),
    }


def _skin_colors(skin: Skin) -> dict[str, str]:
    return {
        "skin": skin.plain,
        "skin_shade": skin.shade,
        "skin_line": skin.line,
        "blush": skin.blush,
        "vitiligo": mixed(skin.plain, "#fdeee0", 0.6),
        "scar": mixed(skin.line, skin.lips, 0.4),
        "ink": mixed(skin.plain, "#31467a", 0.75),
    }


def _color(recipe: Recipe, name: str) -> str:
    """A color of a recipe as #rrggbb; "" when it is absent."""
    value = getattr(recipe, name)
    return "" if value == NO_COLOR else FIELDS[name].hex(value)


def hair_shade(hair: str) -> str:
    """The color of strands on hair, and of hair behind the neck: a quarter on the way to a dark, warm brown."""
    if hair == CHARCOAL:
        return "#262627"
    light = luminance(hair)
    return mixed(hair, "#3a1c10" if light < 0.75 else "#b08d57", 0.26 if light < 0.55 else 0.247)


def brow_color(hair: str, skin: str) -> str:
    """The color of brows: the hair's, darker, until it can be seen on the skin."""
    color = hair if hair == CHARCOAL else mixed(hair, "#2c1a12", 0.38)
    if hair in _GRAYS:
        color = mixed(hair, CHARCOAL, 0.45)
    for _ in range(5):
        if contrast(color, skin) >= _LEAST_BROW_CONTRAST:
            break
        color = mixed(color, BLACK, 0.3)
    return color


def beard_lips(skin: Skin, beard: str) -> str:
    """The color of lips in a beard: the skin's, redder until it can be told from the beard and from a black line."""
    color = mixed(skin.plain, skin.lips, 0.3)
    for _ in range(4):
        if (
            contrast(color, beard) >= _LEAST_LIP_CONTRAST
            and contrast(color, BLACK) >= 2 * _LEAST_LIP_CONTRAST
        ):
            break
        color = mixed(color, "#d2706c", 0.25)
    return color


def fold(cloth: str) -> str:
    """The color of a lapel, a hood or a visor: darker than the cloth, or lighter where that would be black."""
    return mixed(cloth, BLACK, 0.2) if luminance(cloth) > 0.06 else mixed(cloth, WHITE, 0.22)


def suiting_backgrounds(recipe: Recipe, count: int = 6) -> list[str]:
    """Names of background colors on which hair, hat, clothes and skin stand out, the best first."""
    colors = colors_of(recipe)
    seen = ["skin", "clothes", "hat" if catalogue().hat[recipe.headwear].covers_hair else "hair"]
    if recipe.headwear != "none":
        seen.append("hat")
    palette = FIELDS["background_color"].palette
    grounds = [swatch.hex for swatch in palette.values()]
    nearest = np.min([differences(colors[role], grounds) for role in seen], 0)
    # Outlines are black: on a dark ground they cannot be seen.
    light = [_LIGHT_ENOUGH * luminance(ground) for ground in grounds]
    order = np.argsort(-np.minimum(nearest, light), kind="stable")
    return [list(palette)[number] for number in order[:count]]


def for_profile(recipe: Recipe) -> Recipe:
    """The emoji as a profile picture: closer, on a ground of its own, or on a colored circle."""
    if recipe.background == "none":
        recipe = recipe.replace(background="circle", background_color=suiting_backgrounds(recipe)[0])
    return recipe.replace(framing="profile")
