"""Who makes the emojis of many photos: a thread of this process, several processes, or a Ray cluster.

Outcomes come in the order of the photos, and only a few batches are under way at a time, so that memory stays flat
however many photos there are. Workers read photos and give back emojis; only the process that asks for them writes.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import pickle
import signal
import socket
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from core.errors import UsageError, shortened
from core.folders.aside import aside
from core.folders.generation import ROOT
from core.folders.outcomes import BATCH, BatchError, Outcome, Settings

Outcomes = Generator[Outcome, None, None]
"""In the order of the photos; closing it ends the workers."""

_AHEAD = 2
"""Batches under way for each worker: one that it works on, and one that waits for it."""

_NOT_SENT = [".?*", "benchmarks", "docs", "engine", "pages", "runs", "tests"]
"""What the workers of a cluster need not have of this repository, as in a .gitignore; ".*" would be all, "." itself."""


_PATIENCE = 5
"""Seconds that a cluster has to answer."""

_SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""An empty frame of HTTP/2 whose kind, the fourth byte, says that it holds settings."""


class RayError(UsageError):
    """Ray that is not installed or cannot be reached; the message says what to do."""


def outcomes_here(photos: Sequence[Path], settings: Settings, workers: int = 1) -> Outcomes:
    """The photos' outcomes, made beside this thread, or by processes of their own if there are to be more workers.

    Raises WeightsError, and BatchError if a process dies.
    """
    if workers > 1:
        yield from _in_processes(_batches(photos), settings, workers)
        return
    for batch in _batches(photos):
        yield from aside(partial(_make_emojis, batch, settings))


def _make_emojis(photos: Sequence[Path], settings: Settings) -> list[Outcome]:
    from core.folders.batch import make_emojis

    return make_emojis(photos, settings)


def _batches(photos: Sequence[Path]) -> Iterator[Sequence[Path]]:
    return (photos[start : start + BATCH] for start in range(0, len(photos), BATCH))


# --- Processes ------------------------------------------------------------------------------------------------------


def _in_processes(batches: Iterable[Sequence[Path]], settings: Settings, workers: int) -> Outcomes:
    threads = max(1, (os.cpu_count() or 1) // workers)
    # A forked process would inherit torch's locks without the threads that hold them.
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, spawn, _begin, (threads,))
    under_way: deque[Future[list[Outcome]]] = deque()
    rest, others = iter(batches), multiprocessing.active_children()
    try:
        while True:
            for batch in itertools.islice(rest, _AHEAD * workers - len(under_way)):
                with _out_of_reach():
                    under_way.append(pool.submit(_make_emojis, batch, settings))
            if not under_way:
                return
            yield from under_way.popleft().result()
    except BrokenProcessPool as error:
        raise BatchError(
            "A worker process died, most likely for lack of memory: try fewer --workers."
        ) from error
    except (GeneratorExit, KeyboardInterrupt):
        # Nobody waits for what the workers have begun, and Ctrl-C should not wait for it either.
        for worker in set(multiprocessing.active_children()).difference(others):
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _out_of_reach() -> Iterator[None]:
    """Processes that are started within are never told of Ctrl-C, which would cut off their loading of libraries.

    A terminal tells all of its processes; the one that writes decides.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows, where `_begin` is soon enough for most
        yield
        return
    # It unblocks the signal when it is started, and the first process would start it.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(threads: int) -> None:
    """What a worker process does first."""
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
) -> Outcomes:
    """The photos' outcomes, made by a Ray cluster's workers, which must find the photos under the same paths.

    address: host:port of the cluster, or "auto" for the one that runs on this machine, or else a new one; workers: one
    for each of its CPUs by default. Raises RayError, and BatchError if the cluster fails later.
    """
    ray = aside(partial(_connected, address, workers))
    try:
        # Photos go to the workers by their paths: what Ray holds, it may write to disk.
        yield from _ray_outcomes(ray, [str(photo.absolute()) for photo in photos], settings, workers)
    except ray.exceptions.RayError as error:
        raise BatchError(f"Ray stopped: {str(error).strip().splitlines()[-1]}") from error
    finally:
        ray.shutdown()


def _connected(address: str, workers: int | None) -> Any:
    """The module `ray`, connected to a cluster. Beside the main thread, Ray leaves SIGTERM alone."""
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS", address)
    if address != "auto":
        _check_answers(address)
    # Ray would tell its makers about every cluster that it starts.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise RayError(
            "Ray is not installed. Please run `pip install -r requirements-batch.txt` first."
        ) from error
    environment = {"working_dir": str(ROOT), "excludes": _NOT_SENT}
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "runtime_env": environment}
    try:
        if address != "auto":
            ray.init(address, **quiet)
            return ray
        try:
            ray.init("auto", **quiet)
        except ConnectionError:
            ray.init("local", num_cpus=workers, include_dashboard=False, **quiet)
    except (
        Exception
    ) as error:  # Ray raises nearly anything, and bare exceptions where its processes do not start.
        reason = str(error).strip().splitlines()[0]
        raise RayError(f"There is no Ray cluster at {address}: {reason}") from error
    return ray


def _check_answers(address: str) -> None:
    """Raises RayError unless somebody at host:port speaks Ray's protocol, gRPC: Ray itself would try for minutes."""
    try:
        answer = aside(partial(_greeted, address), _PATIENCE)
    except TimeoutError:
        reason = f"nobody answers within {_PATIENCE} seconds"
    except OSError as error:
        reason = error.strerror or str(error)
    except ValueError:
        reason = "it should be a host's name or number, a colon and the number of a port"
    else:
        if answer[3:4] == _SETTINGS[3:4] or os.environ.get("RAY_USE_TLS", "0") not in ("", "0"):
            return
        reason = "who answers there is no Ray cluster"
    raise RayError(f"There is no Ray cluster at {shortened(address)}: {reason}.")


def _greeted(address: str) -> bytes:
    """What an HTTP/2 server, on which gRPC stands, says to a greeting: its settings come first."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), _PATIENCE) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _SETTINGS)
        return connection.recv(len(_SETTINGS))


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
        outcomes = _make_emojis([Path(path) for path in batch["photo"]], self._settings)
        return {"outcome": [pickle.dumps(outcome) for outcome in outcomes]}
