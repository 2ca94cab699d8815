"""Layers, or any SVG, -> pixels and a PNG that says whose work it is."""

from __future__ import annotations

from PIL import Image

from core.drawing.artwork import GRID, HALO
from core.drawing.cairo import PNGSurface, Tree
from core.drawing.credit import TITLE, png_texts
from core.drawing.layers import clip_of, layers_of
from core.drawing.painting import haloed, image_of, paint, png
from core.recipe.recipe import Recipe


def draw_png(recipe: Recipe, size: int, halo: bool = False) -> bytes:
    """The emoji as a PNG of size x size pixels, transparent where nothing is, its license as text chunks.

    halo: a white line around it, which keeps its black outlines visible on dark grounds; the emoji is a little smaller.
    """
    return png_of(draw_image(recipe, size, halo), TITLE)


def draw_image(recipe: Recipe, size: int, halo: bool = False) -> Image.Image:
    """The emoji as an RGBA image of size x size pixels; `halo` as in `draw_png`."""
    if not halo:
        return paint(layers_of(recipe), size, clip_of(recipe))
    unit = size / (GRID + 2 * HALO)
    margin = round(HALO * unit)
    return haloed(draw_image(recipe, size - 2 * margin), margin, HALO * unit)


def rasterize(svg: str, size: int) -> Image.Image:
    """Any SVG document as an RGBA image of size x size pixels."""
    tree = Tree(bytestring=svg.encode())
    return image_of(PNGSurface(tree, None, dpi=96, output_width=size, output_height=size).cairo)


def png_of(image: Image.Image, title: str) -> bytes:
    """A picture made of OpenMoji's drawings as a PNG, its title and license as text chunks."""
    return png(image, png_texts(title))
