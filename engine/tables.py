"""Tables of labels on disk, read with a message for everything that can be wrong with them."""

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

from core.errors import SelfmojiError, shortened


class DataError(SelfmojiError):
    """Data that is missing or damaged; the message names the file and what was expected."""


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV file, gzipped or not. Raises DataError if it is missing, damaged or lacks a column or value."""
    with open_text(path) as file:
        try:
            reader = csv.DictReader(file)
            columns = list(columns)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(f"{path} lacks the column(s) {', '.join(missing)}.")
            rows = []
            for row in reader:
                short = [name for name in columns if row[name] is None]
                if short:
                    raise DataError(f"{path}, line {reader.line_num}: there is no value for {short[0]}.")
                if None in row:
                    raise DataError(f"{path}, line {reader.line_num}: there are more values than columns.")
                rows.append(row)
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{path} is damaged: {error}.") from error
    return rows


def read_lines(path: Path) -> list[list[str]]:
    """The words of each line that has some. Raises DataError if the file is missing or no text."""
    with open_text(path) as file:
        try:
            return [line.split() for line in file if line.strip()]
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise DataError(f"{path} is damaged: {error}.") from error


def open_text(path: Path) -> io.TextIOWrapper:
    """A text file to read, gzipped or not. Raises DataError if it is missing."""
    if not path.is_file():
        raise DataError(f"{path} is missing.")
    raw = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115 (the caller closes it)
    return io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def whole_number(text: str, where: str) -> int:
    """A whole number from 0 of at most nine digits. Raises DataError, naming the place."""
    if not text.isdecimal() or len(text) > 9:
        raise DataError(f"{where}: {shortened(text)} is not a number of at most nine digits.")
    return int(text)


def decimal(text: str, where: str) -> float:
    """A written figure; no number (nan) where nothing is written. Raises DataError, naming the place."""
    try:
        return float(text or "nan")
    except ValueError as error:
        raise DataError(f"{where}: {shortened(text)} is not a figure.") from error


def choice(value: str, allowed: dict[str, int], where: str) -> int:
    """What a written label stands for. Raises DataError, naming the place, for a label outside the list."""
    if value not in allowed:
        raise DataError(f"{where}: {shortened(value)} is not one of {', '.join(allowed)}.")
    return allowed[value]
