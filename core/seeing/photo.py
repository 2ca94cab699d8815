"""Photo in: bytes of a JPEG, PNG, WebP, HEIC or AVIF file become upright RGB pixels, or a message.

The message says what to do.
"""

from __future__ import annotations

import dataclasses
import io
import re
import struct
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops
from PIL.JpegImagePlugin import JpegImageFile

from core.errors import SelfmojiError
from core.seeing import boxes, chunks, profiles
from core.seeing.windows import CANONICAL_SIZE

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_MEGABYTES = 15
MAX_MEGAPIXELS = 51
"""Phones said to have 50 megapixels make pictures of 50.3."""
MIN_SIDE = 48
"""Pixels; a face in anything smaller is too coarse to be read."""

_SIGNATURES = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF.{4}WEBP",
}
"""{Pillow's name of a format: how such a file begins}; HEIC and AVIF are told by their brands."""
_MAJOR = {"HEIF": b"heic", "AVIF": b"avif"}
"""{Pillow's name of a format: the brand by which its decoder knows it}."""

OTHER_SIGNATURES = {
    "a GIF": rb"GIF8",
    "a camera's raw file (DNG or the like)": (
        rb"(II\*\0.*\x12\xc6\x01\0\x04\0\0\0|MM\0\*.*\xc6\x12\0\x01\0\0\0\x04)"  # the tag DNGVersion
        rb"|II\*\0.{4}CR|II(RO|RS|U\0)|MMOR|FUJIFILMCCD-RAW|.{4}ftypcrx |FOVb"
    ),
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

_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
"""{EXIF's number of a type: its format in `struct`}."""
_FILLING = bytes((37 * i + 11) % 251 for i in range(256))
"""Looks like blocks to a JPEG decoder, and not like gray ones."""

ADVICE = "Please choose a photo saved as JPEG, PNG, WebP, HEIC or AVIF."
"""What a message about a file that is no photo ends with."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""{EXIF's orientation: what sets the picture upright}."""

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

    The format is told from the bytes alone. Raises PhotoError when the file cannot be opened, is no JPEG, PNG, WebP,
    HEIC or AVIF, is damaged, smaller than 48 pixels a side, over 15 MB or over 51 megapixels; the last is found before
    anything is decoded. What a file says besides its pixels (EXIF, color profile) is used where it can be read, and is
    never a reason to refuse it.
    """
    data = source if isinstance(source, bytes) else _bytes_of(source)
    if not data:
        raise PhotoError("This file is empty. {advice}", advice=ADVICE)
    if len(data) > MAX_MEGABYTES * 1024**2:
        raise PhotoError(
            "This file is larger than {megabytes} MB. Please choose a smaller version of the photo.",
            megabytes=MAX_MEGABYTES,
        )
    kind = _format(data)
    # Broken bytes make decoders raise nearly anything; whatever they raise says that the file is broken.
    try:
        return Photo(_pixels(data, kind))
    except PhotoError:
        raise
    except Exception as error:
        name = "HEIC" if kind == "HEIF" else kind
        raise PhotoError(
            "This {kind} file is damaged or was cut off on its way. Please save or copy the photo again, then retry.",
            kind=name,
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
    if kind := boxes.format_by_brands(data):
        return kind
    # A raw file has its mark wherever its tags stand.
    head = data if data[:4] in (b"II*\0", b"MM\0*") else head
    for name, signature in OTHER_SIGNATURES.items():
        if re.match(signature, head, re.DOTALL | re.IGNORECASE):
            raise PhotoError("This file is {kind}, not a photo. {advice}", kind=name, advice=ADVICE)
    raise PhotoError("This file is not a photo. {advice}", advice=ADVICE)


def _open(data: bytes, kind: str) -> ImageFile:
    """The image with its header read and nothing decoded yet, and of a size that may be."""
    too_large = PhotoError(
        "This picture has more than {megapixels} megapixels. Please choose a smaller version of the photo.",
        megapixels=MAX_MEGAPIXELS,
    )
    try:
        image = Image.open(io.BytesIO(data), formats=[kind])
    except Image.DecompressionBombError as error:
        raise too_large from error
    width, height = image.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise too_large
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            "This picture is only {width}x{height} pixels. Please choose one of at least {least}x{least}.",
            width=width,
            height=height,
            least=MIN_SIDE,
        )
    return image


def _pixels(data: bytes, kind: str) -> NDArray[np.uint8]:
    bare, numbers = data, None
    if kind == "PNG":
        bare, numbers = chunks.bare(data), chunks.color_numbers(data)
    elif kind in _MAJOR:
        bare, numbers = boxes.plain(data, _MAJOR[kind]), boxes.nclx(data)
    opened = _open(bare, kind)
    image = _decoded_jpeg(opened, bare) if kind == "JPEG" else opened
    image.load()
    if kind == "PNG":
        exif, xmp, icc = chunks.exif(data), chunks.xmp(data), chunks.color_profile(data)
    else:
        exif, xmp, icc = (opened.info.get(name) for name in ("exif", "xmp", "icc_profile"))
    profile = (profiles.profile_of(*numbers) if numbers else None) or icc
    upright = profiles.in_srgb(_flat(image), profile)
    turn = _TURNS.get(_exif_orientation(exif) or _xmp_orientation(xmp))
    return _array(upright if turn is None else upright.transpose(turn))


def _exif_orientation(exif: bytes | None) -> int:
    """EXIF's orientation, 1 to 8; 0 if there is none, or none that can be read.

    Nothing but this one tag is read: whatever else is written there, and however badly, cannot be in the way.
    """
    found = re.match(rb"(?:Exif\0\0){0,2}(II\*\0|MM\0\*)", exif or b"")
    if found is None or exif is None:
        return 0
    tiff, order = exif[found.start(1) :], "<" if found[1] == b"II*\0" else ">"
    try:
        [directory] = struct.unpack_from(f"{order}I", tiff, 4)
        [count] = struct.unpack_from(f"{order}H", tiff, directory)
        for place in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
            if tag == ExifTags.Base.Orientation and kind in _WHOLE_NUMBERS:
                return int(struct.unpack_from(order + _WHOLE_NUMBERS[kind], tiff, place + 8)[0])
    except struct.error:
        pass  # it ends early
    return 0


def _xmp_orientation(xmp: bytes | None) -> int:
    """The same of a picture whose EXIF tells none."""
    found = re.search(rb"tiff:Orientation(?:=[\"']|>)([1-8])", xmp or b"")
    return int(found[1]) if found else 0


def _decoded_jpeg(image: ImageFile, data: bytes) -> ImageFile:
    """The image with its pixels, also where nothing but the end of its last row of blocks is missing.

    A decoder makes up gray for what is not there, and says nothing. So what is cut off is found by decoding twice, the
    second time with bytes of our own behind the last one: those show where the picture's own bytes end.
    """
    try:
        image.load()
        return image
    except OSError:
        data = data.rstrip(b"\xff")  # half of a marker, to which the filling must not become the other half
        restarts = re.findall(rb"\xff([\xd0-\xd7])", data)
        restart = bytes([0xFF, 0xD0 + (restarts[-1][0] - 0xD0 + 1) % 8 if restarts else 0xD0])
        ended, filled = (
            JpegImageFile(io.BytesIO(data + filling + b"\xff\xd9"))
            for filling in (b"", _FILLING + restart + _FILLING)
        )
        height = 8 * max(layer[2] for layer in ended.layer)
        last = (image.height - 1) // height * height
        # The two rows above it share its colors, smoothed.
        begun = (0, 0, image.width, last - 2), (0, last, 8, image.height)
        if any(ImageChops.difference(ended.crop(part), filled.crop(part)).getbbox() for part in begun):
            raise
        return ended


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
