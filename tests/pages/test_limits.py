"""Buckets of tokens: how often an address may ask."""

import pytest

from pages.parts import limits
from pages.parts.limits import Buckets


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again_up_to_its_rim() -> None:
    clock = Clock()
    buckets = Buckets(3, 0.5, clock)
    assert [buckets.wait("192.0.2.1") for _ in range(4)] == [0, 0, 0, 2]
    clock.now = 1
    assert buckets.wait("192.0.2.1") == 1
    clock.now = 2
    assert [buckets.wait("192.0.2.1") for _ in range(2)] == [0, 2]
    clock.now = 1000
    assert [buckets.wait("192.0.2.1") for _ in range(4)] == [0, 0, 0, 2]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "testclient", False),
    ],
)
def test_a_household_shares_a_bucket(one: str, other: str, together: bool) -> None:
    buckets = Buckets(1, 1, Clock())
    assert buckets.wait(one) == 0
    assert (buckets.wait(other) > 0) == together


def test_the_one_used_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 2)
    buckets = Buckets(1, 1, Clock())
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert buckets.wait(address) == 0
    assert buckets.wait("192.0.2.3") > 0
    assert buckets.wait("192.0.2.1") == 0
