"""A real server: what is given to it stays in its memory, and with the visitor who gave it."""

from __future__ import annotations

import re
import shutil
import threading
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import encode
from tests.visitors import Visitor, app_server

NAME = "Grandmother-Miller-at-home.jpg"
WINDOW = 24
"""Bytes in a row of a photo that nothing else has by chance."""
ROUNDS = 10


@pytest.fixture(scope="module")
def large_photo(portrait_image: Image.Image) -> bytes:
    """More than a megabyte, as from a phone: servers like to put such uploads on disk."""
    pixels = np.asarray(portrait_image.resize((1400, 1400)), np.int16)
    noise = np.random.default_rng(7).normal(0, 9, pixels.shape).astype(np.int16)
    data = encode(Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8)), "JPEG", quality=97)
    assert len(data) > 1 << 20
    return data


def test_no_photo_reaches_a_file(large_photo: bytes, tmp_path: Path) -> None:
    """Every write of every process and thread of the server, but for those to sockets, is looked through."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.fail("strace is missing: install it with `apt-get install strace`.")
    trace, log = tmp_path / "trace", tmp_path / "log"
    watch = (
        strace, "-f", "-y", "-xx", "-s", str(1 << 25), "--seccomp-bpf", "-o", str(trace),
        "-e", "trace=write,pwrite64,writev,pwritev,pwritev2,sendfile,splice,copy_file_range",
    )  # fmt: skip
    with app_server(log, before=watch) as (_, address), Visitor(address) as visitor:
        visitor.upload(large_photo, NAME)
        assert visitor.draft and not visitor.problems
        visitor.press("edit")
        visitor.choose("skin_tone", "Dark")
        code = visitor.code
        face = _face_on(visitor)
    written = list(_written(trace))
    assert any(NAME_OF_LOG in path for path, _ in written), "strace has seen nothing"
    for path, data in written:
        assert not _shares(data, large_photo), f"a part of the photo went to {path}"
        assert not _shares(data, face), f"a part of the face went to {path}"
        assert not any(magic in data for magic in (b"\xff\xd8\xff", b"\x89PNG\r", b"WEBPVP8")), path
        for word in (NAME, code):
            assert word.encode() not in data, f"{word} went to {path}"
    assert NAME not in log.read_text() and code not in log.read_text()


NAME_OF_LOG = "/log"


def _written(trace: Path) -> Iterator[tuple[str, bytes]]:
    """(file, bytes) of each write that was not to a socket or a pipe."""
    for line in trace.read_text().splitlines():
        found = re.search(r"\b(?:p?writev?2?|pwrite64|sendfile|splice|copy_file_range)\(\d+<([^>]*)>", line)
        if found is None:
            continue
        path = bytes.fromhex(found[1].replace("\\x", "")).decode() if found[1].startswith("\\x") else found[1]
        if not path.startswith(("socket:", "pipe:", "anon_inode:", "UNIX", "TCP")):
            texts = re.findall(r'"((?:\\x[0-9a-f]{2})*)"', line[found.end() :])
            yield path, b"".join(bytes.fromhex(text.replace("\\x", "")) for text in texts)


def _shares(data: bytes, photo: bytes) -> bool:
    """Whether there are `WINDOW` bytes of the photo in the data, wherever they begin in it."""
    # A run of 2 * WINDOW bytes holds a window that begins at a multiple of WINDOW.
    windows = {photo[start : start + WINDOW] for start in range(0, len(photo) - WINDOW, WINDOW)}
    return any(data[start : start + WINDOW] in windows for start in range(len(data) - WINDOW + 1))


def test_the_search_finds_a_part_of_a_photo(large_photo: bytes) -> None:
    assert _shares(b"head" + large_photo[5000:5100] + b"tail", large_photo)
    assert not _shares(bytes(5000), large_photo)


def test_two_visitors_never_see_each_others_photo(portrait_image: Image.Image, tmp_path: Path) -> None:
    """Both at once, ten times, each with a photo of their own that is read beside the other's."""
    photos = {
        "one": encode(portrait_image, "PNG"),
        "other": encode(portrait_image.point([value // 2 for value in range(256)] * 3), "PNG"),
    }
    seen: dict[str, list[tuple[bytes, str]]] = {name: [] for name in photos}
    drafts: dict[str, list[str]] = {name: [] for name in photos}
    with app_server(tmp_path / "log") as (_, address):
        together = threading.Barrier(len(photos), timeout=300)

        def visit(name: str) -> None:
            with Visitor(address) as visitor:
                for _ in range(ROUNDS):
                    together.wait()
                    visitor.upload(photos[name], f"{name}.png")
                    seen[name].append((_face_on(visitor), visitor.code))
                    drafts[name].append(visitor.draft)

        threads = [threading.Thread(target=visit, args=(name,)) for name in photos]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in photos:
        assert len(seen[name]) == ROUNDS
        assert len(set(seen[name])) == 1, "a visitor saw different things of the same photo"
    assert seen["one"][0][0] != seen["other"][0][0]
    assert len(set(drafts["one"] + drafts["other"])) == 2 * ROUNDS


def _face_on(visitor: Visitor) -> bytes:
    found = re.search(r'class="crop" src="data:image/jpeg;base64,([^"]+)"', visitor.written)
    assert found, visitor.problems
    return b64decode(found[1])
