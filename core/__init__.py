"""Selfmoji without a user interface: photo -> face -> reading -> recipe -> layers -> drawing.

from pathlib import Path
from core import Reader, Recipe, draw_png, find_faces, read_photo

faces = find_faces(read_photo(Path("me.jpg")))
[reading] = Reader().read([faces[0].crop])
png = draw_png(Recipe.from_reading(reading), 512)
"""

from __future__ import annotations

import importlib
import os

from core.version import __version__ as __version__

# As type checkers know it from `typing`, which takes longer to load than all else that `python -m core` needs before
# it can answer Ctrl-C.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from core.drawing.png import draw_png
    from core.drawing.svg import draw_svg
    from core.errors import SelfmojiError
    from core.live.mirror import Mirror, MirrorError, Settings
    from core.live.service import Service
    from core.models.weights import WeightsError
    from core.recipe.choices import RecipeError
    from core.recipe.recipe import Recipe
    from core.seeing.face import Face, FaceError, find_faces
    from core.seeing.photo import Photo, PhotoError, read_photo, sample_photo
    from core.seeing.reading import Reader, Reading

__all__ = [
    "Face", "FaceError", "Mirror", "MirrorError", "Photo", "PhotoError", "Reader", "Reading", "Recipe", "RecipeError",
    "SelfmojiError", "Service", "Settings", "WeightsError",
    "draw_png", "draw_svg", "find_faces", "read_photo", "sample_photo",
]  # fmt: skip

# Threads that wait should sleep: one that spins keeps the other sessions, and the browser, off its core.
# OpenMP reads this once, when torch loads it, so it must stand before anything here imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_ROOMS = {
    "drawing.png": ("draw_png",),
    "drawing.svg": ("draw_svg",),
    "errors": ("SelfmojiError",),
    "live.mirror": ("Mirror", "MirrorError", "Settings"),
    "live.service": ("Service",),
    "models.weights": ("WeightsError",),
    "recipe.choices": ("RecipeError",),
    "recipe.recipe": ("Recipe",),
    "seeing.face": ("Face", "FaceError", "find_faces"),
    "seeing.photo": ("Photo", "PhotoError", "read_photo", "sample_photo"),
    "seeing.reading": ("Reader", "Reading"),
}


def __getattr__(name: str) -> Any:
    """Imports a room when the first of its names is used, so that `import core` is quick and loads no torch."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(importlib.import_module(f"core.{room}"), name)
    raise AttributeError(f"module 'core' has no attribute {name!r}")
