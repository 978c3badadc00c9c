"""`runs list`: the runs that pass a filter, in an order, with the columns that are asked for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.errors import FileError
from engine.training.store import RunRecord, Store
from engine.training.store_columns import clock, keys_of, meant, ordered, title_of, value_of, written
from engine.training.store_csv import write_table
from engine.training.store_filter import read_filter

_GAP = "  "


def add_list_options(command: argparse.ArgumentParser) -> None:
    """--filter, --sort, --reverse, --columns, --csv, --limit, --deleted."""
    command.add_argument("--filter", metavar="LINE", default="", help="words, #tags, lr<0.01: all must hold")
    command.add_argument("--sort", metavar="COLUMN", help="val_accuracy, optimizer.lr, duration, ...; least first")
    command.add_argument("--reverse", action="store_true", help="greatest first; without --sort oldest first")
    command.add_argument("--columns", metavar="A,B,...", help="what to show of a run; 'all' for everything")
    command.add_argument("--csv", action="store_true", help="print a table that spreadsheets read")
    command.add_argument("--limit", type=int, metavar="N", help="the first N only")
    command.add_argument("--deleted", action="store_true", help="list what is in the trash")


def list_runs(store: Store, options: argparse.Namespace, as_json: Callable[[RunRecord], Any]) -> int:
    """Print them. Raises: FilterError, FileError for a column that does not exist."""
    store.complete()
    records = store.list(deleted=options.deleted)
    keys = keys_of(records)
    found = read_filter(options.filter)
    if records:
        found.check(keys)
    chosen = found.chosen(records, keys)
    if options.sort:
        chosen = ordered(chosen, _column(options.sort, keys), options.reverse) if records else []
    elif options.reverse:
        chosen.reverse()
    if options.limit is not None:
        chosen = chosen[: max(0, options.limit)]
    columns = _columns(options.columns, keys) if records else ()
    if options.json:
        print(json.dumps([as_json(run) for run in chosen], indent=1, ensure_ascii=False))
    elif options.csv:
        write_table(chosen, columns or keys, sys.stdout)
    elif not records and not options.deleted:
        print("Every run is kept here. Train once to see it.")
    elif columns:
        _print_table(chosen, columns)
    else:
        for run in chosen:
            print(f"{run.id}  {run.state:11}  {run.name:20}  {as_figures(run.metrics)}".rstrip())
    return 0


def _column(name: str, keys: Sequence[str]) -> str:
    found = meant(name, keys)
    if not found:
        raise FileError(f"There is no column {name}.", f"Columns: {', '.join(keys)}.")
    return found[0]


def _columns(text: str | None, keys: Sequence[str]) -> tuple[str, ...]:
    if not text:
        return ()
    if text == "all":
        return tuple(keys)
    return tuple(_column(name.strip(), keys) for name in text.split(",") if name.strip())


def _print_table(records: Sequence[RunRecord], columns: Sequence[str]) -> None:
    shown = ("id", *(key for key in columns if key != "id"))
    rows = [[title_of(key) for key in shown], *([_cell(run, key) for key in shown] for run in records)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(shown))]
    for row in rows:
        print(_GAP.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def _cell(run: RunRecord, key: str) -> str:
    value = value_of(run, key)
    if key == "duration":
        return clock(value)
    return written(value).replace("\n", " ")


def as_figures(figures: Mapping[str, float]) -> str:
    """The figures that say most: the loss, and all of the validation data."""
    shown = [name for name in figures if name == "loss" or name.startswith("val_")]
    return "  ".join(f"{name} {figures[name]:.6f}" for name in shown)
