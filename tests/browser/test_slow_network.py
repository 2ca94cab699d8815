"""A browser to which the code of a widget comes late: the page runs again before the widget was ever there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route, expect

from core import Recipe
from core.stickers import stickers_of

Visit = Callable[..., Page]


@contextmanager
def late(page: Page, script: str) -> Iterator[None]:
    """Holds back the scripts of this name until the end."""
    held: list[Route] = []
    page.route(f"**/{script}.*.js", lambda route: held.append(route))
    yield
    assert held, f"{script} is no script that the page fetches"
    for route in held:
        route.continue_()


def test_the_view_that_is_shown_stays_chosen(visit: Visit) -> None:
    page = visit()
    with late(page, "ButtonGroup"), late(page, "Checkbox"):
        page.get_by_role("link", name="Mirror").click()
        page.get_by_role("button", name="Turn on the camera").click()
        page.get_by_role("button", name="Turn off").wait_for()
    expect(page.get_by_role("radio", name="Beside me")).to_be_checked()
    expect(page.get_by_role("switch", name="As a mirror")).to_be_checked()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on the camera")).to_be_visible()
    expect(page.get_by_role("radio", name="Beside me")).to_be_checked()
    expect(page.get_by_role("switch", name="As a mirror")).to_be_checked()


def test_all_stickers_stay_chosen(visit: Visit) -> None:
    stickers = len(stickers_of(Recipe()))
    page = visit()
    with late(page, "Checkbox"):
        page.get_by_role("link", name="Stickers").click()
        page.get_by_role("button", name="Make the pack").click()
        page.get_by_role("button", name="Download selfmoji.zip").wait_for()
    page.get_by_role("button", name="Make the pack").click()
    page.get_by_role("button", name="Download selfmoji.zip").wait_for()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(stickers)
    page.get_by_role("button", name="Choose none").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(stickers)
