"""What one visitor has on the pages: a single `Session`, in this server's memory for as long as the browser stays.

An emoji, the face it was made from and what the models saw there are one `Draft`. A draft has a name that stands in the
page's address beside its recipe (address.py), so that the browser's Back finds all of it again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.parts.camera import Camera
from pages.parts.queue import Turn

if TYPE_CHECKING:
    from core import Reading, Recipe
    from core.extras.stickers import Sticker
    from core.live.clips import Recorder
    from core.live.curves import Rest
    from core.live.teaching import Correction, Lesson
    from core.live.teaching import Outcome as Learnt
    from core.live.views import View
    from core.recipe.wishes import Outcome
    from pages.parts.making import Making

LATEST = 12
"""Photos whose drafts are kept; the one that was used longest ago goes first."""

STEPS = 50
"""Changes that can be undone."""

_NAME = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,2})")


@dataclass(frozen=True)
class DraftName:
    """origin: of all drafts from the same photo or the same look into the mirror; "" for what a bare link brought.
    face: which face of the photo, from 0."""

    origin: str = ""
    face: int = 0

    @classmethod
    def from_text(cls, text: str) -> DraftName:
        """Reads what `str` wrote; a bare link's name for any other text."""
        found = _NAME.fullmatch(text)
        return cls(found[1], int(found[2])) if found else cls()

    def __str__(self) -> str:
        return f"{self.origin}-{self.face}" if self.origin else ""


@dataclass
class Draft:
    """One face's emoji. start: what was seen, or what a link brought; recipe: what it is now.
    reading: what the models saw; photo: the face as JPEG; None without either.
    suggested: (label, recipe) of emojis to begin with instead. cut_off: whether the photo ends in the hair.
    past, future: the recipes before this one and after it, the nearest last. fresh: whether nobody has seen it yet."""

    start: Recipe
    recipe: Recipe
    reading: Reading | None = None
    photo: bytes | None = None
    suggested: tuple[tuple[str, Recipe], ...] = ()
    cut_off: bool = False
    past: list[Recipe] = field(default_factory=list, compare=False)
    future: list[Recipe] = field(default_factory=list, compare=False)
    fresh: bool = field(default=False, compare=False)

    def change(self, recipe: Recipe) -> None:
        """Makes this its recipe; `undo` takes that back, for the last `STEPS` changes."""
        if recipe == self.recipe:
            return
        self.past = [*self.past, self.recipe][-STEPS:]
        self.future = []
        self.recipe = recipe

    def undo(self) -> None:
        """Goes back to the recipe before the last change, if there is one."""
        if self.past:
            self.future.append(self.recipe)
            self.recipe = self.past.pop()

    def redo(self) -> None:
        """Makes the change again that `undo` took back last, if there is one."""
        if self.future:
            self.past.append(self.recipe)
            self.recipe = self.future.pop()


@dataclass
class Desk:
    """The photo page's. incoming: a photo that has just come; turn: the photo that waits to be read, or is read by now;
    problem: what to tell about the last one; uploads: counts those that were given a turn, since a new uploader has
    forgotten what went wrong with the one before; editing: whether the editor is open; granted: what became of the last
    change that was asked for in words."""

    incoming: bytes | Literal["sample"] | None = None
    turn: Turn[list[Draft]] | None = None
    problem: str | None = None
    uploads: int = 0
    editing: bool = False
    granted: Outcome | None = None
    camera: Camera = field(default_factory=Camera)

    def give_up_turn(self) -> None:
        """Takes a photo that waits out of the queue."""
        if self.turn is not None:
            self.turn.leave()
            self.turn = None


@dataclass
class Take:
    """A recording on its way. begin: monotonic time at which the countdown ends; recorder: once it has begun."""

    begin: float
    recorder: Recorder | None = None


@dataclass
class Kept:
    """A snapshot or a recording that was made. files: {kind: file}; chosen: the kind that is shown; recorder: what
    other kinds are made from; making: one of them on its way."""

    files: dict[str, bytes]
    chosen: str
    recorder: Recorder | None = None
    making: Making | None = None


@dataclass
class Glass:
    """The mirror page's. view: None until the page has been open; shape: height and width of the shown video, pixels;
    known: whether the mirror knows whom it sees; emotion: what its bars showed last, {emotion: probability},
    and units those of its action units, {code: 0 to 1};
    mine: whether the visitor's emoji plays, where there is one; rest: the visitor's face at rest, once it was measured;
    take: the recording on its way; takes: the last ones, {"snapshot" or "recording": it}; takes_kept: the count of all;
    lesson, outcome: the faces that are being shown to the mirror, and what was learnt of them;
    taught: what the visitor's browser keeps of that, kept_text: as it stands there; to_keep: what it is to keep next,
    with a number that counts these;
    latest: the count with the one that was made since the page was opened, which is brought into view.
    """

    camera: Camera = field(default_factory=Camera)
    view: View | None = None
    flip: bool = True
    shape: tuple[int, int] | None = None
    known: bool = False
    emotion: Mapping[str, float] | None = None
    units: Mapping[str, float] | None = None
    mine: bool = True
    rest: Rest | None = None
    take: Take | None = None
    takes: dict[str, Kept] = field(default_factory=dict)
    takes_kept: int = 0
    latest: int | None = None
    lesson: Lesson | None = None
    outcome: Learnt | None = None
    taught: Correction | None = None
    kept_text: str = ""
    to_keep: tuple[int, str] = (0, "")


@dataclass(frozen=True)
class Order:
    """What a pack of stickers is made of. target: the name of where it goes, "" for any messenger."""

    name: str
    recipe: Recipe
    stickers: tuple[Sticker, ...]
    target: str


@dataclass
class Sheet:
    """The sticker page's. ticks: {sticker: chosen}, shown in widgets of this `round`; previews and animation: data URIs
    of `drawn`'s stickers; moving_previews: {sticker of `drawn_moving`: data URIs of it moving, and at rest}; name:
    of the pack, `first_name` when the page was opened; pack: the last ZIP."""

    ticks: dict[str, bool] = field(default_factory=dict)
    round: int = 0
    drawn: Recipe | None = None
    drawn_stickers: Sequence[Sticker] = ()
    previews: dict[str, str] = field(default_factory=dict)
    animation: str = ""
    drawn_moving: Sequence[Sticker] = ()
    moving_previews: dict[str, tuple[str, str]] = field(default_factory=dict)
    name: str = "Selfmoji"
    first_name: str = "Selfmoji"
    target: str = ""
    first_target: str = ""
    caption: str = ""
    first_caption: str = ""
    wanted: bool = False
    pack: tuple[Order, bytes] | None = None


@dataclass
class Session:
    """page: the path of the page that was run last. offer: what the mirror sees, for whoever follows its link.
    shown: the name of the draft that is the visitor's emoji; ahead: whether the page's address does not say so yet."""

    page: str | None = None
    desk: Desk = field(default_factory=Desk)
    glass: Glass = field(default_factory=Glass)
    sheet: Sheet = field(default_factory=Sheet)
    offer: tuple[DraftName, Draft] | None = None
    shown: DraftName | None = None
    ahead: bool = False
    _drafts: dict[str, dict[int, Draft]] = field(default_factory=dict)

    @property
    def draft(self) -> Draft | None:
        """The visitor's emoji; None before there is one."""
        return None if self.shown is None else self._drafts[self.shown.origin][self.shown.face]

    @property
    def faces(self) -> dict[DraftName, Draft]:
        """All drafts from the shown one's photo, face by face; those of a photo that is gone are not among them."""
        if self.shown is None:
            return {}
        origin = self.shown.origin
        of_photo = sorted(self._drafts[origin].items())
        return {DraftName(origin, face): draft for face, draft in of_photo if draft.photo is not None}

    def add(self, drafts: Sequence[Draft]) -> None:
        """Keeps one draft for each face of a new photo, and shows the first, whatever the address says by now."""
        origin = _new_origin()
        self._drafts[origin] = dict(enumerate(drafts))
        self.show(DraftName(origin))
        self.ahead = True

    def show(self, name: DraftName) -> None:
        """Makes a kept draft the one that is shown; KeyError for one that is not kept."""
        self._drafts[name.origin] = self._drafts.pop(name.origin)
        self.shown = name
        while len(self._drafts) > LATEST:
            del self._drafts[next(iter(self._drafts))]

    def open(self, name: DraftName, recipe: Recipe) -> None:
        """Shows this recipe in the draft of this name: a kept one, a new one without a photo, or the mirror's offer,
        which opens the editor."""
        of_origin = self._drafts.setdefault(name.origin, {})
        if self.offer is not None and self.offer[0] == name:
            of_origin[name.face], self.offer = self.offer[1], None
            self.desk.editing = True
        of_origin.setdefault(name.face, Draft(recipe, recipe)).change(recipe)
        self.show(name)

    def make_offer(self, draft: Draft) -> DraftName:
        """Keeps what the mirror sees by now at hand; its name stays until the offer is taken up."""
        name = self.offer[0] if self.offer else DraftName(_new_origin())
        self.offer = (name, draft)
        return name

    def turn_to(self, page: str) -> None:
        """Notes which page is run. Whoever leaves a page leaves its camera turned off."""
        if page == self.page:
            return
        self.page = page
        self.desk.camera.switch_off()
        self.desk.incoming = None
        self.desk.give_up_turn()
        self.glass.camera.switch_off()
        self.glass.take = None
        self.glass.lesson = None
        self.glass.latest = None
        self.sheet.first_name = self.sheet.name
        self.sheet.first_target = self.sheet.target
        self.sheet.first_caption = self.sheet.caption


def current_session() -> Session:
    """The session of the visitor for whom Streamlit runs the page."""
    state = st.session_state
    if "session" not in state:
        state.session = Session()
    session: Session = state.session
    return session


def _new_origin() -> str:
    # At random, so that the names in a browser's history never mean a draft of a later session.
    return secrets.token_hex(4)
