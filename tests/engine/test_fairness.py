"""The report by group: shares and gaps worked by hand, and the whole of it on a few generated pictures."""

import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core.models.groups import BY_SEEN_TONE, FOUND, NO_GAP, SMILE, Comparison, Share, of_report
from core.models.labels import ATTRIBUTES
from engine import fairness
from engine.__main__ import main
from engine.fairness import Seen

SEEN = [
    *[Seen({"age": "old", BY_SEEN_TONE: "type2"}, {FOUND: True, SMILE: number < 18}) for number in range(20)],
    *[
        Seen({"age": "young", BY_SEEN_TONE: "type6"}, {FOUND: True, SMILE: number < 6})
        for number in range(20)
    ],
    *[Seen({"age": "young"}, {FOUND: False}) for _ in range(5)],
    Seen({"age": "unborn"}, {FOUND: False}),
]


def test_shares_are_of_the_pictures_that_people_answered_for() -> None:
    found, smile = fairness.compared(SEEN, "These", "age")
    assert (found.where, found.measure, smile.measure) == ("These, by age", FOUND, SMILE)
    assert found.groups == {"old": Share(20, 20), "unborn": Share(0, 1), "young": Share(20, 25)}
    assert smile.groups == {"old": Share(18, 20), "unborn": Share(0, 0), "young": Share(6, 20)}


def test_ages_are_in_order() -> None:
    ages = ["more than 70", "10-19", "3-9"]
    [found] = fairness.compared([Seen({"age": age}, {FOUND: True}) for age in ages], "These", "age")
    assert list(found.groups) == ["3-9", "10-19", "more than 70"]


def test_a_skin_tone_is_seen_where_a_face_is() -> None:
    [smile] = fairness.compared(SEEN, "These", BY_SEEN_TONE)
    assert (smile.measure, smile.groups) == (SMILE, {"type2": Share(18, 20), "type6": Share(6, 20)})


def test_the_worst_gap_is_told_in_a_sentence() -> None:
    assert fairness.worst_of([[], fairness.compared(SEEN, "These", "age")]) == (
        "These, by age: the smile is right in 30.0% of 20 photos of “young”, and in 90.0% of 20 photos of “old”."
    )
    alike = Comparison("These, by age", SMILE, {"old": Share(6, 10), "young": Share(8, 10)})
    assert fairness.worst_of([[alike]]) == NO_GAP


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
    assert "python -m engine report fairness --data DIR\n" in page
    fair = page.split("## FairFace, by race group as labeled")[1].split("##")[0]
    assert "| | face found | skin tone |" in fair
    assert "| Black | 0.0% (1) | none |" in fair
    assert "| White | 100.0% (1) | " in fair
    assert "| 0-12 | 0.0% (1) |" in page
    assert "## UTKFace, by skin tone as seen" not in page, "nobody said what would be right"
    celeba = page.split("## CelebA, by sex as labeled")[1].split("##")[0]
    assert "| | face found | hair color | smile | glasses |" in celeba
    assert re.search(r"\| not Male \| 100\.0% \(1\)( \| \d+\.\d% \(1\)){3} \|", celeba)


def test_the_page_and_its_figures_say_the_same(people: Path) -> None:
    assert main(["report", "fairness", "--data", str(people), "--out", "page"]) == 0
    page = Path("page/fairness.md").read_text()
    figures = of_report(Path("page/fairness.json"))
    assert {one.where for one in figures} == {
        line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ") and ", by " in line
    }
    [race] = [
        one for one in figures if (one.where, one.measure) == ("UTKFace, by race group as labeled", FOUND)
    ]
    assert race.groups == {"Black": Share(0, 1), "White": Share(1, 1)}
    worst = json.loads(Path("page/fairness.json").read_text())["worst_gap"]
    assert f"in the cards of the weights.\n\n{worst}\n" in page


def test_a_part_of_each_set(people: Path) -> None:
    assert main(["report", "fairness", "--data", str(people), "--out", "page", "--limit", "1"]) == 0
    page = Path("page/fairness.md").read_text()
    assert "python -m engine report fairness --data DIR --limit 1\n" in page
    assert "| White | 100.0% (1) |" in page
    assert "| Black |" not in page


def test_fairness_is_always_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "fairness"]) == 1
    assert "say --data DIR" in capsys.readouterr().err
