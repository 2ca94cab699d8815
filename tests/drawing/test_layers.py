"""Which layers a recipe has, and where they come to lie."""

import itertools
import re

import numpy as np
import pytest

from core.drawing.artwork import Shape
from core.drawing.catalogue import catalogue
from core.drawing.layers import Layer, every_drawing, has_effect, layers_of
from core.drawing.palette import colors_of
from core.drawing.png import draw_image
from core.extras.gallery import every_choice, people
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

EVERYBODY = [*every_choice(), *people()]


def names(recipe: Recipe) -> list[str]:
    return [layer.name for layer in layers_of(recipe)]


def shapes(recipe: Recipe, *layers: str) -> list[Shape]:
    return [shape for layer in layers_of(recipe) if layer.name in layers for shape in layer.shapes]


def fills(recipe: Recipe, *layers: str) -> set[str]:
    return {shape.fill for shape in shapes(recipe, *layers)}


@pytest.mark.parametrize(
    ("recipe", "there", "missing"),
    [
        # what nobody wears is not there
        (
            Recipe(),
            ["body", "clothes", "hair", "ears", "head", "outline", "mouth", "eyes", "brows"],
            ["hat", "glasses", "lips", "beard", "behind_hair", "background"],
        ),
        # dark glasses hide the eyes
        (Recipe(glasses="cat", lenses="dark", lashes=True), ["glasses", "brows"], ["eyes", "lashes"]),
        (Recipe(glasses="cat", lashes=True, eye_bags=True), ["glasses", "eyes", "lashes"], ["skin"]),
        # a cloth hides the hair, a headscarf the ears and the necklace too
        (Recipe(headwear="turban", hair="wavy_full", tied="puff"), ["hat"], ["hair", "tied", "behind_hair"]),
        (Recipe(headwear="headscarf", earrings="hoop", necklace="pearls"), ["hat"], ["ears", "earrings", "necklace"]),
        # nothing blocks anything: a beard under a headscarf, lashes beside it
        (Recipe(headwear="headscarf", beard="full", lashes=True), ["hat", "beard", "lashes"], []),
        # no bun through a hat, but a plait below it
        (Recipe(hair="tight", tied="bun_top"), ["tied"], []),
        (Recipe(hair="tight", tied="bun_top", headwear="cap"), ["hat", "hair"], ["tied"]),
        (Recipe(hair="tight", tied="plaits", headwear="cap"), ["hat", "hair", "plaits"], []),
        # lips are one shape with a line, without lips there is a line alone
        (Recipe(lipstick="red"), ["lips", "mouth"], []),
        # long hair fills the gap behind the neck and hides the ears
        (Recipe(hair="long"), ["behind_hair", "hair"], ["ears"]),
        # a bald head has its ears, and its shadow when shaved
        (Recipe(hair="none"), ["ears"], ["hair", "scalp"]),
        (Recipe(hair="shadow"), ["ears", "scalp"], ["hair"]),
    ],
)  # fmt: skip
def test_what_a_recipe_shows(recipe: Recipe, there: list[str], missing: list[str]) -> None:
    assert set(there) <= set(names(recipe))
    assert not set(missing) & set(names(recipe))


@pytest.mark.parametrize(("caption", "recipe"), EVERYBODY, ids=[caption for caption, _ in EVERYBODY])
def test_an_emoji_has_at_most_four_widths_of_strokes(caption: str, recipe: Recipe) -> None:
    widths = {shape.width for layer in layers_of(recipe) for shape in layer.shapes if shape.stroke != "none"}
    assert len(widths) <= 4


def test_layers_stand_in_the_catalogues_order_and_are_named_once() -> None:
    order = list(catalogue().layers)
    for _, recipe in EVERYBODY:
        places = [order.index(name) for name in names(recipe)]
        assert places == sorted(set(places))


def test_layers_are_frozen() -> None:
    layers = layers_of(Recipe(hair="long", headwear="cowboy", beard="full"))
    with pytest.raises(AttributeError):
        layers[0].name = "other"  # type: ignore[misc]
    assert hash(layers[0]) == hash(Layer(layers[0].name, layers[0].shapes))


def test_every_color_is_resolved() -> None:
    for _, recipe in EVERYBODY:
        for layer in layers_of(recipe):
            for shape in layer.shapes:
                assert all(re.fullmatch("none|#[0-9a-f]{6}", color) for color in (shape.fill, shape.stroke))


def top(recipe: Recipe, *layers: str) -> float:
    return min(shape.path.top for shape in shapes(recipe, *layers))


def middle(recipe: Recipe, *layers: str) -> float:
    xs = [x for shape in shapes(recipe, *layers) for _, point in shape.path.commands for x in point[::2]]
    return (min(xs) + max(xs)) / 2


def test_a_hat_presses_the_hair_below_its_brim() -> None:
    afro = Recipe(hair="afro")
    assert top(afro.replace(headwear="top_hat"), "hair") > top(afro, "hair") + 5


def test_a_kippah_sits_on_top_of_the_hair() -> None:
    flat, afro = (top(Recipe(hair=hair, headwear="kippah"), "hat") for hair in ("close", "afro_big"))
    assert flat > afro + 5


def test_the_person_sinks_when_something_would_reach_out_of_the_picture() -> None:
    chin = max(y for shape in shapes(Recipe(), "head") for _, p in shape.path.commands for y in p[1::2])
    tall = Recipe(face_shape="long", headwear="kippah", hair="afro_big")
    sunk = max(y for shape in shapes(tall, "head") for _, p in shape.path.commands for y in p[1::2])
    assert sunk > chin + 2
    assert top(tall, "hat") >= 0


def test_the_parting_mirrors_the_hair_and_nothing_else() -> None:
    left, right = (Recipe(hair="full", hairline="side", parting=side) for side in ("left", "right"))
    assert shapes(left, "eyes", "mouth", "clothes") == shapes(right, "eyes", "mouth", "clothes")
    [one], [other] = shapes(left, "head"), shapes(right, "head")
    apex = {
        path: min((y, x) for _, p in path.commands for x, y in zip(p[::2], p[1::2], strict=True))[1]
        for path in (one.path, other.path)
    }
    assert apex[one.path] < 36 < apex[other.path]
    assert apex[one.path] + apex[other.path] == pytest.approx(72)


@pytest.mark.parametrize("face_shape", FIELDS["face_shape"].choices)
def test_faces_are_symmetric(face_shape: str) -> None:
    assert middle(Recipe(face_shape=face_shape), "eyes") == pytest.approx(36, abs=0.02)
    assert middle(Recipe(face_shape=face_shape), "brows") == pytest.approx(36, abs=0.02)


def test_eyes_stay_round_in_every_face() -> None:
    for face_shape in FIELDS["face_shape"].choices:
        xs, ys = (
            [
                value
                for _, point in shapes(Recipe(face_shape=face_shape), "eyes")[0].path.commands
                for value in point[axis::2]
            ]
            for axis in (0, 1)
        )
        assert max(xs) - min(xs) == pytest.approx(max(ys) - min(ys), abs=0.02)
        assert max(xs) - min(xs) == pytest.approx(4.73, abs=0.05)


def test_hair_hides_the_brows_behind_it_and_not_the_glasses() -> None:
    layers = {
        layer.name: layer for layer in layers_of(Recipe(hair="full", hairline="swoop", glasses="round"))
    }
    [head] = layers["head"].shapes
    assert layers["brows"].within == layers["eyes"].within == head.path
    assert layers["glasses"].within is None


@pytest.mark.parametrize("brows", [name for name in FIELDS["brows"].choices if name != "none"])
@pytest.mark.parametrize("hairline", FIELDS["hairline"].choices)
def test_brows_stay_clear_of_the_eyes(hairline: str, brows: str) -> None:
    recipe = Recipe(hair="full", hairline=hairline, brows=brows)
    below = max(
        y + shape.width / 2
        for shape in shapes(recipe, "brows")
        for _, p in shape.path.commands
        for y in p[1::2]
    )
    assert below < top(recipe, "eyes") + 0.3


@pytest.mark.parametrize(("lips", "lipstick"), list(itertools.product(["line", "full"], ["none", "rose"])))
def test_lips_are_one_flat_shape(lips: str, lipstick: str) -> None:
    recipe = Recipe(lips=lips, lipstick=lipstick, mouth="soft", skin_tone="light")
    drawn = shapes(recipe, "lips")
    if (lips, lipstick) == ("line", "none"):
        assert not drawn and {shape.stroke for shape in shapes(recipe, "mouth")} == {"#000000"}
        return
    [shape] = drawn
    assert (shape.fill, shape.stroke) == (colors_of(recipe)["lips"], "none")
    assert shape.fill == ("#d9677c" if lipstick == "rose" else "#d2706c")
    assert "#000000" not in {shape.stroke for shape in shapes(recipe, "mouth")}


def test_a_mouth_in_a_beard_lies_on_redder_skin() -> None:
    recipe = Recipe(beard="full", mouth="soft")
    assert fills(recipe, "lips") == {colors_of(recipe)["beard_lips"]}


def test_expressions_that_share_a_mouth_differ() -> None:
    mouths = {mouth: tuple(layers_of(Recipe(mouth=mouth))) for mouth in FIELDS["mouth"].choices}
    assert len(set(mouths.values())) == len(mouths)


@pytest.mark.parametrize(
    ("recipe", "field", "changes"),
    [
        (Recipe(hair="bob"), "hairline", True),
        (Recipe(hair="bob", headwear="headscarf"), "hairline", False),
        (Recipe(hair="none"), "hairline", False),
        (Recipe(hair="shadow"), "hairline", True),
        (Recipe(hair="none"), "hair_color", True),  # of the brows
        (Recipe(), "headwear_color", False),
        (Recipe(headwear="cap"), "headwear_color", True),
        (Recipe(glasses="round", lenses="dark"), "eyes", False),
        (Recipe(), "lenses", False),
        (Recipe(), "eye_color", False),
        (Recipe(eyes="large"), "eye_color", True),
        (Recipe(), "jewelry_color", False),
        (Recipe(earrings="hoop"), "jewelry_color", True),
        (Recipe(earrings="hoop", headwear="headscarf"), "jewelry_color", False),
        (Recipe(clothes="crew"), "necktie", False),
        (Recipe(clothes="shirt"), "necktie", True),
        (Recipe(clothes="shirt"), "bow_tie", False),
        (Recipe(clothes="crew"), "inner_color", False),
        (Recipe(), "background_color", False),
        (Recipe(background="dots"), "background_color", True),
        (Recipe(headwear="headscarf"), "sideburns", False),
    ],
)
def test_what_can_be_seen_of_a_field(recipe: Recipe, field: str, changes: bool) -> None:
    assert has_effect(recipe, field) is changes


def test_every_drawing_is_shown_alone_in_real_colors() -> None:
    drawings = dict(every_drawing(Recipe()))
    assert {"hair_bob", "eye_dot", "lash_flick", "brow_soft", "lips_smile"} <= set(drawings)
    for name, layers in drawings.items():
        colors = {color for layer in layers for shape in layer.shapes for color in (shape.fill, shape.stroke)}
        assert all(re.fullmatch("none|#[0-9a-f]{6}", color) for color in colors), name
        assert colors != {"none"}, name


@pytest.mark.parametrize("framing", FIELDS["framing"].choices)
def test_a_flipped_emoji_is_its_mirror_image(framing: str) -> None:
    recipe = Recipe(
        hairline="side", eyes="wink", mouth="smirk", scar="cheek", mobility="cane", background="confetti",
        framing=framing,
    )  # fmt: skip
    drawn = np.asarray(draw_image(recipe, 288).convert("RGB"), np.int16)
    flipped = np.asarray(draw_image(recipe.replace(flipped=True), 288).convert("RGB"), np.int16)
    unlike = np.abs(flipped - drawn[:, ::-1]).max(2) > 64
    assert unlike.mean() < 0.005
    assert (np.abs(flipped - drawn).max(2) > 64).mean() > 0.02
