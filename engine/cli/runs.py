"""`runs`: what was trained before."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from engine.errors import FileError
from engine.places import runs_dir
from engine.training.store import RunRecord, Store

COMMANDS = ("runs",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "runs",
        help="list the runs, newest first, or show one",
        epilog='JSON: [{"id", "name", "created", "state", "seed", "device", "versions", "duration", "epochs", '
        '"planned", "metrics", "parameters", "parent", "message", "script", "project", "checkpoint"}], '
        'newest first; show gives one of them with "history": [{"epoch", "step", then every figure}].',
    )
    command.add_argument("action", nargs="?", choices=["list", "show"], default="list", help="list (default) or show")
    command.add_argument("id", nargs="?", metavar="ID", help="the run to show, or the beginning of its id")
    command.add_argument("--runs", metavar="DIR", type=Path, help="where runs are kept")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.set_defaults(call=lambda options: _call(command, options))


def _call(command: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if (options.action == "show") != (options.id is not None):
        command.print_usage(sys.stderr)
        wanted = "show needs the ID of a run" if options.action == "show" else "list takes no ID"
        print(f"{command.prog}: error: {wanted}", file=sys.stderr)
        return 2
    folder = options.runs or runs_dir()
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file.", "Name the folder that runs are kept in.")
    store = Store(folder)
    return _show(store, options) if options.action == "show" else _list(store, options)


def _list(store: Store, options: argparse.Namespace) -> int:
    found = store.list()
    if options.json:
        print(json.dumps([_as_json(store, run) for run in found], indent=1, ensure_ascii=False))
        return 0
    for run in found:
        print(f"{run.id}  {run.state:11}  {run.name:20}  {_figures(run.metrics)}".rstrip())
    if not found:
        print("Every run is kept here. Train once to see it.")
    return 0


def _show(store: Store, options: argparse.Namespace) -> int:
    run = store.get(options.id)
    rows = store.metrics(run.id)
    if options.json:
        history = [{"epoch": row.epoch, "step": row.step, **row.figures} for row in rows]
        print(json.dumps({**_as_json(store, run), "history": history}, indent=1, ensure_ascii=False))
        return 0
    for name, value in _as_json(store, run).items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name:12}  {'' if shown is None else shown}".rstrip())
    for row in rows:
        print(f"epoch {row.epoch}  {_figures(row.figures)}")
    return 0


def _as_json(store: Store, run: RunRecord) -> dict[str, Any]:
    """A run as plain data, and where its files are."""
    places = {
        "script": store.script_path(run.id),
        "project": store.project_path(run.id),
        "checkpoint": store.checkpoint_path(run.id),
    }
    there = {name: str(path) if path.exists() else None for name, path in places.items()}
    return {**{f.name: _plain(getattr(run, f.name)) for f in fields(run)}, **there}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _figures(figures: Mapping[str, float]) -> str:
    shown = [name for name in figures if name == "loss" or name.startswith("val_")]
    return "  ".join(f"{name} {figures[name]:.6f}" for name in shown)
