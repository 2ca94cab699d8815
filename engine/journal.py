"""A run's figures, epoch by epoch: `metrics.csv` for people and plots, and TensorBoard where it is installed."""

import csv
from pathlib import Path
from typing import Any

from engine.files import swapped


class Journal:
    """Figures of the epochs of one run. epoch: how many of them are done already; later rows are of a run given up."""

    def __init__(self, folder: Path, epoch: int) -> None:
        self._path = folder / "metrics.csv"
        self._rows: list[dict[str, Any]] = [row for row in _read(self._path) if int(row["epoch"]) <= epoch]
        self._board = _tensorboard(folder, epoch)

    def record(self, figures: dict[str, float]) -> None:
        """Add an epoch's figures, which must include `epoch`. Raises WritingError."""
        self._rows.append(figures)
        with swapped(self._path) as path, path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in self._rows for name in row)))
            writer.writeheader()
            writer.writerows(self._rows)
        if self._board:
            for name, value in figures.items():
                if name != "epoch":
                    self._board.add_scalar(name, value, int(figures["epoch"]))
            self._board.flush()

    def close(self) -> None:
        if self._board:
            self._board.close()


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _tensorboard(folder: Path, epoch: int) -> Any:
    """A writer of TensorBoard's, or None where TensorBoard is not installed: metrics.csv says the same."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder / "tensorboard"), purge_step=epoch + 1)
