"""Command line: run all benchmarks or the named ones, and print a table or one JSON document.

python -m benchmarks
python -m benchmarks redraw compose --json
python -m benchmarks mirror                   # all whose names begin so
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence

import psutil
import torch

from benchmarks import folders, mirror, picture, reading, server, start
from benchmarks.measuring import Benchmark, Result

BENCHMARKS = {
    "start": Benchmark(
        "fresh process to a reader with its models, files warm", "s", None, start.loaded_reader
    ),
    "start_imports": Benchmark("of that: importing it", "s", None, start.imports),
    "photo_to_png": Benchmark("1-megapixel JPEG to a PNG of 512 px", "ms", 120, picture.photo_to_png),
    "photo_reference": Benchmark(
        "instead: two ResNeXt-50 passes at 178x218 for our networks", "ms", None, picture.photo_reference
    ),
    "photo_gain": Benchmark(
        "photo to PNG, times as fast as the reference", "x", None, picture.photo_gain, True
    ),
    "read_file": Benchmark("of that: file to pixels", "ms", None, picture.read_file),
    "find_face": Benchmark("of that: find and align the face", "ms", None, picture.find_face),
    "read_face": Benchmark("of that: all models on one face", "ms", None, picture.read_face),
    "reading": Benchmark("aligned crop to reading, all models", "ms", None, reading.reading),
    "reading_reference": Benchmark(
        "instead: two ResNeXt-50 passes at 178x218", "ms", None, reading.reference_reading
    ),
    "reading_gain": Benchmark("reading, times as fast as the reference", "x", 3, reading.gain, True),
    "compose": Benchmark("recipe to SVG", "ms", 2, picture.compose),
    "redraw": Benchmark("after an override: recipe to a PNG of 512 px", "ms", 15, picture.redraw),
    "gallery": Benchmark("48 people on a contact sheet, 512 px each", "s", 3, picture.gallery),
    "first_page": Benchmark("`streamlit run` to a usable page in Chromium", "s", 8, server.first_page),
    "server_memory": Benchmark("server that has made emojis, resident", "MB", 900, server.server_memory),
    "folders": Benchmark(
        "folder of 178x218 crops to PNGs of 512 px, 2 workers", "/s", 12, folders.speed, True
    ),
    "folders_gain": Benchmark(
        "times those with two ResNeXt-50 passes a photo, one at a time", "x", 4, folders.speedup, True
    ),
    "folders_memory": Benchmark(
        "growth of a process from the 500th photo to the 2,000th", "MB", 50, folders.memory_growth
    ),
    "mirror_updates": Benchmark(
        "mirror, 640x480 at 30 frames/s: emoji updates", "/s", 20, mirror.updates, True
    ),
    "mirror_video": Benchmark("of that: video frames shown", "/s", 24, mirror.video, True),
    "mirror_latency": Benchmark("of that: mouth to emoji, 95th percentile", "ms", 150, mirror.latency),
    "mirror_reference": Benchmark(
        "instead: cascade and two ResNeXt-50 passes a frame", "/s", None, mirror.reference, True
    ),
    "mirror_gain": Benchmark("updates, times those of the reference", "x", 5, mirror.gain, True),
    "mirror_two": Benchmark("two viewers at once: updates of each", "/s", 10, mirror.two_viewers, True),
    "mirror_motion": Benchmark("motion network on one aligned crop", "ms", 3, mirror.motion),
    "mirror_drawing": Benchmark("an emoji in a new play, drawn and laid, 360 px", "ms", 8, mirror.drawing),
    "mirror_start": Benchmark(
        "mirror's page in Chromium, on the same cores: click to video", "s", None, server.mirror_start
    ),
    "mirror_page": Benchmark("of that: updates of an emoji", "/s", None, server.mirror_page, True),
}
"""Everything that can be measured, in the order of the table."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure Selfmoji on this machine."
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(BENCHMARKS)}, or what several of them begin with; all by default",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if not _named(name)]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    results = []
    for key in [key for name in options.names for key in _named(name)] or BENCHMARKS:
        print(f"{key} ...", file=sys.stderr)
        results.append(BENCHMARKS[key].run(key))
    if options.json:
        print(
            json.dumps({"machine": machine(), "results": [result.to_dict() for result in results]}, indent=2)
        )
    else:
        print(_table(results))


def _named(name: str) -> list[str]:
    return [key for key in BENCHMARKS if key == name or key.startswith(f"{name}_")]


def machine() -> dict[str, object]:
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
    lines = [f"{'':16} {'median':>8} {'least':>8} {'most':>8} {'runs':>4}  {'':4}{'target':>10}"]
    for result in results:
        bound = ">=" if result.more_is_better else "<="
        target = (
            "" if result.target is None else f"{bound} {result.target:g} {'met' if result.met else 'MISSED'}"
        )
        lines.append(
            f"{result.name:16} {result.median:8.1f} {min(result.values):8.1f} {max(result.values):8.1f} "
            f"{len(result.values):4}  {result.unit:4}{target:>12}  {result.what}"
        )
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    return "\n".join([*lines, "", f"Machine: {told}."])


if __name__ == "__main__":
    main()
