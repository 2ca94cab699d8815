"""openmojilayers/: every row finds what it names, every drawing is used and follows the style guide."""

import re

import pytest

from core.drawing.artwork import drawing, elements_of, names_of_drawings
from core.drawing.catalogue import HOUSE, Row, catalogue
from core.drawing.palette import colors_of
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

ROWS = [(name, row) for row in catalogue().rows for name in row.drawings()]
ROLES = set(colors_of(Recipe())) | {"none"}
DERIVED = {
    "silhouette", "face_line", "tied_shown", "long", "scalp", "ears", "ears_free", "headwear_hides", "headwear_scarf",
    "lips_shown", "bearded", "eyes_shown", "tie",
}  # fmt: skip
"""Facts that follow from a recipe's values."""


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_every_row_finds_its_elements_and_colors(name: str, row: Row) -> None:
    found = elements_of(row, name)
    assert all(element.path.commands for element in found)
    # Not every cut has strands; what is always the same drawing has what is asked of it.
    assert found or row.layer == "strands"
    for color in filter(None, (row.fill, row.stroke)):
        assert color in ROLES or re.fullmatch(r"#[0-9a-f]{6}", color)
    assert {fact for fact, _ in (*row.when, *row.unless)} <= FIELDS.keys() | DERIVED


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("face_shape", "face_shape"), ("framing", "framing"), ("skin", "skin_tone"), ("hair", "hair"),
        ("hairline", "hairline"), ("tied", "tied"), ("hat", "headwear"),
    ],
)  # fmt: skip
def test_every_choice_has_its_entry(table: str, field: str) -> None:
    assert set(FIELDS[field].choices) <= set(getattr(catalogue(), table))


def test_every_drawing_is_used() -> None:
    assert {name for name, _ in ROWS} == set(names_of_drawings())


@pytest.mark.parametrize("name", names_of_drawings())
def test_every_drawing_follows_the_style_guide(name: str) -> None:
    text = (HOUSE / "parts" / f"{name}.svg").read_text("utf-8")
    assert 'viewBox="0 0 72 72"' in text
    assert {element.group for element in drawing(name)} <= {"color", "hair", "shade", "skin", "line"}
    for path in re.findall(r"<(?:path|circle|rect)[^>]*stroke=[^>]*>", text):
        assert 'stroke-width="2"' in path and 'stroke-linecap="round"' in path
        assert 'stroke-linejoin="round"' in path


def test_layers_that_the_order_names_are_used() -> None:
    assert {row.layer for row in catalogue().rows} == set(catalogue().layers)


def test_there_are_four_widths_of_strokes() -> None:
    assert len(set(catalogue().strokes.values())) == 4


def test_a_row_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        Row.from_table({"layer": "hat", "drawing": "hat_cap", "colour": "red"})


def test_a_row_speaks_when_all_its_facts_hold() -> None:
    row = Row.from_table({
        "layer": "mouth", "drawing": "mouth_{mouth}", "when": {"mouth": ["calm", "soft"], "lips_shown": [False]},
        "unless": {"mouth": ["soft"]},
    })  # fmt: skip
    assert row.speaks({"mouth": "calm", "lips_shown": False})
    assert not row.speaks({"mouth": "calm", "lips_shown": True})
    assert not row.speaks({"mouth": "soft", "lips_shown": False})
    assert list(row.drawings()) == ["mouth_calm"]
