"""What this server answers besides Streamlit's own: one list of addresses, and what stands before them all.

Streamlit refuses addresses that are its own (`/_stcore/...`, `/static/...`); these come before the rest of its.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from pages.parts.emoji_files import emoji_file, manual, openapi
from pages.parts.headers import SecurityHeaders
from pages.parts.menu import MENU
from pages.parts.observing import health, metrics
from pages.parts.preview import page_route

ROUTES: list[BaseRoute] = [
    Route("/emoji", manual),
    Route("/emoji/openapi.json", openapi),
    Route("/emoji/{name}", emoji_file),
    Route("/health", health),
    Route("/metrics", metrics),
    *(Route(f"/{entry.path}", page_route(entry)) for entry in MENU),
]

MIDDLEWARE = [Middleware(SecurityHeaders)]
