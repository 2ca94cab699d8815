"""Photo files spoiled at random, to see that none of them crashes the reader, holds it up or lets it grow.

`python -m tests.seeing.mutations 20000` tries so many and prints what became of them; its figures are in
docs/robustness.md.
"""

import argparse
import gc
import random
import time
import warnings
from collections import Counter
from collections.abc import Iterator

import numpy as np
import psutil
from PIL import Image, ImageCms, PngImagePlugin

from core.seeing.photo import PhotoError, read_photo
from tests.conftest import corners, encode

BOUNDARIES = (0, 1, 0x7F, 0x80, 0xFF)
SLOW = 2.0
"""Seconds, the most that a file may take."""


def exif() -> bytes:
    """What a camera writes: an orientation, its name, fractions, a place, and directories inside of directories."""
    tags = Image.Exif()
    tags[0x0112], tags[0x010F], tags[0x0132], tags[0x0128] = 6, "Camera", "2020:01:01 00:00:00", 2
    tags[0x011A] = tags[0x011B] = 72.0
    tags.get_ifd(0x8769).update({0x829A: 0.01, 0x9000: b"0230", 0x8827: 100})
    tags.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return tags.tobytes()


def seeds() -> dict[str, bytes]:
    """A whole file of each kind and coding, with all the metadata that it can hold."""
    plain, noisy = (
        corners(),
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 72, 3), np.uint8)),
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(exif()):8}\n{exif().hex()}\n", zip=True)
    text.add_itxt("XML:com.adobe.xmp", xmp.decode())
    told = {"exif": exif(), "icc_profile": profile}
    return {
        "JPEG": encode(plain, "JPEG", xmp=xmp, comment=b"hello", **told),
        "JPEG progressive": encode(noisy, "JPEG", progressive=True, **told),
        "JPEG restarts": encode(noisy, "JPEG", restart_marker_blocks=2, **told),
        "JPEG CMYK": encode(plain.convert("CMYK"), "JPEG", **told),
        "JPEG gray": encode(noisy.convert("L"), "JPEG"),
        "MPO": encode(plain, "MPO", save_all=True, append_images=[noisy]),
        "PNG": encode(plain, "PNG", pnginfo=text, **told),
        "PNG text": encode(noisy, "PNG", pnginfo=text),
        "PNG palette": encode(plain.quantize(8), "PNG", transparency=1, **told),
        "PNG 16 bits": encode(
            Image.fromarray(np.asarray(noisy.convert("L"), np.uint16) * 257), "PNG", **told
        ),
        "PNG animated": encode(plain, "PNG", save_all=True, append_images=[plain.rotate(180)]),
        "WEBP": encode(plain, "WEBP", xmp=xmp, **told),
        "WEBP lossless": encode(noisy.convert("RGBA"), "WEBP", lossless=True, **told),
        "WEBP animated": encode(plain, "WEBP", save_all=True, append_images=[plain.rotate(180)]),
        "HEIF": encode(plain, "HEIF", xmp=xmp, **told),
        "HEIF transparent": encode(noisy.convert("RGBA"), "HEIF", **told),
        "AVIF": encode(plain, "AVIF", xmp=xmp, **told),
        "AVIF transparent": encode(noisy.convert("RGBA"), "AVIF", **told),
    }


def mutated(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """The file with one to six changes of any kind; `other` is a file to take foreign bytes from."""
    file = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place, size = rng.randrange(len(file) + 1), rng.choice((1, 2, 4, 4, 8, 16, 200))
        match rng.randrange(8):
            case 0 if file:
                file[min(place, len(file) - 1)] ^= 1 << rng.randrange(8)
            case 1 if file:
                file[min(place, len(file) - 1)] = rng.choice(BOUNDARIES)
            case 2:
                file[place : place + size] = rng.randbytes(size)
            case 3:
                file[place : place + 4] = rng.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1)).to_bytes(4)
            case 4:
                del file[place : place + size]
            case 5:
                file[place:place] = file[max(0, place - size) : place] * rng.choice((1, 1, 50))
            case 6:
                start = rng.randrange(len(other))
                file[place : place + size] = other[start : start + size]
            case 7:
                # Headers and tables stand in front: changes there do more.
                file[min(place, 400) :][:1] = rng.randbytes(1)
                del file[rng.randrange(len(file) // 2, len(file) + 1) :]
    return bytes(file)


def mutations(count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """So many spoiled files, each with the name of what it was made of."""
    whole, rng = seeds(), random.Random(seed)
    names = list(whole)
    for number in range(count):
        name = names[number % len(names)]
        yield name, mutated(whole[name], whole[rng.choice(names)], rng)


def main() -> None:
    """Try them, and print how many were read and refused, how long the slowest took, and how the process grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.seeing.mutations")
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    process, sizes, slowest = psutil.Process(), [], (0.0, "")
    became: dict[str, Counter[str]] = {}
    for number, (name, data) in enumerate(mutations(options.count, options.seed)):
        started = time.thread_time()
        try:
            read_photo(data)
            result = "read"
        except PhotoError:
            result = "refused"
        slowest = max(slowest, (time.thread_time() - started, f"{name}, number {number}"))
        became.setdefault(name.split()[0], Counter())[result] += 1
        if number % (options.count // 20 or 1) == 0:
            gc.collect()
            sizes.append(process.memory_info().rss / 2**20)
    for name, results in became.items():
        print(f"{name:5} {results['read']:6} read {results['refused']:6} refused")
    print(f"slowest: {slowest[0]:.2f} s ({slowest[1]})")
    print("resident, MB:", *(round(size) for size in sizes))


if __name__ == "__main__":
    main()
