"""core/live/mirror.py's three views with the real models: what is shown of the picture, and where the emoji is."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.live.mirror import Mirror, Settings, View
from core.live.views import PAPER
from core.seeing.windows import CANONICAL_CENTER, CANONICAL_HALF, Window
from tests.live.mirrors import EMPTY, Pixels, still
from tests.video import RATE, Portrait


def test_beside_shows_the_picture_and_the_emoji(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(view=View.beside, flip=False)
    pixels = person.frame(still())
    shown = mirror.frame(pixels, 0.0)
    assert shown.shape == (480, 640 + 480, 3)
    assert np.array_equal(shown[:, :640], pixels)
    _same_person(shown[:, 640:], mirror)


def test_only_shows_nothing_of_the_room(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(view=View.only)
    shown = mirror.frame(person.frame(still()), 0.0)
    assert shown.shape == (480, 640, 3)
    _same_person(shown[:, 80:560], mirror)
    assert (shown[:, :80] == PAPER).all() and (shown[:, 560:] == PAPER).all()
    # Another picture, the same emoji: not a pixel of the picture gets through.
    assert np.array_equal(mirror.frame(EMPTY, 0.001), shown)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    "window",
    [
        still(),
        still(200 + 200j, 60 * np.exp(0.3j)),  # to the left, its head tilted
        still(400 + 250j, 95 * np.exp(-0.4j)),  # close by
        still(560 + 216j, 72 + 0j),  # partly out of the picture
    ],
)
def test_over_covers_the_face_wherever_it_is(
    look: Callable[..., Mirror], person: Portrait, window: Window, flip: bool
) -> None:
    mirror = look(view=View.over, flip=flip)
    mirror.frame(person.frame(still(window.center, abs(window.half))), 0.0)
    pixels = person.frame(window)
    for number in range(1, 12):
        shown = mirror.frame(pixels, number / RATE)
    shown = shown[:, ::-1] if flip else shown
    face = _ellipse(window)
    covered = (shown != pixels).any(-1)
    assert covered[face].mean() > 0.985
    far = ~_ellipse(window, 3.0)
    assert not covered[far].any()


def test_the_head_tilts_as_the_face_does_and_the_other_way_in_a_mirror(
    look: Callable[..., Mirror], person: Portrait
) -> None:
    tilted = person.frame(still(half=72 * np.exp(0.35j)))
    tilts = {}
    for flip in (False, True):
        mirror = look(view=View.only, flip=flip)
        mirror.frame(person.frame(still(half=72 * np.exp(0.2j))), 0.0)
        for number in range(1, 12):
            shown = mirror.frame(tilted, number / RATE)
        # Hair is all that is drawn high up: the head leans to the side where it is.
        top = (shown[:200] != PAPER).any(-1)
        tilts[flip] = float(np.nonzero(top)[1].mean()) - 320
    assert tilts[False] > 15 and tilts[True] < -15


def test_views_and_flip_change_while_it_runs(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(view=View.only, flip=False)
    pixels = person.frame(still())
    mirror.frame(pixels, 0.0)
    mirror.settings = Settings(View.beside, flip=True)
    assert np.array_equal(mirror.frame(pixels, 0.1)[:, :640], pixels[:, ::-1])


@pytest.mark.parametrize("size", [(480, 640), (1280, 720), (321, 241)])
def test_other_sizes_of_pictures(
    look: Callable[..., Mirror], person: Portrait, size: tuple[int, int]
) -> None:
    width, height = size
    pixels = person.frame(Window(complex(width, height) / 2, complex(min(size) / 6)), size)
    for view in View:
        mirror = look(view=view)
        shown = mirror.frame(pixels, 0.0)
        assert mirror.seen.recipe is not None
        assert shown.shape == (height, width + min(size) * (view is View.beside), 3)
        assert shown.dtype == np.uint8


def _ellipse(window: Window, scale: float = 1.0) -> NDArray[np.bool_]:
    """Where the face with this window is, from brows to chin and cheek to cheek."""
    y, x = np.mgrid[:480, :640]
    z = (x + 1j * y - window.center) / window.half * CANONICAL_HALF + CANONICAL_CENTER - complex(89, 130)
    mask: NDArray[np.bool_] = (z.real / 40) ** 2 + (z.imag / 46) ** 2 < scale**2
    return mask


def _same_person(panel: Pixels, mirror: Mirror) -> None:
    """Whether a square panel shows the mirror's emoji, upright, on paper."""
    assert panel.shape[0] == panel.shape[1]
    snapshot = Image.open(io.BytesIO(mirror.snapshot(panel.shape[0])))
    expected = Image.new("RGBA", snapshot.size, PAPER)
    expected.alpha_composite(snapshot)
    difference = np.abs(panel.astype(int) - np.asarray(expected.convert("RGB")))
    assert (difference.max(-1) > 60).mean() < 0.02
