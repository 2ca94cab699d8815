"""deploy/nginx.conf: two servers behind Debian's nginx, of which one is lost."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import Recipe
from tests.conftest import ROOT
from tests.visitors import Visitor, app_server, free_port, wait_until_it_answers

CODE = Recipe(skin_tone="dark", hair="afro").to_code()
NGINX = """
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
daemon off;
events {{}}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/selfmoji.conf;
}}
"""


@contextlib.contextmanager
def proxy(folder: Path, ports: list[int]) -> Iterator[str]:
    """nginx with the configuration that we hand out, but for its addresses; gives its own."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.fail("nginx is missing: install it with `apt-get install nginx-light`.")
    port = free_port()
    given = (ROOT / "deploy" / "nginx.conf").read_text()
    servers = "\n".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=10s;" for port in ports)
    given, found = re.subn(r"server app:8501 [^;]*;", servers, given)
    assert found == 1
    (folder / "selfmoji.conf").write_text(given.replace("listen 8080;", f"listen 127.0.0.1:{port};"))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    address, log = f"http://127.0.0.1:{port}", folder / "error.log"
    with subprocess.Popen([nginx, "-e", log, "-c", folder / "nginx.conf"]) as process:
        try:
            wait_until_it_answers(address, process, log)
            yield address
        finally:
            process.terminate()


def seat(address: str) -> int:
    """How many visitors a server has."""
    with urllib.request.urlopen(f"{address}/_stcore/metrics?families=active_sessions") as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith("active_sessions"))


def test_one_of_two_servers_is_lost(portrait_jpeg: bytes, tmp_path: Path) -> None:
    with (
        app_server(tmp_path / "one.log") as (one, first),
        app_server(tmp_path / "two.log") as (_, second),
        proxy(tmp_path, [int(address.rsplit(":", 1)[1]) for address in (first, second)]) as address,
        contextlib.ExitStack() as visitors,
    ):
        there: dict[str, Visitor] = {}
        while len(there) < 2:
            before = seat(first)
            visitor = visitors.enter_context(Visitor(address, f"emoji={CODE}"))
            there.setdefault("first" if seat(first) > before else "second", visitor)
        bodies = (tmp_path / "bodies").stat().st_mtime_ns
        there["second"].upload(portrait_jpeg + bytes(1 << 20), "me.jpg")
        assert there["second"].draft, there["second"].problems
        assert (tmp_path / "bodies").stat().st_mtime_ns == bodies, "nginx has written the photo into a file"
        link = there["second"].code
        one.kill()
        one.wait()
        there["second"].press("edit")
        there["second"].choose("skin_tone", "Dark")
        assert there["second"].recipe == Recipe.from_code(link).replace(skin_tone="dark")
        # Who was with the lost server, or comes now, gets a place at the other.
        for code in (CODE, link):
            for _ in range(3):
                with Visitor(address, f"emoji={code}") as newcomer:
                    assert newcomer.code == code
