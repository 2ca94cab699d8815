"""Square windows on a picture, placed by a similarity, and the canonical frame that CelebA's aligned crops share.

A window is a center and a complex half-side z: the point (u, v) of the window, both in [-1, 1], lies at
center + z * (u + iv) in the picture, so |z| is half the side in pixels and the argument of z is the roll. A prediction
of the alignment network is a window written in another window's coordinates, and placing it there is one product.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

CANONICAL_SIZE = (178, 218)
"""Width and height of a CelebA aligned crop."""
CANONICAL_CENTER = complex(89.0, 122.0)
CANONICAL_HALF = 68.5
"""The window the network learns to find, in the canonical frame: brows to chin with a rim around."""
CANONICAL_EYES = (complex(69.5, 111.5), complex(108.0, 111.5))
"""Mean eye positions of CelebA's aligned crops."""
INPUT_SIDE = 64


@dataclass(frozen=True)
class Window:
    """center: x + iy in picture pixels; half: complex half-side, pixels along the roll."""

    center: complex
    half: complex

    def within(self, prediction: NDArray[np.floating]) -> "Window":
        """The window that `prediction` (x, y, cosine, sine; see AlignmentNetwork) describes inside this one."""
        x, y, cosine, sine = (float(v) for v in prediction)
        return Window(self.center + self.half * complex(x, y), self.half * complex(cosine, sine))

    def relative_to(self, other: "Window") -> tuple[float, float, float, float]:
        """The inverse of `within`: this window written in the other's coordinates."""
        offset, ratio = (self.center - other.center) / other.half, self.half / other.half
        return offset.real, offset.imag, ratio.real, ratio.imag

    def sampling(self, side: int = INPUT_SIDE) -> NDArray[np.float64]:
        """(2, 3): pixel (column, row) of a `side` x `side` sample -> picture pixel."""
        step = self.half * 2 / side
        origin = self.center + self.half * complex(1 / side - 1, 1 / side - 1)
        return np.array([[step.real, -step.imag, origin.real], [step.imag, step.real, origin.imag]])

    def to_canonical(self) -> NDArray[np.float64]:
        """(2, 3): picture pixel -> pixel of the canonical frame, if this is the canonical window of a face."""
        step = CANONICAL_HALF / self.half
        origin = CANONICAL_CENTER - step * self.center
        return np.array([[step.real, -step.imag, origin.real], [step.imag, step.real, origin.imag]])

    def scaled(self, factor: float) -> "Window":
        """The same window on the picture resized by `factor`."""
        shift = complex(0.5, 0.5)
        return Window((self.center + shift) * factor - shift, self.half * factor)


def canonical_window(scale: float = 1.0) -> Window:
    """The window to find, on a crop that was resized by `scale`."""
    return Window(CANONICAL_CENTER, complex(CANONICAL_HALF, 0)).scaled(scale)


def sample(
    picture: NDArray[np.uint8], window: Window, border: int = cv2.BORDER_REPLICATE
) -> NDArray[np.uint8]:
    """uint8 (64, 64, 3) cut out of a picture; shrink the picture first so that half the window is about 32 pixels."""
    cut = cv2.warpAffine(
        picture,
        window.sampling(),
        (INPUT_SIDE, INPUT_SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=border,
    )
    return np.asarray(cut, np.uint8)
