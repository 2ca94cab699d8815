"""What tests of the mirror share: a service without a thread, and pictures of the sample portrait or of nobody."""

import numpy as np
from numpy.typing import NDArray

from core.live.service import Service, Work
from core.seeing.reading import Reader
from core.seeing.windows import Window

Pixels = NDArray[np.uint8]

EMPTY = np.full((480, 640, 3), 90, np.uint8)


class AtOnce(Service):
    """Does all work on the caller's thread, so that every frame shows what was seen in itself."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(lambda: reader)
        self._at_once = reader

    def submit(self, session: object, work: Work) -> None:
        work(self._at_once)


def still(place: complex = 320 + 216j, half: complex = 72 + 0j) -> Window:
    return Window(place, half)
