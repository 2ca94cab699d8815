"""No page loads or shows anything that is not from this server, whatever a link brings along."""

import json
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from core import Recipe

Visit = Callable[..., Page]

ELSEWHERE = "elsewhere.example"
LURE = f"[Sign in](http://{ELSEWHERE}/login) ![](http://{ELSEWHERE}/pixel) <img src=http://{ELSEWHERE}/image>"
GOOD = Recipe(glasses="round").to_code()
PAGES = {
    "": "Your selfie",
    "mirror": "The mirror",
    "sticker-pack": "Your sticker pack",
    "model-cards": "The models",
}
QUERIES = {
    "no query": {},
    "a lure for an emoji": {"emoji": f"1.sk-{LURE}"},
    "a lure for a field": {"emoji": f"1.{LURE}-1"},
    "a lure for a version": {"emoji": LURE},
    "a lure for a draft": {"emoji": GOOD, "draft": LURE},
    "a lure besides": {"emoji": GOOD, LURE: LURE},
}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_from_this_server_alone(path: str, query: str, visit: Visit) -> None:
    page = visit()
    own = urlsplit(page.url).netloc
    foreign: list[str] = []

    def watch(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.netloc == own or address.scheme in ("data", "blob"):
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    page.context.route("**/*", watch)
    page.on("websocket", lambda socket: urlsplit(socket.url).netloc == own or foreign.append(socket.url))
    parameters = "&".join(f"{quote(key)}={quote(value)}" for key, value in QUERIES[query].items())
    page.goto(f"http://{own}/{path}?{parameters}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(PAGES[path])
    page.locator("footer.credits").wait_for()
    page.wait_for_load_state("networkidle")
    assert foreign == []
    assert ELSEWHERE not in page.locator("body").inner_text()
    # The menu's links go to this server, with the emoji in them if there is one.
    targets = page.locator("a, img, iframe, link, script").evaluate_all(
        "all => all.map(element => element.href ?? element.src)"
    )
    assert ELSEWHERE not in json.dumps(targets)
