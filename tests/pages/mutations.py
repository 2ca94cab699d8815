"""Requests for emojis by their address, and codes, spoiled at random: each gets an answer or a sentence, soon.

`python -m tests.pages.mutations 5000 20000` tries so many requests and codes and prints what became of them; its
figures are in docs/robustness.md.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from core import Recipe, RecipeError
from core.extras.gallery import people
from pages.parts import emoji_files
from pages.parts.emoji_files import KINDS, SIZES
from pages.parts.limits import Buckets
from tests.pages.asking import Answer, ask

CHARACTERS = "2.-_ab09%/\\?&=#:;+ \t\r\n\0\"'<>äß٣☺\U0001f469\u202e\ufeff"
"""What codes are made of, and what they should not hold."""
METHODS = ("GET",) * 30 + ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "X" * 300)
HEADERS = (
    "If-None-Match",
    "Accept",
    "Range",
    "X-Forwarded-For",
    "Cookie",
    "Content-Length",
    "Expect",
    "Host",
)
ANSWERS = {200, 304, 307, 400, 404, 405}
"""Statuses that a request may get here, where nobody asks too often."""
LONGEST_SENTENCE = 700
"""Characters of a refusal; the names of all choices of a field take most of it."""
PLAIN_CODES = (*(recipe.to_code() for _, recipe in people()), "1.gl-round", "2", emoji_files.EXAMPLE)


@dataclass(frozen=True)
class Asked:
    """A request that is made to `ask`."""

    target: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self) -> Answer:
        return ask(self.target, self.headers, method=self.method)


def spoiled(text: str, rng: random.Random) -> str:
    """The text with one to six changes of any kind."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place, size = rng.randrange(len(text) + 1), rng.choice((1, 2, 4, 8, 30))
        some = "".join(rng.choice(CHARACTERS) for _ in range(rng.choice((1, 1, 2, 5))))
        match rng.randrange(7):
            case 0:
                text = text[:place] + some + text[place:]
            case 1:
                text = text[:place] + some + text[place + size :]
            case 2:
                text = text[:place] + text[place + size :]
            case 3:
                text = (
                    text[:place] + text[max(0, place - size) : place] * rng.choice((1, 3, 300)) + text[place:]
                )
            case 4:
                parts = text.split(".")
                rng.shuffle(parts)
                text = ".".join(parts)
            case 5:
                parts = text.split(".")
                other = rng.choice(PLAIN_CODES).split(".")
                parts[rng.randrange(len(parts))] = rng.choice(other)
                text = ".".join(parts)
            case 6:
                number = rng.choice(("0", "-1", "1e9", "99", "9" * 5000, "2.5", "٢", "0x2", "NaN", "002"))
                text = number + text[text.find(".") :] if "." in text else number
    return text


def codes(count: int, seed: int = 0) -> Iterator[str]:
    """So many spoiled codes, some of which are whole again."""
    rng = random.Random(seed)
    for _ in range(count):
        yield spoiled(rng.choice(PLAIN_CODES), rng)


def requests(count: int, seed: int = 0) -> Iterator[Asked]:
    """So many requests of `/emoji/...` with a spoiled code, query, method or headers, or several of these."""
    rng = random.Random(seed)
    for _ in range(count):
        code, ending = rng.choice(PLAIN_CODES), rng.choice((*KINDS,))
        query = f"size={rng.choice((SIZES[0], 64, 72))}&rim={rng.choice('01')}"
        headers = {}
        if rng.random() < 0.5:
            code = spoiled(code, rng)
        if rng.random() < 0.2:
            ending = spoiled(ending, rng)
        if rng.random() < 0.5:
            query = spoiled(query, rng)
        if rng.random() < 0.4:
            value = spoiled(rng.choice(("*", 'W/"a", "b"', "bytes=0-9", "192.0.2.9", "100-continue")), rng)
            headers[rng.choice(HEADERS)] = value.encode("latin-1", "replace").decode("latin-1")
        yield Asked(f"/emoji/{code}.{ending}?{query}", rng.choice(METHODS), headers)


def became_of_request(asked: Asked) -> str:
    """The status that it got. Raises AssertionError for an answer that should not be, and what the server raised."""
    answer = asked.answer()
    assert answer.status in ANSWERS, answer.status
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.status == 307 and "Host" not in asked.headers:
        # A slash at the end leads to the same without one, and never to another site.
        assert answer.headers["location"].startswith("https://selfmoji.example/"), answer.headers["location"]
    if answer.status == 400:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        text = answer.body.decode()
        # A HEAD's answer has no body.
        assert text.endswith((".\n", "?\n")) and text.count("\n") == 1 and len(text) < LONGEST_SENTENCE, text
    return str(answer.status)


def became_of_code(code: str) -> str:
    """Whether it was read or refused. Raises AssertionError for a recipe whose own code is another's, and for a refusal
    without a sentence."""
    try:
        recipe = Recipe.from_code(code)
    except RecipeError as error:
        text = str(error)
        assert text.endswith((".", "?")) and text.isprintable() and len(text) < LONGEST_SENTENCE, text
        return "refused"
    assert Recipe.from_code(recipe.to_code()) == recipe
    return "read"


def main() -> None:
    """Try them, and print what they became, how long the slowest took, and how the process grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.pages.mutations")
    parser.add_argument("requests", type=int, nargs="?", default=500)
    parser.add_argument("codes", type=int, nargs="?", default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    emoji_files.asked = Buckets(options.requests + 1, 1)
    process = psutil.Process()
    before = process.memory_info().rss / 2**20
    results: Counter[str] = Counter()
    slowest = (0.0, "")
    for number, asked in enumerate(requests(options.requests, options.seed)):
        started = time.process_time()
        results[f"requests answered with {became_of_request(asked)}"] += 1
        slowest = max(slowest, (time.process_time() - started, f"request {number}"))
    for number, code in enumerate(codes(options.codes, options.seed)):
        started = time.process_time()
        results[f"codes {became_of_code(code)}"] += 1
        slowest = max(slowest, (time.process_time() - started, f"code {number}"))
    for name, count in sorted(results.items()):
        print(f"{count:7} {name}")
    print(f"slowest: {slowest[0]:.3f} s of processor time ({slowest[1]})")
    print(f"resident, MB: {before:.0f} before, {process.memory_info().rss / 2**20:.0f} after")


if __name__ == "__main__":
    main()
