"""From a photo to an emoji, step by step, in this process with the networks loaded."""

import io
from functools import cache, partial

from PIL import Image

from benchmarks import elsewhere, limit
from benchmarks.measuring import milliseconds, warm
from core import Face, Reader, Recipe, draw_png, draw_svg, find_faces, read_photo, sample_photo
from core.extras.gallery import contact_sheet, people

PERSON = Recipe(
    skin_tone="medium", smile_lines=True, hair="wavy_full", hairline="curtain", hair_color="copper", eye_bags=True,
    lashes=True, nose="wide", mouth="teeth", lipstick="coral", glasses="round", headwear="beanie", earrings="hoop",
    necklace="pearls", clothes="suit", necktie="red", background="circle",
)  # fmt: skip
"""Someone with more to draw than most."""

WARM_UPS, RUNS = 3, 20

_reader = cache(Reader)


def photo_to_png() -> list[float]:
    return [ours for ours, _ in _turns()]


def photo_reference() -> list[float]:
    """The same with a float32 network of the reference architecture for attributes and one for emotion instead of ours;
    finding the face and drawing are the same."""
    return [theirs for _, theirs in _turns()]


def photo_gain() -> list[float]:
    """How many times as fast as the reference each of our turns was."""
    return [theirs / ours for ours, theirs in _turns()]


def multiply_adds() -> float:
    """Billions, of our networks for one photo."""
    with limit.by_torch():
        _reader.cache_clear()
        counted = limit.multiply_adds(lambda: _emoji_of(_one_megapixel_photo(), 0))
    _reader.cache_clear()
    return counted


@cache
def _turns() -> list[tuple[float, float]]:
    """Milliseconds of ours and of the reference, in turns, so that whatever else the machine does slows both alike."""
    photo, networks = _one_megapixel_photo(), elsewhere.networks()
    recipe = Recipe.from_reading(_reader().read([_face().crop])[0])

    def theirs(number: int) -> bytes:
        [face, *_] = find_faces(read_photo(photo))
        elsewhere.answers(networks, face.crop)
        return draw_png(_new(recipe, number), 512)

    turns = range(WARM_UPS + RUNS)
    return [
        (milliseconds(partial(_emoji_of, photo, number)), milliseconds(partial(theirs, number)))
        for number in turns
    ][WARM_UPS:]


def _emoji_of(photo: bytes, number: int) -> bytes:
    [face, *_] = find_faces(read_photo(photo))
    [reading] = _reader().read([face.crop])
    return draw_png(_new(Recipe.from_reading(reading), number), 512)


def redraw() -> list[float]:
    return warm(lambda number: draw_png(_new(PERSON, number), 512))


def read_file() -> list[float]:
    photo = _one_megapixel_photo()
    return warm(lambda number: read_photo(photo))


def find_face() -> list[float]:
    photo = read_photo(_one_megapixel_photo())
    return warm(lambda number: find_faces(photo))


def read_face() -> list[float]:
    reader, crop = _reader(), _face().crop
    return warm(lambda number: reader.read([crop]))


def compose() -> list[float]:
    return warm(lambda number: draw_svg(_new(PERSON, number)))


def gallery() -> list[float]:
    def run(number: int) -> Image.Image:
        persons = [recipe for _, recipe in people()] * 2
        return contact_sheet([("", _new(recipe, 100 * number + i)) for i, recipe in enumerate(persons)], 512)

    return [milliseconds / 1000 for milliseconds in warm(run, warm_ups=1, runs=5)]


@cache
def _one_megapixel_photo() -> bytes:
    """A JPEG of 1000x1000 pixels: the sample portrait as a phone would have saved it."""
    buffer = io.BytesIO()
    Image.fromarray(sample_photo().pixels).resize((1000, 1000), Image.Resampling.LANCZOS).save(
        buffer, "JPEG", quality=90
    )
    return buffer.getvalue()


def _face() -> Face:
    return find_faces(read_photo(_one_megapixel_photo()))[0]


def _new(recipe: Recipe, number: int) -> Recipe:
    """The recipe with a color nobody has drawn before, so that no cache can answer for the work."""
    return recipe.replace(clothes_color=f"#{0x102030 + number:06x}")
