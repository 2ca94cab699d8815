"""benchmarks/: the table and the document say what was measured; how fast it was is no matter of a test."""

import json

import pytest

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.measuring import Benchmark, warm


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
