"""Small generated data sets in the engine's formats, and runs that take seconds."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.models.labels import ATTRIBUTES, EMOTIONS, FERPLUS_COLUMNS
from engine.settings import Settings, Stage
from engine.tasks import TASKS
from engine.training import Run


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and caches go to the test's folder."""
    monkeypatch.chdir(tmp_path)


def picture(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", lossless=True)
    return stream.getvalue()


def rezip(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """Rewrite a zip file, each entry as `change` gives it, or without it."""
    with zipfile.ZipFile(path) as archive:
        entries = [change(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in filter(None, entries):
            archive.writestr(name, data)


@pytest.fixture
def fer(tmp_path: Path) -> Path:
    """Two easy classes in FER-2013's format, happy (light above) and sad (light below), and one noise of each other."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data" / "fer2013"
    folder.mkdir(parents=True)
    columns = {emotion: column for column, emotion in FERPLUS_COLUMNS.items()}
    others = [emotion for emotion in EMOTIONS if emotion not in ("happy", "sad")]
    with gzip.open(folder / "ferplus_votes.csv.gz", "wt", newline="") as file:
        names = ["split", "image", *FERPLUS_COLUMNS, "contempt", "unknown", "NF"]
        votes = csv.DictWriter(file, names, restval=0)
        votes.writeheader()
        for split, emotions in (("train", ["happy", "sad"] * 32 + others), ("val", ["happy", "sad"] * 8)):
            with zipfile.ZipFile(folder / f"{split}.zip", "w") as archive:
                for i, emotion in enumerate(emotions):
                    pixels = rng.integers(0, 100, (48, 48), dtype=np.uint8)
                    if emotion not in others:
                        pixels[slice(24) if emotion == "happy" else slice(24, 48)] += 120
                    archive.writestr(f"{emotion}/{i}.webp", picture(pixels))
                    votes.writerow({"split": split, "image": f"{emotion}/{i}.webp", columns[emotion]: 10})
    return tmp_path / "data"


@pytest.fixture
def celeba(tmp_path: Path) -> Path:
    """Noise under CelebA's names, in the engine's format."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data" / "celeba"
    folder.mkdir(parents=True)
    for split, count in (("train", 12), ("val", 6)):
        rows = [f"{i:06}.webp,1," + ",".join(rng.choice(["1", "-1"], 40)) for i in range(count)]
        with gzip.open(folder / f"{split}_attributes.csv.gz", "wt") as file:
            file.write("\n".join([",".join(["image_id", "identity", *ATTRIBUTES]), *rows]))
        with zipfile.ZipFile(folder / f"{split}-0.zip", "w") as archive:
            for i in range(count):
                archive.writestr(f"{i:06}.webp", picture(rng.integers(0, 255, (218, 178, 3), dtype=np.uint8)))
    return tmp_path / "data"


def settings(epochs: int, **changes: object) -> Settings:
    values = {"architecture": "fer_cnn5", "stages": (Stage(epochs, (48, 48)),), "batch_size": 16,
              "learning_rate": 3e-3, "averaging": 0.8, "device": "cpu"}  # fmt: skip
    return Settings(**(values | changes))  # type: ignore[arg-type]


def emotion_run(epochs: int, folder: str = "run", **changes: object) -> Run:
    return Run(TASKS["emotion"], settings(epochs, **changes), Path(folder))
