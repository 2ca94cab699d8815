"""What tests of whole folders share: running the command, and looking at what it left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main

Captured = pytest.CaptureFixture[str]
Folder = Callable[..., Path]
"""The fixture `folder`."""
Patch = pytest.MonkeyPatch


def emoji(*arguments: str | Path) -> int:
    return main(["emoji", *map(str, arguments), "--size", "48"])


def record(out: Path) -> list[dict[str, Any]]:
    """The lines for photos in a folder's record, in order."""
    lines = map(json.loads, (out / "manifest.jsonl").read_text().splitlines())
    return [line for line in lines if "file" in line]


def recorded(out: Path) -> list[str]:
    return [Path(line["file"]).name for line in record(out)]


def pngs(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("*.png")}


def stamps(out: Path) -> dict[str, tuple[int, int]]:
    """What changes about each PNG when it is written again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.glob("*.png")}
