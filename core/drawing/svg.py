"""Layers -> one SVG that says whose work it is."""

from __future__ import annotations

import itertools
from hashlib import blake2b

from core.drawing.artwork import GRID, HALO, Path, Shape
from core.drawing.catalogue import catalogue
from core.drawing.credit import TITLE, svg_heading
from core.drawing.layers import Layer, clip_of, layers_of
from core.recipe.recipe import Recipe

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="%s">'


def draw_svg(recipe: Recipe, halo: bool = False) -> str:
    """The emoji as an SVG document of the 72x72 grid with its license as Dublin Core metadata.

    halo: a white line around it, which keeps its black outlines visible on dark grounds; the view is wider by that.
    Layers are groups with their names as classes; ids follow from the recipe, so that documents can stand side by side.
    """
    mark = "e" + blake2b(recipe.to_code().encode(), digest_size=6).hexdigest()
    layers, area = layers_of(recipe), clip_of(recipe)
    defined, clip = "", ""
    if area is not None:
        defined, clip = _clip_path(f"{mark}-0", area.d), f' clip-path="url(#{mark}-0)"'
    picture = _picture(layers, clip, mark)
    if halo:
        # The wider view would show what a person has below the picture's edge.
        inner = f'<svg width="{GRID}" height="{GRID}" viewBox="0 0 {GRID} {GRID}">{picture}</svg>'
        picture = _halo(layers, clip) + inner
    margin = HALO if halo else 0
    view = f"{-margin} {-margin} {GRID + 2 * margin} {GRID + 2 * margin}"
    return _OPEN % view + f"{svg_heading(TITLE)}{defined}{picture}</svg>"


def glyph_svg(glyph: str, title: str) -> str:
    """An SVG document of OpenMoji's, with a title and the same license metadata as our own."""
    tag, opening, rest = glyph.partition("<svg")
    attributes, bracket, content = rest.partition(">")
    return f"{tag}{opening}{attributes}{bracket}{svg_heading(title)}{content}"


def _picture(layers: tuple[Layer, ...], clip: str, mark: str) -> str:
    content = ""
    areas: list[Path] = []
    for area, group in itertools.groupby(layers, key=lambda layer: layer.within):
        drawn = "".join(map(_layer, group))
        if area is not None:
            if area not in areas:
                areas.append(area)
                content += _clip_path(f"{mark}-{len(areas)}", area.d)
            drawn = f'<g clip-path="url(#{mark}-{areas.index(area) + 1})">{drawn}</g>'
        content += drawn
    return f'<g stroke-linecap="round" stroke-linejoin="round"{clip}>{content}</g>'


def _halo(layers: tuple[Layer, ...], clip: str) -> str:
    """What lies behind an emoji: its background and what is not cut off of the person once more, white and wider."""
    kinds = catalogue().layers
    grounds, persons = (
        "".join(
            f'<path d="{shape.path.d}" stroke-width="{shape.width + 2 * HALO:g}"/>'
            for layer in layers
            if layer.within is None and (kinds[layer.name].frame == "ground") is ground
            for shape in layer.shapes
        )
        for ground in (True, False)
    )
    paint = 'class="halo" fill="#fff" stroke="#fff" stroke-linecap="round" stroke-linejoin="round"'
    return f"<g {paint}>{grounds}<g{clip}>{persons}</g></g>"


def _clip_path(name: str, d: str) -> str:
    return f'<clipPath id="{name}"><path d="{d}"/></clipPath>'


def _layer(layer: Layer) -> str:
    return f'<g class="{layer.name}">{"".join(map(_path, layer.shapes))}</g>'


def _path(shape: Shape) -> str:
    stroke = f' stroke="{shape.stroke}" stroke-width="{shape.width:g}"' if shape.stroke != "none" else ""
    opacity = f' opacity="{shape.opacity:g}"' if shape.opacity != 1 else ""
    return f'<path d="{shape.path.d}" fill="{shape.fill}"{stroke}{opacity}/>'
