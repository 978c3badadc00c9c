"""`carry`: what an edited network would keep of what a run has learned."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.cli.opening import add_changes, add_file, need_trust, open_project
from engine.errors import FileError, TrainingError
from engine.places import runs_dir
from engine.training.carry_report import Report, Row
from engine.training.store import Store

COMMANDS = ("carry",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "carry",
        help="say what an edited network keeps of what a run has learned",
        description="Layers are matched by identity, whatever they are called now. Train with it: netsmith train FILE "
        "--continue ID",
        epilog='JSON: {"rows": [{"name", "node", "how", "before", "after", "keeps", "was", "block", "id", "moments", '
        '"learned"}], "run", "step", "epoch", "changes", "difference", "notes", "optimizers"}; how is one of copied, '
        "widened, cut, identity, zero, neighbour, fresh, dropped.",
    )
    command.add_argument("id", metavar="ID[@CHECKPOINT]", help="the run, and which of its checkpoints if not the last")
    add_file(command)
    add_changes(command)
    command.add_argument("--runs", metavar="DIR", type=Path, help="where runs are kept")
    command.add_argument("--out", metavar="DIR", type=Path, help="write the weights and the report there")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.set_defaults(call=show)


def show(options: argparse.Namespace) -> int:
    """Print the report. Returns: 0."""
    from engine.analysis.infer import infer
    from engine.training.carry import before, carry

    project = open_project(options)
    trusted = need_trust(options, project)
    run, _, which = options.id.partition("@")
    old = before(Store(options.runs or runs_dir()), run, which or "last", trusted=trusted)
    analysis = infer(project, trusted=trusted)
    if problem := next((p for p in analysis.problems if p.severity == "error"), None):
        raise TrainingError(problem.message, problem.hint)
    carried = carry(old, project, analysis)
    if options.out:
        try:
            carried.write(options.out)
        except OSError as error:
            raise FileError(f"{options.out} cannot be written: {error.strerror or error}.") from error
    print(carried.report.to_json() if options.json else "\n".join(lines(carried.report)), end="\n")
    return 0


def lines(report: Report) -> list[str]:
    """The report for people, a line a tensor."""
    return [*(_line(row) for row in report.rows), "", report.summary(), *report.notes]


def _line(row: Row) -> str:
    sizes = " -> ".join(str(list(shape)) for shape in (row.before, row.after) if shape is not None)
    if row.before == row.after:
        sizes = str(list(row.after or ()))
    was = f"  (was {row.was})" if row.was else ""
    return f"{row.name:40}  {row.words:28}  {sizes}{was}".rstrip()
