"""The report by group: shares and gaps worked by hand, and the whole of it on a few generated pictures."""

import csv
import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core.models.labels import ATTRIBUTES
from engine import fairness
from engine.__main__ import main
from engine.fairness import FOUND, NO_GAP, SEEN_TONE, SMILE, Gap, Seen, Share

SEEN = [
    *[Seen({"age": "old", SEEN_TONE: "type2"}, {FOUND: True, SMILE: number < 18}) for number in range(20)],
    *[Seen({"age": "young", SEEN_TONE: "type6"}, {FOUND: True, SMILE: number < 6}) for number in range(20)],
    *[Seen({"age": "young"}, {FOUND: False}) for _ in range(5)],
    Seen({"age": "unborn"}, {FOUND: False}),
]


def test_shares_are_of_the_pictures_that_people_answered_for() -> None:
    table = fairness.shares(SEEN, "age")
    assert table["old"] == {FOUND: Share(20, 20), SMILE: Share(18, 20)}
    assert table["young"] == {FOUND: Share(20, 25), SMILE: Share(6, 20)}
    assert table["unborn"] == {FOUND: Share(0, 1), SMILE: Share(0, 0)}
    assert str(table["young"][FOUND]) == "80.0% (25)"
    assert str(table["unborn"][SMILE]) == "none"


def test_ages_are_in_order() -> None:
    ages = ["more than 70", "10-19", "3-9"]
    seen = [Seen({"age": age}, {FOUND: True}) for age in ages]
    assert list(fairness.shares(seen, "age")) == ["3-9", "10-19", "more than 70"]


def test_a_skin_tone_is_seen_where_a_face_is() -> None:
    assert fairness.shares(SEEN, SEEN_TONE) == {
        "type2": {SMILE: Share(18, 20)},
        "type6": {SMILE: Share(6, 20)},
    }


def test_the_worst_gap_is_the_surest_between_groups_of_some_size() -> None:
    found, smile = fairness.compare("by age", fairness.shares(SEEN, "age"))
    assert (found.points, smile.points) == (pytest.approx(20), pytest.approx(60))
    assert found.worst[0] == smile.worst[0] == "young"
    # By Wilson's intervals: 18 of 20 is at least 69.9%, 6 of 20 at most 51.9%.
    assert smile.sure == pytest.approx(18.0, abs=0.1)
    told = fairness.name_worst([found, smile])
    assert told.startswith("by age, smile: young 30.0% (20), old 90.0% (20); 60.0 points")


@pytest.mark.parametrize("gaps", [[], [Gap("by age", SMILE, ("old", Share(6, 10)), ("young", Share(8, 10)))]])
def test_a_gap_that_chance_explains_is_none(gaps: list[Gap]) -> None:
    assert fairness.name_worst(gaps) == NO_GAP


@pytest.fixture
def people(tmp_path: Path, portrait_image: Image.Image) -> Path:
    """The sample portrait and a plain picture under FairFace's and UTKFace's names, and the portrait under
    CelebA's."""
    pictures = {"1.webp": portrait_image, "2.webp": Image.new("RGB", (160, 160), "gray")}
    data = tmp_path / "data"
    for name, archive, split in (("fairface", "val.zip", "val"), ("utkface", "images.zip", "train")):
        _zip(data / name / archive, pictures)
        rows = [[split, "1.webp", "30", "Female", "White"], [split, "2.webp", "5", "Male", "Black"]]
        _table(data / name / "labels.csv", ["split", "image", "age", "gender", "race"], rows)
    tones = [["val", "1.webp", "2", "3"], ["val", "2.webp", "x", "2"]]
    _table(data / "skintone" / "fairface_labels.csv", ["split", "image", "rater_a", "rater_b"], tones)
    _zip(data / "celeba" / "val.zip", {"1.webp": portrait_image})
    labels = ["1" if name in ("Smiling", "Brown_Hair", "Young") else "-1" for name in ATTRIBUTES]
    _table(data / "celeba" / "val_attributes.csv", ["image_id", *ATTRIBUTES], [["1.webp", *labels]])
    path = data / "celeba" / "val_attributes.csv"
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    return data


def _zip(path: Path, pictures: dict[str, Image.Image]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, image in pictures.items():
            stream = io.BytesIO()
            image.save(stream, "WEBP")
            archive.writestr(name, stream.getvalue())


def _table(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def test_the_page_has_every_set_by_every_group(people: Path) -> None:
    assert main(["report", "fairness", "--data", str(people), "--out", "page"]) == 0
    page = Path("page/fairness.md").read_text()
    assert NO_GAP in page
    fair = page.split("## FairFace, by race group as labeled")[1].split("##")[0]
    assert "| | face found | skin tone |" in fair
    assert "| Black | 0.0% (1) | none |" in fair
    assert "| White | 100.0% (1) | " in fair
    assert "| 0-12 | 0.0% (1) |" in page
    assert "## UTKFace, by skin tone as seen" not in page, "nobody said what would be right"
    celeba = page.split("## CelebA, by sex as labeled")[1].split("##")[0]
    assert "| | face found | hair color | smile | glasses |" in celeba
    assert re.search(r"\| not Male \| 100\.0% \(1\)( \| \d+\.\d% \(1\)){3} \|", celeba)


def test_a_part_of_each_set(people: Path) -> None:
    assert main(["report", "fairness", "--data", str(people), "--out", "page", "--limit", "1"]) == 0
    page = Path("page/fairness.md").read_text()
    assert "| White | 100.0% (1) |" in page
    assert "| Black |" not in page


def test_fairness_is_always_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "fairness"]) == 1
    assert "say --data DIR" in capsys.readouterr().err
