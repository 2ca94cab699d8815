"""Command line: run all benchmarks or the named ones, and print a table or one JSON document.

python -m benchmarks
python -m benchmarks redraw compose --json
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence

import psutil
import torch

from benchmarks import picture, server
from benchmarks.measuring import Benchmark, Result

BENCHMARKS = {
    "photo_to_png": Benchmark("1-megapixel JPEG to a PNG of 512 px", "ms", 120, picture.photo_to_png),
    "read_file": Benchmark("of that: file to pixels", "ms", None, picture.read_file),
    "find_face": Benchmark("of that: find and align the face", "ms", None, picture.find_face),
    "read_face": Benchmark("of that: all models on one face", "ms", None, picture.read_face),
    "compose": Benchmark("of that: recipe to SVG", "ms", None, picture.compose),
    "redraw": Benchmark("after an override: recipe to a PNG of 512 px", "ms", 30, picture.redraw),
    "first_page": Benchmark("`streamlit run` to a usable page in Chromium", "s", 8, server.first_page),
    "server_memory": Benchmark("server that has made emojis, resident", "MB", 900, server.server_memory),
}
"""Everything that can be measured, in the order of the table."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure Selfmoji on this machine."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all by default"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    results = []
    for name in options.names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr)
        results.append(BENCHMARKS[name].run(name))
    if options.json:
        print(
            json.dumps({"machine": _machine(), "results": [result.to_dict() for result in results]}, indent=2)
        )
    else:
        print(_table(results))


def _machine() -> dict[str, object]:
    """What the numbers depend on besides the code."""
    return {
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _table(results: Sequence[Result]) -> str:
    lines = [f"{'':14} {'median':>8} {'least':>8} {'most':>8} {'runs':>4}  {'':4}{'target':>10}"]
    for result in results:
        target = "" if result.target is None else f"<= {result.target:g} {'met' if result.met else 'MISSED'}"
        lines.append(
            f"{result.name:14} {result.median:8.1f} {min(result.values):8.1f} {max(result.values):8.1f} "
            f"{len(result.values):4}  {result.unit:4}{target:>12}  {result.what}"
        )
    machine = ", ".join(f"{name} {value}" for name, value in _machine().items())
    return "\n".join([*lines, "", f"Machine: {machine}."])


if __name__ == "__main__":
    main()
