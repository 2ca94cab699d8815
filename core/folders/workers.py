"""Who makes the emojis of many photos: this process, several processes, or a Ray cluster, all by `make_emojis`.

Outcomes come in the order of the photos, and only a few batches are under way at a time, so that memory stays flat
however many photos there are. Workers read photos and give back emojis; only the process that asks for them writes.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from core.errors import SelfmojiError
from core.folders.batch import BATCH, BatchError, Outcome, Settings, make_emojis

ROOT = Path(__file__).parents[2]

_AHEAD = 2
"""Batches under way for each worker: one that it works on, and one that waits for it."""

_NOT_SENT = [".?*", "benchmarks", "docs", "engine", "pages", "runs", "tests"]
"""What the workers of a cluster need not have of this repository, as in a .gitignore; ".*" would be all, "." itself."""


class RayError(SelfmojiError):
    """Ray that is not installed or cannot be reached; the message says what to do."""


def outcomes_here(photos: Sequence[Path], settings: Settings, workers: int = 1) -> Iterator[Outcome]:
    """The photos' outcomes, made by this process, or by several of their own if there are to be more workers.

    Raises WeightsError, and BatchError if a process dies.
    """
    if workers > 1:
        yield from _in_processes(_batches(photos), settings, workers)
        return
    for batch in _batches(photos):
        yield from make_emojis(batch, settings)


def _batches(photos: Sequence[Path]) -> Iterator[Sequence[Path]]:
    return (photos[start : start + BATCH] for start in range(0, len(photos), BATCH))


# --- Processes ------------------------------------------------------------------------------------------------------


def _in_processes(batches: Iterable[Sequence[Path]], settings: Settings, workers: int) -> Iterator[Outcome]:
    threads = max(1, (os.cpu_count() or 1) // workers)
    # A forked process would inherit torch's locks without the threads that hold them.
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, spawn, _begin, (threads,))
    under_way: deque[Future[list[Outcome]]] = deque()
    rest = iter(batches)
    try:
        while True:
            for batch in itertools.islice(rest, _AHEAD * workers - len(under_way)):
                under_way.append(pool.submit(make_emojis, batch, settings))
            if not under_way:
                return
            yield from under_way.popleft().result()
    except BrokenProcessPool as error:
        raise BatchError(
            "A worker process died, most likely for lack of memory: try fewer --workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(threads: int) -> None:
    """What a worker process does first."""
    # Ctrl-C reaches every process of a terminal; the one that writes decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch

    torch.set_num_threads(threads)


def _end_with_parent() -> None:
    """A parent that was killed cannot end its workers, which would wait for its next photo for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


# --- Ray ------------------------------------------------------------------------------------------------------------


def outcomes_on_ray(
    photos: Sequence[Path], settings: Settings, address: str, workers: int | None = None
) -> Iterator[Outcome]:
    """The photos' outcomes, made by a Ray cluster's workers, which must find the photos under the same paths.

    address: host:port of the cluster, or "auto" for the one that runs on this machine, or else a new one; workers: one
    for each of its CPUs by default. Raises RayError, and BatchError if the cluster fails later.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise RayError(
            "Ray is not installed. Please run `pip install -r requirements-batch.txt` first."
        ) from error
    _connect(ray, address, workers)
    try:
        # Photos go to the workers by their paths: what Ray holds, it may write to disk.
        yield from _ray_outcomes(ray, [str(photo.absolute()) for photo in photos], settings, workers)
    except ray.exceptions.RayError as error:
        raise BatchError(f"Ray stopped: {str(error).strip().splitlines()[-1]}") from error
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str, workers: int | None) -> None:
    # Ray would tell its makers about every cluster that it starts.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    environment = {"working_dir": str(ROOT), "excludes": _NOT_SENT}
    quiet = {"log_to_driver": False, "logging_level": "error", "runtime_env": environment}
    try:
        if address != "auto":
            ray.init(address, **quiet)
            return
        try:
            ray.init("auto", **quiet)
        except ConnectionError:
            ray.init("local", num_cpus=workers, include_dashboard=False, **quiet)
    except (
        Exception
    ) as error:  # Ray raises nearly anything, and bare exceptions where its processes do not start.
        reason = str(error).strip().splitlines()[0]
        raise RayError(f"There is no Ray cluster at {address}: {reason}") from error


def _ray_outcomes(ray: Any, paths: list[str], settings: Settings, workers: int | None) -> Iterator[Outcome]:
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    cpus = max(1, int(ray.cluster_resources().get("CPU", 1)))
    rows = ray.data.from_items([{"photo": path} for path in paths]).map_batches(
        RayWorker,
        fn_constructor_kwargs={"settings": settings},
        batch_size=BATCH,
        # More workers than CPUs would wait for each other for ever.
        compute=ray.data.ActorPoolStrategy(size=min(workers or cpus, cpus)),
        num_cpus=1,
    )
    for row in rows.iter_rows():
        yield pickle.loads(row["outcome"])


class RayWorker:
    """What a worker of a cluster keeps: one thread, and by it the networks, for batches of {"photo": paths}."""

    def __init__(self, settings: Settings) -> None:
        import torch

        torch.set_num_threads(1)
        self._settings = settings

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        outcomes = make_emojis([Path(path) for path in batch["photo"]], self._settings)
        return {"outcome": [pickle.dumps(outcome) for outcome in outcomes]}
