"""Selfmoji without a user interface: photo -> face -> reading -> recipe -> layers -> drawing.

from pathlib import Path
from core import Reader, Recipe, draw_png, find_faces, read_photo

faces = find_faces(read_photo(Path("me.jpg")))
[reading] = Reader().read([faces[0].crop])
png = draw_png(Recipe.from_reading(reading), 512)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.drawing import draw_png, draw_svg
    from core.face import Face, FaceError, find_faces
    from core.mirror import Mirror, MirrorError, Settings
    from core.photo import Photo, PhotoError, read_photo, sample_photo
    from core.reading import Reader, Reading
    from core.recipe import Recipe, RecipeError
    from core.service import Service
    from core.weights import WeightsError

__all__ = [
    "Face", "FaceError", "Mirror", "MirrorError", "Photo", "PhotoError", "Reader", "Reading", "Recipe", "RecipeError",
    "Service", "Settings", "WeightsError",
    "draw_png", "draw_svg", "find_faces", "read_photo", "sample_photo",
]  # fmt: skip

__version__ = "0.1.0"

_ROOMS = {
    "drawing": ("draw_png", "draw_svg"),
    "face": ("Face", "FaceError", "find_faces"),
    "mirror": ("Mirror", "MirrorError", "Settings"),
    "photo": ("Photo", "PhotoError", "read_photo", "sample_photo"),
    "reading": ("Reader", "Reading"),
    "recipe": ("Recipe", "RecipeError"),
    "service": ("Service",),
    "weights": ("WeightsError",),
}


def __getattr__(name: str) -> Any:
    """Imports a room when the first of its names is used, so that `import core` is quick and loads no torch."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(importlib.import_module(f"core.{room}"), name)
    raise AttributeError(f"module 'core' has no attribute {name!r}")
