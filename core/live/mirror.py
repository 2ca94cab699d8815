"""Live: a frame and its time in, a frame out, in which your emoji does as you do.

    service = Service(Reader)                 # one for the whole server
    mirror = Mirror(service, Settings())      # one for every camera
    shown = mirror.frame(pixels, time)

`frame` never waits for a model. It offers the picture to the service, where it takes the place of the one before, and
draws the newest result on the newest picture. Everything that takes longer (finding, reading, deciding, drawing a new
emoji) happens on the service's thread and is published as one frozen object.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.colors import channels
from core.drawing.png import draw_png
from core.errors import SelfmojiError
from core.live.clips import Kind, Recorder, Recording
from core.live.service import Service
from core.live.sprites import SpriteCache
from core.live.steady import PACE, Pace, Steady
from core.live.tracking import Sighting, Tracker
from core.live.views import PAPER, Pose, View, compose, sprite_size
from core.models.weights import WeightsError
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe
from core.seeing.face import crop_of
from core.seeing.measurements import mouth_dark
from core.seeing.reading import Reader, Reading
from core.seeing.windows import Window

__all__ = ["Mirror", "MirrorError", "Recording", "Seen", "Settings", "View"]

STARTING = "The models are loading. This takes a few seconds."
NO_FACE = "No face to be seen. Look at the camera, with light on your face."
SEVERAL = "{} faces in the picture. The emoji stays with one of them."
SETTLING = "Look straight at the camera for a second, so that your emoji can take shape."
TROUBLE = "Something went wrong with this picture. If it stays so, stop the camera and start it again."

Pixels = NDArray[np.uint8]


class MirrorError(SelfmojiError):
    """Something that cannot be done now; the message says what to do first."""


@dataclass(frozen=True)
class Settings:
    """What somebody chose. flip: as a mirror shows it; overrides: {field of Recipe: value}, whatever the face says.

    Raises RecipeError when a recipe cannot have an override.
    """

    view: View = View.beside
    flip: bool = True
    overrides: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Recipe().replace(**self.overrides)  # type: ignore[arg-type]
        object.__setattr__(self, "overrides", MappingProxyType(dict(self.overrides)))


@dataclass(frozen=True)
class Seen:
    """What the mirror knows. recipe and reading: of the last face; emotion: smoothed over a few frames; locked: who it
    is stays as it is until `look_again`; faces: in the picture when they were last counted; message: what somebody
    should know or do, if anything; updates_per_second: over the last two seconds."""

    recipe: Recipe | None = None
    reading: Reading | None = None
    emotion: dict[str, float] | None = None
    locked: bool = False
    faces: int = 0
    message: str | None = STARTING
    updates_per_second: float = 0.0


@dataclass(frozen=True)
class _Result:
    """What the worker publishes, as one object, so that no thread sees half of it.

    lost: time since which no face is seen; updates: clock times of the last ones.
    """

    seen: Seen = Seen()
    pose: Pose | None = None
    lost: float | None = None
    updates: tuple[float, ...] = ()


class Mirror:
    """One camera's mirror. `frame` is called by one thread, everything else by any."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._service = service
        self._pace = pace
        self._clock = clock
        self._result = _Result()
        self._recorder: Recorder | None = None
        self._closed = False
        # Only the service's thread touches what follows, but for the wish to look again.
        self._tracker = Tracker(pace)
        self._steady = Steady(pace)
        self._sprites = SpriteCache()
        self._look_again = False
        self._read_at = self._felt_at = -math.inf

    def frame(self, pixels: Pixels, time: float) -> Pixels:
        """The frame to show for uint8 RGB (H, W, 3) at this time, seconds; `pixels` must not be changed afterwards."""
        if not self._closed:
            self._service.submit(self, lambda reader: self._update(reader, pixels, time))
        settings = self.settings
        shown = compose(pixels, settings.view, settings.flip, self._posed(self._result, settings.view, time))
        recorder = self._recorder
        if recorder is not None:
            recorder.add(shown, time)
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

    def snapshot(self, size: int = 512) -> bytes:
        """The emoji as it is now, a PNG of size x size pixels; MirrorError when there is none yet."""
        recipe = self._result.seen.recipe
        if recipe is None:
            raise MirrorError("There is no emoji yet. Look at the camera first.")
        return draw_png(recipe, size)

    def record(self, seconds: float) -> None:
        """Starts to collect what is shown, in place of an earlier recording. ValueError for more than 10 seconds."""
        self._recorder = Recorder(seconds)

    @property
    def recording(self) -> Recording | None:
        """How far the last recording is, if there is one."""
        recorder = self._recorder
        return None if recorder is None else recorder.recording

    def clip(self, kind: Kind) -> bytes:
        """The last recording as an animation; MirrorError when there is none."""
        recorder = self._recorder
        if recorder is None or not recorder.recording.progress:
            raise MirrorError("Nothing is recorded yet. Start a recording while the camera runs.")
        return recorder.clip(kind)

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
        last = self._result
        sighting = self._tracker.follow(pixels, time)
        if sighting is None:
            lost = time if last.lost is None else last.lost
            message = NO_FACE if time - lost >= self._pace.patience else last.seen.message
            seen = replace(last.seen, faces=0, message=message)
            window = None if last.pose is None else last.pose.window
        else:
            self._read(reader, pixels, sighting, time)
            lost, window = None, sighting.shown
            seen = Seen(locked=self._steady.locked, faces=self._tracker.faces, message=self._message())
        decided = self._steady.decide(time)
        if decided is None or window is None:
            return replace(last, seen=seen, lost=lost)
        reading, recipe = decided
        settings = self.settings
        recipe = recipe.replace(**settings.overrides)  # type: ignore[arg-type]
        height, width = pixels.shape[:2]
        sprite = self._sprites.get(recipe, sprite_size(settings.view, width, height, window))
        seen = replace(seen, recipe=recipe, reading=reading, emotion=reading.emotion)
        return _Result(seen, Pose(window, sprite, _paper(recipe)), lost, last.updates)

    def _read(self, reader: Reader, pixels: Pixels, sighting: Sighting, time: float) -> None:
        """Reads as much as is due: everything, or emotion and attributes, or emotion alone."""
        crop = _crop(pixels, sighting.window)
        steady = self._steady
        if not steady.knows or (not steady.locked and time - self._read_at >= self._pace.identity_every):
            [reading] = reader.read([crop])
            self._read_at = self._felt_at = time
            steady.read(reading, time, sighting.is_good)
            return
        due = time - self._felt_at >= self._pace.features_every
        attributes = reader.read_attributes(crop) if due else None
        if due:
            self._felt_at = time
        steady.feel(reader.read_emotion(crop), time, attributes, mouth_dark(crop))

    def _message(self) -> str | None:
        if self._tracker.faces > 1:
            return SEVERAL.format(self._tracker.faces)
        return None if self._steady.locked else SETTLING


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
