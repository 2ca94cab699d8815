"""The face finder's pictures: cells answer what is drawn, whichever way a picture is turned; and it learns."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.models.architectures import FaceFinder
from core.seeing.finding import CELL, REACH, REFERENCE_HALF
from core.seeing.windows import Window, canonical_window
from engine import faceless, finder, mining
from engine.datasets import Dataset
from engine.faceless import Scenery
from engine.finder import CELLS, SIDE
from engine.scenes import FacePicture, Views, lay, whole
from engine.settings import Settings, Stage
from engine.tables import read_table
from engine.tasks import TASKS
from engine.training import Run
from tests.engine.conftest import picture


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few pictures as a test has time for."""
    monkeypatch.setattr(finder, "DRAWN", 64)
    monkeypatch.setattr(finder, "VALIDATION", 16)
    monkeypatch.setattr(faceless, "MARKS", 8)
    faceless.scenery.cache_clear()


def cell_window(row: int, column: int, similarity: np.ndarray) -> Window:
    """The window that a cell's answer describes, in pixels of the picture."""
    middle = complex(column, row) * CELL + complex(CELL - 1, CELL - 1) / 2
    return Window(middle, complex(REFERENCE_HALF)).within(similarity[:, row, column])


def marked(window: Window) -> tuple[np.ndarray, np.ndarray]:
    face = np.zeros((CELLS, CELLS), np.float32)
    similarity = np.zeros((4, CELLS, CELLS), np.float32)
    finder.mark(face, similarity, [window])
    return face, similarity


def test_the_cells_in_the_middle_of_a_face_answer_with_its_window() -> None:
    window = Window(complex(70.0, 41.0), 12 * complex(0.6, -0.8))
    face, similarity = marked(window)
    rows, columns = np.where(face > 0.5)
    assert (5, 8) in zip(rows, columns, strict=True)
    for row, column in zip(rows, columns, strict=True):
        answer = cell_window(row, column, similarity)
        assert answer.center == pytest.approx(window.center, abs=1e-4)
        assert answer.half == pytest.approx(window.half, abs=1e-4)


@pytest.mark.parametrize(
    ("window", "answers"),
    [
        (Window(64 + 64j, REACH[0] / 2 + 0j), 1.0),
        (Window(64 + 64j, REACH[1] / 2 + 0j), 1.0),
        (Window(64 + 64j, REACH[0] / 2 - 1 + 0j), -1.0),
        (Window(64 + 64j, REACH[1] / 2 + 2 + 0j), -1.0),
        (Window(64 + 64j, 2 * REACH[1] + 0j), 0.0),
        (Window(1 + 1j, 10 + 0j), -1.0),
    ],
    ids=["smallest", "largest", "too small", "too large", "far too large", "cut by the rim"],
)
def test_only_faces_in_reach_are_asked_for(window: Window, answers: float) -> None:
    face, _ = marked(window)
    nearest = tuple(min(int(v // CELL), CELLS - 1) for v in (window.center.imag, window.center.real))
    assert face[nearest] == answers
    assert face[CELLS - 1, CELLS // 2] == 0


def test_a_face_is_laid_where_its_window_says() -> None:
    """A white dot at the place of an eye lands where the turned and shrunk window has that eye."""
    crop = np.zeros((218, 178, 3), np.uint8)
    crop[107:117, 65:75] = 255
    scene = np.zeros((SIDE, SIDE, 3), np.uint8)
    face = FacePicture(crop, canonical_window())
    target = Window(complex(80, 50), 20 * 1j)
    lay(scene, face, target, whole(face))
    weight = scene[..., 0].astype(float)
    y, x = np.mgrid[:SIDE, :SIDE]
    seen = complex((x * weight).sum(), (y * weight).sum()) / weight.sum()
    wanted = target.center + target.half * (complex(69.5, 111.5) - face.window.center) / face.window.half
    assert abs(seen - wanted) < 0.5


def test_turned_and_mirrored_pictures_keep_their_windows() -> None:
    """A picture with one bright pixel in the middle of its window, and its answers, after every turn of `prepare`."""
    window = Window(complex(43.0, 91.0), 9 * complex(0.8, 0.6))
    face, similarity = marked(window)
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    tip = window.center - 1j * window.half  # above the face
    for point in (window.center, tip):
        image[round(point.imag), round(point.real)] = 255
    data = Dataset(image[None], {"face": face[None], "similarity": similarity[None]}, ["0"])
    places = set()
    for seed in range(24):
        images, targets = finder.prepare(
            data, np.zeros(1, int), (SIDE, SIDE), torch.Generator().manual_seed(seed)
        )
        [[row, column], *_] = torch.nonzero(targets["face"][0] > 0.5).tolist()
        found = cell_window(row, column, targets["similarity"][0].numpy())
        bright = torch.nonzero(images[0].mean(0) > images[0].mean(0).median() + 0.1).tolist()
        wanted = [found.center, found.center - 1j * found.half]
        assert {(round(point.imag), round(point.real)) for point in wanted} == {
            tuple(point) for point in bright
        }
        places.add((row, column))
    assert len(places) == 8


def test_scenery_takes_what_the_folder_offers(tmp_path: Path) -> None:
    folder = tmp_path / "faceless" / "train"
    folder.mkdir(parents=True)
    (folder / "photo.webp").write_bytes(picture(np.full((60, 90, 3), 7, np.uint8)))
    (folder / "thing.webp").write_bytes(picture(np.full((30, 30, 4), 9, np.uint8)))
    train, val = faceless.scenery(tmp_path, "train"), faceless.scenery(tmp_path, "val")
    assert train.pictures[-1].shape == (60, 90, 3)
    assert train.things[-1].shape == (30, 30, 4)
    assert len(train.things) - 1 + len(val.things) == 8
    assert not {p.tobytes() for p in train.pictures} & {p.tobytes() for p in val.pictures}


def test_hair_gives_its_largest_square(tmp_path: Path) -> None:
    folder = tmp_path / "hair"
    folder.mkdir()
    pixels = np.zeros((120, 100, 3), np.uint8)
    mask = np.zeros((120, 100), np.uint8)
    mask[10:70, 20:90], pixels[10:70, 20:90] = 1, 200
    with (
        zipfile.ZipFile(folder / "images.zip", "w") as images,
        zipfile.ZipFile(folder / "masks.zip", "w") as masks,
    ):
        images.writestr("a.webp", picture(pixels))
        stream = io.BytesIO()
        Image.fromarray(mask).save(stream, "PNG")
        masks.writestr("a.png", stream.getvalue())
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["split", "image"], ["train", "a.webp"]])
    patch = faceless.scenery(tmp_path, "train").pictures[-1]
    assert 56 <= patch.shape[0] == patch.shape[1] <= 60
    assert patch.min() == 200


def test_hard_squares_lie_where_the_network_sees_faces() -> None:
    """A network that takes brightness for a face: the square shows the bright spot, and there is one of it."""

    class Bright(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            light = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), CELL)
            return torch.cat([20 * light - 10, torch.zeros_like(light).expand(-1, 4, -1, -1)], 1)

    pixels = np.full((304, 256, 3), 20, np.uint8)
    pixels[200:224, 16:40] = 250
    [square] = mining.hard_squares(Bright(), pixels)
    assert square.shape == (SIDE, SIDE, 3)
    assert (square == 250).sum() == 24 * 24 * 3
    assert mining.hard_squares(Bright(), pixels[:144]) == []


def test_what_is_taken_for_faces_is_kept_to_learn_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mining, "LEAST", 0.0)
    before = len(faceless.scenery(tmp_path, "train").pictures)
    count = mining.mine(FaceFinder().eval(), tmp_path)
    faceless.scenery.cache_clear()
    assert len(faceless.scenery(tmp_path, "train").pictures) == before + count > before


def test_pictures_are_drawn_once(celeba: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = finder.load(celeba, "val")
    monkeypatch.setattr(finder, "draw", None)
    again = finder.load(celeba, "val")
    assert np.array_equal(first.images, again.images)
    assert first.targets.keys() == again.targets.keys() == {"face", "similarity"}


def test_it_learns_to_find(celeba: Path) -> None:
    settings = Settings(
        architecture="finder", stages=(Stage(6, (SIDE, SIDE)),), batch_size=8, learning_rate=3e-3, averaging=0.8,
        device="cpu",
    )  # fmt: skip
    data = finder.load(celeba, "train")
    Run(TASKS["finder"], settings, Path("run")).train(data, finder.load(celeba, "val"))
    rows = read_table(Path("run/metrics.csv"), ("loss", "average_precision"))
    assert float(rows[-1]["loss"]) < 0.7 * float(rows[0]["loss"])


def test_views_are_of_the_size_asked_for() -> None:
    views = Views(Scenery([np.full((300, 500, 3), 9, np.uint8)], []))
    rng = np.random.default_rng(0)
    assert {views.view(rng, 64, 48).shape for _ in range(20)} == {(48, 64, 3)}
