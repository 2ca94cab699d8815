"""What a benchmark is, and how often something is run before its numbers are believed."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True)
class Result:
    """The runs of one benchmark, each a number of `unit`.

    target: the most that the median may be, or the least where more is better; None where nothing is promised.
    """

    name: str
    what: str
    unit: str
    values: tuple[float, ...]
    target: float | None
    more_is_better: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.median >= self.target if self.more_is_better else self.median <= self.target

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return {
            "name": self.name,
            "what": self.what,
            "unit": self.unit,
            "median": self.median,
            "least": min(self.values),
            "most": max(self.values),
            "runs": len(self.values),
            "target": self.target,
            "more_is_better": self.more_is_better,
            "met": self.met,
        }


@dataclass(frozen=True)
class Benchmark:
    """One line of the table: what is measured, in which unit, what is promised and the function that measures it."""

    what: str
    unit: str
    target: float | None
    measure: Callable[[], Sequence[float]]
    more_is_better: bool = False

    def run(self, name: str) -> Result:
        return Result(name, self.what, self.unit, tuple(self.measure()), self.target, self.more_is_better)


def warm(action: Callable[[int], object], warm_ups: int = 3, runs: int = 20) -> list[float]:
    """Milliseconds of each of the runs after the warm-ups; `action` gets the run's number, to do something new."""
    for number in range(warm_ups):
        action(number)
    return [milliseconds(partial(action, number)) for number in range(warm_ups, warm_ups + runs)]


def milliseconds(action: Callable[[], object]) -> float:
    """How long it takes once."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000
