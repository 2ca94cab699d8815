"""Pictures on disk -> arrays. They are decoded once, into a memory-mapped file beside the runs."""

import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from core.errors import shortened
from core.seeing.reading import fer_faces
from core.writing import written_whole
from engine.files import folder
from engine.tables import DataError

CACHE = Path("runs/cache")
HEIGHT, WIDTH = 218, 178
GRAY_SIDE = 48


def images_from_zips(zips: list[Path], color: bool) -> tuple[NDArray[np.uint8], list[str]]:
    """Every picture in these zip files, decoded into one cached array, with its name. Raises DataError."""
    archives = [_open_zip(path) for path in zips]
    names = [_pictures(archive) for archive in archives]

    def pictures() -> Iterator[tuple[str, bytes]]:
        for path, archive, inside in zip(zips, archives, names, strict=True):
            for name in inside:
                yield f"{path}:{name}", _read_entry(path, archive, name)

    ids = [name for inside in names for name in inside]
    if not ids:
        raise DataError(f"{', '.join(map(str, zips))}: there are no pictures inside.")
    return _cached(zips, len(ids), pictures(), color), ids


def images_from_files(paths: list[Path], color: bool) -> NDArray[np.uint8]:
    """These pictures, decoded into one cached array. Raises DataError, also where one is missing."""
    missing = next((path for path in paths if not path.is_file()), None)
    if missing:
        raise DataError(f"{missing} is missing.")
    return _cached(paths, len(paths), ((str(path), path.read_bytes()) for path in paths), color)


def images_by_id(zips: list[Path], ids: list[str]) -> NDArray[np.uint8]:
    """The named pictures out of these zip files, (N, 218, 178, 3), in the order asked for. Raises DataError."""
    out = np.empty((len(ids), HEIGHT, WIDTH, 3), np.uint8)
    for i, (name, data) in enumerate(zip(ids, bytes_from_zips(zips, ids), strict=True)):
        out[i] = _decode(f"{', '.join(map(str, zips))}:{name}", data, color=True)
    return out


def bytes_from_zips(zips: list[Path], ids: list[str]) -> Iterator[bytes]:
    """The named files out of these zip files, in the order asked for. Raises DataError."""
    where = {
        PurePosixPath(name).name: (path, archive, name)
        for path in zips
        for archive in [_open_zip(path)]
        for name in _pictures(archive)
    }
    for image in ids:
        if image not in where:
            raise DataError(
                f"{shortened(image)} is in none of {', '.join(map(str, zips)) or 'the zip files'}."
            )
        yield _read_entry(*where[image])


def kept(
    sources: list[Path], what: str, parts: Callable[[], Iterable[tuple[NDArray, dict[str, NDArray]]]]
) -> tuple[NDArray, dict[str, NDArray]]:
    """Pictures and their targets that take long to make, part after part: made once, and read from a file after that.

    sources: the files they are made from, and `what` is made; another of either is made anew.
    """
    stamp = "|".join([what, *(f"{p.resolve()}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in sources)])
    path = CACHE / sha256(stamp.encode()).hexdigest()[:16]
    if not path.is_dir():
        partial = folder(path.with_name(f"{path.name}.partial-{os.getpid()}"))
        images, targets = zip(*parts(), strict=True)
        np.save(partial / "images.npy", np.concatenate(images))
        for name in targets[0]:
            np.save(partial / f"{name}.npy", np.concatenate([part[name] for part in targets]))
        partial.rename(path)
    arrays = {file.stem: np.load(file, mmap_mode="r") for file in path.glob("*.npy")}
    return arrays.pop("images"), arrays


def hidden(name: str) -> bool:
    """Whether a file's path is of those that systems leave beside pictures: .DS_Store, __MACOSX/._1.jpg, Thumbs.db."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts)


def _pictures(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if not name.endswith("/") and not hidden(name)]


def colors_from_zip(path: Path, name: str) -> NDArray[np.uint8]:
    """One picture out of a zip file, uint8 (H, W, 3), in its own size. Raises DataError."""
    with _open_zip(path) as archive:
        if name not in archive.namelist():
            raise DataError(f"{name} is not in {path}.")
        return _pixels(f"{path}:{name}", _read_entry(path, archive, name), "RGB")


def _open_zip(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise DataError(f"{path} is missing.")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{path} is not a readable zip file: {error}.") from error


def _read_entry(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path}: the entry {name} is damaged: {error}.") from error


def _decode(name: str, data: bytes, color: bool) -> NDArray[np.uint8]:
    image = _pixels(name, data, "RGB" if color else "L")
    if not color and image.shape == (HEIGHT, WIDTH):
        # An aligned crop is learnt from as the app looks at it.
        return np.asarray(fer_faces([_pixels(name, data, "RGB")])[0], np.uint8)
    size = (WIDTH, HEIGHT) if color else (GRAY_SIDE, GRAY_SIDE)
    if image.shape[1::-1] != size:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return image


def _pixels(name: str, data: bytes, mode: str) -> NDArray[np.uint8]:
    try:
        return np.asarray(Image.open(io.BytesIO(data)).convert(mode))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{name} is not a readable picture.") from error


def _cached(
    sources: list[Path], count: int, pictures: Iterable[tuple[str, bytes]], color: bool
) -> NDArray[np.uint8]:
    shape = (count, HEIGHT, WIDTH, 3) if color else (count, GRAY_SIDE, GRAY_SIDE)
    return cached(sources, shape, (_decode(name, data, color) for name, data in pictures))


def cached(
    sources: list[Path], shape: tuple[int, ...], pictures: Iterable[NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Pictures that were made of these files, uint8 of this shape, made once and then read from a memory-mapped file.

    Raises DataError.
    """
    stamp = (
        "|".join(f"{p.resolve()}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in sources) + f"|{shape}"
    )
    path = CACHE / f"{sha256(stamp.encode()).hexdigest()[:16]}.npy"
    if not path.is_file():
        folder(path.parent)
        _write(path, shape, pictures)
    return np.load(path, mmap_mode="r")


def _write(path: Path, shape: tuple[int, ...], pictures: Iterable[NDArray[np.uint8]]) -> None:
    # A memory-mapped file on a full disk would kill the process without a word.
    needed, free = int(np.prod(shape)), shutil.disk_usage(path.parent).free
    if needed > free:
        raise DataError(
            f"The decoded pictures need {needed / 1e9:.1f} GB in {path.parent}, "
            f"but only {free / 1e9:.1f} GB are free: make room."
        )
    try:
        with written_whole(path) as part:
            array = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
            for i, picture in enumerate(tqdm(pictures, "decoding", shape[0], disable=None, leave=False)):
                array[i] = picture
            array.flush()
    except OSError as error:
        raise DataError(f"{path} could not be written: {error}.") from error
