"""Whatever is asked of `/emoji/...`, and whatever code comes: an answer or a sentence. More with
`python -m tests.pages.mutations 5000 20000`."""

import pytest

from pages.parts import emoji_files
from pages.parts.limits import Buckets
from tests.pages.mutations import became_of_code, became_of_request, codes, requests


def test_spoiled_requests_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji_files, "asked", Buckets(1000, 1))
    became = {became_of_request(asked) for asked in requests(300, seed=1)}
    assert became >= {"200", "400", "405"}


def test_spoiled_codes_are_read_or_refused_with_a_sentence() -> None:
    assert {became_of_code(code) for code in codes(2000, seed=1)} == {"read", "refused"}
