"""core/drawing/cairo.py: without the library there is one sentence that says what to install."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_missing_library_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cairocffi").mkdir()
    broken = 'raise OSError("no library called cairo-2 was found")'
    (tmp_path / "cairocffi" / "__init__.py").write_text(broken)
    run = subprocess.run(
        [sys.executable, "-m", "core", "gallery", "--out", str(tmp_path / "gallery.png")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Drawing needs the library cairo")
    for system in (
        "Debian or Ubuntu: apt-get install libcairo2",
        "macOS: brew install cairo",
        "Windows: the GTK",
    ):
        assert system in run.stderr
    assert run.stderr.count("\n") == 1
