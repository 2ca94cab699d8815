"""How the server is doing, for whoever runs it: `/health`, `/metrics` in Prometheus' format, and a line of log a photo.

Nothing in here is about a person: counts, seconds and kinds of trouble, never a name, an address, a recipe or a photo.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from streamlit import runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from core.errors import SelfmojiError
from pages.parts.reader import photos, start_loading

REGISTRY = CollectorRegistry()
PHOTOS = Counter(
    "selfmoji_photos", "Photos that were looked at, by what became of them.", ["outcome"], registry=REGISTRY
)
SECONDS = Histogram(
    "selfmoji_photo_seconds",
    "Time from a photo's turn to what became of it, without the time in the queue.",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
    registry=REGISTRY,
)
QUEUE = Gauge("selfmoji_queue", "Photos that wait for their turn.", registry=REGISTRY)
SESSIONS = Gauge("selfmoji_sessions", "Visitors with a page open.", registry=REGISTRY)
for outcome in ("emoji", "refused", "failed"):
    # So that a rate can be told before the first of its kind.
    PHOTOS.labels(outcome)

_LOG = logging.getLogger("selfmoji.photos")


@contextmanager
def a_photo() -> Iterator[None]:
    """Around the work on one photo. What it raises is counted: as refused where a visitor is told why (SelfmojiError),
    as failed where the fault is ours, which broken weights are too."""
    start, outcome, trouble = time.monotonic(), "emoji", None
    try:
        yield
    except BaseException as error:
        # Not at the top: it brings torch, which the first page must not wait for.
        from core import WeightsError

        told = isinstance(error, SelfmojiError) and not isinstance(error, WeightsError)
        outcome, trouble = "refused" if told else "failed", type(error).__name__
        raise
    finally:
        seconds = time.monotonic() - start
        PHOTOS.labels(outcome).inc()
        SECONDS.observe(seconds)
        line = {"event": "photo", "outcome": outcome, "trouble": trouble, "seconds": round(seconds, 3),
                "queue": len(photos())}  # fmt: skip
        _LOG.log(logging.WARNING if outcome == "failed" else logging.INFO, json.dumps(line))


async def metrics(request: Request) -> Response:
    """Starlette's endpoint for `/metrics`."""
    return Response(await run_in_threadpool(_figures), media_type=CONTENT_TYPE_LATEST)


async def health(request: Request) -> Response:
    """Starlette's endpoint for `/health`: 200 while photos can be read or will be soon, 503 while they cannot.

    Asking begins to load the models, so that a server that is watched has them before its first visitor.
    """
    return await run_in_threadpool(_health)


def log_to_stderr() -> None:
    """Has the lines about photos written out, each a JSON object of its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    _LOG.handlers, _LOG.propagate = [handler], False
    _LOG.setLevel(logging.INFO)


def _figures() -> bytes:
    QUEUE.set(len(photos()))
    if runtime.exists():
        stats = runtime.get_instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
        found = stats.get(ACTIVE_SESSIONS_FAMILY, [])
        SESSIONS.set(sum(stat.value for stat in found if isinstance(stat, GaugeStat)))
    return generate_latest(REGISTRY)


def _health() -> Response:
    loading = start_loading()
    if not loading.done():
        return JSONResponse({"status": "loading"})
    if error := loading.exception():
        # The next visitor, or the next who asks, has it tried again: weights may have been restored.
        start_loading.clear()
        return JSONResponse({"status": "broken", "trouble": type(error).__name__}, 503)
    return JSONResponse({"status": "ready", "queue": len(photos())})
