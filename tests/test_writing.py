"""core/writing.py: a file is whole or not there, however long its name is."""

import os
import stat
from pathlib import Path

import pytest

from core.writing import write_whole, written_whole


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "me.png"
    write_whole(file, b"before")
    with pytest.raises(KeyboardInterrupt), written_whole(file) as part:
        part.write_bytes(b"half of what c")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["me.png"]
    assert file.read_bytes() == b"before"
    write_whole(file, b"after")
    assert file.read_bytes() == b"after"


def test_names_as_long_as_they_can_be(tmp_path: Path) -> None:
    write_whole(tmp_path / ("ü" * 127 + "x"), b"whole")
    assert [(len(os.fsencode(path.name)), path.read_bytes()) for path in tmp_path.iterdir()] == [
        (255, b"whole")
    ]


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"somebody's")
    (tmp_path / "me.png").symlink_to("other")
    write_whole(tmp_path / "me.png", b"mine")
    assert (tmp_path / "other").read_bytes() == b"somebody's"
    assert not (tmp_path / "me.png").is_symlink()


def test_files_may_be_read_by_whom_the_mask_allows(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_whole(tmp_path / "me.png", b"")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "me.png").stat().st_mode) == 0o644


def test_a_file_that_cannot_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "me.png").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "me.png", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["me.png"]
