"""The catalogue against the pinned glyphs, and which layers a recipe has."""

import colorsys
import itertools
import re

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.svgLib.path import parse_path

from core.drawing.artwork import HOUSE, Face, Part, Shape, catalogue, glyph, listed_parts, parts_of, shapes_of
from core.drawing.layers import Layer, colors_of, every_drawing, has_effect, layers_of
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

FACE = Face(top=1.0, jaw=1.0, tall=1.0)
ROLES = set(colors_of(Recipe()))


PARTS = {f"{where}[{n}]": part for where, parts in listed_parts() for n, part in enumerate(parts)}
"""Every row of the catalogue by where it stands."""


def names(recipe: Recipe) -> list[str]:
    return [layer.name for layer in layers_of(recipe)]


def shapes(recipe: Recipe, slot: str) -> tuple[Shape, ...]:
    return next((layer.shapes for layer in layers_of(recipe) if layer.name == slot), ())


@pytest.mark.parametrize("where", PARTS)
def test_every_row_finds_its_elements_in_the_pinned_glyphs(where: str) -> None:
    part = PARTS[where]
    assert part.slot in catalogue()["slots"]
    drawn = shapes_of(part, FACE)
    assert drawn and all(shape.d for shape in drawn)
    for color in filter(None, (part.fill, part.stroke)):
        assert color in ROLES or re.fullmatch(r"#[0-9a-f]{6}", color)


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("background", "background"), ("beard", None), ("clothes", "clothes"), ("complexion", "complexion"),
        ("earrings", "earrings"), ("face_shape", "face_shape"), ("facial_hair", "facial_hair"),
        ("glasses", "glasses"), ("hair", "hair"), ("headwear", "headwear"), ("necklace", "necklace"),
        ("nose", "nose"), ("skin", "skin_tone"), ("cheeks", "skin_tone"), ("natural_lips", "skin_tone"),
    ],
)  # fmt: skip
def test_every_choice_has_its_entry(table: str, field: str | None) -> None:
    assert set(FIELDS[field].choices if field else ()) <= set(catalogue()[table])


def test_every_expression_names_brows_eyes_and_mouths_that_exist() -> None:
    for emotion, strength in itertools.product(FIELDS["expression"].choices, FIELDS["strength"].choices):
        look = catalogue()["expression"][emotion][strength]
        assert look["eyes"] in catalogue()["eyes"]
        assert {look["mouth"], look["open_mouth"]} <= set(catalogue()["mouth"])
        assert set(FIELDS["brows"].choices) == set(catalogue()["brows"][look["brows"]])


def test_no_two_expressions_look_alike() -> None:
    looks = [
        tuple(layers_of(Recipe(expression=emotion, strength=strength, mouth_open=mouth_open)))
        for emotion in FIELDS["expression"].choices
        for strength in FIELDS["strength"].choices
        for mouth_open in (False, True)
    ]
    assert len(set(looks)) == len(looks)


def test_every_drawing_of_ours_is_used_and_follows_the_style_guide() -> None:
    used = {part.glyph for part in PARTS.values() if part.glyph.startswith("drawn/")}
    assert used == {f"drawn/{path.stem}" for path in (HOUSE / "drawn").glob("*.svg")}
    for name in used:
        text = (HOUSE / f"{name}.svg").read_text("utf-8")
        assert 'viewBox="0 0 72 72"' in text
        assert set(glyph(name)) <= {"color", "hair", "skin", "line"}
        for path in re.findall(r"<(?:path|circle|rect)[^>]*stroke=[^>]*>", text):
            assert 'stroke-width="2"' in path and 'stroke-linecap="round"' in path
            assert 'stroke-linejoin="round"' in path


def test_slots_that_the_order_names_are_used() -> None:
    made_in_code = {"lips", "mouth_gap", "outline"}
    assert {part.slot for part in PARTS.values()} | made_in_code == set(catalogue()["slots"])


@pytest.mark.parametrize(
    ("recipe", "there", "missing"),
    [
        # what nobody wears is not there
        (
            Recipe(),
            ["neck", "clothes", "back_hair", "head", "mouth", "eyes", "brows"],
            ["hat", "glasses", "lips"],
        ),
        # dark glasses hide the eyes and their make-up
        (
            Recipe(glasses="sunglasses", lashes=True, eye_shadow="blue"),
            ["glasses"],
            ["eyes", "lashes", "eye_shadow"],
        ),
        # a cloth hides the hair, a headscarf the ears and the necklace too
        (Recipe(headwear="turban", hair="long_wavy"), ["hat"], ["back_hair", "front_hair"]),
        (
            Recipe(headwear="headscarf", earrings="hoop", necklace="beads"),
            ["scarf"],
            ["earrings", "necklace"],
        ),
        # no bun through a hat
        (Recipe(hair="bun"), ["behind_hair"], []),
        (Recipe(hair="bun", headwear="cap"), ["hat", "back_hair"], ["behind_hair"]),
        # a beard leaves the mouth room, stubble does not need to
        (Recipe(facial_hair="beard"), ["beard", "mouth_gap"], []),
        (Recipe(facial_hair="stubble"), ["beard"], ["mouth_gap"]),
        # lips are colored around an open mouth
        (Recipe(lipstick="red", mouth_open=True), ["lips", "mouth"], []),
    ],
)
def test_what_a_recipe_shows(recipe: Recipe, there: list[str], missing: list[str]) -> None:
    assert set(there) <= set(names(recipe))
    assert not set(missing) & set(names(recipe))


def test_layers_are_frozen_and_named_once() -> None:
    layers = layers_of(Recipe(hair="braids", headwear="cowboy", facial_hair="beard"))
    assert len({layer.name for layer in layers}) == len(layers)
    with pytest.raises(AttributeError):
        layers[0].name = "other"  # type: ignore[misc]
    assert hash(layers[0]) == hash(Layer(layers[0].name, layers[0].shapes))


@pytest.mark.parametrize("tone", FIELDS["skin_tone"].choices)
@pytest.mark.parametrize("hair", FIELDS["hair_color"].choices)
def test_brows_can_be_seen_on_every_skin(tone: str, hair: str) -> None:
    recipe = Recipe(skin_tone=tone, hair_color=hair)
    (stroke,) = {shape.stroke for shape in shapes(recipe, "brows")}
    assert stroke != colors_of(recipe)["skin"]
    assert _distance(stroke, colors_of(recipe)["skin"]) > 60


def _distance(one: str, other: str) -> float:
    return (
        sum((a - b) ** 2 for a, b in zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True))
        ** 0.5
    )


def test_a_hat_presses_the_hair_below_its_brim() -> None:
    def top(recipe: Recipe) -> float:
        numbers = [re.findall(r"-?[\d.]+", shape.d) for shape in shapes(recipe, "back_hair")]
        return min(float(y) for path in numbers for y in path[1::2])

    afro = Recipe(hair="afro")
    assert top(afro.replace(headwear="top_hat")) > top(afro) + 5


def test_hair_hides_the_brows_behind_it() -> None:
    layers = {layer.name: layer for layer in layers_of(Recipe(hair="quiff", glasses="round"))}
    assert layers["brows"].within == layers["eyes"].within == "".join(s.d for s in layers["head"].shapes)
    assert not layers["glasses"].within
    order = list(layers)
    assert order.index("brows") < order.index("outline") < order.index("front_hair")


def test_brows_take_the_color_of_the_hair() -> None:
    for hair in ("red", "#3355aa", "#ff66cc"):
        recipe = Recipe(skin_tone="light", hair_color=hair)
        ((brow,),) = {tuple({shape.stroke for shape in shapes(recipe, "brows")})}
        one, other = (_hue(color) for color in (brow, colors_of(recipe)["hair"]))
        assert min(abs(one - other), 1 - abs(one - other)) < 0.05, hair


def _hue(color: str) -> float:
    return colorsys.rgb_to_hsv(*bytes.fromhex(color[1:]))[0]


@pytest.mark.parametrize("clothes", ["jacket", "hoodie"])
@pytest.mark.parametrize("color", [*FIELDS["clothes_color"].choices, "#000000", "#101020"])
def test_folds_of_cloth_can_be_told_from_the_cloth_and_from_outlines(clothes: str, color: str) -> None:
    recipe = Recipe(clothes=clothes, clothes_color=color)
    cloth, fold = (colors_of(recipe)[role] for role in ("clothes", "clothes_shadow"))
    assert fold in {shape.fill for layer in layers_of(recipe) for shape in layer.shapes}
    assert min(_distance(fold, cloth), _distance(fold, "#000000")) > 40


@pytest.mark.parametrize("brows", FIELDS["brows"].choices)
@pytest.mark.parametrize("hair", FIELDS["hair"].choices)
def test_calm_brows_stay_clear_of_the_eyes(hair: str, brows: str) -> None:
    recipe = Recipe(hair=hair, fringe=True, brows=brows)
    below, above = ([_vertical(shape) for shape in shapes(recipe, slot)] for slot in ("brows", "eyes"))
    assert max(bottom for _, bottom in below) < min(top for top, _ in above)


def _vertical(shape: Shape) -> tuple[float, float]:
    """Where a shape's ink begins and ends, in units of the finished picture."""
    pen = BoundsPen(None)
    parse_path(shape.d, pen)
    return pen.bounds[1] - shape.width / 2, pen.bounds[3] + shape.width / 2


@pytest.mark.parametrize(
    ("recipe", "field", "changes"),
    [
        (Recipe(hair="bob"), "fringe", True),
        (Recipe(hair="bob", headwear="headscarf"), "fringe", False),
        (Recipe(hair="bald"), "fringe", False),
        (Recipe(hair="bald"), "sideburns", False),
        (Recipe(hair="buzz"), "fringe", False),
        (Recipe(hair="tousled"), "fringe", False),
        (Recipe(hair="quiff"), "fringe", True),
        (Recipe(hair="buzz"), "sideburns", True),
        (Recipe(), "headwear_color", False),
        (Recipe(headwear="cap"), "headwear_color", True),
        (Recipe(glasses="sunglasses"), "eyes", False),
        (Recipe(facial_hair="beard"), "double_chin", False),
        (Recipe(facial_hair="goatee"), "double_chin", True),
    ],
)
def test_what_can_be_seen_of_a_field(recipe: Recipe, field: str, changes: bool) -> None:
    assert has_effect(recipe, field) is changes


def test_every_drawing_is_shown_alone_in_real_colors() -> None:
    drawings = dict(every_drawing(Recipe()))
    assert {"hair.bob", "eyes.open", "eyes.open.lashes", "brows.calm.bushy", "lips.smile.full"} <= set(
        drawings
    )
    for where, layers in drawings.items():
        colors = {color for layer in layers for shape in layer.shapes for color in (shape.fill, shape.stroke)}
        assert all(re.fullmatch("none|#[0-9a-f]{6}", color) for color in colors), where
        assert colors != {"none"}, where


def test_outlines_are_two_units_wide() -> None:
    for slot in ("back_hair", "head", "outline", "clothes"):
        assert {shape.width for shape in shapes(Recipe(), slot)} <= {0.0, 2.0}


def test_a_row_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        Part.from_row({"slot": "hat", "glyph": "1F9D1", "colour": "red"})


def test_an_element_with_a_transform_is_refused() -> None:
    with pytest.raises(ValueError, match="transform"):
        shapes_of(Part(slot="clothes", glyph="1F9D1-200D-1F3A4", group="color", elements=(4,)), FACE)


def test_an_entry_without_parts_draws_nothing() -> None:
    assert parts_of("nose", "none") == ()
