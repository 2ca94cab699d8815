"""How the pages' tests run the app."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager

from tests.conftest import ROOT


@pytest.fixture(scope="session", autouse=True)
def through_the_front_door() -> Iterator[None]:
    """Has AppTest run every page by way of streamlit_app.py, as a server does.

    AppTest forgets before each run that st.navigation was called, sees the folder pages/, and would run a page alone.
    """
    begin = PagesManager.__init__

    def begin_with_navigation(self: PagesManager, *args: Any, **options: Any) -> None:
        begin(self, *args, **options)
        PagesManager.uses_pages_directory = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagesManager, "__init__", begin_with_navigation)
        yield


@pytest.fixture(scope="session", autouse=True)
def at_the_root() -> Iterator[None]:
    """Streamlit reads .streamlit/ where it is started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield
