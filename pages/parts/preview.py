"""Streamlit's page with the title, the description and the picture that messengers show beside a link to it."""

from __future__ import annotations

import functools
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core import Recipe, RecipeError
from pages.parts.headers import streamlits_page
from pages.parts.menu import Entry

PICTURE_SIZE = 512
"""Side in pixels of the preview's picture: messengers show small ones beside the text, large ones above it."""

_TITLE = "<title>Streamlit</title>"


def shell_of(entry: Entry, code: str | None, base: str) -> str:
    """The page's HTML for whoever opens `entry` with this emoji's code in its address, or without one.

    base: the absolute address of the app. A code that cannot be read is as good as none: nothing of it is written.
    """
    title, summary = f"{entry.title} · Selfmoji", entry.summary
    picture = _picture_of(code) if code else None
    if picture is not None:
        title = "An emoji made with Selfmoji"
        summary = "Open the link to see it large, to change it, or to make one of your own."
    metas = {"og:site_name": "Selfmoji", "og:type": "website", "og:title": title, "og:description": summary}
    if picture is not None:
        path, words = picture
        metas |= {
            "og:image": f"{base}{path}",
            "og:image:type": "image/png",
            "og:image:width": str(PICTURE_SIZE),
            "og:image:height": str(PICTURE_SIZE),
            "og:image:alt": words,
        }
    head = (
        f"<title>{escape(title)}</title>"
        f'<meta name="description" content="{escape(summary)}">'
        '<meta name="twitter:card" content="summary">'
        + "".join(f'<meta property="{name}" content="{escape(text)}">' for name, text in metas.items())
    )
    return streamlits_page().replace(_TITLE, head, 1)


def page_route(entry: Entry) -> functools.partial[Response]:
    """Answers a request for a page."""
    return functools.partial(_page, entry)


def _page(entry: Entry, request: Request) -> Response:
    html = shell_of(entry, request.query_params.get("emoji"), str(request.base_url))
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


def _picture_of(code: str) -> tuple[str, str] | None:
    """Where the preview's picture lies, and what it shows, in words."""
    # Not at the top: these draw, which the server's start need not wait for.
    from core.drawing.palette import for_profile
    from pages.parts.editor import describe

    try:
        recipe = Recipe.from_code(code)
    except RecipeError:
        return None
    # On a ground of its own: on a dark chat black outlines would be lost.
    shown = for_profile(recipe).replace(background="square")
    return f"emoji/{shown.to_code()}.png?size={PICTURE_SIZE}", describe(recipe)
