"""A visitor's drafts: each with its own photo, found again by name, and not more than a visit needs."""

import pytest

from core import Recipe
from pages.parts.camera import Camera
from pages.parts.session import LATEST, STEPS, Draft, DraftName, Session

PLAIN, ROUND = Recipe(), Recipe(glasses="round")


def drafts(*photos: bytes) -> list[Draft]:
    return [Draft(PLAIN, PLAIN, photo=photo) for photo in photos]


def name_of_shown(session: Session) -> DraftName:
    assert session.shown is not None
    return session.shown


@pytest.mark.parametrize("name", [DraftName(), DraftName("0a1b2c3d"), DraftName("ff", 11)])
def test_a_name_in_an_address_is_read_again(name: DraftName) -> None:
    assert DraftName.from_text(str(name)) == name


@pytest.mark.parametrize(
    "text", ["", "-", "a", "a-", "a-123", "A-1", "g-1", "a-1 ", "a-1\n", "<a-1>", "a-1-1", "a-\u0661"]
)
def test_any_other_text_names_what_a_bare_link_brought(text: str) -> None:
    assert DraftName.from_text(text) == DraftName()


def test_without_an_emoji_there_is_none() -> None:
    session = Session()
    assert session.draft is None
    assert session.faces == {}


def test_a_photo_brings_a_draft_for_each_face() -> None:
    session = Session()
    session.add(drafts(b"one", b"two"))
    assert [(name.face, draft.photo) for name, draft in session.faces.items()] == [(0, b"one"), (1, b"two")]
    assert session.draft is next(iter(session.faces.values()))


def test_what_an_address_named_before_is_shown_with_its_photo() -> None:
    session = Session()
    session.add(drafts(b"one"))
    first = name_of_shown(session)
    session.add(drafts(b"two"))
    session.open(first, ROUND)
    assert session.draft == Draft(PLAIN, ROUND, photo=b"one")


def test_an_unknown_name_is_a_draft_without_a_photo_and_stays_one() -> None:
    session = Session()
    name = DraftName("abc", 3)
    session.open(name, ROUND)
    session.open(name, PLAIN)
    assert session.draft == Draft(ROUND, PLAIN)
    assert session.faces == {}


def test_the_latest_photos_are_kept_and_the_shown_one_always() -> None:
    session = Session()
    session.add(drafts(b"first", b"other face"))
    first = name_of_shown(session)
    for number in range(LATEST - 1):
        session.add(drafts(b"%d" % number))
    session.open(first, ROUND)
    session.add(drafts(b"one more"))
    session.open(first, ROUND)
    assert session.draft is not None and session.draft.photo == b"first"
    for number in range(LATEST):
        session.add(drafts(b"%d" % number))
    session.open(first, ROUND)
    assert session.draft == Draft(ROUND, ROUND)


def test_the_mirrors_offer_is_taken_up_once_and_by_its_name_alone() -> None:
    session = Session()
    name = session.make_offer(Draft(PLAIN, PLAIN))
    seen = Draft(PLAIN, PLAIN)
    assert session.make_offer(seen) == name
    session.open(DraftName(), ROUND)
    assert session.draft is not seen
    session.open(name, ROUND)
    assert session.draft is seen
    assert session.desk.editing, "whoever follows the link wants to edit"
    assert seen.recipe == ROUND
    assert session.make_offer(Draft(PLAIN, PLAIN)) != name


def test_the_last_changes_can_be_undone_and_made_again() -> None:
    draft = Draft(PLAIN, PLAIN)
    recipes = [Recipe(clothes_color=f"#{number:06x}") for number in range(STEPS + 2)]
    for recipe in recipes:
        draft.change(recipe)
    draft.change(recipes[-1])
    for _ in range(STEPS + 5):
        draft.undo()
    assert draft.recipe == recipes[1]
    for _ in range(STEPS + 5):
        draft.redo()
    assert draft.recipe == recipes[-1]
    draft.undo()
    draft.change(ROUND)
    draft.redo()
    assert draft.recipe == ROUND


def test_whoever_leaves_a_page_leaves_its_camera_turned_off() -> None:
    session = Session()
    session.turn_to("mirror")
    session.glass.camera.open()
    session.desk.camera.open()
    session.turn_to("mirror")
    assert session.glass.camera.status == "open"
    session.turn_to("")
    assert (session.glass.camera.status, session.desk.camera.status) == ("off", "off")
    assert session.glass.camera == Camera(attempt=1)
