"""`find-lr`: a learning rate for a project, found by a range test."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.cli.opening import add_changes, add_file, need_trust, open_project
from engine.errors import TrainingError
from engine.training.range_test import HIGH, LOW, STEPS, RangeTest

COMMANDS = ("find-lr",)
PAUSE_SECONDS = 0.05


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "find-lr",
        help="find a learning rate: train while it grows, and see where the loss falls",
        epilog='Smith 2015, "Cyclical Learning Rates". JSON: {"rate", "steepest", "least", "diverged", "rates", '
        '"losses", "smoothed"}.',
    )
    add_file(command)
    add_changes(command)
    command.add_argument("--phase", default="", metavar="NAME", help="whose rate grows, where there are phases")
    command.add_argument("--low", type=float, default=LOW, metavar="R", help="the first rate")
    command.add_argument("--high", type=float, default=HIGH, metavar="R", help="the last rate")
    command.add_argument("--steps", type=int, default=STEPS, metavar="N", help="how many steps to make")
    command.add_argument("--json", action="store_true", help="print the whole curve as JSON")
    command.set_defaults(call=find)


def find(options: argparse.Namespace) -> int:
    """Make the test and print the rate. Raises: TrainingError where none can be read off the curve."""
    project = open_project(options)
    limits = {"low": options.low, "high": options.high, "steps": options.steps}
    test = RangeTest(project, phase=options.phase, trusted=need_trust(options, project), **limits)
    test.start()
    try:
        while not test.wait(PAUSE_SECONDS):  # some systems cannot interrupt a longer wait by Ctrl+C
            test.drain()
        test.drain()
    except KeyboardInterrupt:
        test.stop()
        raise
    if test.over is not None and test.over.message:
        raise TrainingError(test.over.message, test.over.hint)
    curve, found = test.curve, test.curve.suggestion()
    if options.json:
        rates = {"rate": found.rate, "steepest": found.steepest, "least": found.least} if found else {"rate": None}
        shown = {"rates": curve.rates, "losses": curve.losses, "smoothed": curve.smoothed}
        print(json.dumps({**rates, "diverged": curve.is_diverged, **shown}))
        return 0 if found else 1
    if found is None:
        raise TrainingError("The loss falls at no rate.", "Make more steps, or look at the network and its data.")
    print(f"{found.rate:g}")
    print(f"steepest at {found.steepest:.1e}, least loss at {found.least:.1e}", file=sys.stderr)
    return 0
