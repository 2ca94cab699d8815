"""core/mirror.py with the real models on a video made of the sample portrait: what is shown, said and left behind."""

import gc
import io
import itertools
import threading
import time as clock
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.video import RATE, Portrait, sample_portrait, window_at
from core.mirror import NO_FACE, SEVERAL, STARTING, TROUBLE, Mirror, MirrorError, Seen, Settings, View
from core.reading import Reader
from core.recipe import Recipe, RecipeError
from core.service import Service, Work
from core.steady import PACE
from core.views import PAPER
from core.weights import WeightsError
from core.windows import CANONICAL_CENTER, CANONICAL_HALF, Window
from tests.conftest import frame_count

Pixels = NDArray[np.uint8]

EMPTY = np.full((480, 640, 3), 90, np.uint8)


class AtOnce(Service):
    """Does all work on the caller's thread, so that every frame shows what was seen in itself."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(lambda: reader)
        self._at_once = reader

    def submit(self, session: object, work: Work) -> None:
        work(self._at_once)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def person() -> Portrait:
    return sample_portrait()


@pytest.fixture(scope="module")
def serious(person: Portrait) -> Portrait:
    return person.serious()


@pytest.fixture
def look(reader: Reader) -> Callable[..., Mirror]:
    return lambda **settings: Mirror(AtOnce(reader), Settings(**settings))


def play(mirror: Mirror, person: Portrait, start: float, seconds: float) -> Pixels:
    """Shows the moving face to a mirror and gives the last frame."""
    for number in range(round(seconds * RATE)):
        time = start + number / RATE
        shown = mirror.frame(person.frame(window_at(time)), time)
    return shown


def still(place: complex = 320 + 216j, half: complex = 72 + 0j) -> Window:
    return Window(place, half)


# --- The three views -----------------------------------------------------------------------------------------------


def test_before_anything_is_seen_the_picture_is_shown_and_why_there_is_no_emoji() -> None:
    mirror = Mirror(Service(_never), Settings(View.over, flip=False))
    pixels = EMPTY.copy()
    assert np.array_equal(mirror.frame(pixels, 0.0), pixels)
    assert mirror.seen == Seen(message=STARTING)


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


# --- Who and how ---------------------------------------------------------------------------------------------------


def test_who_it_is_locks_and_how_they_look_is_followed(
    look: Callable[..., Mirror], person: Portrait, serious: Portrait
) -> None:
    mirror = look()
    play(mirror, person, 0.0, 1.5)
    first = mirror.seen
    assert first.locked and first.message is None and first.faces == 1
    assert first.recipe is not None and first.reading is not None and first.emotion is not None
    assert (first.recipe.expression, first.recipe.mouth_open) == ("happy", True)
    assert max(first.emotion, key=first.emotion.__getitem__) == "happy"

    play(mirror, serious, 1.5, 0.5)
    second = mirror.seen
    assert second.recipe is not None
    assert (second.recipe.expression, second.recipe.mouth_open) == ("neutral", False)
    changed = {
        name for name, value in second.recipe.to_json().items() if value != getattr(first.recipe, name, value)
    }
    assert changed <= {"expression", "strength", "mouth_open", "eyes"}

    mirror.look_again()
    play(mirror, serious, 2.0, 0.1)
    assert not mirror.seen.locked


def test_overrides_are_laid_on_top(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(overrides={"hair": "afro", "expression": "angry"})
    mirror.frame(person.frame(still()), 0.0)
    recipe = mirror.seen.recipe
    assert recipe is not None and (recipe.hair, recipe.expression) == ("afro", "angry")
    mirror.settings = Settings(overrides={"hair": "bald"})
    mirror.frame(EMPTY, 0.1)
    recipe = mirror.seen.recipe
    assert recipe is not None and (recipe.hair, recipe.expression) == ("bald", "happy")


def test_an_override_that_no_recipe_has_is_refused_at_once() -> None:
    with pytest.raises(RecipeError, match="hair cannot be 'green'"):
        Settings(overrides={"hair": "green"})


def test_the_emojis_background_is_the_papers_color(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(view=View.only, overrides={"background": "circle", "background_color": "#123456"})
    assert tuple(mirror.frame(person.frame(still()), 0.0)[0, 0]) == (0x12, 0x34, 0x56)


# --- No face, several faces ----------------------------------------------------------------------------------------


def test_when_the_face_goes_the_emoji_fades_and_it_says_so(
    look: Callable[..., Mirror], person: Portrait
) -> None:
    mirror = look(view=View.over, flip=False)
    mirror.frame(person.frame(still()), 0.0)
    remains = []
    for number in range(1, 60):
        shown = mirror.frame(EMPTY, number / RATE)
        remains.append(float(np.abs(shown.astype(int) - EMPTY).sum()))
    assert remains[0] == remains[5] > 0
    assert all(one >= other for one, other in itertools.pairwise(remains))
    assert 0 < remains[25] < remains[0] and remains[-1] == 0
    assert (mirror.seen.message, mirror.seen.faces) == (NO_FACE, 0)
    assert mirror.seen.recipe is not None, "a snapshot of the last emoji can still be taken"

    mirror.settings = Settings(View.only)
    pale = mirror.frame(EMPTY, 2.1)
    assert int(pale.min()) == pytest.approx((1 - PACE.faded) * min(PAPER), abs=3)  # its outlines are black


def test_a_face_that_comes_back_is_itself_at_once(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look()
    play(mirror, person, 0.0, 1.3)
    for number in range(30):
        mirror.frame(EMPTY, 1.3 + number / RATE)
    assert mirror.seen.message == NO_FACE
    before = mirror.seen.recipe
    play(mirror, person, 2.3, 0.6)
    assert mirror.seen.message is None and mirror.seen.locked
    assert before is not None and mirror.seen.recipe is not None
    assert mirror.seen.recipe.hair == before.hair


def test_of_several_faces_the_largest_as_long_as_it_stays(
    look: Callable[..., Mirror], person: Portrait
) -> None:
    def people(left: float, right: float) -> Pixels:
        """Two of her, so large."""
        halves = [person.frame(Window(160 + 200j, complex(size)), (320, 480)) for size in (left, right)]
        return np.hstack(halves)

    def follows_left(mirror: Mirror, pixels: Pixels, time: float) -> bool:
        shown = mirror.frame(pixels, time)
        changed = (shown != pixels).any(-1)
        return bool(changed[:, :320].sum() > changed[:, 320:].sum())

    mirror = look(view=View.over, flip=False)
    assert follows_left(mirror, people(60, 45), 0.0)
    assert mirror.seen.faces == 2 and mirror.seen.message == SEVERAL.format(2)
    # The other one comes closer, and is not followed for it.
    for number in range(1, 20):
        assert follows_left(mirror, people(60, 45 + number), number * 0.5)
    # The first one goes.
    alone = np.hstack([EMPTY[:, :320], person.frame(Window(160 + 200j, 64 + 0j), (320, 480))])
    assert not follows_left(mirror, alone, 10.0)
    assert mirror.seen.faces == 1


# --- What can be taken along ---------------------------------------------------------------------------------------


def test_a_snapshot_is_the_emoji_as_a_png(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look()
    with pytest.raises(MirrorError, match="no emoji yet"):
        mirror.snapshot()
    mirror.frame(person.frame(still()), 0.0)
    image = Image.open(io.BytesIO(mirror.snapshot(300)))
    assert (image.format, image.size, image.mode) == ("PNG", (300, 300), "RGBA")
    assert "CC BY-SA" in image.info["Copyright"]


def test_recording_and_clips(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(view=View.only)
    before = mirror.recording
    assert before is None
    with pytest.raises(MirrorError, match="Start a recording"):
        mirror.clip("gif")
    with pytest.raises(ValueError, match="10 seconds"):
        mirror.record(11)
    mirror.record(1.0)
    play(mirror, person, 5.0, 0.5)
    halfway = mirror.recording
    assert halfway is not None and 0.4 < halfway.progress < 0.6 and not halfway.done
    play(mirror, person, 5.5, 1.0)
    assert mirror.recording is not None and mirror.recording.done and mirror.recording.progress == 1.0
    for kind in ("webp", "gif"):
        clip = Image.open(io.BytesIO(mirror.clip(kind)))
        assert clip.format == kind.upper()
        assert max(clip.size) <= 360 and clip.size[0] / clip.size[1] == pytest.approx(640 / 480, abs=0.01)
        assert frame_count(clip) == 12 and clip.info["loop"] == 0


# --- Threads, sessions and memory ----------------------------------------------------------------------------------


def _never() -> Reader:
    clock.sleep(0.2)
    raise WeightsError("attributes.safetensors is missing: restore weights/.")


def test_a_frame_does_not_wait_for_the_models(reader: Reader, person: Portrait) -> None:
    gate, service = threading.Event(), Service(lambda: reader)
    service.submit("other", lambda reader: gate.wait(20))
    mirror = Mirror(service, Settings())
    try:
        for number in range(30):
            mirror.frame(person.frame(still()), number / RATE)
        assert mirror.seen.recipe is None, "the models were not free, and yet every frame came out"
        gate.set()
        _await(lambda: mirror.seen.recipe is not None)
    finally:
        gate.set()
        service.close()


def test_missing_weights_are_said_in_the_mirror(person: Portrait) -> None:
    service = Service(_never)
    mirror = Mirror(service, Settings())
    mirror.frame(person.frame(still()), 0.0)
    _await(lambda: mirror.seen.message != STARTING)
    assert mirror.seen.message == "attributes.safetensors is missing: restore weights/."
    service.close()


def test_trouble_with_one_frame_is_said_and_the_next_one_works(
    look: Callable[..., Mirror], person: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = look()
    with monkeypatch.context() as patch:
        patch.setattr("core.mirror.crop_of", lambda pixels, window: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mirror.frame(person.frame(still()), 0.0)
    assert mirror.seen.message == TROUBLE
    mirror.frame(person.frame(still()), 0.1)
    assert mirror.seen.recipe is not None and mirror.seen.message != TROUBLE


@pytest.fixture
def service(reader: Reader) -> Iterator[Service]:
    service = Service(lambda: reader)
    yield service
    service.close()


def test_two_mirrors_at_once_see_each_its_own(service: Service, person: Portrait, serious: Portrait) -> None:
    mirrors = [Mirror(service, Settings()) for _ in range(2)]

    def watch(mirror: Mirror, face: Portrait) -> None:
        for number in range(1000):
            mirror.frame(face.frame(still()), number / RATE)
            clock.sleep(0.01)
            if mirror.seen.locked:
                return

    threads = [
        threading.Thread(target=watch, args=pair) for pair in zip(mirrors, (person, serious), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    recipes = [mirror.seen.recipe for mirror in mirrors]
    assert all(isinstance(recipe, Recipe) for recipe in recipes)
    assert [recipe.mouth_open for recipe in recipes] == [True, False]  # type: ignore[union-attr]
    assert all(mirror.seen.updates_per_second > 0 for mirror in mirrors)


def test_twenty_mirrors_leave_no_thread_and_no_memory(service: Service, person: Portrait) -> None:
    def session() -> weakref.ref[Mirror]:
        mirror = Mirror(service, Settings(View.beside))
        mirror.record(10)
        for number in range(8):
            mirror.frame(person.frame(still()), number / RATE)
            clock.sleep(0.01)
        _await(lambda: mirror.seen.recipe is not None)
        mirror.close()
        return weakref.ref(mirror)

    def resident() -> int:
        gc.collect()
        return psutil.Process().memory_info().rss

    for _ in range(3):
        session()
    threads, memory = threading.active_count(), resident()
    ended = [session() for _ in range(20)]
    # The last one's running update, if there is one, comes to its end.
    _await(lambda: not any(mirror() for mirror in ended))
    assert resident() < 1.05 * memory
    assert threading.active_count() == threads


# --- Helpers -------------------------------------------------------------------------------------------------------


def _await(condition: Callable[[], bool], patience: float = 60.0) -> None:
    give_up = clock.monotonic() + patience
    while not condition():
        assert clock.monotonic() < give_up, "waited in vain"
        clock.sleep(0.02)


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
