"""Photo in: bytes of a JPEG, PNG, WebP or HEIC file become upright RGB pixels, or a message that says what to do."""

from __future__ import annotations

import dataclasses
import io
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from core.errors import SelfmojiError
from core.seeing.windows import CANONICAL_SIZE

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_MEGABYTES = 15
MAX_MEGAPIXELS = 50
MIN_SIDE = 48
"""Pixels; a face in anything smaller is too coarse to be read."""

_SIGNATURES = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF.{4}WEBP",
    "HEIF": rb".{4}ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)",
}
"""{Pillow's name of a format: how such a file begins}."""

_OTHER_SIGNATURES = {
    "a GIF": rb"GIF8",
    "an AVIF picture": rb".{4}ftypavi[fs]",
    "a TIFF picture": rb"II\*\0|MM\0\*",
    "a BMP picture": rb"BM.{4}\0\0\0\0",
    "a JPEG XL picture": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "a video": rb".{4}ftyp|\x1aE\xdf\xa3|RIFF.{4}AVI ",
    "a PDF": rb"%PDF",
    "an SVG drawing": rb"(\xef\xbb\xbf)?\s*(<\?xml.*?|<!--.*?-->\s*|<!DOCTYPE svg.*?)*<svg",
    "a web page": rb"(\xef\xbb\xbf)?\s*<(!doctype )?html",
    "a zip archive": rb"PK\x03\x04",
    "text": rb"[\t\n\r\x20-\x7e\x80-\xff]{1,512}\Z",
}
"""What else people try, in the order in which it is told apart: {its name: how it begins}."""

_ADVICE = "Please choose a photo saved as JPEG, PNG, WebP or HEIC."

pillow_heif.register_heif_opener(thumbnails=False)


class PhotoError(SelfmojiError):
    """A file that is not a usable photo; the message says why and what to do, and is fit to show."""


@dataclasses.dataclass(frozen=True, eq=False)
class Photo:
    """An upright photo. pixels: uint8 (height, width, 3), RGB; left out of the repr, so that no log ever has them."""

    pixels: NDArray[np.uint8] = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"A photo is uint8 (H, W, 3), not {self.pixels.dtype} {self.pixels.shape}.")

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @property
    def is_aligned(self) -> bool:
        """Whether it has the size of CelebA's aligned crops, 178x218, and is taken for one."""
        return (self.width, self.height) == CANONICAL_SIZE


def read_photo(source: bytes | Path) -> Photo:
    """The photo in a file or in its bytes, upright, flattened on white, in sRGB; the first frame if it is animated.

    The format is told from the bytes alone. Raises PhotoError when the file cannot be opened, is no JPEG, PNG, WebP
    or HEIC, is damaged, smaller than 48 pixels a side, over 15 MB or over 50 megapixels; the last is found before
    anything is decoded.
    """
    data = source if isinstance(source, bytes) else _bytes_of(source)
    if not data:
        raise PhotoError(f"This file is empty. {_ADVICE}")
    if len(data) > MAX_MEGABYTES * 1024**2:
        raise PhotoError(
            f"This file is larger than {MAX_MEGABYTES} MB. Please choose a smaller version of the photo."
        )
    kind = _format(data)
    # Broken bytes make decoders raise nearly anything; whatever they raise says that the file is broken.
    try:
        image = _open(data, kind)
        return Photo(_pixels(image))
    except PhotoError:
        raise
    except Exception as error:
        name = "HEIC" if kind == "HEIF" else kind
        raise PhotoError(
            f"This {name} file is damaged or was cut off on its way. Please save or copy the photo again, then retry."
        ) from error


def sample_photo() -> Photo:
    """A portrait to try: astronaut Eileen Collins, 512x512, by NASA, in the public domain; comes with scikit-image."""
    return read_photo(Path(str(files("skimage") / "data" / "astronaut.png")))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_MEGABYTES * 1024**2 + 1)
    except OSError as error:
        raise PhotoError(
            f"{path} cannot be opened: {error.strerror or error}. Please check the path."
        ) from error


def _format(data: bytes) -> str:
    head = data[:512]
    for name, signature in _SIGNATURES.items():
        if re.match(signature, head, re.DOTALL):
            return name
    for name, signature in _OTHER_SIGNATURES.items():
        if re.match(signature, head, re.DOTALL | re.IGNORECASE):
            raise PhotoError(f"This file is {name}, not a photo. {_ADVICE}")
    raise PhotoError(f"This file is not a photo. {_ADVICE}")


def _open(data: bytes, kind: str) -> ImageFile:
    """The image with its header read and nothing decoded yet, and of a size that may be."""
    too_large = f"This picture has more than {MAX_MEGAPIXELS} megapixels. Please choose a smaller version of the photo."
    try:
        image = Image.open(io.BytesIO(data), formats=[kind])
    except Image.DecompressionBombError as error:
        raise PhotoError(too_large) from error
    width, height = image.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise PhotoError(too_large)
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"This picture is only {width}x{height} pixels. Please choose one of at least {MIN_SIDE}x{MIN_SIDE}."
        )
    return image


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    profile = image.info.get("icc_profile")
    ImageOps.exif_transpose(image, in_place=True)
    return _array(_in_srgb(_flat(image), profile))


def _array(image: Image.Image) -> NDArray[np.uint8]:
    """uint8 (height, width, 3), copied in strips: at once, Pillow would hold two more copies of a large photo."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, 256):
        bottom = min(top + 256, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _flat(image: Image.Image) -> Image.Image:
    """The image without transparency and with 8 bits a channel, as RGB or CMYK."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    if image.mode.startswith("I"):
        # Pillow clips 16-bit gray at 255 when it converts; the high byte is the picture.
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    return image if image.mode in ("RGB", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB, which the networks learned from; phones save wider color spaces and skin would look pale."""
    if profile:
        try:
            source = ImageCms.getOpenProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
                assert converted is not None
                return converted
        except ImageCms.PyCMSError:
            pass  # A broken profile, or one for other channels, is no reason to refuse a photo.
    return image if image.mode == "RGB" else image.convert("RGB")
