"""`export`: the project's Python in a file."""

from __future__ import annotations

import argparse
from typing import Any

from engine.analysis.infer import infer
from engine.cli.opening import add_changes, add_file, need_trust, open_project
from engine.exporting.code import KINDS, export

COMMANDS = ("export",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("export", help="write the project as PyTorch code that needs no Netsmith")
    add_file(command)
    add_changes(command)
    command.add_argument("-o", "--output", metavar="OUT.py", required=True, help="the file to write")
    command.add_argument(
        "--what",
        choices=KINDS,
        default=KINDS[0],
        help="the script that trains it, or the module with its classes alone",
    )
    command.set_defaults(call=write)


def write(options: argparse.Namespace) -> int:
    """Generate the text and write it, whole or not at all."""
    project = open_project(options)
    export(project, infer(project, trusted=need_trust(options, project)), options.output, options.what)
    print(options.output)
    return 0
