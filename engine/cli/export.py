"""`export`: the project's Python in a file."""

from __future__ import annotations

import argparse
from typing import Any

from engine.cli.opening import add_changes, add_file, need_trust, open_project

COMMANDS = ("export",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("export", help="write the project as PyTorch code that needs no Netsmith")
    add_file(command)
    add_changes(command)
    command.add_argument("-o", "--output", metavar="OUT.py", required=True, help="the file to write")
    command.add_argument(
        "--what",
        choices=("script", "module"),
        default="script",
        help="the whole script, or the module: its classes alone",
    )
    command.set_defaults(call=write)


def write(options: argparse.Namespace) -> int:
    """Generate the text and write it, whole or not at all."""
    from engine.analysis.infer import infer  # torch: not on the way to `--help` or to the window
    from engine.exporting.code import export

    project = open_project(options)
    export(project, infer(project, trusted=need_trust(options, project)), options.output, options.what)
    print(options.output)
    return 0
