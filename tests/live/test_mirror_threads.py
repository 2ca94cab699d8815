"""core/live/mirror.py beside the models' thread: it waits for nothing, tells what is wrong, leaves nothing behind."""

import gc
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from core.live.mirror import STARTING, TROUBLE, Mirror, Seen, Settings, View
from core.live.service import Service
from core.live.steady import PACE
from core.models.weights import WeightsError
from core.recipe.recipe import Recipe
from core.seeing.reading import Reader
from tests.live.mirrors import EMPTY, PATIENCE, finish, still
from tests.video import RATE, Portrait


@pytest.fixture
def service(reader: Reader) -> Iterator[Service]:
    service = Service(lambda: reader)
    yield service
    service.close()


def test_before_anything_is_seen_the_picture_is_shown_and_why_there_is_no_emoji(reader: Reader) -> None:
    loaded = threading.Event()

    def loading() -> Reader:
        assert loaded.wait(PATIENCE)
        return reader

    service = Service(loading)
    mirror = Mirror(service, Settings(View.over, flip=False))
    pixels = EMPTY.copy()
    assert np.array_equal(mirror.frame(pixels, 0.0), pixels)
    assert mirror.seen == Seen(message=STARTING)
    loaded.set()
    service.close()


def test_a_frame_does_not_wait_for_the_models(reader: Reader, person: Portrait) -> None:
    gate, service = threading.Event(), Service(lambda: reader)
    service.submit("other", lambda reader: gate.wait(PATIENCE))
    mirror = Mirror(service, Settings())
    try:
        for number in range(30):
            mirror.frame(person.frame(still()), number / RATE)
        assert mirror.seen.recipe is None, "the models were not free, and yet every frame came out"
        gate.set()
        finish(service)
        assert mirror.seen.recipe is not None
    finally:
        gate.set()
        service.close()


def test_missing_weights_are_said_in_the_mirror(person: Portrait) -> None:
    tried = threading.Event()

    def missing() -> Reader:
        tried.set()
        raise WeightsError("attributes.safetensors is missing: restore weights/.")

    service = Service(missing)
    mirror = Mirror(service, Settings())
    mirror.frame(person.frame(still()), 0.0)
    assert tried.wait(PATIENCE)
    service.close()  # which waits for the thread
    assert mirror.seen.message == "attributes.safetensors is missing: restore weights/."


def test_trouble_with_one_frame_is_said_and_the_next_one_works(
    look: Callable[..., Mirror], person: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = look()
    with monkeypatch.context() as patch:
        patch.setattr("core.live.mirror.crop_of", lambda pixels, window: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mirror.frame(person.frame(still()), 0.0)
    assert mirror.seen.message == TROUBLE
    mirror.frame(person.frame(still()), 0.1)
    assert mirror.seen.recipe is not None and mirror.seen.message != TROUBLE


def test_two_mirrors_at_once_see_each_its_own(service: Service, person: Portrait) -> None:
    mirrors = [Mirror(service, Settings(), clock=lambda: 7.0) for _ in range(2)]

    def watch(mirror: Mirror, face: Portrait) -> None:
        for number in range(round((PACE.identity_seconds + 0.2) * RATE)):
            mirror.frame(face.frame(still()), number / RATE)
            finish(service)

    threads = [
        threading.Thread(target=watch, args=pair)
        for pair in zip(mirrors, (person, person.serious()), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recipes = [mirror.seen.recipe for mirror in mirrors]
    assert all(isinstance(recipe, Recipe) for recipe in recipes)
    assert [recipe.mouth in ("teeth", "grin") for recipe in recipes] == [True, False]  # type: ignore[union-attr]
    assert all(mirror.seen.locked for mirror in mirrors)
    # The clock stood still, so that all their frames are among those of the last two seconds.
    rates = [mirror.seen.updates_per_second for mirror in mirrors]
    assert rates == [round((PACE.identity_seconds + 0.2) * RATE) / 2] * 2


def test_twenty_mirrors_leave_no_thread_and_no_object(service: Service, person: Portrait) -> None:
    def session() -> list[weakref.ref[Any]]:
        mirror = Mirror(service, Settings(View.beside))
        mirror.record()
        shown = [mirror.frame(person.frame(still()), number / RATE) for number in range(5)]
        finish(service)
        assert mirror.seen.recipe is not None
        mirror.close()
        # Pixels are no concern of the garbage collector's, and take most of the memory.
        return [weakref.ref(mirror), *map(weakref.ref, shown)]

    def objects() -> Counter[type]:
        gc.collect()
        kinds = map(type, gc.get_objects())
        return Counter(kind for kind in kinds if str(kind.__module__).startswith("core.live"))

    session()
    finish(service)
    threads, before = threading.active_count(), objects()
    ended = [left for _ in range(20) for left in session()]
    finish(service)
    assert objects() == before
    assert not any(left() is not None for left in ended)
    assert threading.active_count() == threads
