"""The table of runs and their curves as CSV, for spreadsheets and for pandas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from engine.training.store import RunRecord, Store
from engine.training.store_columns import value_of

CURVE_COLUMNS = ("run", "name", "step", "epoch", "figure", "value")


def write_table(records: Iterable[RunRecord], keys: Sequence[str], file: TextIO) -> None:
    """A row a run, a column a key: numbers in full, tags with spaces between them, nothing where there is nothing."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["id", *(key for key in keys if key != "id")])
    for record in records:
        rows.writerow([record.id, *(_cell(value_of(record, key)) for key in keys if key != "id")])


def write_curves(store: Store, runs: Iterable[str], file: TextIO) -> int:
    """A row a value: the loss of every step (figure "step_loss"), every figure of every epoch. Returns: how many."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(CURVE_COLUMNS)
    count = 0
    for run in runs:
        record = store.get(run)
        for row in _curve(store, record):
            rows.writerow((record.id, record.name, *row))
            count += 1
    return count


def _curve(store: Store, record: RunRecord) -> Iterator[tuple[Any, ...]]:
    epochs = store.metrics(record.id)
    ends = [(e.step, e.epoch) for e in epochs]
    place = 0
    for step, loss in enumerate(store.losses(record.id).tolist(), 1):
        while place < len(ends) and step > ends[place][0]:
            place += 1
        epoch = ends[place][1] if place < len(ends) else len(ends) + 1
        yield step, epoch, "step_loss", repr(loss)
    for e in epochs:
        for name, value in e.figures.items():
            yield e.step, e.epoch, name, repr(value)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else value
