"""A real server that ends: links open at the next one, and nobody's end is a crash."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path

from core import Recipe
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
