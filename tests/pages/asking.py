"""Asks the server's own addresses, without a server: (status, headers, body) of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import Headers

from pages.parts.routes import MIDDLEWARE, ROUTES


@dataclass
class Answer:
    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


def ask(
    target: str, headers: Mapping[str, str] | None = None, address: str = "192.0.2.1", method: str = "GET"
) -> Answer:
    """A request of a target such as "/emoji/2.svg?size=64" from a client with this address."""
    path, _, query = target.partition("?")
    lines = {"host": "selfmoji.example", **(headers or {})}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
        "path": path, "raw_path": quote(path).encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in lines.items()],
        "client": (address, 1), "server": ("selfmoji.example", 443),
    }  # fmt: skip
    answer = Answer()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], Headers(raw=message["headers"])
        else:
            answer.body += message.get("body", b"")

    asyncio.run(Starlette(routes=ROUTES, middleware=MIDDLEWARE)(scope, receive, send))
    return answer
