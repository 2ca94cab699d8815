"""core/live/sprites.py: what is kept and shifted looks as if all were drawn anew; what is kept has room."""

import numpy as np
import pytest
from PIL import Image

from core.drawing.figure import Figure
from core.drawing.painting import paint
from core.drawing.rig import Play
from core.live.sprites import Puppet, PuppetCache
from core.live.views import Pose, View, compose
from core.recipe.recipe import Recipe
from core.seeing.windows import Window

SIZE = 240
PEOPLE = {
    "plain": Recipe(nose="button"),
    "all sorts": Recipe(
        hair="bob", hairline="blunt", lashes=True, lips="full", glasses="round", freckles=True, earrings="hoop",
        eyes="large", skin_tone="medium_dark",
    ),
    "beard and hat": Recipe(beard="full", moustache="full", headwear="beanie", clothes="suit", necktie="red"),
    "tied": Recipe(hair="none", headwear="headscarf", face_mask=True, smile_lines=True),
}  # fmt: skip
PLAYS = (
    Play(),
    Play(smile_left=1, smile_right=0.4, jaw=0.7, teeth=1, blink_left=1, turn=0.9, nod=-0.7),
    Play(frown_left=1, inner_brow_left=-1, look_across=1, turn=-1, nod=1, pucker=0.6),
)


@pytest.mark.parametrize("play", PLAYS)
@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_a_puppet_looks_like_its_figure(person: Recipe, play: Play) -> None:
    sprite = Puppet(person, SIZE).draw(play)
    ground = np.zeros((SIZE, SIZE, 3), np.uint8)
    upright = Pose(Window(complex(SIZE, SIZE) / 2, 40 + 0j), sprite, (255, 255, 255))
    shown = compose(ground, View.only, False, upright)
    expected = Image.new("RGBA", (SIZE, SIZE), "white")
    expected.alpha_composite(paint(Figure(person).layers(play), SIZE))
    difference = np.abs(shown.astype(int) - np.asarray(expected.convert("RGB"))).max(-1)
    assert (difference > 80).mean() < 0.001
    assert difference.mean() < 3


def test_the_least_used_puppets_go_first() -> None:
    puppets = PuppetCache(pixels=60_000)
    first = puppets.get(Recipe(), 120)
    assert puppets.get(Recipe(), 120) is first
    for tone in ("pale", "light", "medium", "dark"):
        puppets.get(Recipe(skin_tone=tone), 120)
    assert puppets.get(Recipe(), 120) is not first
