"""The reading of the bundled portrait: a smiling woman with brown hair in an orange suit, and she is seen as that."""

import threading

import numpy as np
import pytest

from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, SKIN_TONES
from core.recipe.recipe import Recipe
from core.seeing.face import find_faces
from core.seeing.measurements import measure
from core.seeing.photo import Photo
from core.seeing.reading import Reader, Reading


@pytest.fixture(scope="module")
def crop(portrait: Photo) -> np.ndarray:
    return find_faces(portrait)[0].crop


@pytest.fixture(scope="module")
def reading(reader: Reader, crop: np.ndarray) -> Reading:
    return reader.read([crop])[0]


def test_a_reading_has_every_name_and_sums_to_one(reading: Reading) -> None:
    assert tuple(reading.attributes) == ATTRIBUTES
    assert all(0 <= p <= 1 for p in reading.attributes.values())
    assert tuple(reading.skin_tone) == SKIN_TONES
    assert tuple(reading.emotion) == EMOTIONS
    assert {question: tuple(answers) for question, answers in reading.look.items()} == LOOK
    for distribution in (reading.skin_tone, reading.emotion, *reading.look.values()):
        assert sum(distribution.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["Smiling", "Mouth_Slightly_Open", "No_Beard", "Young"])
def test_what_anyone_sees_is_likely(reading: Reading, name: str) -> None:
    assert reading.attributes[name] > 0.5


@pytest.mark.parametrize(
    "name", ["Bald", "Eyeglasses", "Wearing_Hat", "Goatee", "Mustache", "Gray_Hair", "Blurry"]
)
def test_what_nobody_sees_is_unlikely(reading: Reading, name: str) -> None:
    assert reading.attributes[name] < 0.5


def test_the_portrait_smiles(reading: Reading) -> None:
    assert max(reading.emotion, key=reading.emotion.__getitem__) == "happy"


@pytest.mark.parametrize("question", ["eyewear", "facial_hair"])
def test_the_portrait_has_no_glasses_and_no_beard(reading: Reading, question: str) -> None:
    assert reading.look[question]["none"] > 0.5


@pytest.mark.parametrize("field", ["glasses", "headwear", "beard", "moustache"])
def test_her_emoji_wears_what_she_wears(reading: Reading, field: str) -> None:
    assert getattr(Recipe.from_reading(reading), field) == "none"


def test_what_is_measured_comes_with_the_reading(reading: Reading, crop: np.ndarray) -> None:
    measurements, colors = measure(crop)

    assert (reading.measurements, reading.colors) == (measurements, colors)
    assert reading.to_dict()["measurements"]["forehead"] == measurements.forehead is not None


def test_a_batch_reads_as_its_pictures_do(reader: Reader, crop: np.ndarray) -> None:
    crops = [crop, crop[:, ::-1].copy(), np.full_like(crop, 127)] * 7  # more than one batch
    together, alone = reader.read(crops), [reader.read([c])[0] for c in crops[:3]]
    for i, reading in enumerate(together):
        for name, p in reading.attributes.items():
            assert p == pytest.approx(alone[i % 3].attributes[name], abs=1e-3)


def test_no_crops_no_readings(reader: Reader) -> None:
    assert reader.read([]) == []


def test_threads_may_share_a_reader(reader: Reader, crop: np.ndarray, reading: Reading) -> None:
    results: list[Reading] = []
    threads = [threading.Thread(target=lambda: results.extend(reader.read([crop]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for other in results:
        assert other.emotion == pytest.approx(reading.emotion, abs=1e-4)
