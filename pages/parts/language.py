"""The visitor's language: every text of the pages goes through `_`, which finds it in the catalogues in pages/locales/.

English is what the code says, and what is shown of a text that a catalogue lacks. Chosen by hand a language stands in
the page's address, so that it is still there after a reload; else it is the browser's.
"""

from __future__ import annotations

import functools
import gettext
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import SelfmojiError
from pages.parts import keys

LOCALES = Path(__file__).parents[1] / "locales"
DOMAIN = "selfmoji"

LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt_BR": "Português (Brasil)",
    "hi": "हिन्दी",
    "ar": "العربية",
    "ja": "日本語",
}
"""{name of a catalogue's folder: what its speakers call it}."""

RIGHT_TO_LEFT = frozenset({"ar"})

# Streamlit aligns headings to the left, and puts the arrow that scrolls tabs over the first of them.
_LEFTWARDS = """:root { direction: rtl; }
[data-testid="stHeading"] :is(h1, h2, h3) { text-align: start; justify-content: flex-start; }
[data-testid^="stTabsScroll"] { display: none; }
"""

_speaker = st.components.v2.component(
    "selfmoji_language", js=(Path(__file__).parent / "language.js").read_text("utf-8")
)

PARAMETER = "lang"
"""Of the address: the language that was chosen by hand."""


def current_language() -> str:
    """The key in `LANGUAGES` of the visitor for whom Streamlit runs the page; English outside of a page's run."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    return chosen_language() or nearest(st.context.locale or "")


def chosen_language() -> str | None:
    """What the visitor has chosen by hand, in this session or in the address; None for nothing."""
    for chosen in (st.session_state.get("language"), st.query_params.get(PARAMETER)):
        if chosen in LANGUAGES:
            return str(chosen)
    return None


def _(message: str) -> str:
    """A text of ours in the visitor's language. What stands in braces is filled in afterwards, by `format`."""
    return _catalogue(current_language()).gettext(message) if message else ""


def N_(message: str) -> str:  # noqa: N802 - gettext's name for it
    """Marks a text for the catalogues that `_` translates later, where it is shown."""
    return message


def told(error: SelfmojiError) -> str:
    """An error's sentence in the visitor's language, and in English as far as the catalogue lacks it."""
    if not error.values:
        return _(error.template)
    values = {name: _(value) if isinstance(value, str) else value for name, value in error.values.items()}
    return _(error.template).format(**values)


def show_languages() -> None:
    """The choice of a language, each by its own name."""
    language = current_language()
    # Streamlit's page says by itself that it is in English.
    if language != "en" or chosen_language():
        _speaker(key="speaker", data={"language": language.replace("_", "-")})
    # What is chosen goes in as default, not by way of the state (docs/decisions.md, "Browsers may be slow").
    with st.container(key="languages", width=220):
        st.selectbox(
            _(":material/language: Language"),
            list(LANGUAGES),
            index=list(LANGUAGES).index(language),
            format_func=LANGUAGES.__getitem__,
            key=keys.LANGUAGE,
            on_change=_choose,
        )


def direction() -> str:
    """The style that has the page written from right to left; "" for most languages."""
    return f"<style>{_LEFTWARDS}</style>" if current_language() in RIGHT_TO_LEFT else ""


def _choose() -> None:
    st.session_state.language = st.query_params[PARAMETER] = st.session_state[keys.LANGUAGE]


def nearest(locale: str) -> str:
    """The language for a browser's, such as "pt_BR" for "pt-PT"."""
    spoken = locale.replace("_", "-").split("-")[0].lower()
    return next((name for name in LANGUAGES if name.split("_")[0] == spoken), "en")


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, [language])
