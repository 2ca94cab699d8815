"""Emojis from a Ray cluster's workers: the same bytes as from this process, and clear words where there is no Ray."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from core.__main__ import main
from core.folders.outcomes import BATCH
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, crop_image: Image.Image) -> Path:
    """More crops than one worker gets at a time, and a file that is no photo."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(2 * BATCH + 3):
        crop_image.point([value * (100 - 2 * number) // 100 for value in range(256)] * 3).save(
            folder / f"{number:03}.png"
        )
    (folder / "007.jpg").write_bytes(b"no photo")
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a real cluster on this machine that has two workers."""
    ray = pytest.importorskip("ray", reason="Ray is missing: pip install -r requirements-batch.txt")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init("local", num_cpus=2, include_dashboard=False, logging_level="error", log_to_driver=False)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


def test_a_cluster_gives_the_same_bytes_as_this_process(cluster: str, photos: Path, tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    finished = subprocess.run(
        [sys.executable, "-m", "core", "emoji", photos, "--out", there, "--size", "72", "--ray", cluster,
         "--workers", "2"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert finished.returncode == 1, finished.stderr
    assert f"{photos / '007.jpg'}: This file is text, not a photo" in finished.stderr
    assert f"{2 * BATCH + 3} of {2 * BATCH + 4} photos gave {2 * BATCH + 3} emojis" in finished.stderr
    assert main(["emoji", str(photos), "--out", str(here), "--size", "72"]) == 1
    emojis = {path.name: path.read_bytes() for path in here.glob("*.png")}
    assert len(set(emojis.values())) > 1
    assert {path.name: path.read_bytes() for path in there.glob("*.png")} == emojis


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1:{free}", "Connection refused"),
        ("127.0.0.1:{silent}", "nobody answers within 5 seconds"),
        ("127.0.0.1:{other}", "who answers there is no Ray cluster"),
        ("127.0.0.1", "it should be a host's name or number, a colon and the number of a port"),
        ("127.0.0.1:" + "9" * 5000, "it should be a host's name or number"),
    ],
    ids=lambda value: value[:30],
)
def test_where_there_is_no_cluster_a_sentence_says_so(
    address: str, reason: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ray itself would try for minutes."""
    with socket.socket() as free, socket.create_server(("127.0.0.1", 0)) as silent, _talkative() as other:
        free.bind(("127.0.0.1", 0))
        ports = {"free": free, "silent": silent, "other": other}
        address = address.format(**{name: server.getsockname()[1] for name, server in ports.items()})
        assert main(["emoji", str(photos), "--out", str(tmp_path / "out"), "--ray", address]) == 2
    message = capsys.readouterr().err
    assert message.startswith("There is no Ray cluster at '127.0.0.1")
    assert reason in message
    assert len(message) < 200


@contextmanager
def _talkative() -> Iterator[socket.socket]:
    """A server that greets everyone, in a language that is not Ray's."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"220 mail.example.com ready")
                    connection.recv(1000)

        threading.Thread(target=greet, daemon=True).start()
        yield server


def test_waiting_for_a_cluster_can_be_ended(photos: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = subprocess.Popen(
            [sys.executable, "-m", "core", "emoji", photos, "--out", tmp_path / "out",
             "--ray", f"127.0.0.1:{silent.getsockname()[1]}"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        silent.accept()
        run.terminate()
        assert run.communicate() == (b"", b"")
        assert run.returncode == -signal.SIGTERM


def test_without_ray_a_sentence_says_what_to_install(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["emoji", str(photos), "--out", str(tmp_path / "out"), "--ray", "auto"]) == 2
    assert "pip install -r requirements-batch.txt" in capsys.readouterr().err
