"""Many people on the photo page of one server: each gives a photo of their own and changes five choices.

python -m benchmarks.load --photos PHOTOS                               # 30 people within two minutes
python -m benchmarks.load --photos PHOTOS --people 1 3 10 30 60 --within 0   # all in one instant, more and more of them
python -m benchmarks.load --photos PHOTOS --chart docs/images/load.png

PHOTOS is a folder or a ZIP of photos with a face each, at least as many as people. The people are threads that speak
Streamlit's protocol (`tests/visitors.py`), beside the server on the same cores. Every result is compared with what this
process makes of the same photo.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from core import FaceError, Reader, Recipe, find_faces, read_photo
from core.recipe.choices import FIELDS
from tests.visitors import VisitError, Visitor, app_server

SIDE = 1024
"""Height in pixels to which photos are enlarged that are smaller, so that reading the file takes what it takes."""
CHOICES = ("skin_tone", "face_shape")
"""What everybody changes: the fields on the editor's first page."""
EDITS = 5
THINKING = 2.0
"""Seconds between two choices."""
QUEUE = re.compile(r"you are number (\d+)")
SETTLES = 150.0
"""Seconds until Streamlit has forgotten visitors who left, in case they come back (two minutes), and a bit more."""


@dataclass
class Visit:
    """What one person saw. emoji: seconds from the upload's begin to the emoji; told: seconds until the page said which
    number in the queue they are, if it did; edits: seconds each; trouble: what was not as it should be."""

    emoji: float = 0.0
    told: float | None = None
    edits: list[float] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True)
class Load:
    """people arrive within so many seconds. emoji, edit: median, 95th percentile and longest, in seconds; told: how
    many were told their place, and told_after: the longest that this took, in seconds; memory: of the server in MB,
    before anybody came but for one, at most, and after they left; cpu: seconds of a core that the server took from the
    first arrival to the last emoji."""

    people: int
    within: float
    emoji: tuple[float, float, float]
    edit: tuple[float, float, float]
    told: int
    told_after: float
    memory: tuple[float, float, float]
    cpu: float
    trouble: tuple[str, ...]


def measure(photos: Sequence[bytes], codes: Sequence[str], within: float, settle: float) -> Load:
    """A new server, one visitor who makes it load its models, then one for each photo."""
    with tempfile.TemporaryDirectory() as folder, app_server(Path(folder) / "log") as (process, address):
        with Visitor(address) as first:
            first.upload(photos[0])
        before = most = _resident(process.pid)
        cpu_before, cpu = _cpu(process.pid), 0.0
        visits = [Visit() for _ in photos]
        begin = time.monotonic() + 1
        arrivals = [begin + within * number / len(photos) for number in range(len(photos))]
        threads = [
            threading.Thread(target=_attend, args=(address, *one), daemon=True)
            for one in zip(photos, codes, arrivals, visits, strict=True)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most = max(most, _resident(process.pid))
            if not cpu and all(visit.emoji or visit.trouble for visit in visits):
                cpu = _cpu(process.pid) - cpu_before
            time.sleep(0.2)
        time.sleep(settle)
        after = _resident(process.pid)
    told = [visit.told for visit in visits if visit.told is not None]
    edits = [seconds for visit in visits for seconds in visit.edits]
    return Load(
        len(photos),
        within,
        _spread([visit.emoji for visit in visits]),
        _spread(edits),
        len(told),
        round(max(told, default=0.0), 2),
        (before, most, after),
        round(cpu, 1),
        tuple(visit.trouble for visit in visits if visit.trouble),
    )


def _attend(address: str, photo: bytes, code: str, arrival: float, visit: Visit) -> None:
    dice = random.Random(code)
    try:
        time.sleep(max(0.0, arrival - 1 - time.monotonic()))
        with Visitor(address) as visitor:
            time.sleep(max(0.0, arrival - time.monotonic()))
            start = time.perf_counter()

            def look(element: Any) -> None:
                if (
                    visit.told is None
                    and element.WhichOneof("type") == "html"
                    and QUEUE.search(element.html.body)
                ):
                    visit.told = time.perf_counter() - start

            visitor.seen = look
            visitor.upload(photo)
            visit.emoji = time.perf_counter() - start
            if visitor.code != code:
                visit.trouble = f"{code} became {visitor.code or visitor.problems}"
                return
            visitor.press("edit")
            expected = visitor.recipe
            for name in dice.choices(CHOICES, k=EDITS):
                time.sleep(THINKING * dice.uniform(0.5, 1.5))
                value, label = dice.choice(list(FIELDS[name].choices.items()))
                expected = expected.replace(**{name: value})
                start = time.perf_counter()
                visitor.choose(name, label)
                visit.edits.append(time.perf_counter() - start)
            if dict(visitor.recipe.changes()) != dict(expected.changes()):
                visit.trouble = f"{expected.to_code()} became {visitor.code} by changes"
    except (VisitError, OSError, TimeoutError) as error:
        visit.trouble = repr(error)


def _spread(seconds: Sequence[float]) -> tuple[float, float, float]:
    median, late, last = np.percentile(seconds or [float("nan")], [50, 95, 100])
    return round(float(median), 2), round(float(late), 2), round(float(last), 2)


def _resident(pid: int) -> float:
    root = psutil.Process(pid)
    return round(sum(one.memory_info().rss for one in [root, *root.children(recursive=True)]) / 1e6)


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _photos(source: Path, count: int) -> tuple[list[bytes], list[str]]:
    """So many photos in which one face is found, as large JPEGs, and the codes of their emojis."""
    photos, codes, reader = [], [], Reader()
    for data in _files(source):
        with Image.open(io.BytesIO(data)) as image:
            large = image.convert("RGB").resize((round(image.width * SIDE / image.height), SIDE))
        buffer = io.BytesIO()
        large.save(buffer, "JPEG", quality=90)
        try:
            [face, *_] = find_faces(read_photo(buffer.getvalue()))
        except FaceError:
            continue
        photos.append(buffer.getvalue())
        codes.append(Recipe.from_reading(reader.read([face.crop])[0]).to_code())
        if len(photos) == count:
            return photos, codes
    sys.exit(f"There are {len(photos)} photos with a face in {source}; {count} people need one each.")


def _files(source: Path) -> Any:
    if source.is_dir():
        for path in sorted(source.iterdir()):
            yield path.read_bytes()
    else:
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                yield archive.read(name)


def _draw(loads: Sequence[Load], path: Path) -> None:
    """Seconds and memory over the number of people."""
    from matplotlib.figure import Figure

    figure = Figure((8, 3.2), layout="constrained")
    seconds, memory = figure.subplots(1, 2)
    people = [load.people for load in loads]
    for name, at, line in (("last", 2, "-"), ("median", 0, "--")):
        seconds.plot(people, [load.emoji[at] for load in loads], f"o{line}", label=f"upload to emoji, {name}")
        seconds.plot(people, [load.edit[at] for load in loads], f"s{line}", label=f"a choice, {name}")
    memory.plot(people, [load.memory[1] for load in loads], "o-", label="at most")
    memory.plot(people, [load.memory[2] for load in loads], "s--", label="after they left")
    for axes, label in ((seconds, "seconds"), (memory, "MB that the server holds")):
        axes.set(xlabel="people", ylabel=label, ylim=(0, None))
        axes.legend(frameon=False)
        axes.grid(alpha=0.3)
    figure.savefig(path)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--people", type=int, nargs="+", default=[30])
    parser.add_argument(
        "--within", type=float, default=120.0, help="seconds in which all have come; 0: at once"
    )
    parser.add_argument(
        "--settle", type=float, default=SETTLES, help="seconds until memory is looked at again"
    )
    parser.add_argument("--chart", type=Path, help="draw what was measured into this picture")
    options = parser.parse_args(arguments)
    photos, codes = _photos(options.photos, max(options.people))
    loads = []
    for people in options.people:
        loads.append(measure(photos[:people], codes[:people], options.within, options.settle))
        print(json.dumps(asdict(loads[-1])), flush=True)
    if options.chart:
        _draw(loads, options.chart)


if __name__ == "__main__":
    main()
