"""The real coturn on this computer's loopback address, for tests that need a relay."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SECRET = "a secret of the tests alone"
START_SECONDS = 20


@dataclass(frozen=True)
class Coturn:
    """A running TURN server. url: turn:HOST:PORT; log: what it has said."""

    url: str
    log: Path

    def allocations(self) -> int:
        """How many relays it has given."""
        return self.log.read_text().count("ALLOCATE processed, success")

    def returned(self) -> int:
        """How many of them were given back."""
        return self.log.read_text().count(", lifetime=0")


@contextlib.contextmanager
def running_coturn(folder: Path) -> Iterator[Coturn]:
    """Starts coturn as docs/deploy.md says, but on loopback; skips the test where coturn is not installed."""
    executable = shutil.which("turnserver")
    if executable is None:
        pytest.skip("coturn is not installed: `apt-get install coturn`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "coturn.log"
    command = [
        executable, "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}",
        "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=selfmoji", "--no-tls", "--no-dtls",
        "--allow-loopback-peers", "--no-cli", "--verbose", "--simple-log", "--log-file=stdout",
        f"--pidfile={folder / 'coturn.pid'}", f"--userdb={folder / 'coturn.db'}",
    ]  # fmt: skip
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait_for(port, process, log)
            yield Coturn(f"turn:127.0.0.1:{port}", log)
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"coturn did not start:\n{log.read_text()}")
