"""A table of the user's own, as text: what its columns hold, and the code that reads it."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from engine.errors import DataError

HOLES = ("", "?", "NA", "N/A", "NaN", "nan", "None", "null")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "bar": "|"}
MAX_CATEGORIES = 1000
FEW = 20
"""Whole numbers with at most this many different values are taken for classes when they are to be predicted."""

Holes = Literal["refuse", "drop", "fill"]
Task = Literal["auto", "class", "value"]


@dataclass(frozen=True)
class Column:
    """One column. words: its different words in order, empty for numbers. fill: what stands in for a hole."""

    name: str
    words: tuple[str, ...] = ()
    fill: str = ""

    @property
    def width(self) -> int:
        """Numbers that it becomes: one, or one for each of its words."""
        return len(self.words) or 1


@dataclass(frozen=True)
class Table:
    """What a file holds: columns to learn from, columns to predict, and how many rows are used."""

    names: tuple[str, ...]
    inputs: tuple[Column, ...]
    targets: tuple[Column, ...]
    rows: int


@dataclass(frozen=True)
class Reading:
    """How a file is read: the options of the data set, with lists of columns taken apart."""

    path: str
    delimiter: str
    header: bool
    targets: tuple[str, ...]
    categories: tuple[str, ...]
    ignored: tuple[str, ...]
    holes: Holes
    task: Task


Rows = list[tuple[int, list[str]]]
"""Each row with its line in the file."""


def read_table(reading: Reading) -> Table:
    """What the file holds. Raises: DataError naming the file, and row and column where one is at fault."""
    path = Path(reading.path)
    if not reading.path:
        raise DataError("CSV file: no file is chosen.", "Set its path.")
    try:
        stamp = path.stat()
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise DataError(f"{reading.path} {reason}.", "Choose another file, or put it there.") from None
    found = _remembered(reading, stamp.st_mtime_ns, stamp.st_size)
    if isinstance(found, DataError):
        raise DataError(found.message, found.hint)
    return found


@lru_cache(maxsize=32)
def _remembered(reading: Reading, changed: int, size: int) -> Table | DataError:
    """The table, read again only when the file has changed; a refusal is remembered too."""
    try:
        return _table(reading)
    except DataError as error:
        return error


def _table(reading: Reading) -> Table:
    names, rows = _read_rows(reading)
    reading = _with_columns(reading, names)
    targets = reading.targets
    used = [n for n in names if n not in reading.ignored or n in targets]
    rows = _without_holes(reading, names, used, rows)
    columns = {name: _column(reading, names, name, rows, name in targets) for name in used}
    inputs = tuple(columns[n] for n in used if n not in targets)
    if not inputs:
        raise DataError(f"{reading.path} has no column left to learn from.", "Predict fewer columns.")
    return Table(names, inputs, tuple(columns[n] for n in targets), len(rows))


def _with_columns(reading: Reading, names: tuple[str, ...]) -> Reading:
    """The same with columns spelled as in the file; the last one is predicted unless another is asked for."""
    spelled = {name.strip(): name for name in names}

    def find(asked: tuple[str, ...]) -> tuple[str, ...]:
        for name in asked:
            if name not in spelled:
                raise DataError(f"{reading.path} has no column {name}.", f"Its columns: {', '.join(names[:30])}.")
        return tuple(dict.fromkeys(spelled[name] for name in asked))

    targets = find(reading.targets) or names[-1:]
    return replace(reading, targets=targets, categories=find(reading.categories), ignored=find(reading.ignored))


def _read_rows(reading: Reading) -> tuple[tuple[str, ...], Rows]:
    try:
        with open(reading.path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=DELIMITERS[reading.delimiter], skipinitialspace=True)
            rows = [(reader.line_num, row) for row in reader if row or reader.line_num == 1]
    except UnicodeDecodeError:
        raise DataError(f"{reading.path} is no text in UTF-8.", "Save it as CSV in UTF-8.") from None
    except (OSError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{reading.path} cannot be read: {reason}.", "Choose a CSV file.") from None
    if rows and not rows[0][1]:
        raise DataError(f"{reading.path} begins with an empty line.", "Delete it.")
    if len(rows) < 2:
        raise DataError(f"{reading.path} has no rows of data.", "Choose a file with a header and rows below it.")
    if reading.header:
        names = tuple(rows.pop(0)[1])
        doubled = next((n for n, count in Counter(names).items() if count > 1), None)
        if doubled is not None:
            raise DataError(f"{reading.path} has two columns called {doubled}.", "Rename one, or set header to no.")
    else:
        names = tuple(f"column{i + 1}" for i in range(len(rows[0][1])))
    if len(names) < 2:
        raise DataError(
            f"{reading.path} has only one column, {names[0]!r}.", "Choose another delimiter, or another file."
        )
    for line, row in rows:
        if len(row) != len(names):
            raise DataError(
                f"{reading.path}, row {line}: {len(row)} values for {len(names)} columns.", "Mend that row."
            )
    return names, rows


def _without_holes(reading: Reading, names: tuple[str, ...], used: list[str], rows: Rows) -> Rows:
    """The rows that are learned from; one without a value to predict cannot be filled."""
    places = [(names.index(name), name) for name in used]
    kept: Rows = []
    for line, row in rows:
        holes = [name for i, name in places if row[i].strip() in HOLES]
        if holes and reading.holes == "refuse":
            raise DataError(
                f"{reading.path}, row {line}, column {holes[0]}: there is no value.",
                "Mend it, or set holes to drop (leave such rows out) or fill.",
            )
        if not holes or (reading.holes == "fill" and not set(holes) & set(reading.targets)):
            kept.append((line, row))
    if len(kept) < 2:
        raise DataError(f"{reading.path} has no two rows without holes.", "Set holes to fill, or ignore columns.")
    return kept


def _column(reading: Reading, names: tuple[str, ...], name: str, rows: Rows, is_target: bool) -> Column:
    index = names.index(name)
    cells = [(line, row[index].strip()) for line, row in rows]
    values = [(line, cell) for line, cell in cells if cell not in HOLES]
    has_holes = len(values) < len(cells)
    if not values:
        raise DataError(f"{reading.path}, column {name}: there is no value at all.", f"Ignore {name}.")
    numbers = [(line, _number(cell)) for line, cell in values]
    bad = next((line for line, number in numbers if number is None), None)
    mostly_numbers = 2 * sum(number is None for _, number in numbers) < len(numbers)
    words = name in reading.categories or not mostly_numbers or (is_target and reading.task == "class")
    if not words and bad is not None:
        cell = next(cell for line, cell in values if line == bad)
        raise DataError(
            f"{reading.path}, row {bad}, column {name}: {cell[:40]!r} is no number.",
            f"Mend it, or list {name} among the categories.",
        )
    different = sorted({cell for _, cell in values}, key=_in_order)
    if is_target and not words and reading.task == "auto":
        words = len(different) <= FEW and all(n is not None and n == int(n) for _, n in numbers)
    if not words:
        middle = sorted(n for _, n in numbers if n is not None)[len(numbers) // 2]
        return Column(name, (), repr(middle) if has_holes else "")
    if is_target and reading.task == "value":
        raise DataError(f"{reading.path}, column {name} holds words, not values to predict.", "Set task to class.")
    hint = "Predict another column." if is_target else f"Ignore {name}."
    if len(different) > MAX_CATEGORIES:
        raise DataError(f"{reading.path}, column {name}: {len(different):,} different words.", hint)
    if len(different) < 2 and is_target:
        raise DataError(f"{reading.path}, column {name}: every row says {different[0][:40]!r}.", hint)
    return Column(name, tuple(different), Counter(c for _, c in values).most_common(1)[0][0] if has_holes else "")


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _in_order(cell: str) -> tuple[int, float, str]:
    """Numbers by size, then words."""
    number = _number(cell)
    return (1, 0.0, cell) if number is None else (0, number, cell)
