"""Which room may know which: the contracts of pyproject.toml, read by import-linter."""

import importlinter.cli
import pytest

from tests.conftest import ROOT


def test_imports_point_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert importlinter.cli.lint_imports(no_cache=True) == 0
