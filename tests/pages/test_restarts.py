"""A real server that ends: links open at the next one, and nobody's end is a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core import Recipe
from tests.conftest import ROOT
from tests.visitors import Visitor, app_server

VISITORS = 10


def test_links_open_after_a_server_was_killed(tmp_path: Path) -> None:
    emojis = [Recipe(skin_tone=tone, hair=hair).to_code() for tone in ("dark", "light", "medium", "pale", "yellow")
              for hair in ("afro", "quiff")]  # fmt: skip
    with app_server(tmp_path / "log") as (process, address), ExitStack() as open_pages:
        visitors = [open_pages.enter_context(Visitor(address, f"emoji={code}")) for code in emojis]
        assert len(visitors) == VISITORS
        visitors[0].press("edit")
        visitors[0].choose("face_shape", visitors[0].labels("face_shape")[-1])
        links = [visitor.code for visitor in visitors]
        process.kill()
        process.wait()
    port = int(address.rsplit(":", 1)[1])
    with app_server(tmp_path / "log", port) as (_, address):
        for code in links:
            with Visitor(address, f"emoji={code}") as visitor:
                assert visitor.code == code
                assert 'class="emoji"' in visitor.written and not visitor.problems


def test_a_server_that_is_told_to_end_does_so_in_order(tmp_path: Path) -> None:
    with app_server(tmp_path / "log") as (process, address), Visitor(address):
        process.send_signal(signal.SIGTERM)
        # Uvicorn ends what it is doing, and then hands the signal on.
        assert process.wait(30) == -signal.SIGTERM
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_who_waits_for_a_photo_gets_it_before_the_server_ends(tmp_path: Path, portrait_jpeg: bytes) -> None:
    with app_server(tmp_path / "log") as (process, address), Visitor(address) as visitor:
        told: list[str] = []

        def end_while_it_is_looked_at(element: Any) -> None:
            if not told and "Looking at the photo" in str(element):
                told.append("SIGTERM")
                process.send_signal(signal.SIGTERM)

        visitor.seen = end_while_it_is_looked_at
        visitor.upload(portrait_jpeg)
        assert told
        assert visitor.draft and not visitor.problems
        assert 'class="emoji"' in visitor.written
        assert process.wait(30) == -signal.SIGTERM
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_second_signal_ends_a_server_at_once() -> None:
    program = (
        "import asyncio, os, signal\n"
        "from pages.parts import ending\n"
        "signal.signal(signal.SIGTERM, lambda number, frame: os._exit(7))\n"
        "async def serve():\n"
        "    async with ending.in_order(None):\n"
        "        with ending.runs.one():\n"
        "            signal.raise_signal(signal.SIGTERM)\n"
        "            await asyncio.sleep(0.2)\n"
        "            print('still there', flush=True)\n"
        "            signal.raise_signal(signal.SIGTERM)\n"
        "asyncio.run(serve())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (7, "still there\n"), run.stderr
