"""Netsmith: draw a neural network, see that it fits, train it live, and take away clean PyTorch code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.cli import COMMANDS

USAGE = 2
COMMAND_HELP = """commands (each with its own --help):
  examples, layers, check, compare, export, find-lr, render, train, runs, schema
  Without a command the window opens."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window, play the demo, or run a command without a window. Returns: the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] == "render":
        from gui.rendering import run as render

        return render(words[1:])
    if words and words[0] in COMMANDS:
        from engine.cli import run

        return run(words)
    return _window(words)


def _window(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="netsmith",
        description=__doc__,
        epilog=COMMAND_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the project to open in the window")
    parser.add_argument("--demo", action="store_true", help="play the main job in the real window, and check it")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where --demo writes its pictures and files")
    try:
        options = parser.parse_args(words)
    except SystemExit as leave:
        return int(leave.code or 0)
    if options.demo:
        from gui.app import has_display

        if not has_display():
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from gui.demo import play

        return play(options.out)
    if options.file is not None and not options.file.is_file():
        print(f"netsmith: there is no file {options.file}, and no command of that name", file=sys.stderr)
        return USAGE
    from gui.app import run as open_window

    return open_window([sys.argv[0]], options.file)


if __name__ == "__main__":
    sys.exit(main())
