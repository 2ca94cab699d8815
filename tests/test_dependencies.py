"""tests/dependencies.py: nothing is installed whose licence would bind those who run or change Selfmoji."""

import pytest

from tests.dependencies import LOOKED_AT, installed, refused


def test_every_licence_is_in_the_table() -> None:
    licences = installed()
    assert {"streamlit", "torch", "starlette"} <= set(licences), "what packages need themselves is not seen"
    assert refused(licences) == {}


def test_what_was_looked_at_is_still_used() -> None:
    assert set(LOOKED_AT) <= set(installed())


@pytest.mark.parametrize(
    ("licence", "passes"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("MIT AND (PSF-2.0)", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("", False),
    ],
)
def test_a_licence_passes_or_not(licence: str, passes: bool) -> None:
    assert (refused({"some": licence}) == {}) is passes
