"""Whose work an emoji is and what may be done with it, as every file of ours says it."""

from xml.sax.saxutils import escape

from PIL.PngImagePlugin import PngInfo

TITLE = "Selfmoji"
LICENSE = "CC BY-SA 4.0"
LICENSE_URL = "https://creativecommons.org/licenses/by-sa/4.0/"
SOURCE_URL = "https://openmoji.org"
CREDIT = "Made with drawings from OpenMoji, the open-source emoji and icon project (https://openmoji.org)"

NOTICE = f"{CREDIT}. License: {LICENSE}, {LICENSE_URL}"
"""What stands in a file that has room for one text."""

_METADATA = f"""<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work rdf:about="">\
<dc:title>%s</dc:title><dc:format>image/svg+xml</dc:format>\
<dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/>\
<dc:creator><cc:Agent><dc:title>OpenMoji</dc:title></cc:Agent></dc:creator>\
<dc:source>{SOURCE_URL}</dc:source><dc:rights>{escape(CREDIT)}. License: {LICENSE}</dc:rights>\
<cc:license rdf:resource="{LICENSE_URL}"/></cc:Work></rdf:RDF></metadata>"""


def svg_heading(title: str) -> str:
    """An SVG's title and its license as Dublin Core metadata."""
    return f"<title>{escape(title)}</title>{_METADATA % escape(title)}"


def png_texts(title: str) -> PngInfo:
    """A PNG's title and its license as text chunks."""
    info = PngInfo()
    info.add_text("Title", title)
    info.add_text("Author", "OpenMoji")
    info.add_text("Source", SOURCE_URL)
    info.add_text("Copyright", NOTICE)
    return info
