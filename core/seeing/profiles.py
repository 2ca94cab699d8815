"""Colors of any profile -> sRGB, which the networks learned from.

Phones save wider color spaces, and skin would look pale if they were taken for it. A profile is known by what it does
to colors, never by its name.
"""

import io
import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

PRIMARIES: dict[int, tuple[float, ...]] = {
    1: (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, 0.3127, 0.3290),  # BT.709, sRGB
    4: (0.670, 0.330, 0.210, 0.710, 0.140, 0.080, 0.3100, 0.3160),
    5: (0.640, 0.330, 0.290, 0.600, 0.150, 0.060, 0.3127, 0.3290),  # BT.601, 625 lines
    6: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),  # BT.601, 525 lines
    7: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),  # BT.2020
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3140, 0.3510),  # DCI P3
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),  # Display P3
}
"""{number in ITU-T H.273: chromaticities x, y of red, green, blue and white}."""
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
"""{number of a transfer function in H.273 that is a power: its exponent}."""
PERCEPTUAL_QUANTIZER = 16
PAPER_WHITE = 203
"""Brightness, cd/m2, that becomes white where a picture tells brightness itself (ITU-R BT.2408)."""
CURVE = 1024
CLOSE = 2
"""Of 255: a profile that changes no color by more is taken for sRGB, and costs nothing."""
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An RGB or CMYK image in sRGB, mode RGB. A profile that is broken or for other channels is left out."""
    if profile:
        try:
            transform = ImageCms.buildTransform(
                ImageCms.ImageCmsProfile(io.BytesIO(profile)), _srgb(), image.mode, "RGB"
            )
            if image.mode != "RGB" or _changes(transform):
                converted = ImageCms.applyTransform(image, transform)
                assert converted is not None
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # no reason to refuse a photo
    return image if image.mode == "RGB" else image.convert("RGB")


def profile_of(primaries: int, transfer: int) -> bytes | None:
    """An ICC profile for numbers of ITU-T H.273, as HEIC and AVIF hold them; None where they say nothing that is known.

    The transfer functions of video that resemble sRGB's are taken for it, as browsers do, and the one of HLG, which
    was made to look right that way.
    """
    if primaries not in PRIMARIES:
        return None
    steps = np.linspace(0, 1, CURVE)
    if transfer in GAMMAS:
        light = steps ** GAMMAS[transfer]
    elif transfer == PERCEPTUAL_QUANTIZER:
        power = steps ** (1 / 78.84375)
        light = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        light = np.minimum(light ** (1 / 0.1593017578125) * 10_000 / PAPER_WHITE, 1)
    else:
        light = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    return _matrix_profile(_to_xyz(PRIMARIES[primaries]), light)


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _changes(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether it does to any color of a grid what can be seen."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3)
    after = ImageCms.applyTransform(Image.fromarray(grid), transform)
    return after is None or bool(np.abs(np.asarray(after).astype(int) - grid).max() > CLOSE)


def _to_xyz(chromaticities: tuple[float, ...]) -> NDArray[np.float64]:
    """(3, 3): linear RGB -> XYZ, seen under D50 as ICC has it."""
    columns = np.array(
        [[x / y, 1, (1 - x - y) / y] for x, y in zip(*[iter(chromaticities)] * 2, strict=True)]
    ).T
    white = columns[:, 3]
    matrix = columns[:, :3] * np.linalg.solve(columns[:, :3], white)
    adapted = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return np.asarray(np.linalg.inv(_BRADFORD) @ adapted @ _BRADFORD @ matrix)


def _matrix_profile(to_xyz: NDArray[np.float64], light: NDArray[np.float64]) -> bytes:
    """An ICC profile of version 2: light (CURVE,) is how bright each step of a channel is, 0 to 1."""

    def fixed(values: NDArray[np.float64] | tuple[float, ...]) -> bytes:
        return struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = struct.pack(">4sII", b"curv", 0, CURVE) + np.round(light * 65535).astype(">u2").tobytes()
    places = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), to_xyz.T, strict=True))
    tags = {name: b"XYZ \0\0\0\0" + fixed(place) for name, place in places.items()}
    tags |= {b"wtpt": b"XYZ \0\0\0\0" + fixed(_D50), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    start, table, content = 132 + 12 * len(tags), b"", b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, start + len(content), len(tag))
        content += tag
    size = start + len(content)
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x12s48x", size, 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp", fixed(_D50)
    )
    return head + struct.pack(">I", len(tags)) + table + content
