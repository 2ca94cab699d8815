"""What somebody writes ("shorter hair, round glasses, no beard, happier") -> the recipe that has it.

The search for choices knows the same words.

The grammar is small. A text is clauses; a clause is things ("hair", "hat") with what is said of them before or after:
kinds ("round"), colors and steps ("shorter"). A refusal ("no", "without") takes what follows it away. wishes.toml has
the words; the labels of choices.toml are understood as well.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.colors import mixed
from core.recipe.choices import FIELDS, GROUPS, NO_COLOR, Field, Value
from core.recipe.expressions import showing
from core.recipe.recipe import Recipe

LONGEST = 500
"""Characters of a text that are read; what comes after them is not understood."""

SHADE = 0.25
"""How far a color that is on no row of shades moves towards white or black."""

_TOKEN = re.compile(r"#[0-9a-f]{6}(?![0-9a-z])|[^\W_]+|[^\w\s]")
_BREAKS = frozenset(",;.:!?/+&|")
_SILENT = frozenset("\"'`()-“”‘’")  # noqa: RUF001 -- what phones put in for quotes
_AXES = ("length", "texture")


@dataclass(frozen=True)
class Thing:
    """What a word stands for; wishes.toml explains its rows."""

    name: str
    words: tuple[str, ...]
    field: str
    add: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    remove: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    color: str = ""
    needs: Mapping[str, Sequence[Value]] = dataclasses.field(default_factory=dict)
    named: bool = False
    but: Sequence[str] = ()
    kinds: Mapping[str, Mapping[str, Value]] = dataclasses.field(default_factory=dict)
    plain: Mapping[str, Value] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A scale along which words move a field, or an axis of the cuts of hair."""

    things: tuple[str, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]
    field: str = ""
    axis: str = ""
    alone: bool = False
    ladders: tuple[tuple[tuple[str, ...], ...], ...] = ()


@dataclass
class Word:
    """All that one phrase may mean; `role` is that of words between the others, "" for none."""

    text: str = ""
    role: str = ""
    thing: str = ""
    kinds: dict[str, Mapping[str, Value]] = dataclasses.field(default_factory=dict)
    noun_of: str = ""
    color: str = ""
    steps: bool = False
    mood: tuple[str, str] | None = None


@dataclass(frozen=True)
class Granted:
    """A wish in plain words, such as "Glasses: Round". is_new: whether it was not so before."""

    field: str
    value: Value
    is_new: bool

    def __str__(self) -> str:
        field = FIELDS[self.field]
        return f"{field.label}: {field.label_of(self.value)}{'' if self.is_new else ' already'}"


@dataclass(frozen=True)
class Outcome:
    """What became of a text. recipe: the one that was given when nothing was understood.
    granted: the wishes that were understood; missed: the words that were not, in plain spelling."""

    recipe: Recipe
    granted: tuple[Granted, ...]
    missed: tuple[str, ...]

    @property
    def understood(self) -> tuple[str, ...]:
        """Each wish that was understood, in plain words."""
        return tuple(map(str, self.granted))


def grant(recipe: Recipe, text: str) -> Outcome:
    """The recipe with what a text in English asks for; never raises, whatever the text."""
    reader = _Reader(recipe)
    kept, rest = text[:LONGEST], text[LONGEST:].strip()
    for clause in _clauses(_words(kept)):
        reader.read(clause)
    reader.finish()
    missed = [*reader.missed, *([rest] if rest else [])]
    return Outcome(reader.recipe, tuple(dict.fromkeys(reader.granted)), tuple(dict.fromkeys(missed)))


def search(text: str) -> dict[str, tuple[str, ...]]:
    """{field: its values} that a text names, by their labels or by other words for them, in the table's order.

    Every word of the text must begin a word of the value, of its field or of the field's group. A field of yes or no
    has no values. Nothing is found for a text without letters and digits.
    """
    sought = [token for token in _tokens(text[:LONGEST]) if token[0].isalnum() or token[0] == "#"]
    found: dict[str, tuple[str, ...]] = {}
    for name, (own, values) in _index().items() if sought else ():
        if _names(own, sought):
            found[name] = tuple(values)
        elif some := tuple(value for value, words in values.items() if _names(own | words, sought)
                           and _names(words, sought, every=False)):  # fmt: skip
            found[name] = some
    return found


# --- Words ----------------------------------------------------------------------------------------------------------


def _tokens(text: str) -> list[str]:
    spellings = _table()["spellings"]
    plain = text.casefold().replace("'", "").replace("’", "")  # noqa: RUF001
    tokens = (token for token in _TOKEN.findall(plain) if token not in _SILENT)
    return [spellings.get(token, token) for token in tokens]


def _words(text: str) -> Iterator[Word]:
    """The longest phrases that are known, one after the other; a Word without any meaning for each unknown word."""
    known, tokens, at = _lexicon(), _tokens(text), 0
    while at < len(tokens):
        if tokens[at] in _BREAKS:
            yield Word(tokens[at], role="end")
            at += 1
            continue
        for length in range(min(_longest(), len(tokens) - at), 0, -1):
            word = known.get(tuple(tokens[at : at + length]))
            if word is not None:
                yield word
                at += length
                break
        else:
            color = tokens[at] if tokens[at].startswith("#") and len(tokens[at]) == 7 else ""
            yield Word(tokens[at], color=color)
            at += 1


@dataclass
class _Clause:
    """joined: whether "and" or "or" stands before it, and not a comma."""

    words: list[Word]
    joined: bool


def _clauses(words: Iterable[Word]) -> Iterator[_Clause]:
    clause = _Clause([], False)
    for word in words:
        if word.role in ("end", "join"):
            joined = word.role == "join" and (clause.joined or bool(clause.words))
            if clause.words:
                yield clause
                clause = _Clause([], joined)
            else:
                clause.joined = joined
        elif word.role != "filler":
            clause.words.append(word)
    if clause.words:
        yield clause


@functools.cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "wishes.toml").read_text("utf-8"))


@functools.cache
def things() -> dict[str, Thing]:
    """The things of wishes.toml by their names, the labels of their choices among their kinds."""
    rows = {}
    for name, row in _table()["things"].items():
        labels = {
            _plain(label): {row["field"]: value}
            for value, label in FIELDS[row["field"]].choices.items()
            if FIELDS[row["field"]].kind == "choice" and value != NO_COLOR
        }
        known = {_plain(words): changes for words, changes in row.get("kinds", {}).items()}
        kinds = (labels if "add" not in row or "kinds" in row or row.get("named") else {}) | known
        rows[name] = Thing(name, **{**row, "words": tuple(row["words"]), "kinds": kinds})
    return rows


@functools.cache
def steps() -> tuple[Step, ...]:
    """The scales of wishes.toml."""
    return tuple(
        Step(
            tuple(row["things"]),
            tuple(row["up"]),
            tuple(row["down"]),
            row.get("field", ""),
            row.get("axis", ""),
            row.get("alone", False),
            tuple(tuple(tuple(rung.split()) for rung in ladder) for ladder in row.get("ladders", ())),
        )
        for row in _table()["steps"]
    )


def _plain(text: str) -> str:
    return " ".join(token for token in _tokens(text) if token not in _BREAKS)


@functools.cache
def _lexicon() -> dict[tuple[str, ...], Word]:
    table, words = _table(), _Lexicon()
    for role, texts in (("end", "ends"), ("join", "joins"), ("refuse", "refusals"), ("offer", "offers"),
                        ("strong", "strong"), ("filler", "fillers")):  # fmt: skip
        for text in table[texts]:
            words[text].role = role
    for thing in things().values():
        for text in thing.words:
            words[text].thing = thing.name
        for text, changes in thing.kinds.items():
            words[text].kinds[thing.name] = changes
            if thing.named and text not in map(_plain, thing.but):
                words[text].noun_of = thing.name
    for color in (*_colors(), *table["colors"]):
        words[color].color = _plain(color)
    for moods, strength in (("moods", "mild"), ("strong_moods", "strong")):
        for emotion, texts in table[moods].items():
            for text in texts:
                words[text].mood = (emotion, strength)
    for scale in (*table["steps"], table["shading"]):
        for text in (*scale["up"], *scale["down"]):
            words[text].steps = True
    return words.with_plurals()


class _Lexicon(dict[tuple[str, ...], Word]):
    """{phrase's words: what it means}."""

    def __getitem__(self, text: str | tuple[str, ...]) -> Word:
        key = tuple(_plain(text).split()) if isinstance(text, str) else text
        return self.setdefault(key, Word(" ".join(key)))

    def with_plurals(self) -> _Lexicon:
        """The same with plurals in -s, and with the singulars of words that end so."""
        for phrase, word in list(self.items()):
            if word.role:
                continue
            last = phrase[-1]
            other = last[:-1] if last.endswith("s") and not last.endswith("ss") else f"{last}s"
            if other:
                self.setdefault((*phrase[:-1], other), word)
        return self


@functools.cache
def _longest() -> int:
    return max(map(len, _lexicon()))


@functools.cache
def _colors() -> dict[str, str]:
    """{name in plain words: #rrggbb} of all palettes of choices.toml; of colors with the same name that of a fabric."""
    fields = sorted(FIELDS.values(), key=lambda field: field.name == "clothes_color")
    swatches = [item for field in fields for item in field.palette.items()]
    return {
        _plain(text): swatch.hex
        for name, swatch in swatches
        for text in (name.replace("_", " "), swatch.label)
    }


@functools.cache
def _color_of(name: str, text: str) -> str:
    """The value of a color's field that a color's name in plain words stands for."""
    field = FIELDS[name]
    own = {_plain(words): value for value, swatch in field.palette.items()
           for words in (value.replace("_", " "), swatch.label)}  # fmt: skip
    if text in own:
        return own[text]
    known = {_plain(words): value for words, value in _table()["colors"].items()}
    other = _plain(known.get(text, text).replace("_", " "))
    return own.get(other) or _colors().get(other) or other


# --- The grammar ------------------------------------------------------------------------------------------------------


@dataclass
class _Said:
    """A word that is said of a thing. times: how many steps; refused: whether a "no" stands before it."""

    word: Word
    times: int
    refused: bool


@dataclass
class _Group:
    """A thing and what is said of it, in the order of the text."""

    thing: Thing
    text: str
    refused: bool
    said: list[_Said] = dataclasses.field(default_factory=list)


class _Reader:
    """Reads clause after clause; what it has understood so far is in `recipe`."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.granted: list[Granted] = []
        self.missed: list[str] = []
        self._waiting: list[_Said] = []
        self._last: Thing | None = None
        self._refusing = False

    def read(self, clause: _Clause) -> None:
        # "long and curly hair": what was said of nothing waits for the thing after the "and".
        if not clause.joined:
            self.finish()
        groups = self._groups(clause)
        if not groups:
            return
        rest = []
        for said in self._waiting:
            if _fits(groups[-1].thing, said.word):
                groups[-1].said.append(said)
            else:
                rest.append(said)
        self._waiting = rest
        self.finish()
        for group in groups:
            self._apply(group)
        self._last = groups[-1].thing

    def finish(self) -> None:
        """Settles what waits for a thing: it is said of the last one, or of the whole face."""
        for said in self._waiting:
            if self._last is not None and not said.refused and _fits(self._last, said.word):
                self._apply(_Group(self._last, said.word.text, False, [said]))
            elif said.word.mood is not None:
                self._show(*said.word.mood, said)
            elif not (said.word.steps and not said.refused and self._step(None, said)):
                self.missed.append(said.word.text)
        self._waiting = []

    def _groups(self, clause: _Clause) -> list[_Group]:
        """The things of a clause, each with what is said before it; what is said after the last one waits."""
        groups: list[_Group] = []
        # "no beard or glasses" wants neither, "no beard and round glasses" wants glasses.
        bare = all(word.role or word.thing or word.noun_of for word in clause.words)
        refused = self._refusing and clause.joined and bare
        times = 1
        for number, word in enumerate(clause.words):
            if word.role in ("refuse", "offer"):
                refused = word.role == "refuse"
            elif word.role == "strong":
                times = 2
            elif (thing := _noun(word, clause.words[number + 1 :])) is not None:
                said = [_Said(word, 1, refused)] if word.thing != thing.name else []
                if said and groups and groups[-1].thing is thing:
                    groups[-1].said += said
                else:
                    before = [waiting for waiting in self._waiting if _fits(thing, waiting.word)]
                    self._waiting = [waiting for waiting in self._waiting if waiting not in before]
                    groups.append(_Group(thing, word.text, refused, said + before))
            elif word.kinds or word.color or word.steps or word.mood:
                self._waiting.append(_Said(word, times, refused))
                times = 1
            else:
                self.missed.append(word.text)
        self._refusing = refused
        return groups

    def _apply(self, group: _Group) -> None:
        changes = self._refusal(group) if group.refused else self._changes(group)
        moves = [said for said in group.said if _moves(group.thing, said.word)]
        if not changes and not moves:
            self.missed.append(" ".join([*(said.word.text for said in group.said), group.text]))
            return
        if changes:
            self._take(changes, group.thing.field)
        for said in moves:
            self._step(group.thing, said)

    def _refusal(self, group: _Group) -> dict[str, Value]:
        thing = group.thing
        if not group.said:
            return dict(thing.remove)
        if thing.plain:
            asked = {name for said in group.said for name in said.word.kinds.get(thing.name, {})}
            return dict(thing.plain) if asked & set(thing.plain) else {}
        return dict(thing.remove)

    def _changes(self, group: _Group) -> dict[str, Value]:
        thing = group.thing
        changes: dict[str, Value] = {}
        for said in group.said:
            if thing.name in said.word.kinds:
                changes |= said.word.kinds[thing.name]
            elif said.word.color and thing.color:
                changes[thing.color] = _color_of(thing.color, said.word.color)
        moved = [said.word for said in group.said if _moves(thing, said.word)]
        missing = thing.remove and all(
            getattr(self.recipe, name) == value for name, value in thing.remove.items()
        )
        shows = missing and thing.field not in changes and not any(_on_ladder(thing, word) for word in moved)
        if shows or not (changes or moved):
            changes = {**thing.add, **changes}
        if changes:
            for name, allowed in thing.needs.items():
                value = changes.get(name, getattr(self.recipe, name))
                if name not in changes and value not in allowed and ("*" not in allowed or value == NO_COLOR):
                    changes[name] = allowed[0]
        return changes

    def _take(self, changes: Mapping[str, Value], main: str) -> None:
        """Changes the recipe; tells what became of it, of the main field too when nothing is new."""
        changes = dict(changes)
        length, texture = (changes.pop(axis, None) for axis in _AXES)
        if length is not None or texture is not None:
            hair = str(changes.get("hair", self.recipe.hair))
            changes["hair"] = _cut(
                hair, None if length is None else str(length), None if texture is None else str(texture)
            )
        before, self.recipe = self.recipe, self.recipe.replace(**changes)
        new = [name for name in changes if getattr(before, name) != getattr(self.recipe, name)]
        for name in new or [main if main in changes else next(iter(changes))]:
            self.granted.append(Granted(name, getattr(self.recipe, name), bool(new)))

    def _show(self, emotion: str, strength: str, said: _Said) -> None:
        if said.refused:
            emotion, strength = "neutral", "mild"
        shown = showing(self.recipe, emotion, "strong" if said.times > 1 else strength)
        self._take({name: getattr(shown, name) for name in ("mouth", "eyes", "brows")}, "mouth")

    def _step(self, thing: Thing | None, said: _Said) -> bool:
        """Moves what a step is of; False if there is nothing such."""
        before, found = self.recipe, {}
        for step in steps():
            if said.word.text in step.up + step.down and (
                step.alone if thing is None else thing.name in step.things
            ):
                by = said.times if said.word.text in step.up else -said.times
                name = step.field or "hair"
                found[name] = (
                    _recut(before.hair, step.axis, by)
                    if step.axis
                    else _moved(step, getattr(before, name), by)
                )
        if not found and thing is not None and thing.color:
            value = getattr(before, thing.color)
            if value != NO_COLOR:
                by = said.times if said.word.text in _table()["shading"]["up"] else -said.times
                found[thing.color] = _shaded(FIELDS[thing.color], value, by)
        if found:
            self._take(found, next(iter(found)))
        return bool(found)


def _noun(word: Word, later: Sequence[Word]) -> Thing | None:
    """The thing that a word stands for, or that its kind is of; None if it is said of a thing that comes later."""
    name = word.thing or word.noun_of
    if not name or any(other.thing in word.kinds for other in later):
        return None
    return things()[name]


def _fits(thing: Thing, word: Word) -> bool:
    return thing.name in word.kinds or bool(word.color and thing.color) or _moves(thing, word)


def _moves(thing: Thing, word: Word) -> bool:
    if not word.steps or thing.name in word.kinds:
        return False
    shading = _table()["shading"]
    return _on_ladder(thing, word) or bool(thing.color and word.text in shading["up"] + shading["down"])


def _on_ladder(thing: Thing, word: Word) -> bool:
    return any(thing.name in step.things and word.text in step.up + step.down for step in steps())


def _moved(step: Step, value: str, by: int) -> str:
    """A value some rungs further on the first ladder that has it and goes on; itself where there is none."""
    for ladder in step.ladders:
        for at, rung in enumerate(ladder):
            to = min(max(at + by, 0), len(ladder) - 1)
            if value in rung and to != at:
                return ladder[to][0]
    return value


def _shaded(field: Field, value: str, by: int) -> str:
    for row in _table()["shading"]["shades"]:
        if value in row and field.palette.keys() >= set(row) and 0 <= row.index(value) + by < len(row):
            shade: str = row[row.index(value) + by]
            return shade
    return mixed(field.hex(value), "#ffffff" if by > 0 else "#000000", min(SHADE * abs(by), 1))


@functools.cache
def _cuts() -> dict[str, list[list[str]]]:
    """{texture: the cuts of each length}."""
    return {texture: [rung.split() for rung in rungs] for texture, rungs in _table()["hair"]["cuts"].items()}


@functools.cache
def _place(hair: str) -> tuple[str, int]:
    """A cut's texture, and its length as a number from 0."""
    [place] = [(t, n) for t, rungs in _cuts().items() for n, rung in enumerate(rungs) if hair in rung]
    return place


def _cut(hair: str, length: str | None, texture: str | None) -> str:
    """The cut of this length and texture, or of the next length that there is; what is None stays as it was."""
    lengths: list[str] = _table()["hair"]["lengths"]
    own_texture, own_length = _place(hair)
    texture = own_texture if texture is None else texture
    wanted = own_length if length is None else lengths.index(length)
    if texture == own_texture and wanted == own_length:
        return hair
    rungs = _cuts()[texture]
    nearest = min((n for n, rung in enumerate(rungs) if rung), key=lambda n: (abs(n - wanted), -n))
    return rungs[nearest][0] if (texture, nearest) != (own_texture, own_length) else hair


def _recut(hair: str, axis: str, by: int) -> str:
    """A cut that is some steps longer or, along the other axis, curlier."""
    texture, at = _place(hair)
    if axis == "texture":
        order: list[str] = _table()["hair"]["smoothest_first"]
        if texture not in order:
            return hair
        return _cut(hair, None, order[min(max(order.index(texture) + by, 0), len(order) - 1)])
    for row in (_cuts()[texture], _cuts()["straight"]):
        there = [n for n, rung in enumerate(row) if rung and (n - at) * by > 0]
        if there:
            return row[sorted(there, key=lambda n: abs(n - at))[min(abs(by), len(there)) - 1]][0]
    return hair


# --- Search -----------------------------------------------------------------------------------------------------------


def _names(words: frozenset[str], sought: Sequence[str], every: bool = True) -> bool:
    return (all if every else any)(any(word.startswith(part) for word in words) for part in sought)


@functools.cache
def _index() -> dict[str, tuple[frozenset[str], dict[str, frozenset[str]]]]:
    """{field: (words for it, {value: words for it})}."""
    index: dict[str, tuple[set[str], dict[str, set[str]]]] = {
        name: (
            set(_tokens(f"{field.label} {GROUPS[field.group]}")),
            {value: set(_tokens(label)) for value, label in field.choices.items()},
        )
        for name, field in FIELDS.items()
    }
    for thing in things().values():
        for name in {thing.field, thing.color} - {""}:
            # What has no kinds, such as "goatee", is itself one of a choice's values.
            if thing.kinds or FIELDS[name].kind != "choice":
                index[name][0].update(_tokens(" ".join(thing.words)))
        for changes, text in [(thing.add, " ".join(thing.words)), *((c, t) for t, c in thing.kinds.items())]:
            for name, value in changes.items():
                if name in index and value in index[name][1]:
                    index[name][1][str(value)].update(_tokens(text))
                elif name == "texture":
                    for cut in (cut for rung in _cuts()[str(value)] for cut in rung):
                        index["hair"][1][cut].update(_tokens(text))
    return {
        name: (frozenset(own), {value: frozenset(words) for value, words in values.items()})
        for name, (own, values) in index.items()
    }
