"""Several processes that train one network, as `torchrun` starts them: who is who, and how they come together.

Without torchrun there is one process, and everything here does nothing.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

PATIENCE = timedelta(hours=3)
"""How long processes wait for the one that decodes the pictures."""

Loaded = TypeVar("Loaded")


@contextmanager
def together() -> Iterator[None]:
    """Join the processes that torchrun started, and part at the end."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(local_rank())
    dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo", timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()


def count() -> int:
    """How many processes train this network."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """The number of this process, from 0; only number 0 writes and speaks."""
    return dist.get_rank() if dist.is_initialized() else 0


def local_rank() -> int:
    """The number of this process on its machine, from 0, and of the GPU it may have."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def one_by_one(load: Callable[[], Loaded]) -> Loaded:
    """What `load` gives; on each machine the first process goes ahead, so that the others find its cache."""
    if count() == 1:
        return load()
    if local_rank() > 0:
        dist.barrier()
        return load()
    loaded = load()
    dist.barrier()
    return loaded


def parallel(network: nn.Module, device: torch.device) -> nn.Module:
    """The network as it is called in training: its gradients are averaged over the processes."""
    if count() == 1:
        return network
    # Each process keeps its own running statistics of batch normalization; `agree` joins them after the epoch.
    ids = [device.index] if device.type == "cuda" else None
    return DistributedDataParallel(network, device_ids=ids, broadcast_buffers=False)


def share(rows: NDArray) -> NDArray:
    """This process's part of a batch, as long as everyone's: the first rows are repeated where it does not come out
    even, because processes with different counts would weigh their pictures differently."""
    even = -(-len(rows) // count()) * count()
    return np.resize(rows, even)[rank() :: count()]


def gather(values: NDArray, rank_of: NDArray[np.integer]) -> NDArray:
    """Everyone's rows in the order of the data. rank_of: (N,), which process has each row, in its own order."""
    if count() == 1:
        return values
    parts: list[NDArray] = [values] * count()
    dist.all_gather_object(parts, values)
    out = np.empty((len(rank_of), *values.shape[1:]), values.dtype)
    for number, part in enumerate(parts):
        out[rank_of == number] = part
    return out


def total(*values: float) -> list[float]:
    """The sums of these numbers over all processes."""
    if count() == 1:
        return list(values)
    sums = torch.tensor(values, dtype=torch.float64)
    dist.all_reduce(sums)
    return sums.tolist()


@torch.no_grad()
def agree(network: nn.Module) -> None:
    """Give every process the mean of all processes' running statistics."""
    if count() == 1:
        return
    for buffer in network.buffers():
        if buffer.is_floating_point():
            _mean(buffer)


def _mean(tensor: Tensor) -> None:
    dist.all_reduce(tensor)
    tensor /= count()
