"""The pages: what the menu shows, what their addresses are, and what messengers say about a link to one."""

from __future__ import annotations

from dataclasses import dataclass

from pages.parts.language import N_


@dataclass(frozen=True)
class Entry:
    """file: in pages/; path: of the page's address, which must not be the name of a file in pages/: until a first
    visitor has come through the front door, Streamlit would run that file alone. summary: for previews of links."""

    file: str
    title: str
    icon: str
    path: str
    summary: str


MENU = (
    Entry(
        "photo.py", N_("Your emoji"), ":material/mood:", "",
        "A selfie becomes an emoji in OpenMoji's style. Photos are read in memory, never saved.",
    ),
    Entry(
        "live.py", N_("Mirror"), ":material/videocam:", "mirror",
        "Look into the camera and become an emoji that smiles when you do.",
    ),
    Entry(
        "stickers.py", N_("Stickers"), ":material/sticky_note_2:", "sticker-pack",
        "Your emoji in every mood, as a pack of stickers for your chats.",
    ),
    Entry(
        "models.py", N_("The models"), ":material/query_stats:", "model-cards",
        "What the small models behind Selfmoji are, and how well they do.",
    ),
)  # fmt: skip
"""The first is the front page."""
