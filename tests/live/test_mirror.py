"""core/live/mirror.py with the real models on a video of the sample portrait: what is seen and can be taken along."""

import io
import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.live.clips import KINDS, Recording
from core.live.mirror import NO_FACE, SEVERAL, Mirror, MirrorError, Settings, View
from core.live.steady import PACE
from core.live.teaching import Correction, Lesson
from core.live.views import PAPER
from core.models.labels import EMOTIONS, MOVEMENTS
from core.recipe.choices import RecipeError
from core.seeing.windows import Window
from tests.live.mirrors import EMPTY, Pixels, still
from tests.video import RATE, Portrait, window_at


def play(mirror: Mirror, person: Portrait, start: float, seconds: float) -> Pixels:
    """Shows the moving face to a mirror and gives the last frame."""
    for number in range(round(seconds * RATE)):
        time = start + number / RATE
        shown = mirror.frame(person.frame(window_at(time)), time)
    return shown


# --- Who and how ---------------------------------------------------------------------------------------------------


def test_who_it_is_locks_and_how_they_look_is_followed(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror, serious = look(), person.serious()
    play(mirror, person, 0.0, 1.5)
    first = mirror.seen
    assert first.locked and first.message is None and first.faces == 1
    assert first.recipe is not None and first.reading is not None and first.emotion is not None
    assert first.recipe.mouth in ("teeth", "grin")
    assert max(first.emotion, key=first.emotion.__getitem__) == "happy"

    play(mirror, serious, 1.5, 0.5)
    second = mirror.seen
    assert second.recipe is not None
    assert second.recipe.mouth in ("serious", "calm", "soft")
    changed = {
        name for name, value in second.recipe.to_json().items() if value != getattr(first.recipe, name, value)
    }
    assert changed <= {"mouth", "eyes", "brows"}

    mirror.look_again()
    play(mirror, serious, 2.0, 0.1)
    assert not mirror.seen.locked


def test_overrides_are_laid_on_top(look: Callable[..., Mirror], person: Portrait) -> None:
    mirror = look(overrides={"hair": "afro", "mouth": "down"})
    mirror.frame(person.frame(still()), 0.0)
    recipe = mirror.seen.recipe
    assert recipe is not None and (recipe.hair, recipe.mouth) == ("afro", "down")
    mirror.settings = Settings(overrides={"hair": "none"})
    mirror.frame(EMPTY, 0.1)
    recipe = mirror.seen.recipe
    assert recipe is not None and recipe.hair == "none" and recipe.mouth in ("teeth", "grin")


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


def test_a_recording_holds_what_was_shown_and_what_the_emoji_did(
    look: Callable[..., Mirror], person: Portrait
) -> None:
    mirror = look(view=View.only)
    assert mirror.recorder is None
    with pytest.raises(ValueError, match="15 seconds"):
        mirror.record(16)
    mirror.record(1.0)
    recorder = mirror.recorder
    assert recorder is not None
    play(mirror, person, 5.0, 0.5)
    assert 0.4 < recorder.recording.progress < 0.6 and not recorder.recording.done
    play(mirror, person, 5.5, 1.0)
    assert recorder.recording == Recording(1.0, True)
    assert recorder.kinds == tuple(KINDS)
    mirror.close()
    sticker = Image.open(io.BytesIO(recorder.clip("sticker-webp"))).convert("RGBA")
    assert sticker.size == (512, 512)
    assert sticker.getpixel((2, 2)) == (0, 0, 0, 0)
    assert sticker.getpixel((256, 256))[3] == 255


def test_a_lesson_sees_the_networks_emotion_and_what_was_taught_changes_the_mirrors(
    look: Callable[..., Mirror], person: Portrait
) -> None:
    mirror = look()
    mirror.lesson = lesson = Lesson()
    lesson.show("sad")
    play(mirror, person, 0.0, 2.5)
    assert "sad" not in lesson.missing
    assert mirror.seen.emotion is not None
    assert max(mirror.seen.emotion, key=mirror.seen.emotion.__getitem__) == "happy"
    width = len(EMOTIONS) + len(MOVEMENTS)
    offset = 20.0 * np.array([name == "sad" for name in EMOTIONS])
    sad = Correction(np.zeros((len(EMOTIONS), width)), np.zeros(width), offset)
    mirror.settings = replace(mirror.settings, taught=sad)
    play(mirror, person, 2.5, 0.5)
    assert mirror.seen.emotion["sad"] > 0.99
