"""Live: a frame and its time in, a frame out, in which your emoji does as you do.

    service = Service(Reader)                 # one for the whole server
    mirror = Mirror(service, Settings())      # one for every camera
    shown = mirror.frame(pixels, time)

`frame` never waits for a model. It offers the picture to the service, where it takes the place of the one before, and
draws the newest result on the newest picture. Everything that takes longer (finding, reading, deciding, drawing a new
emoji) happens on the service's thread and is published as one frozen object.
"""

import cmath
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.colors import channels
from core.drawing.credit import TITLE
from core.drawing.figure import MOVED_BY, Figure
from core.drawing.layers import clip_of
from core.drawing.painting import paint
from core.drawing.png import png_of
from core.drawing.rig import Play
from core.errors import SelfmojiError
from core.live.action_units import UnitReader
from core.live.clips import LONGEST, Act, Recorder
from core.live.curves import SURE, Curves, Held, Rest
from core.live.service import Service
from core.live.sprites import PuppetCache
from core.live.steady import PACE, Leash, Pace, Steady
from core.live.teaching import Correction, Lesson
from core.live.tracking import Sighting, Tracker
from core.live.views import PAPER, Pose, View, compose, sprite_size
from core.models.weights import WeightsError
from core.recipe.choices import FIELDS
from core.recipe.expressions import LIVE_FIELDS, expression
from core.recipe.recipe import Recipe
from core.seeing.face import crop_of
from core.seeing.measurements import mouth_dark
from core.seeing.motion import Motion
from core.seeing.reading import Reader, Reading
from core.seeing.windows import Window

__all__ = ["Mirror", "MirrorError", "Rest", "Seen", "Settings", "View"]

STARTING = "The models are loading. This takes a few seconds."
NO_FACE = "No face to be seen. Look at the camera, with light on your face."
SEVERAL = "{} faces in the picture. The emoji stays with one of them."
RELAXING = "Look straight at the camera and relax your face."
SETTLING = "Look straight at the camera for a second, so that your emoji can take shape."
TROUBLE = "Something went wrong with this picture. If it stays so, stop the camera and start it again."

Pixels = NDArray[np.uint8]


class MirrorError(SelfmojiError):
    """Something that cannot be done now; the message says what to do first."""


@dataclass(frozen=True)
class Settings:
    """What somebody chose. flip: as a mirror shows it; overrides: {field of Recipe: value}, whatever the face says: a
    mouth, eyes or brows among them hold still. person: whose emoji plays; None for whom the camera sees. taught: what
    somebody's own faces taught of how their emotion is read.

    Raises RecipeError when a recipe cannot have an override.
    """

    view: View = View.beside
    flip: bool = True
    overrides: Mapping[str, object] = field(default_factory=dict)
    person: Recipe | None = None
    taught: Correction | None = None

    def __post_init__(self) -> None:
        Recipe().replace(**self.overrides)  # type: ignore[arg-type]
        object.__setattr__(self, "overrides", MappingProxyType(dict(self.overrides)))


@dataclass(frozen=True)
class Seen:
    """What the mirror knows. recipe and reading: of the last face; emotion: smoothed over a few frames; locked: who it
    is stays as it is until `look_again`; faces: in the picture when they were last counted; message: what somebody
    should know or do, if anything; updates_per_second: over the last two seconds. held: how the face is held, from its
    rest; units: the same as action units, {code: 0 to 1}; play: how the emoji is; relaxed: how far the rest is
    measured, 0 to 1, while it is."""

    recipe: Recipe | None = None
    reading: Reading | None = None
    emotion: dict[str, float] | None = None
    locked: bool = False
    faces: int = 0
    message: str | None = STARTING
    updates_per_second: float = 0.0
    held: Held | None = None
    units: Mapping[str, float] | None = None
    play: Play | None = None
    relaxed: float | None = None


@dataclass(frozen=True)
class _Shown:
    """The emoji that plays: its recipe, the fields of it that hold still, and how it is held."""

    recipe: Recipe
    holding: frozenset[str]
    play: Play


@dataclass(frozen=True)
class _Result:
    """What the worker publishes, as one object, so that no thread sees half of it.

    lost: time since which no face is seen; updates: clock times of the last ones.
    """

    seen: Seen = Seen()
    pose: Pose | None = None
    shown: _Shown | None = None
    lost: float | None = None
    updates: tuple[float, ...] = ()


class Mirror:
    """One camera's mirror. `frame` is called by one thread, everything else by any.

    lesson: gets what is read of the emotion, before it is corrected, while there is one.
    """

    def __init__(
        self,
        service: Service,
        settings: Settings,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.monotonic,
        rest: Rest | None = None,
    ) -> None:
        self.settings = settings
        self.lesson: Lesson | None = None
        self._service = service
        self._pace = pace
        self._clock = clock
        self._result = _Result()
        self._recorder: Recorder | None = None
        self._closed = False
        # Only the service's thread touches what follows, but for the wishes to look again and to relax.
        self._tracker = Tracker(pace)
        self._steady = Steady(pace)
        self._leash = Leash(pace.leash)
        self._curves = Curves(rest, pace)
        self._units = UnitReader()
        self._puppets = PuppetCache()
        self._look_again = False
        self._relax: bool | None = None
        self._read_at = self._felt_at = self._emotion_at = -math.inf

    def frame(self, pixels: Pixels, time: float) -> Pixels:
        """The frame to show for uint8 RGB (H, W, 3) at this time, seconds; `pixels` must not be changed afterwards."""
        if not self._closed:
            self._service.submit(self, lambda reader: self._update(reader, pixels, time))
        settings = self.settings
        result = self._result
        shown = compose(pixels, settings.view, settings.flip, self._posed(result, settings.view, time))
        recorder = self._recorder
        if recorder is not None:
            recorder.add(shown, time, _act(result, settings.flip))
        return shown

    @property
    def seen(self) -> Seen:
        result = self._result
        if failure := self._service.failure:
            known = isinstance(failure, WeightsError)
            return replace(result.seen, message=str(failure) if known else TROUBLE)
        now = self._clock()
        recent = sum(now - update < _SPAN for update in result.updates)
        return replace(result.seen, updates_per_second=recent / _SPAN)

    def look_again(self) -> None:
        """Forgets who it is and looks anew; the emoji stays until there is a new one."""
        self._look_again = True

    def relax(self) -> None:
        """Takes the next two seconds for the face at rest, from which all movements are measured."""
        self._relax = True

    def stop_relaxing(self) -> None:
        """Leaves the rest as it was before `relax`."""
        self._relax = False

    @property
    def rest(self) -> Rest:
        """The face at rest, as far as it is known."""
        return self._curves.rest

    def snapshot(self, size: int = 512) -> bytes:
        """The emoji as it is now, a PNG of size x size pixels; MirrorError when there is none yet."""
        shown = self._result.shown
        if shown is None:
            raise MirrorError("There is no emoji yet. Look at the camera first.")
        layers = Figure(shown.recipe, shown.holding).layers(shown.play)
        return png_of(paint(layers, size, clip_of(shown.recipe)), TITLE)

    def record(self, seconds: float = LONGEST) -> None:
        """Starts to collect what is shown, in place of an earlier recording. ValueError for more than `LONGEST`."""
        self._recorder = Recorder(seconds)

    @property
    def recorder(self) -> Recorder | None:
        """The last recording, if there is one; it outlives the mirror."""
        return self._recorder

    def close(self) -> None:
        """Leaves the service and lets everything go; frames that still come are shown without an emoji."""
        self._closed = True
        self._service.leave(self)
        self._result, self._recorder = _Result(), None

    def _posed(self, result: _Result, view: View, time: float) -> Pose | None:
        """The pose at this time: fading once the face is gone."""
        if result.pose is None or result.lost is None:
            return result.pose
        gone = (time - result.lost - self._pace.patience) / self._pace.fading
        least = 0.0 if view is View.over else self._pace.faded
        return replace(result.pose, opacity=1 - (1 - least) * min(1.0, max(0.0, gone)))

    # --- On the service's thread ------------------------------------------------------------------------------------

    def _update(self, reader: Reader, pixels: Pixels, time: float) -> None:
        try:
            result = self._looked(reader, pixels, time)
        except Exception:
            self._result = replace(self._result, seen=replace(self._result.seen, message=TROUBLE))
            raise
        now = self._clock()
        updates = (*(update for update in result.updates if now - update < _SPAN), now)
        if not self._closed:
            self._result = replace(result, updates=updates)

    def _looked(self, reader: Reader, pixels: Pixels, time: float) -> _Result:
        """The result after this frame."""
        if self._look_again:
            self._look_again = False
            self._steady.look_again()
        if (relax := self._relax) is not None:
            self._relax = None
            (self._curves.relax if relax else self._curves.stop_relaxing)()
        last, settings = self._result, self.settings
        sighting = self._tracker.follow(pixels, time)
        held, units = last.seen.held, last.seen.units
        if sighting is None:
            lost = time if last.lost is None else last.lost
            message = NO_FACE if time - lost >= self._pace.patience else last.seen.message
            seen = replace(last.seen, faces=0, message=message)
            window = None if last.pose is None else last.pose.window
        else:
            held = self._read(reader, pixels, sighting, time)
            units = self._units.add(held.movements, time)
            lost, window = None, sighting.shown
            seen = Seen(locked=self._steady.locked, faces=self._tracker.faces)
        relaxed = self._curves.relaxed(time)
        if sighting is not None:
            seen = replace(seen, message=self._message(settings))
        decided = self._steady.decide(time)
        if decided is None or window is None or held is None:
            return replace(last, seen=replace(seen, relaxed=relaxed), lost=lost)
        reading, recipe = decided
        shown = _shown(recipe, held, settings)
        recipe = (settings.person or recipe).replace(
            **{name: getattr(recipe, name) for name in LIVE_FIELDS if settings.person},
            **settings.overrides,  # type: ignore[arg-type]
        )
        height, width = pixels.shape[:2]
        puppet = self._puppets.get(
            shown.recipe, sprite_size(settings.view, width, height, window), shown.holding
        )
        seen = replace(
            seen, recipe=recipe, reading=reading, emotion=reading.emotion, held=held, units=units, play=shown.play,
            relaxed=relaxed,
        )  # fmt: skip
        pose = Pose(window, puppet.draw(shown.play), _paper(recipe))
        return _Result(seen, pose, shown, lost, last.updates)

    def _read(self, reader: Reader, pixels: Pixels, sighting: Sighting, time: float) -> Held:
        """Reads as much as is due: what the face does always; who it is, emotion or attributes now and then."""
        crop = _crop(pixels, sighting.window)
        if sighting.is_new:
            self._curves.reset()
            self._leash.reset()
        window = self._leash.add(sighting.window)
        motion = reader.read_motion(_crop(pixels, window))
        roll = math.degrees(cmath.phase(window.half)) + motion.roll
        held = replace(self._curves.add(motion, time), roll=roll)
        steady = self._steady
        if not steady.knows or (not steady.locked and time - self._read_at >= self._pace.identity_every):
            [reading] = reader.read([crop])
            self._read_at = self._felt_at = self._emotion_at = time
            emotion = self._felt(reading.emotion, motion, time)
            steady.read(replace(reading, emotion=emotion), time, sighting.is_good)
        elif time - self._emotion_at >= self._pace.emotion_every:
            self._emotion_at = time
            emotion = self._felt(reader.read_emotion(crop), motion, time)
            steady.feel(emotion, time, mouth_dark=mouth_dark(crop))
        elif time - self._felt_at >= self._pace.features_every:
            # Never with the emotion, so that no update takes twice as long as the others.
            self._felt_at = time
            steady.feel(steady.emotion, time, reader.read_attributes(crop), mouth_dark(crop))
        return held

    def _felt(self, emotion: dict[str, float], motion: Motion, time: float) -> dict[str, float]:
        """The emotion as the person has taught it to be read."""
        lesson, taught = self.lesson, self.settings.taught
        if motion.sureness < SURE:
            return emotion
        if lesson is not None:
            lesson.add(emotion, motion.movements, time)
        return emotion if taught is None else taught.correct(emotion, motion.movements)

    def _message(self, settings: Settings) -> str | None:
        if self._tracker.faces > 1:
            return SEVERAL.format(self._tracker.faces)
        if self._curves.is_relaxing:
            return RELAXING
        return None if self._steady.locked or settings.person else SETTLING


def _shown(recipe: Recipe, held: Held, settings: Settings) -> _Shown:
    """The emoji that plays. What the face does is left to its movements, but for what is chosen."""
    holding = frozenset(name for name in MOVED_BY if name in settings.overrides)
    calm = {name: value for name, value in expression("neutral", "mild").items() if name not in holding}
    person = settings.person or recipe.replace(**calm)
    play = Play.of(held.movements, held.yaw, held.pitch)
    return _Shown(
        person.replace(**settings.overrides),  # type: ignore[arg-type]
        holding,
        play.mirrored() if settings.flip else play,
    )


def _act(result: _Result, flip: bool) -> Act | None:
    """What the emoji does in a result that is shown."""
    shown, pose = result.shown, result.pose
    if shown is None or pose is None:
        return None
    tilt = cmath.phase(pose.window.half)
    return Act(shown.recipe, shown.holding, shown.play, -tilt if flip else tilt)


_SPAN = 2.0
"""Seconds over which updates are counted."""


def _crop(pixels: Pixels, window: Window) -> Pixels:
    """The face's aligned crop, made from the part of the picture around it: a small share of a large picture."""
    reach = 2.5 * abs(window.half)
    left, top = (max(0, int(middle - reach)) for middle in (window.center.real, window.center.imag))
    right, bottom = (int(middle + reach) + 1 for middle in (window.center.real, window.center.imag))
    around = pixels[top:bottom, left:right]
    return crop_of(around, Window(window.center - complex(left, top), window.half))


def _paper(recipe: Recipe) -> tuple[int, int, int]:
    """The emoji's own background color where it has a background."""
    if recipe.background == "none":
        return PAPER
    return channels(FIELDS["background_color"].hex(recipe.background_color))
