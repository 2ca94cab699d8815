"""The whole reading of one aligned face, and the way it is read elsewhere: a full ResNeXt-50 for each question.

Both take turns in one run, so that whatever else the machine does slows both alike.
"""

from functools import cache

from torch import Tensor

from benchmarks import elsewhere, limit
from benchmarks.measuring import milliseconds
from core import Photo, Reader, find_faces, sample_photo

WARM_UPS, RUNS = 3, 20


def reading() -> list[float]:
    """Milliseconds for alignment, attributes, look, skin tone and emotion of an aligned crop of 178x218."""
    return [ours for ours, _ in _turns()]


def reference_reading() -> list[float]:
    """Milliseconds for attributes and emotion with a float32 network of the reference architecture each."""
    return [theirs for _, theirs in _turns()]


def gain() -> list[float]:
    """How many times as fast as the reference each of our turns was."""
    return [theirs / ours for ours, theirs in _turns()]


def multiply_adds() -> float:
    """Billions, of our networks for one aligned crop."""
    with limit.by_torch():
        crop, reader = find_faces(sample_photo())[0].crop, Reader()
        return limit.multiply_adds(lambda: reader.read([face.crop for face in find_faces(Photo(crop))]))


@cache
def _turns() -> list[tuple[float, float]]:
    crop, reader = find_faces(sample_photo())[0].crop, Reader()
    networks = elsewhere.networks()

    def ours() -> None:
        reader.read([face.crop for face in find_faces(Photo(crop))])

    def theirs() -> list[Tensor]:
        return elsewhere.answers(networks, crop)

    return [(milliseconds(ours), milliseconds(theirs)) for _ in range(WARM_UPS + RUNS)][WARM_UPS:]
