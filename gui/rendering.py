"""`render FILE -o OUT`: the canvas as a picture, with shapes, without a window."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from engine.cli.opening import path_of
from engine.document.files import load
from engine.document.trust import Trust
from engine.document.unfolding import unfolded
from engine.errors import EngineError

GOOD, PROBLEM = 0, 1


def parser() -> argparse.ArgumentParser:
    """The command line of `render`."""
    command = argparse.ArgumentParser(prog="netsmith render", description="Draw a project as a picture, with shapes.")
    command.add_argument("file", metavar="FILE", help="a project (.netsmith), or the name of an example")
    command.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="a .png, .svg or .pdf file")
    command.add_argument("--block", default="", metavar="NAME", help="a block of the project; else the whole model")
    command.add_argument("--theme", choices=("dark", "light"), default="light", help="the colours (default: light)")
    command.add_argument("--scale", type=float, default=2.0, help="pixels of a .png for each unit (default: 2)")
    command.add_argument("--unfold", type=int, default=0, metavar="N", help="open the blocks so many levels deep")
    command.add_argument("--no-shapes", action="store_true", help="write no sizes on the wires")
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return command


def run(argv: Sequence[str]) -> int:
    """Run the command. Returns: the exit code."""
    command = parser()
    try:
        options = command.parse_args(argv)
        if not 0.1 <= options.scale <= 10:
            command.error(f"--scale must be from 0.1 to 10, not {options.scale:g}")
    except SystemExit as leave:
        return int(leave.code or 0)
    try:
        _render(options)
    except EngineError as error:
        if options.debug:
            raise
        sys.stderr.write(f"netsmith: {str(error).replace(chr(10), ' ')}\n")
        return PROBLEM
    sys.stdout.write(f"{options.output}\n")
    return GOOD


def _render(options: argparse.Namespace) -> None:
    project = load(path_of(options.file))
    names = {block.name: block.id for block in project.blocks.values()}
    if options.block and options.block not in names:
        raise EngineError(f"There is no block {options.block}.", f"Blocks: {', '.join(names)}.")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # drawing needs no screen, even where there is one
    app = QApplication.instance() or QApplication(["netsmith"])
    from engine.analysis.infer import infer
    from gui.canvas.opened import arranged
    from gui.canvas.picture import Shot, render

    block = names.get(options.block, project.main)
    trusted = Trust().allows(project)
    analysis = infer(project, trusted=trusted)
    if options.unfold > 0:
        opened = unfolded(project, block, options.unfold)
        analysis = opened.shapes(analysis)
        project = arranged(opened.project, analysis, block, opened.members)
    shot = Shot(block, shapes=not options.no_shapes, colours=options.theme, scale=options.scale)
    render(project, analysis, options.output, shot)
    del app
