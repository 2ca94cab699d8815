"""How often an address may ask: a bucket of tokens for each, which fills again with time."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_ADDRESSES = 4096
"""Buckets kept at a time; the one that was used longest ago goes first. They are in memory alone."""


class Buckets:
    """Each address may ask `capacity` times at once, and `per_second` times a second in the long run."""

    def __init__(self, capacity: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._per_second, self._clock = capacity, per_second, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Takes a token: 0.0, or the seconds until there is one."""
        key, now = _household(address), self._clock()
        tokens, then = self._buckets.pop(key, (float(self._capacity), now))
        tokens = min(self._capacity, tokens + (now - then) * self._per_second)
        enough = tokens >= 1
        self._buckets[key] = (tokens - enough, now)
        while len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if enough else (1 - tokens) / self._per_second


def _household(address: str) -> str:
    """The network that a provider gives to one household, which has 2**64 addresses of its own in IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address
