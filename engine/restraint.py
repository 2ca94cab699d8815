"""How restrained emojis are: dark marks in the face, extras, laughs, widths of strokes; and how many cuts of hair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import cv2
import numpy as np

from core.drawing.layers import layers_of
from core.drawing.painting import paint
from core.recipe.recipe import Recipe

FACE = (
    "skin", "scalp", "stubble", "brows", "scar", "beard", "chin_beard", "nose", "lips", "mouth", "moustache", "lines",
    "eyes", "lashes", "piercing", "eye_cover", "glasses",
)  # fmt: skip
"""The layers of a drawing that lie on the face."""
EXTRAS = ("nose", "eye_bags", "smile_lines", "crows_feet", "forehead_lines", "chin_fold", "dimples", "blush")
"""The fields of a recipe that a face can do without."""
NEAR_BLACK = 45
"""No channel of a near-black pixel is above this; black hair is lighter, 63."""
_SIZE = 216
_SPECK = 12
"""Fewer pixels, of _SIZE x _SIZE, are no mark."""


def dark_marks(recipe: Recipe) -> int:
    """How many near-black marks a face has: each eye with its lash is one, a mouth, glasses."""
    layers = [layer for layer in layers_of(recipe) if layer.name in FACE]
    pixels = np.asarray(paint(layers, _SIZE))
    dark = (pixels[..., :3].max(2) <= NEAR_BLACK) & (pixels[..., 3] > 128)
    _, _, sizes, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8))
    return int((sizes[1:, cv2.CC_STAT_AREA] >= _SPECK).sum())


def extras(recipe: Recipe) -> int:
    """How many of EXTRAS are drawn."""
    return sum(getattr(recipe, field) not in (False, "none") for field in EXTRAS)


def stroke_widths(recipe: Recipe) -> set[float]:
    """The widths of strokes in a drawing, in units of its 72x72 box."""
    return {
        round(shape.width, 2)
        for layer in layers_of(recipe)
        for shape in layer.shapes
        if shape.stroke != "none"
    }


def hair(recipe: Recipe) -> tuple[str, str, str]:
    """What makes a cut: outline, hairline, and where it is tied."""
    return recipe.hair, recipe.hairline, recipe.tied


def restraint_table(recipes: Sequence[Recipe]) -> str:
    """The figures of these recipes, each beside what is asked of it."""
    marks = [dark_marks(recipe) for recipe in recipes]
    cuts = Counter(hair(recipe) for recipe in recipes)
    common, often = cuts.most_common(1)[0]
    widths = [len(stroke_widths(recipe)) for recipe in recipes]

    def share(chosen: Sequence[bool]) -> str:
        return f"{np.mean(chosen):.1%}"

    rows = (
        ("Near-black marks in the face, median", f"{np.median(marks):g}", "at most 3"),
        ("Near-black marks in the face, 95th percentile", f"{np.percentile(marks, 95):g}", "at most 4"),
        ("Laughs", share([recipe.mouth == "laugh" for recipe in recipes]), "at most 5%"),
        ("Eyes as arcs", share([recipe.eyes == "joy" for recipe in recipes]), "at most 5%"),
        ("No extra", share([extras(recipe) == 0 for recipe in recipes]), "at least 60%"),
        ("More than two extras", share([extras(recipe) > 2 for recipe in recipes]), "none"),
        ("Cuts of hair in use", f"{len(cuts)}", "at least 90"),
        (f"The commonest cut ({', '.join(common)})", f"{often / len(recipes):.1%}", "at most 10%"),
        ("Widths of strokes in one emoji, most", f"{max(widths)}", "at most 4"),
    )
    return "\n".join(["| | Measured | Asked |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])
