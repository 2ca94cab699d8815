"""From a fresh process to models that can read a face: what the first visitor of a new server waits for."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
WARM_UPS, RUNS = 1, 7
"""The first run also reads files that were not in memory."""
PROGRAM = """
import json, time
started = time.perf_counter()
from core.seeing.reading import Reader
imported = time.perf_counter()
Reader()
print(json.dumps([imported - started, time.perf_counter() - imported]))
"""


def loaded_reader() -> list[float]:
    """Seconds to import and to load, each in a process of its own; the interpreter's own start is not among them."""
    return [importing + loading for importing, loading in _starts()]


def imports() -> list[float]:
    """Seconds of that for the import."""
    return [importing for importing, _ in _starts()]


@cache
def _starts() -> tuple[tuple[float, float], ...]:
    """(seconds to import, seconds to load) of each run."""
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True)
        for _ in range(WARM_UPS + RUNS)
    ]
    return tuple(tuple(json.loads(run.stdout)) for run in runs[WARM_UPS:])
