"""No page loads or shows anything that is not from this server, whatever a link brings along."""

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
QUERIES = (
    {"emoji": f"2.sk-{LURE}"},
    {"emoji": LURE},
    {"emoji": GOOD, "draft": LURE},
    {"emoji": GOOD, LURE: LURE},
)


def is_own(address: str, own: str) -> bool:
    parts = urlsplit(address)
    return parts.netloc == own or parts.scheme in ("data", "blob")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_from_this_server_alone(path: str, visit: Visit) -> None:
    page = visit()
    own = urlsplit(page.url).netloc
    asked: list[str] = []

    def watch(route: Route) -> None:
        asked.append(route.request.url)
        if is_own(route.request.url, own):
            route.continue_()
        else:
            route.abort()

    page.context.route("**/*", watch)
    page.on("websocket", lambda socket: asked.append(socket.url))
    for query in QUERIES:
        asked.clear()
        parameters = "&".join(f"{quote(key)}={quote(value)}" for key, value in query.items())
        page.goto(f"http://{own}/{path}?{parameters}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(PAGES[path])
        page.locator("footer.credits").wait_for()
        page.wait_for_load_state("networkidle")
        assert len(asked) > 10
        assert [address for address in asked if not is_own(address, own)] == []
        assert ELSEWHERE not in page.locator("body").inner_text()
        targets = page.locator("a, img, iframe, link, script").evaluate_all(
            "all => all.map(element => element.getAttribute('href') ?? element.getAttribute('src') ?? '')"
        )
        assert [target for target in targets if ELSEWHERE in target] == []
