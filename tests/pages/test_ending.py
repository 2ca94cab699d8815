"""pages/parts/ending.py: when nothing more is on its way."""

from pages.parts.ending import SETTLED, Runs


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_runs_have_settled_some_time_after_the_last_one() -> None:
    clock = Clock()
    runs = Runs(clock)
    assert runs.settled, "nobody has come yet"
    with runs.one():
        clock.now += 10
        with runs.one():
            assert not runs.settled
        clock.now += 10
        assert not runs.settled
    assert not runs.settled
    clock.now += SETTLED
    assert runs.settled


def test_a_run_that_fails_has_ended() -> None:
    clock = Clock()
    runs = Runs(clock)
    try:
        with runs.one():
            raise ZeroDivisionError
    except ZeroDivisionError:
        clock.now += SETTLED
    assert runs.settled
