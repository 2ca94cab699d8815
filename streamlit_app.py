"""Front door: the pages, the look they share and the footer. Start it with `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from core import __version__
from pages.parts.address import BROKEN_LINK, address_of_session, follow_address
from pages.parts.notices import problem
from pages.parts.session import current_session

PAGES = Path(__file__).parent / "pages"

st.set_page_config(page_title="Selfmoji", page_icon="🙂", layout="wide")
# A page's path must not be the name of a file in pages/: until a first visitor has come through here, Streamlit would
# run that file alone, without this front door.
pages = [
    st.Page(PAGES / "photo.py", title="Your emoji", icon=":material/mood:", default=True),
    st.Page(PAGES / "live.py", title="Mirror", icon=":material/videocam:", url_path="mirror"),
    st.Page(
        PAGES / "stickers.py", title="Stickers", icon=":material/sticky_note_2:", url_path="sticker-pack"
    ),
    st.Page(PAGES / "models.py", title="The models", icon=":material/query_stats:", url_path="model-cards"),
]
# The menu is ours: Streamlit's own hides in a sidebar on phones, which lies over the page until it is closed by hand.
page = st.navigation(pages, position="hidden")
st.html(PAGES / "parts" / "style.css")
current_session().turn_to(page.url_path)
link_works = follow_address()
# One block, whatever is in it: what moved to another place on the page would be seen twice for a moment.
with st.container():
    with st.container(horizontal=True, key="menu"):
        for link in pages:
            # The emoji goes along, so that every page can be refreshed, and found again in the browser's history.
            st.page_link(link, query_params=address_of_session())
    if not link_works:
        problem(BROKEN_LINK)
page.run()
st.html(
    '<footer class="credits">'
    '<p>Emojis are put together from <a href="https://openmoji.org" target="_blank" rel="noopener">OpenMoji</a>, the '
    'open-source emoji project, licensed <a href="https://creativecommons.org/licenses/by-sa/4.0/" target="_blank" '
    'rel="noopener license">CC&nbsp;BY-SA&nbsp;4.0</a>. Yours are under the same license: use them anywhere, credit '
    "OpenMoji.</p>"
    "<p>Your photos stay on the machine that runs this app: they are read in its memory, never saved, never sent on. "
    f"Selfmoji {__version__}</p>"
    "</footer>"
)
