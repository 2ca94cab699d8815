"""Emojis by their address: `/emoji/<code>.svg`, and `.png` or `.webp` with `?size=`, for other sites and for previews.

What stands here knows HTTP and no page. A code is a recipe and nothing else, so that there is nothing private to fetch.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from html import escape

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from core import Recipe, RecipeError, __version__
from core.errors import shortened
from pages.parts.limits import Buckets

SIZES = range(16, 1025)
"""Sides in pixels that may be asked for."""
USUAL_SIZE = 512

LONGEST_CODE = 1500
"""Characters; a code of all there is has fewer."""

CACHED = "public, max-age=86400"
"""A day: a later version of Selfmoji may draw the same emoji a little better."""

KEPT = 256
"""Files kept in memory for those who ask next, of some 40 KB each."""

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors *"
"""What an SVG may do that is opened as a page of its own: nothing but be seen."""

EXAMPLE = "2.sk-medium.ha-bob.hc-ginger.gl-round.bg-circle"

asked = Buckets(capacity=120, per_second=10)

_one_at_a_time = anyio.CapacityLimiter(1)
"""However many ask, most of the machine is left to the pages."""


@dataclass(frozen=True)
class Kind:
    """mime: its media type; sized: whether it has a size in pixels; draw: (recipe, size, rim) -> the file."""

    mime: str
    sized: bool
    draw: Callable[[Recipe, int, bool], bytes]


def _svg(recipe: Recipe, size: int, rim: bool) -> bytes:
    from core import draw_svg

    return draw_svg(recipe, rim).encode()


def _png(recipe: Recipe, size: int, rim: bool) -> bytes:
    from core import draw_png

    return draw_png(recipe, size, rim)


def _webp(recipe: Recipe, size: int, rim: bool) -> bytes:
    from core.drawing.webp import draw_webp

    return draw_webp(recipe, size, rim)


# They import what draws when they are called first: the server's start need not wait for it.
KINDS = {
    "svg": Kind("image/svg+xml", False, _svg),
    "png": Kind("image/png", True, _png),
    "webp": Kind("image/webp", True, _webp),
}
"""{ending of a file's name: what it is}."""


class RequestError(Exception):
    """What was asked for cannot be; the sentence says why and what can."""


async def emoji_file(request: Request) -> Response:
    """Answers `/emoji/<code>.<kind>?size=&rim=`."""
    if seconds := asked.wait(request.client.host if request.client else ""):
        return PlainTextResponse(
            "You ask for emojis faster than this server draws them; please wait a moment.\n",
            429,
            {"Retry-After": str(math.ceil(seconds)), "Access-Control-Allow-Origin": "*"},
        )
    code, _, ending = request.path_params["name"].rpartition(".")
    try:
        recipe = _recipe_of(code, ending)
        size = _size_of(request.query_params.get("size"), KINDS[ending])
        rim = _rim_of(request.query_params.get("rim", "0"))
    except (RequestError, RecipeError) as error:
        return PlainTextResponse(f"{error}\n", 400, {"Access-Control-Allow-Origin": "*"})
    content, tag = await anyio.to_thread.run_sync(_drawn, recipe, ending, size, rim, limiter=_one_at_a_time)
    headers = {
        "Cache-Control": CACHED,
        "ETag": tag,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Security-Policy": SANDBOX,
    }
    if tag in [
        known.strip().removeprefix("W/") for known in request.headers.get("if-none-match", "").split(",")
    ]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=KINDS[ending].mime, headers=headers)


def _recipe_of(code: str, ending: str) -> Recipe:
    if ending not in KINDS:
        raise RequestError(f"An emoji's address ends with {_listed(KINDS)}, not with {shortened(ending)}.")
    if len(code) > LONGEST_CODE:
        raise RequestError(f"The code of an emoji has at most {LONGEST_CODE} characters; this one has more.")
    return Recipe.from_code(code)


def _size_of(text: str | None, kind: Kind) -> int:
    if text is None or not kind.sized:
        return USUAL_SIZE
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) in SIZES):
        raise RequestError(
            f"The size must be a whole number of pixels from {SIZES[0]} to {SIZES[-1]}, not {shortened(text)}."
        )
    return int(text)


def _rim_of(text: str) -> bool:
    if text not in ("0", "1"):
        raise RequestError(
            f"The rim must be 1 for a white line around the emoji, or 0 for none, not {shortened(text)}."
        )
    return text == "1"


def _listed(endings: dict[str, Kind]) -> str:
    *most, last = (f".{ending}" for ending in endings)
    return f"{', '.join(most)} or {last}"


@functools.lru_cache(maxsize=KEPT)
def _drawn(recipe: Recipe, ending: str, size: int, rim: bool) -> tuple[bytes, str]:
    """The file and its entity tag."""
    content = KINDS[ending].draw(recipe, size, rim)
    return content, f'"{blake2b(content, digest_size=12).hexdigest()}"'


def description() -> dict[str, object]:
    """What can be asked for here, as OpenAPI 3.1 says it."""
    problem = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    code = {
        "name": "code",
        "in": "path",
        "required": True,
        "description": "An emoji's code, as it stands after `?emoji=` in a link; codes of older versions work as well.",
        "schema": {
            "type": "string",
            "pattern": r"^[0-9]{1,4}(\.[a-z]{2}-[a-z0-9_]+)*$",
            "maxLength": LONGEST_CODE,
        },
        "example": EXAMPLE,
    }
    size = {
        "name": "size",
        "in": "query",
        "description": "Width and height in pixels.",
        "schema": {"type": "integer", "minimum": SIZES[0], "maximum": SIZES[-1], "default": USUAL_SIZE},
    }
    rim = {
        "name": "rim",
        "in": "query",
        "description": "1 for a white line around the emoji, as stickers have it.",
        "schema": {"type": "integer", "enum": [0, 1], "default": 0},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Selfmoji: emojis by their address",
            "version": __version__,
            "description": "Draws the emoji of a code. No key, no cookies; some requests a second for each address.",
            "license": {"name": "CC BY-SA 4.0", "identifier": "CC-BY-SA-4.0"},
        },
        "servers": [{"url": ".."}],
        "paths": {
            f"/emoji/{{code}}.{ending}": {
                "get": {
                    "operationId": f"emoji_{ending}",
                    "summary": f"The emoji as {ending.upper()}",
                    "parameters": [code, size, rim] if kind.sized else [code, rim],
                    "responses": {
                        "200": {
                            "description": "The emoji, made from OpenMoji (CC BY-SA 4.0).",
                            "headers": {
                                name: {"schema": {"type": "string"}} for name in ("ETag", "Cache-Control")
                            },
                            "content": {kind.mime: {}},
                        },
                        "304": {"description": "It is still the one of the entity tag in If-None-Match."},
                        "400": {
                            "description": "The code or the size is wrong; the text says how.",
                            **problem,
                        },
                        "429": {
                            "description": "Too many requests; Retry-After says how many seconds to wait.",
                            **problem,
                        },
                    },
                }
            }
            for ending, kind in KINDS.items()
        },
    }


async def openapi(request: Request) -> Response:
    return JSONResponse(description(), headers={"Access-Control-Allow-Origin": "*"})


async def manual(request: Request) -> Response:
    """The same for people."""
    base = escape(str(request.base_url))
    rows = "".join(
        f'<tr><td><img src="{base}emoji/{EXAMPLE}.{ending}{query}" alt="An emoji with ginger hair and round glasses" '
        f'width="72" height="72"></td><td><code>{base}emoji/{EXAMPLE}.{ending}{query}</code></td></tr>'
        for ending, query in (("svg", ""), ("png", "?size=144"), ("webp", "?size=144"))
    )
    return HTMLResponse(_MANUAL.replace("ROWS", rows).replace("BASE", base))


_MANUAL = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Emojis by their address · Selfmoji</title>
<style>
:root {{ color-scheme: light dark; }}
html {{ background: light-dark(#ffffff, #161b22); color: light-dark(#26303b, #eef3f7); }}
a {{ color: light-dark(#1e50a0, #92d3f5); }}
body {{ max-width: 48rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
code {{ overflow-wrap: anywhere; }}
img {{ border-radius: 0.75rem; background: #f4f9fc; }}
td {{ padding: 0.25rem 0.75rem 0.25rem 0; }}
</style></head><body><main>
<h1>Emojis by their address</h1>
<p>Every emoji of Selfmoji is a picture with an address of its own: its code, as it stands after <code>?emoji=</code> in
the link to it, and an ending. Put it into a page, a profile or a mail like any other picture.</p>
<table><tbody>ROWS</tbody></table>
<ul>
<li><code>.svg</code>, <code>.png</code> and <code>.webp</code>; <code>?size=</code> takes {SIZES[0]} to {SIZES[-1]}
pixels, {USUAL_SIZE} if it is left out; <code>?rim=1</code> draws a white line
around the emoji, as stickers have it.</li>
<li>No key and no cookies. Files may be kept for a day, and carry an entity tag to ask for news with.</li>
<li>About 10 a second for each address; who asks faster gets 429 and how many seconds to wait.</li>
<li>A wrong code or size gets 400 and a sentence that says what is wrong. Codes of older versions go on working.</li>
<li>For programs: <a href="BASEemoji/openapi.json">openapi.json</a>.</li>
</ul>
<p>Emojis are put together from <a href="https://openmoji.org" rel="noopener">OpenMoji</a> and are licensed
<a href="https://creativecommons.org/licenses/by-sa/4.0/" rel="noopener license">CC BY-SA 4.0</a>: use them anywhere,
credit OpenMoji. The files say so too.</p>
<p><a href="BASE">Make one of your own</a></p>
</main></body></html>
"""
