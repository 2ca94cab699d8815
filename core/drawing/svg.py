"""Layers -> one SVG that says whose work it is."""

from __future__ import annotations

import itertools
from hashlib import blake2b

from core.drawing.artwork import GRID, HALO, Path, Shape
from core.drawing.catalogue import catalogue
from core.drawing.credit import TITLE, svg_heading
from core.drawing.layers import Layer, clip_of, layers_of
from core.recipe.recipe import Recipe

_MOTION = """<style>
.MARK .eyes { transform-box: fill-box; transform-origin: center; animation: selfmoji-blink 5s 1s infinite }
.MARK .lashes { animation: selfmoji-lower 5s 1s infinite }
.MARK .breathing { transform-origin: ORIGIN; animation: selfmoji-breathe 2.2s ease-in-out infinite alternate }
@keyframes selfmoji-blink { 0%, 95.5%, 100% { transform: none } 97%, 98% { transform: scaleY(0.26) } }
@keyframes selfmoji-lower { 0%, 95.5%, 100% { transform: none } 97%, 98% { transform: translateY(0.9px) } }
@keyframes selfmoji-breathe { from { transform: none } to { transform: scale(1.005, 1.014) } }
@media (prefers-reduced-motion: reduce) { .MARK .eyes, .MARK .lashes, .MARK .breathing { animation: none } }
</style>"""
"""What blinks and breathes in an SVG that moves. Names begin with our own, for pages that show several."""

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="%s">'


def draw_svg(recipe: Recipe, halo: bool = False) -> str:
    """The emoji as an SVG document of the 72x72 grid with its license as Dublin Core metadata.

    halo: a white line around it, which keeps its black outlines visible on dark grounds; the view is wider by that.
    Layers are groups with their names as classes; ids follow from the recipe, so that documents can stand side by side.
    """
    mark = _mark(recipe)
    layers = layers_of(recipe)
    defined, clip = _clip(recipe, mark)
    picture = _picture(layers, clip, mark)
    if halo:
        # The wider view would show what a person has below the picture's edge.
        inner = f'<svg width="{GRID}" height="{GRID}" viewBox="0 0 {GRID} {GRID}">{picture}</svg>'
        picture = _halo(layers, clip) + inner
    margin = HALO if halo else 0
    view = f"{-margin} {-margin} {GRID + 2 * margin} {GRID + 2 * margin}"
    return _OPEN % view + f"{svg_heading(TITLE)}{defined}{picture}</svg>"


def draw_moving_svg(recipe: Recipe) -> str:
    """The same, but it blinks and breathes, by styles alone, unless the system asks for less motion."""
    mark, camera = _mark(recipe), catalogue().camera
    kinds = catalogue().layers
    defined, clip = _clip(recipe, mark)
    motion = _MOTION.replace("MARK", mark).replace("ORIGIN", f"{camera.middle:g}px {camera.bottom:g}px")
    content = ""
    for number, (is_ground, group) in enumerate(
        itertools.groupby(layers_of(recipe), key=lambda layer: kinds[layer.name].frame == "ground")
    ):
        drawn = _picture(tuple(group), "", f"{mark}-{number + 1}")
        content += drawn if is_ground else f'<g class="breathing">{drawn}</g>'
    view = f"0 0 {GRID} {GRID}"
    return _OPEN % view + f'{svg_heading(TITLE)}{motion}{defined}<g class="{mark}"{clip}>{content}</g></svg>'


def glyph_svg(glyph: str, title: str) -> str:
    """An SVG document of OpenMoji's, with a title and the same license metadata as our own."""
    tag, opening, rest = glyph.partition("<svg")
    attributes, bracket, content = rest.partition(">")
    return f"{tag}{opening}{attributes}{bracket}{svg_heading(title)}{content}"


def _mark(recipe: Recipe) -> str:
    """What the ids of a document begin with."""
    return "e" + blake2b(recipe.to_code().encode(), digest_size=6).hexdigest()


def _clip(recipe: Recipe, mark: str) -> tuple[str, str]:
    """The definition of the area outside of which nothing is seen, and the attribute for it; "" where all of it is."""
    area = clip_of(recipe)
    if area is None:
        return "", ""
    return _clip_path(f"{mark}-0", area.d), f' clip-path="url(#{mark}-0)"'


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
