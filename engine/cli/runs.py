"""`runs`: what was trained before."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from engine.training.store import Store

COMMANDS = ("runs",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("runs", help="list the runs, newest first, or show one")
    command.add_argument("action", nargs="?", choices=["list", "show"], default="list", help="list (default) or show")
    command.add_argument("id", nargs="?", metavar="ID", help="the run to show, or the beginning of its id")
    command.add_argument("--runs", metavar="DIR", type=Path, help="where runs are kept")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.set_defaults(call=lambda options: _call(command, options))


def _call(command: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if (options.action == "show") != (options.id is not None):
        command.print_usage()
        return 2
    store = Store(options.runs)
    return _show(store, options) if options.action == "show" else _list(store, options)


def _list(store: Store, options: argparse.Namespace) -> int:
    found = store.list()
    if options.json:
        print(json.dumps([run.as_json() for run in found], indent=1, ensure_ascii=False))
        return 0
    for run in found:
        figures = "  ".join(f"{k} {v:.6f}" for k, v in run.metrics.items() if k not in {"epoch", "lr"})
        print(f"{run.id}  {run.state:11}  {run.name:20}  {figures}".rstrip())
    if not found:
        print("Every run is kept here. Train once to see it.")
    return 0


def _show(store: Store, options: argparse.Namespace) -> int:
    run = store.get(options.id)
    rows = store.metrics(run.id)
    if options.json:
        print(json.dumps({**run.as_json(), "epochs_done": rows}, indent=1, ensure_ascii=False))
        return 0
    for name, value in run.as_json().items():
        print(f"{name:12}  {value}")
    for row in rows:
        print("  ".join(f"{k} {v:.6f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
    return 0
