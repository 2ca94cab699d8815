"""A run's figures, epoch by epoch: `metrics.csv` for people and plots, and TensorBoard where it is installed."""

import csv
from pathlib import Path
from typing import Any

from engine.files import swapped
from engine.tables import read_table, whole_number
from engine.task import Metrics


class Journal:
    """Figures of the epochs of one run. epoch: how many of them are done already; later rows are of a run given up."""

    def __init__(self, folder: Path, epoch: int) -> None:
        self._path = folder / "metrics.csv"
        self._rows: list[dict[str, Any]] = [
            row for row in _read(self._path) if whole_number(row["epoch"], f"{self._path}, epoch") <= epoch
        ]
        self._board = _tensorboard(folder, epoch)

    def record(self, figures: Metrics) -> None:
        """Add an epoch's figures, which must include `epoch`. Raises WritingError."""
        self._rows.append(figures)
        with swapped(self._path) as path, path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in self._rows for name in row)))
            writer.writeheader()
            writer.writerows(self._rows)
        if self._board:
            for name, value in figures.items():
                if name != "epoch" and value is not None:
                    self._board.add_scalar(name, value, figures["epoch"])
            self._board.flush()

    def close(self) -> None:
        if self._board:
            self._board.close()


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return list(read_table(path, ("epoch",)))


def _tensorboard(folder: Path, epoch: int) -> Any:
    """A writer of TensorBoard's, or None where TensorBoard is not installed: metrics.csv says the same."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder / "tensorboard"), purge_step=epoch + 1)
