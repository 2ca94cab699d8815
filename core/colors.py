"""Colors as people write them, #rrggbb, and as numbers."""

from __future__ import annotations

from collections.abc import Iterable


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255, of #rrggbb; ValueError for anything else."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def hex_color(values: Iterable[float]) -> str:
    """#rrggbb of red, green and blue, 0..255."""
    return "#" + "".join(f"{round(value):02x}" for value in values)


def mixed(color: str, other: str, share: float) -> str:
    """A color that is moved by `share`, 0..1, towards another."""
    return hex_color(a + (b - a) * share for a, b in zip(channels(color), channels(other), strict=True))


def luminance(color: str) -> float:
    """The relative luminance of WCAG 2, 0..1."""
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (v / 255 for v in channels(color))
    )
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, 1..21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
