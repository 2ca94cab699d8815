"""Teaching the mirror one's own expressions. What comes of it is kept in the visitor's browser; this server has it in
memory while the visitor is here, since it reads the emotion."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import SelfmojiError
from core.recipe.expressions import showing
from core.recipe.names import EMOTIONS
from core.recipe.recipe import Recipe
from pages.parts.editor import describe, picture
from pages.parts.language import N_, _, told
from pages.parts.notices import problem
from pages.parts.session import current_session

if TYPE_CHECKING:
    from core.live.mirror import Mirror
    from core.live.teaching import Lesson, Outcome

_HERE = Path(__file__).parent

_keeper = st.components.v2.component(
    "selfmoji_teacher",
    html=(_HERE / "teacher.html").read_text("utf-8"),
    css=(_HERE / "taker.css").read_text("utf-8"),
    js=(_HERE / "teacher.js").read_text("utf-8"),
)

ABOUT = N_(
    "Does it take you for sad when you are not? Show it seven faces, two seconds each. It learns from numbers alone, "
    "never from pictures, and what it learns is kept in this browser. The server uses it in memory while you are here."
)
TAUGHT = N_("The mirror goes by what you taught it.")
LOST = N_("What this browser or your file holds could not be used.")


def show_teacher(mirror: Mirror) -> None:
    """Part of the panel, which is run again and again."""
    glass = current_session().glass
    with st.expander(_("Teach it your expressions"), icon=":material/school:"):
        st.caption(_(ABOUT if glass.taught is None else TAUGHT))
        _keep_in_browser()
        if glass.lesson is None:
            _begin(mirror)
        elif glass.outcome is not None:
            _show_outcome(mirror, glass.outcome)
        else:
            mirror.lesson = glass.lesson
            _show_lesson(mirror, glass.lesson)


def _keep_in_browser() -> None:
    """Takes what the browser has, or a file that the visitor chose."""
    from core.live.teaching import Correction, TeachingError

    glass = current_session().glass
    number, text = glass.to_keep
    kept = _keeper(
        key="teacher", data={"number": number, "text": text, "words": _words()}, on_kept_change=lambda: None
    ).kept
    if not isinstance(kept, str):
        return
    if kept != glass.kept_text:
        glass.kept_text = kept
        try:
            glass.taught = Correction.from_text(kept) if kept else None
        except TeachingError:
            glass.taught = None
        st.rerun()
    if kept and glass.taught is None:
        problem(_("Please teach the mirror your faces again."), _(LOST))


def _words() -> dict[str, str]:
    """What stands on the buttons and is said beside them, for teacher.js."""
    return {
        "export": _("Save as a file"),
        "import": _("Open a file"),
        "forget": _("Forget it"),
        "file": _("A file that “Save as a file” wrote"),
        "no_file": _("This file holds no expressions of Selfmoji. Choose one that “Save as a file” wrote."),
        "no_storage": _("This browser keeps nothing for this page. It is forgotten when you leave."),
    }


def _begin(mirror: Mirror) -> None:
    def begin() -> None:
        from core.live.teaching import Lesson

        current_session().glass.lesson = mirror.lesson = Lesson()

    st.button(_("Begin"), icon=":material/play_arrow:", key="lesson_begin", on_click=begin)


def _show_lesson(mirror: Mirror, lesson: Lesson) -> None:
    glass = current_session().glass
    missing = lesson.missing
    if not missing:
        try:
            glass.outcome = lesson.learn()
        except SelfmojiError as error:
            problem(told(error))
        mirror.lesson = None
        st.rerun()
    emotion = lesson.showing or missing[0]
    draft = current_session().draft
    seen = mirror.seen.recipe
    person = draft.recipe if draft else seen or Recipe()
    face = showing(person, emotion, "strong")
    task = _("Make this face your own way, and hold it for two seconds.")
    st.html(
        f'<div class="lesson"><img src="{picture(face)}" alt="{escape(describe(face))}">'
        f"<p><strong>{_(EMOTIONS[emotion])}</strong><br>{task}</p>"
        "</div>"
    )
    if lesson.showing is None:
        with st.container(horizontal=True):
            st.button(
                _("I am making it"),
                icon=":material/face:",
                type="primary",
                key=f"lesson_show_{emotion}",
                on_click=lesson.show,
                args=(emotion,),
            )
            st.button(_("Leave it"), key="lesson_leave", on_click=_leave, args=(mirror,), type="tertiary")
        st.progress(1 - len(missing) / len(EMOTIONS), _("Faces that were shown"))
    else:
        st.progress(lesson.progress, _("Hold it …"))


def _show_outcome(mirror: Mirror, outcome: Outcome) -> None:
    st.caption(
        _(
            "A part of what it saw was kept aside. On these looks it was right so often, before and after it was "
            "taught:"
        )
    )
    with st.container(horizontal=True):
        st.metric(_("Before"), f"{outcome.before} / {outcome.count}")
        st.metric(_("After"), f"{outcome.after} / {outcome.count}")
    if not outcome.helps:
        st.caption(_("It reads you no better than before, so nothing is changed."))
    with st.container(horizontal=True):
        if outcome.helps:
            st.button(
                _("Use it"),
                icon=":material/check:",
                type="primary",
                key="lesson_use",
                on_click=_use,
                args=(mirror, outcome),
            )
        st.button(_("Leave it"), key="lesson_leave", on_click=_leave, args=(mirror,), type="tertiary")


def _use(mirror: Mirror, outcome: Outcome) -> None:
    glass = current_session().glass
    glass.to_keep = (glass.to_keep[0] + 1, outcome.correction.to_text())
    _leave(mirror)


def _leave(mirror: Mirror) -> None:
    glass = current_session().glass
    glass.lesson = glass.outcome = mirror.lesson = None
