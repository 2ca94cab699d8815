"""The colors that follow from others can be told from their neighbors."""

import pytest

from core.colors import channels, contrast, hex_color, luminance, mixed
from core.drawing.palette import brow_color, colors_of, fold, hair_shade, suiting_backgrounds
from core.extras.gallery import people
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe


def distance(one: str, other: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(channels(one), channels(other), strict=True)) ** 0.5


def test_numbers_of_colors() -> None:
    assert channels("#0a1bff") == (10, 27, 255)
    assert hex_color([10, 27.4, 254.6]) == "#0a1bff"
    assert mixed("#000000", "#ffffff", 0.2) == "#333333"
    assert (luminance("#000000"), luminance("#ffffff")) == (0.0, pytest.approx(1.0))
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    with pytest.raises(ValueError, match="fromhex"):
        channels("#12345g")


@pytest.mark.parametrize("tone", FIELDS["skin_tone"].choices)
@pytest.mark.parametrize("hair", FIELDS["hair_color"].choices)
def test_brows_can_be_seen_on_every_skin(tone: str, hair: str) -> None:
    colors = colors_of(Recipe(skin_tone=tone, hair_color=hair))
    assert contrast(colors["brow"], colors["skin"]) > 1.5
    assert colors["brow"] == brow_color(colors["hair"], colors["skin"])


@pytest.mark.parametrize("tone", FIELDS["skin_tone"].choices)
def test_lines_of_the_face_are_darker_than_the_skin_and_never_black(tone: str) -> None:
    colors = colors_of(Recipe(skin_tone=tone))
    assert 1.5 < contrast(colors["skin_line"], colors["skin"]) < 4
    assert distance(colors["skin_line"], "#000000") > 60


@pytest.mark.parametrize("tone", FIELDS["skin_tone"].choices)
@pytest.mark.parametrize("lipstick", FIELDS["lipstick"].choices)
def test_lips_can_be_told_from_the_skin(tone: str, lipstick: str) -> None:
    colors = colors_of(Recipe(skin_tone=tone, lipstick=lipstick))
    assert distance(colors["lips"], colors["skin"]) > 20


@pytest.mark.parametrize("color", [*FIELDS["clothes_color"].choices, "#000000", "#101020"])
def test_folds_of_cloth_can_be_told_from_the_cloth_and_from_outlines(color: str) -> None:
    cloth = FIELDS["clothes_color"].hex(color)
    assert distance(fold(cloth), cloth) > 20
    assert distance(fold(cloth), "#000000") > 40


@pytest.mark.parametrize("color", FIELDS["hair_color"].choices)
def test_strands_can_be_told_from_the_hair(color: str) -> None:
    hair = FIELDS["hair_color"].hex(color)
    assert 8 < distance(hair_shade(hair), hair) < 120


@pytest.mark.parametrize(("caption", "person"), people())
def test_people_stand_out_on_the_backgrounds_that_suit_them(caption: str, person: Recipe) -> None:
    names = suiting_backgrounds(person, 4)
    assert len(set(names)) == 4
    colors = colors_of(person)
    for name in names:
        ground = FIELDS["background_color"].hex(name)
        assert luminance(ground) > 0.15, "black outlines can be seen"
        assert distance(ground, colors["clothes"]) > 30
        assert distance(ground, colors["skin"]) > 30
