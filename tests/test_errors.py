"""core/errors.py: what messages quote of values that anybody may have written."""

from typing import Any

import pytest

from core.errors import LONGEST, shortened

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("hair", "'hair'"),
        ("a" * 58, f"'{'a' * 58}'"),
        ("a" * 59, f"'{'a' * 56}..."),
        ("a" * 10_000_000, f"'{'a' * 56}..."),
        ("[x](http://y)\x1b[2J\n\u202e", r"'[x](http://y)\x1b[2J\n\u202e'"),
        (None, "None"),
        (int("9" * 4000), "9" * 57 + "..."),
        (10**5000, "a int that is too large to show"),
        (DEEP, "a list that is too large to show"),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_values_in_messages_are_short_and_on_one_line(value: object, text: str) -> None:
    assert shortened(value) == text
    assert len(text) <= LONGEST
