"""Layers -> one SVG, or one PNG, that says whose work it is."""

from __future__ import annotations

import itertools
from xml.sax.saxutils import escape

from cairosvg.parser import Tree
from cairosvg.surface import PNGSurface
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.artwork import Shape
from core.layers import Layer, layers_of
from core.painting import image_of, paint, png
from core.recipe import Recipe

TITLE = "Selfmoji"
LICENSE = "CC BY-SA 4.0"
LICENSE_URL = "https://creativecommons.org/licenses/by-sa/4.0/"
SOURCE_URL = "https://openmoji.org"
CREDIT = "Made with drawings from OpenMoji, the open-source emoji and icon project (https://openmoji.org)"

_METADATA = f"""<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work rdf:about="">\
<dc:title>%s</dc:title><dc:format>image/svg+xml</dc:format>\
<dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/>\
<dc:creator><cc:Agent><dc:title>OpenMoji</dc:title></cc:Agent></dc:creator>\
<dc:source>{SOURCE_URL}</dc:source><dc:rights>{escape(CREDIT)}. License: {LICENSE}</dc:rights>\
<cc:license rdf:resource="{LICENSE_URL}"/></cc:Work></rdf:RDF></metadata>"""

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" id="emoji" viewBox="0 0 72 72">'
_CLIPS = {
    "circle": "M0 0H72V36C72 55.88 55.88 72 36 72C16.12 72 0 55.88 0 36Z",
    "square": "M0 0H72V60C72 66.63 66.63 72 60 72H12C5.37 72 0 66.63 0 60Z",
}
"""{background: the area outside of which a person on it is cut off}; a hat may stick out at the top."""


def draw_svg(recipe: Recipe) -> str:
    """The emoji as an SVG document with viewBox "0 0 72 72" and its license as Dublin Core metadata."""
    return f"{_OPEN}{_heading(TITLE)}{_picture(recipe)}</svg>"


def draw_png(recipe: Recipe, size: int) -> bytes:
    """The emoji as a PNG of size x size pixels, transparent where nothing is, its license as text chunks."""
    return png_of(draw_image(recipe, size), TITLE)


def draw_image(recipe: Recipe, size: int) -> Image.Image:
    """The emoji as an RGBA image of size x size pixels."""
    return paint(layers_of(recipe), size, _CLIPS.get(recipe.background, ""))


def glyph_svg(glyph: str, title: str) -> str:
    """An SVG document of OpenMoji's, with a title and the same license metadata as our own."""
    tag, opening, rest = glyph.partition("<svg")
    attributes, bracket, content = rest.partition(">")
    return f"{tag}{opening}{attributes}{bracket}{_heading(title)}{content}"


def rasterize(svg: str, size: int) -> Image.Image:
    """Any SVG document as an RGBA image of size x size pixels."""
    tree = Tree(bytestring=svg.encode())
    return image_of(PNGSurface(tree, None, dpi=96, output_width=size, output_height=size).cairo)


def png_of(image: Image.Image, title: str) -> bytes:
    """A picture made of OpenMoji's drawings as a PNG, its title and license as text chunks."""
    return png(image, _license_chunks(title))


def _heading(title: str) -> str:
    return f"<title>{escape(title)}</title>{_METADATA % escape(title)}"


def _picture(recipe: Recipe) -> str:
    groups = itertools.groupby(layers_of(recipe), key=lambda layer: layer.within)
    content = "".join(_within(area, "".join(map(_layer, group))) for area, group in groups)
    clip, inside = "", ""
    if area := _CLIPS.get(recipe.background):
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


def _license_chunks(title: str) -> PngInfo:
    info = PngInfo()
    info.add_text("Title", title)
    info.add_text("Author", "OpenMoji")
    info.add_text("Source", SOURCE_URL)
    info.add_text("Copyright", f"{CREDIT}. License: {LICENSE}, {LICENSE_URL}")
    return info
