"""Bytes -> data URI: a picture that travels inside the page, and never lies where an address could fetch it."""

from __future__ import annotations

from base64 import b64encode

SVG = "image/svg+xml"


def data_uri(data: bytes, mime: str) -> str:
    """For an image's source or a CSS background. mime: such as "image/webp"."""
    return f"data:{mime};base64,{b64encode(data).decode()}"
