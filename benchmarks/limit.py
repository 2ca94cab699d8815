"""The least time that networks can take on this machine: their multiply-adds at the rate of a plain matrix product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import warm
from core.models import weights
from core.seeing import face, finding


@contextmanager
def by_torch() -> Iterator[None]:
    """Networks that are loaded meanwhile are run by PyTorch."""
    shared = (finding._network, face._network)
    for network in shared:
        network.cache_clear()
    try:
        with mock.patch.object(weights, "can_run", lambda: False):
            yield
    finally:
        for network in shared:
            network.cache_clear()


SIDE = 1024
"""Rows and columns of the matrices: large enough that nothing but the product takes time."""


def multiply_adds(action: Callable[[], object]) -> float:
    """Billions, of all convolutions and matrix products in what is done once, in this thread, by PyTorch: only there
    they can be counted."""
    with FlopCounterMode(display=False) as counter:
        action()
    return counter.get_total_flops() / 2e9


def matrix_rate() -> list[float]:
    """Billions of multiply-adds a second in a float32 matrix product on one core."""
    left, right = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [SIDE**3 / 1e6 / taken for taken in warm(lambda number: left @ right)]
    finally:
        torch.set_num_threads(threads)
