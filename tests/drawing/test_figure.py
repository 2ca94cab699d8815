"""core/drawing/figure.py: a face that rests, that moves, and mixtures that stay within what is drawn."""

import itertools

import numpy as np
import pytest

from core.drawing.artwork import Path
from core.drawing.catalogue import catalogue
from core.drawing.figure import Figure, shift_of
from core.drawing.layers import Layer, layers_of
from core.drawing.painting import paint
from core.drawing.rig import Play
from core.recipe.choices import FIELDS
from core.recipe.recipe import Recipe

PEOPLE = {
    "plain": Recipe(),
    "lips": Recipe(skin_tone="dark", lips="full", lashes=True, hair="bob", hairline="blunt"),
    "large eyes": Recipe(eyes="large", skin_tone="medium", glasses="round"),
    "beard": Recipe(beard="full", moustache="full", skin_tone="pale", headwear="beanie", face_shape="long"),
}
LAUGH = Play(smile_left=1, smile_right=1, jaw=1, teeth=1, squint_left=1, squint_right=1)


def points(path: Path) -> np.ndarray:
    return np.array([value for _, values in path.commands for value in values]).reshape(-1, 2)


def of(layers: tuple[Layer, ...], *names: str) -> np.ndarray:
    return np.concatenate([points(s.path) for layer in layers if layer.name in names for s in layer.shapes])


@pytest.fixture(params=PEOPLE)
def person(request: pytest.FixtureRequest) -> Recipe:
    return PEOPLE[request.param]


def test_at_rest_it_is_the_calm_person_but_for_the_mouth(person: Recipe) -> None:
    figure = Figure(person)
    calm = {layer.name: layer for layer in layers_of(figure.recipe)}
    at_rest = {layer.name: layer for layer in figure.layers(Play())}
    assert at_rest.keys() == calm.keys()
    for name in calm.keys() - {"mouth", "lips", "eyes"}:
        assert at_rest[name] == calm[name], name
    eyes = [[shape.path for shape in layers["eyes"].shapes] for layers in (at_rest, calm)]
    for one, other in zip(*eyes, strict=True):
        np.testing.assert_allclose(points(one), points(other), atol=0.011)


def test_layers_stand_in_the_catalogues_order(person: Recipe) -> None:
    order = list(catalogue().layers)
    places = [order.index(layer.name) for layer in Figure(person).layers(LAUGH)]
    assert places == sorted(places)


def test_each_eye_closes_by_itself(person: Recipe) -> None:
    figure = Figure(person)
    tall = {}
    for play in (Play(), Play(blink_left=1)):
        eyes = of(figure.layers(play), "eyes")
        tall[play] = [float(np.ptp(side[:, 1])) for side in (eyes[eyes[:, 0] > 36], eyes[eyes[:, 0] < 36])]
    open_left, open_right = tall[Play()]
    shut_left, still_right = tall[Play(blink_left=1)]
    assert shut_left < 0.5 * open_left
    assert still_right == open_right == pytest.approx(open_left, abs=0.03)


@pytest.mark.parametrize(
    ("play", "layer", "axis", "sign"),
    [
        (Play(look_across=1), "eyes", 0, 1),
        (Play(look_down=1), "eyes", 1, 1),
        (Play(inner_brow_left=1, inner_brow_right=1, outer_brow_left=1, outer_brow_right=1), "brows", 1, -1),
        (Play(inner_brow_left=-1, inner_brow_right=-1), "brows", 1, 1),
        (Play(aside=1), "mouth", 0, 1),
        (Play(turn=1), "nose", 0, 1),
        (Play(turn=1), "ears", 0, -1),
        (Play(nod=1), "eyes", 1, 1),
    ],
)
def test_features_go_where_the_face_does(play: Play, layer: str, axis: int, sign: int) -> None:
    figure = Figure(Recipe(nose="button"))
    before, after = (of(figure.layers(each), layer)[:, axis].mean() for each in (Play(), play))
    assert sign * (after - before) > 0.2


def test_what_is_nearer_goes_farther() -> None:
    across = [shift_of(name, Play(turn=1)).across for name in ("tied", "hair", "head", "eyes", "nose")]
    assert across == sorted(across)
    assert shift_of("body", Play(turn=1, nod=1)).across == 0


def test_glasses_turn_with_the_eyes_and_stay_on_the_ears() -> None:
    figure = Figure(Recipe(glasses="round"))
    before, after = (of(figure.layers(play), "glasses") for play in (Play(), Play(turn=1)))
    moved = after[:, 0] - before[:, 0]
    inner = np.abs(before[:, 0] - 36) < 8
    assert moved[inner].min() > 2
    assert moved[np.argmin(before[:, 0])] < 1


def test_a_mouth_opens_and_shows_teeth_and_tongue() -> None:
    figure = Figure(Recipe())
    shut, laughing = (figure.layers(play) for play in (Play(), LAUGH))
    assert np.ptp(of(shut, "mouth")[:, 1]) < 2 < 6 < np.ptp(of(laughing, "mouth")[:, 1])
    fills = [shape.fill for layer in laughing if layer.name == "mouth" for shape in layer.shapes]
    assert "#ffffff" in fills and "#c9403a" in fills
    assert not any(
        shape.fill == "#ffffff" for layer in shut if layer.name == "mouth" for shape in layer.shapes
    )


def test_no_mixture_goes_beyond_the_face(person: Recipe) -> None:
    """Extremes of all controls at once, in pairs of opposites."""
    figure = Figure(person)
    face = of(figure.layers(Play()), "head")
    controls = ("smile_left", "smile_right", "frown_left", "stretch_right", "pucker", "teeth", "jaw")
    for values in itertools.product((0.0, 1.0), repeat=len(controls)):
        mouth = of(figure.layers(Play(**dict(zip(controls, values, strict=True)))), "mouth")[:13]
        assert mouth[:, 0].min() > 20 and mouth[:, 0].max() < 52
        assert mouth[:, 1].max() < face[:, 1].max() - 0.5
        top, bottom = mouth[0, 1], mouth[6, 1]
        assert bottom >= top - 0.02, "the lips never cross"


def test_what_is_held_stays_as_it_is_chosen() -> None:
    recipe = Recipe(mouth="teeth", eyes="joy", brows="stern")
    figure = Figure(recipe, {"mouth", "eyes", "brows"})
    assert figure.layers(Play(smile_left=0, jaw=1, blink_left=1)) == layers_of(recipe)


def test_every_person_can_be_drawn_in_motion() -> None:
    play = Play(smile_left=0.7, smile_right=0.4, jaw=0.5, teeth=0.5, turn=-0.6, nod=0.5, blink_left=0.5)
    for name in ("hair", "headwear", "glasses", "beard", "mouth", "eyes"):
        for value in FIELDS[name].choices:
            picture = np.asarray(paint(Figure(Recipe().replace(**{name: value})).layers(play), 72))
            assert (picture[..., 3] > 128).mean() > 0.3, (name, value)
