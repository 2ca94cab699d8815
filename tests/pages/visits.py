"""What tests of the pages ask of a visit that Streamlit's AppTest drives."""

from __future__ import annotations

import html
import re

from streamlit.testing.v1 import AppTest

from core import Reading, Recipe
from pages.parts.session import Draft, DraftName, Session
from tests.conftest import ROOT

PATIENCE = 120
"""Seconds for a run; the first one may load the models or draw every sticker."""


def new_visit(code: str | None = None, page: str = "photo") -> AppTest:
    """A visitor who opens a page, with an emoji's code in its address or without."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    if code is not None:
        app.query_params["emoji"] = code
    app.run()
    return app if page == "photo" else app.switch_page(f"pages/{page}.py").run()


def session(app: AppTest) -> Session:
    """The visitor's; before the first page it is a new one."""
    if "session" not in app.session_state:
        app.session_state["session"] = Session()
    return app.session_state["session"]


def draft(app: AppTest) -> Draft:
    found = session(app).draft
    assert found is not None, "the visitor has no emoji"
    return found


def reading(app: AppTest) -> Reading:
    found = draft(app).reading
    assert found is not None, "the models have seen nothing"
    return found


def give_emoji(app: AppTest, start: Recipe, recipe: Recipe) -> None:
    """Gives the visitor an emoji that they have made from another one."""
    session(app).open(DraftName(), start)
    draft(app).recipe = recipe
    app.query_params["emoji"] = recipe.to_code()


def written(app: AppTest) -> str:
    """Everything in HTML on the page."""
    return html.unescape("\n".join(element.value for element in app.html))


def notices(app: AppTest, kind: str) -> list[str]:
    """The texts of the problems, warnings or hints on the page."""
    found = re.findall(rf'<p class="notice {kind}"[^>]*>(.*?)</p>', "\n".join(e.value for e in app.html))
    return [html.unescape(re.sub("</?strong>", "", text)) for text in found]
