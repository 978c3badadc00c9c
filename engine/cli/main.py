"""Reads the command line of everything that needs no window, and turns errors into one line and an exit code."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

from engine.cli import carry, catalogue, check, checkpoints, compare, export, find_lr, runs, sweep, train
from engine.errors import EngineError

GOOD, PROBLEM, USAGE = 0, 1, 2
_PARTS = (catalogue, check, compare, export, find_lr, train, sweep, runs, checkpoints, carry)
COMMANDS = frozenset(name for part in _PARTS for name in part.COMMANDS)
"""What the first word of the command line may be for `run` to take it."""


def parser() -> argparse.ArgumentParser:
    """The whole command line, for `--help` too."""
    top = argparse.ArgumentParser(
        prog="netsmith",
        description="Draw a network, watch it learn, take the PyTorch code with you. These commands need no window.",
        epilog="Exit code: 0 good, 1 a problem, 2 wrong usage. --debug after a command shows where an error arose.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for part in _PARTS:
        part.declare(commands)
    for command in commands.choices.values():
        command.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return top


def run(argv: Sequence[str]) -> int:
    """Run one command. Returns: the exit code."""
    try:
        options = parser().parse_args(argv)
    except SystemExit as leave:
        return int(leave.code or 0)
    try:
        return int(options.call(options))
    except BrokenPipeError:
        sys.stderr.close()
        return GOOD
    except KeyboardInterrupt:
        _complain("stopped")
    except EngineError as error:
        _complain(str(error).replace("\n", " "))
        _show_traceback(options.debug)
    except OSError as error:  # files of the user's come as FileError, so this is what is printed
        _complain(f"the output cannot be written: {error.strerror or error}")
        _show_traceback(options.debug)
    except Exception as error:  # noqa: BLE001 (the last resort: one clear line, whatever happened)
        words = f"{type(error).__name__}: {error}".replace("\n", " ")
        _complain(f"something unexpected happened: {words} (--debug shows where)")
        _show_traceback(options.debug)
    return PROBLEM


def _complain(words: str) -> None:
    print(f"netsmith: {words}", file=sys.stderr)


def _show_traceback(wanted: bool) -> None:
    if wanted:
        traceback.print_exc()
