"""Layers -> one SVG that says whose work it is."""

from __future__ import annotations

import itertools

from core.drawing.artwork import Shape
from core.drawing.credit import TITLE, svg_heading
from core.drawing.layers import CLIPS, Layer, layers_of
from core.recipe.recipe import Recipe

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" id="emoji" viewBox="0 0 72 72">'


def draw_svg(recipe: Recipe) -> str:
    """The emoji as an SVG document with viewBox "0 0 72 72" and its license as Dublin Core metadata."""
    return f"{_OPEN}{svg_heading(TITLE)}{_picture(recipe)}</svg>"


def glyph_svg(glyph: str, title: str) -> str:
    """An SVG document of OpenMoji's, with a title and the same license metadata as our own."""
    tag, opening, rest = glyph.partition("<svg")
    attributes, bracket, content = rest.partition(">")
    return f"{tag}{opening}{attributes}{bracket}{svg_heading(title)}{content}"


def _picture(recipe: Recipe) -> str:
    groups = itertools.groupby(layers_of(recipe), key=lambda layer: layer.within)
    content = "".join(_within(area, "".join(map(_layer, group))) for area, group in groups)
    clip, inside = "", ""
    if area := CLIPS.get(recipe.background):
        clip, inside = f'<clipPath id="round"><path d="{area}"/></clipPath>', ' clip-path="url(#round)"'
    return f'{clip}<g id="picture" stroke-linecap="round" stroke-linejoin="round"{inside}>{content}</g>'


def _within(area: str, layers: str) -> str:
    if not area:
        return layers
    return f'<clipPath id="face"><path d="{area}"/></clipPath><g clip-path="url(#face)">{layers}</g>'


def _layer(layer: Layer) -> str:
    return f'<g id="{layer.name}">{"".join(map(_path, layer.shapes))}</g>'


def _path(shape: Shape) -> str:
    stroke = f' stroke="{shape.stroke}" stroke-width="{shape.width:g}"' if shape.stroke != "none" else ""
    opacity = f' opacity="{shape.opacity:g}"' if shape.opacity != 1 else ""
    return f'<path d="{shape.d}" fill="{shape.fill}"{stroke}{opacity}/>'
