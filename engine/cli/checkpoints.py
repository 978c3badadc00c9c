"""`checkpoints`: the moments of a run that one can go back to."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from engine.places import runs_dir
from engine.training.kept import Kept, kept_of
from engine.training.store import Store

COMMANDS = ("checkpoints",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "checkpoints",
        help="list the moments of a run that one can go back to",
        description="Go back to one with: netsmith train FILE --resume ID@CHECKPOINT",
        epilog='JSON: [{"checkpoint", "kind", "epoch", "step", "done", "figures", "name", "note", "created", "run", '
        '"path", "bytes"}], those of the runs that it went on from first.',
    )
    command.add_argument("id", metavar="ID", help="the run, or the beginning of its id")
    command.add_argument("--runs", metavar="DIR", type=Path, help="where runs are kept")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.set_defaults(call=checkpoints)


def checkpoints(options: argparse.Namespace) -> int:
    """Print them. Returns: 0."""
    found = kept_of(Store(options.runs or runs_dir()), options.id)
    if options.json:
        print(json.dumps([_as_json(kept) for kept in found], indent=1, ensure_ascii=False))
        return 0
    for kept in found:
        print(f"{kept.run}@{kept.key:12}  {moment_of(kept):24}  {kept.name}".rstrip())
    if not found:
        print("The run has no checkpoint yet: it writes the first one after an epoch.")
    return 0


def moment_of(kept: Kept) -> str:
    """When it was, in words."""
    within = f" + {kept.done} steps" if kept.done else ""
    return f"epoch {kept.epoch}{within}, step {kept.step}"


def _as_json(kept: Kept) -> dict[str, Any]:
    facts = {name: getattr(kept, name) for name in ("kind", "epoch", "step", "done", "name", "note", "created", "run")}
    return {
        "checkpoint": kept.key,
        **facts,
        "figures": dict(kept.figures),
        "path": str(kept.path),
        "bytes": kept.bytes,
    }
