"""`python -m core mirror`: a video becomes a film and a table, whole as far as it goes, or a sentence says why not."""

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.__main__ import main
from core.live import performance
from core.live.performance import COLUMNS, Moment, perform
from core.models.labels import MOVEMENTS
from core.stopping import STOPPED
from tests.live.mirrors import EMPTY, Pixels
from tests.video import Portrait, window_at

RATE, FRAMES = 10, 18
Captured = pytest.CaptureFixture[str]


def film(path: Path, frames: list[Pixels]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, person: Portrait) -> Path:
    frames = [person.frame(window_at(number / RATE)) for number in range(FRAMES)]
    return film(tmp_path_factory.mktemp("video") / "me.mp4", [*frames, EMPTY, EMPTY])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_video_becomes_a_film_and_a_table(video: Path, tmp_path: Path, capsys: Captured) -> None:
    out, table = tmp_path / "new" / "clip.mp4", tmp_path / "motion.csv"
    assert main(["mirror", str(video), "--out", str(out), "--csv", str(table)]) == 0
    assert capsys.readouterr().out == f"{video}: {out}, {table}\n"
    with av.open(str(out)) as container:
        [stream] = container.streams.video
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (480, 480)
        assert "CC BY-SA" in container.metadata["copyright"]
        frames = list(container.decode(video=0))
    assert len(frames) == FRAMES + 2
    assert float(frames[-1].time - frames[0].time) == pytest.approx((FRAMES + 1) / RATE, abs=0.01)
    seen = rows(table)
    assert tuple(seen[0]) == COLUMNS and len(seen) == FRAMES + 2
    assert [float(row["time"]) for row in seen[:3]] == [0.0, 0.1, 0.2]
    for row in seen[:FRAMES]:
        assert float(row["mouthSmileLeft"]) > 0.6 and float(row["AU12"]) > 0.6 and row["emotion"] == "happy"
        assert all(0 <= float(row[name]) <= 1 for name in MOVEMENTS)
    rolls = [float(row["roll"]) for row in seen[:FRAMES]]
    assert max(rolls) > 8 and min(rolls) < 0, "the head tilts as the portrait's does"
    assert (seen[-1]["faces"], seen[-1]["yaw"], seen[-1]["AU12"]) == ("0", "", "")
    assert not list(tmp_path.rglob("*.part"))


def test_ctrl_c_keeps_what_is_done(
    video: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*arguments: object) -> Iterator[Moment]:
        for number, moment in enumerate(perform(*arguments)):  # type: ignore[arg-type]
            if number == 7:
                raise KeyboardInterrupt
            yield moment

    monkeypatch.setattr(performance, "perform", stopped)
    out, table = tmp_path / "clip.mp4", tmp_path / "motion.csv"
    assert main(["mirror", str(video), "--out", str(out), "--csv", str(table)]) == STOPPED
    assert "kept" in capsys.readouterr().err
    assert len(rows(table)) == 7
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 7


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no such file."),
        (b"", "This is no video that can be read."),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(500), "This is no video that can be read."),
    ],
)
def test_what_is_no_video_is_said(
    content: bytes | None, message: str, tmp_path: Path, capsys: Captured
) -> None:
    source = tmp_path / "me.mp4"
    if content is not None:
        source.write_bytes(content)
    assert main(["mirror", str(source), "--csv", str(tmp_path / "motion.csv")]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "motion.csv").exists()


def test_a_video_of_nobody_is_said(tmp_path: Path, capsys: Captured) -> None:
    source = film(tmp_path / "wall.mp4", [EMPTY] * 5)
    assert main(["mirror", str(source), "--csv", str(tmp_path / "motion.csv")]) == 1
    assert "Nobody is to be seen" in capsys.readouterr().err


def test_arguments_that_make_no_sense(tmp_path: Path, capsys: Captured) -> None:
    assert main(["mirror", str(tmp_path / "me.mp4")]) == 2
    assert "--out FILE.mp4" in capsys.readouterr().err
    same = str(tmp_path / "me.mp4")
    assert main(["mirror", same, "--out", same]) == 2
    assert "different files" in capsys.readouterr().err


def test_large_frames_are_shrunk_and_a_rate_is_always_known() -> None:
    assert performance._shrunk(np.zeros((1080, 1920, 3), np.uint8)).shape == (720, 1280, 3)
    assert performance._shrunk(np.zeros((48, 64, 3), np.uint8)).shape == (48, 64, 3)
    assert Fraction(performance.USUAL_RATE) == 30
