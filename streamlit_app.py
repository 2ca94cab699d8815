"""Front door: the server, and the pages with the look they share and the footer.

Start it with `streamlit run streamlit_app.py`. Streamlit finds `app` in here, and imports this file to serve it; for
every run of a page it runs this file as the main script.
"""

from html import escape
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core import __version__
from pages.parts.address import BROKEN_LINK, address_of_session, follow_address
from pages.parts.ending import in_order, runs
from pages.parts.language import N_, _, direction, show_languages
from pages.parts.menu import MENU
from pages.parts.notices import problem
from pages.parts.observing import log_to_stderr
from pages.parts.routes import MIDDLEWARE, ROUTES
from pages.parts.session import current_session

PAGES = Path(__file__).parent / "pages"

CREDITS = N_(
    "Emojis are put together from {openmoji}, the open-source emoji project, licensed {license}. Yours are under the "
    "same license: use them anywhere, credit OpenMoji."
)
LINKS = {
    "openmoji": '<a href="https://openmoji.org" target="_blank" rel="noopener">OpenMoji</a>',
    "license": '<a href="https://creativecommons.org/licenses/by-sa/4.0/" target="_blank" rel="noopener license">'
    "CC&nbsp;BY-SA&nbsp;4.0</a>",
}
PRIVACY = N_(
    "Your photos stay on the machine that runs this app: they are read in its memory, never saved, never sent on."
)


def main() -> None:
    st.set_page_config(page_title="Selfmoji", page_icon="🙂", layout="wide")
    pages = [
        st.Page(
            PAGES / entry.file,
            title=_(entry.title),
            icon=entry.icon,
            url_path=entry.path,
            default=not entry.path,
        )
        for entry in MENU
    ]
    # The menu is ours: Streamlit's own hides in a sidebar on phones, which lies over the page until it is closed.
    page = st.navigation(pages, position="hidden")
    st.html(PAGES / "parts" / "style.css")
    if style := direction():
        st.html(style)
    current_session().turn_to(page.url_path)
    link_works = follow_address()
    # One block, whatever is in it: what moved to another place on the page would be seen twice for a moment.
    with st.container():
        with st.container(horizontal=True, key="menu"):
            for link in pages:
                # The emoji goes along, so that every page can be refreshed, and found again in the browser's history.
                st.page_link(link, query_params=address_of_session())
        if not link_works:
            problem(_(BROKEN_LINK))
    page.run()
    with st.container(horizontal=True, vertical_alignment="bottom", key="foot"):
        st.html(
            f'<footer class="credits"><p>{escape(_(CREDITS)).format(**LINKS)}</p>'
            f"<p>{escape(_(PRIVACY))} Selfmoji {__version__}</p></footer>"
        )
        show_languages()


if __name__ == "__main__":
    with runs.one():
        main()
else:
    # Until a page has called st.navigation, Streamlit would take the files of pages/ for the addresses, and tell
    # the first visitor who comes by the address of another page that there is none.
    PagesManager.uses_pages_directory = False
    log_to_stderr()
    app = st.App(__file__, routes=ROUTES, middleware=MIDDLEWARE, lifespan=in_order)
