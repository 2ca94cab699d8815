"""benchmarks/: the table and the document say what was measured; how fast it was is no matter of a test."""

import json

import pytest
import torch
from torch import nn

from benchmarks import limit, table
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.measuring import Benchmark, warm
from benchmarks.table import Measured


def test_warm_ups_do_not_count() -> None:
    numbers: list[int] = []
    times = warm(numbers.append, warm_ups=2, runs=3)
    assert numbers == [0, 1, 2, 3, 4]
    assert len(times) == 3


@pytest.mark.parametrize(
    ("target", "more_is_better", "met"),
    [
        (2.0, False, True),  # the median of 1, 2, 9
        (1.9, False, False),
        (2.0, True, True),
        (2.1, True, False),
        (None, False, None),  # nothing is promised
    ],
)
def test_the_median_meets_the_target_or_not(
    target: float | None, more_is_better: bool, met: bool | None
) -> None:
    result = Benchmark("", "ms", target, lambda: [9.0, 1.0, 2.0], more_is_better).run("some")
    assert (result.median, result.met) == (2.0, met)


def test_a_document_of_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main(["compose", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["machine"]["cores"] >= 1
    [result] = document["results"]
    assert result["name"] == "compose"
    assert 0 < result["least"] <= result["median"] <= result["most"]


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["compose"])
    assert BENCHMARKS["compose"].what in capsys.readouterr().out


def test_an_unknown_name_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["speed"])
    assert caught.value.code == 2
    assert "photo_to_png" in capsys.readouterr().err


def test_multiply_adds_are_those_of_convolutions_and_products() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Flatten(), nn.Linear(8 * 10 * 10, 5))
    # 8 maps of 10x10, each of 3 maps by 3x3; and 800 numbers to each of 5.
    expected = (8 * 10 * 10 * 3 * 9 + 800 * 5) / 1e9
    assert limit.multiply_adds(lambda: network(torch.zeros(1, 3, 10, 10))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "least"), [("photo_to_png", 1.0), ("reading", 0.5), ("mirror_updates", 0.01), ("folders", 0.5)]
)
def test_the_networks_of_a_row_are_counted(name: str, least: float) -> None:
    [row] = [row for row in table.ROWS if row.name == name]
    assert row.work is not None
    assert least < row.work() < 100


def test_every_row_is_a_benchmark() -> None:
    for row in table.ROWS:
        assert {row.name, row.reference, row.gain} - {""} <= set(BENCHMARKS)


@pytest.mark.parametrize(
    ("name", "measured", "cells"),
    [
        # 20 ms at a limit of 8, and 25 updates a second at a limit of 100
        ("reading", Measured(20, 50, 2.5, 8), ["20 ms", "50 ms", "2.5", "8 ms", "2.5"]),
        ("mirror_updates", Measured(25, 5, 5, 100), ["25 /s", "5 /s", "5.0", "100 /s", "4.0"]),
        ("redraw", Measured(9.5, None, None, None), ["9.5 ms", "", "", "", ""]),
    ],
)
def test_a_line_of_the_whole_table(name: str, measured: Measured, cells: list[str]) -> None:
    [row] = [row for row in table.ROWS if row.name == name]
    assert [cell.strip() for cell in table.line(row, measured).split("|")][1:-1] == [row.title, *cells]


def test_the_whole_table_of_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    table.main(["redraw"])
    head, _, line, _, told = capsys.readouterr().out.splitlines()
    assert head.count("|") == line.count("|")
    assert line.startswith("| an emoji drawn anew after a choice |")
    assert "billion multiply-adds a second" in told


def test_an_unknown_row_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        table.main(["speed"])
    assert caught.value.code == 2
    assert "photo_to_png" in capsys.readouterr().err
