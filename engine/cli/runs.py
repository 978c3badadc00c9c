"""`runs`: what was trained before."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from engine.cli.runs_compare import compare
from engine.cli.runs_export import add_export_options, export_script
from engine.cli.runs_list import add_list_options, as_figures, list_runs
from engine.errors import FileError
from engine.places import runs_dir
from engine.training.store import RunRecord, Store
from engine.training.store_rows import tags_in
from engine.training.tensorboard_files import write_run

COMMANDS = ("runs",)
_USES = """
runs                                  every run, newest first
runs list --filter 'lr<0.01 #best'    those that pass; --sort, --columns, --csv and --limit shape the list
runs show ID                          one run and the figures of its epochs
runs compare A B                      how two runs differ: options, layers, figures, losses
runs tag ID fast --remove slow        add tags, and take others away
runs note ID some words               say something about a run; nothing to say takes the note away
runs rename ID a new name
runs export ID -o script.py           the script that gives its curve, with what was changed by hand in it
runs delete ID...                     into the trash, for a week
runs restore ID...                    out of it
runs tensorboard ID...                write event files, for `tensorboard --logdir` with the folder of the runs

An ID may be cut short. JSON: list gives [{"id", "name", "created", "state", "seed", "device", "versions", "duration",
"epochs", "planned", "metrics", "parameters", "parent", "message", "steps", "tags", "notes", "group", "options",
"extremes", "deleted", "script", "project", "checkpoint"}], newest first; show gives one of them with
"history": [{"epoch", "step", then every figure}]; compare gives {"a", "b", "facts", "options", "network", "figures",
"losses"}.
"""


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "runs",
        help="list, show, compare, tag, note, rename or delete the runs",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_USES,
    )
    command.add_argument("action", nargs="?", choices=list(_ACTIONS), default="list", help="list, if not given")
    command.add_argument("words", nargs="*", metavar="ID", help="runs by their ids, or the beginnings of them; words")
    command.add_argument("--runs", metavar="DIR", type=Path, help="where runs are kept")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.add_argument("--remove", action="append", default=[], metavar="TAG", help="a tag to take away, for tag")
    add_list_options(command)
    add_export_options(command)
    command.set_defaults(call=lambda options: _call(command, options))


def _call(command: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    wanted, least, most, call = _ACTIONS[options.action]
    if not least <= len(options.words) <= most:
        command.print_usage(sys.stderr)
        print(f"{command.prog}: error: {options.action} {wanted}", file=sys.stderr)
        return 2
    folder = options.runs or runs_dir()
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file.", "Name the folder that runs are kept in.")
    return call(Store(folder), options)


def _list(store: Store, options: argparse.Namespace) -> int:
    return list_runs(store, options, lambda run: as_json(store, run))


def _show(store: Store, options: argparse.Namespace) -> int:
    store.complete()
    run = store.get(options.words[0])
    rows = store.metrics(run.id)
    if options.json:
        history = [{"epoch": row.epoch, "step": row.step, **row.figures} for row in rows]
        print(json.dumps({**as_json(store, run), "history": history}, indent=1, ensure_ascii=False))
        return 0
    for name, value in as_json(store, run).items():
        print(f"{name:12}  {_in_words(value)}".rstrip())
    for row in rows:
        print(f"epoch {row.epoch}  {as_figures(row.figures)}")
    return 0


def _compare(store: Store, options: argparse.Namespace) -> int:
    return compare(store, options.words[0], options.words[1], is_json=options.json)


def _tag(store: Store, options: argparse.Namespace) -> int:
    run = store.get(options.words[0])
    gone, fresh = tags_in(" ".join(options.remove)), tags_in(" ".join(options.words[1:]))
    tags = tuple(tag for tag in dict.fromkeys((*run.tags, *fresh)) if tag not in gone)
    store.describe(run.id, tags=tags)
    print(f"{run.id}  {' '.join(f'#{tag}' for tag in tags)}".rstrip())
    return 0


def _note(store: Store, options: argparse.Namespace) -> int:
    store.describe(options.words[0], notes=" ".join(options.words[1:]))
    return 0


def _rename(store: Store, options: argparse.Namespace) -> int:
    store.describe(options.words[0], name=" ".join(options.words[1:]))
    return 0


def _delete(store: Store, options: argparse.Namespace) -> int:
    ids = [store.get(word).id for word in options.words]
    store.delete(ids)
    print(f"In the trash for a week: {' '.join(ids)}")
    return 0


def _restore(store: Store, options: argparse.Namespace) -> int:
    store.restore([store.get(word, deleted=True).id for word in options.words])
    return 0


def _tensorboard(store: Store, options: argparse.Namespace) -> int:
    for word in options.words:
        write_run(store, word)
    print(f"tensorboard --logdir {store.folder}")
    return 0


_Action = Callable[[Store, argparse.Namespace], int]
_MANY = 10_000
_ACTIONS: Mapping[str, tuple[str, int, int, _Action]] = {
    "list": ("takes no ID", 0, 0, _list),
    "show": ("needs the ID of a run", 1, 1, _show),
    "compare": ("needs the IDs of two runs", 2, 2, _compare),
    "tag": ("needs the ID of a run, then tags", 1, _MANY, _tag),
    "note": ("needs the ID of a run, then words", 1, _MANY, _note),
    "rename": ("needs the ID of a run, then its name", 2, _MANY, _rename),
    "export": ("needs the ID of a run", 1, 1, export_script),
    "delete": ("needs the ID of a run", 1, _MANY, _delete),
    "tensorboard": ("needs the ID of a run", 1, _MANY, _tensorboard),
    "restore": ("needs the ID of a run", 1, _MANY, _restore),
}


def as_json(store: Store, run: RunRecord) -> dict[str, Any]:
    """A run as plain data, and where its files are."""
    folder = store.folder / run.id
    places = {
        "script": folder / "script.py",
        "project": folder / "project.netsmith",
        "checkpoint": folder / "checkpoints" / "last.safetensors",
    }
    there = {name: str(path) if path.exists() else None for name, path in places.items()}
    return {**{f.name: _plain(getattr(run, f.name)) for f in fields(run)}, **there}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {'–'.join(map(str, v)) if isinstance(v, tuple) else v}" for k, v in value.items())
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
