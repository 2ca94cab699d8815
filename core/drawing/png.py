"""Layers, or any SVG, -> pixels and a PNG that says whose work it is."""

from __future__ import annotations

from cairosvg.parser import Tree
from cairosvg.surface import PNGSurface
from PIL import Image

from core.drawing.credit import TITLE, png_texts
from core.drawing.layers import CLIPS, layers_of
from core.drawing.painting import image_of, paint, png
from core.recipe.recipe import Recipe


def draw_png(recipe: Recipe, size: int) -> bytes:
    """The emoji as a PNG of size x size pixels, transparent where nothing is, its license as text chunks."""
    return png_of(draw_image(recipe, size), TITLE)


def draw_image(recipe: Recipe, size: int) -> Image.Image:
    """The emoji as an RGBA image of size x size pixels."""
    return paint(layers_of(recipe), size, CLIPS.get(recipe.background, ""))


def rasterize(svg: str, size: int) -> Image.Image:
    """Any SVG document as an RGBA image of size x size pixels."""
    tree = Tree(bytestring=svg.encode())
    return image_of(PNGSurface(tree, None, dpi=96, output_width=size, output_height=size).cairo)


def png_of(image: Image.Image, title: str) -> bytes:
    """A picture made of OpenMoji's drawings as a PNG, its title and license as text chunks."""
    return png(image, png_texts(title))
