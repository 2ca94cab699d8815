"""The emoji's way out: what it is like in a profile picture."""

from __future__ import annotations

from core import Recipe
from core.drawing.palette import suiting_backgrounds


def for_profile(recipe: Recipe) -> Recipe:
    """Closer, on a ground of its own, or on a colored circle."""
    if recipe.background == "none":
        recipe = recipe.replace(background="circle", background_color=suiting_backgrounds(recipe)[0])
    return recipe.replace(framing="profile")
