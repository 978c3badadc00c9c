"""`netsmith sweep`: the same project at many points, and which of them is best."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

from engine.cli.opening import add_changes, add_file, need_trust, open_project
from engine.training.sweep import METHODS, Plan, Sweep, Trial, size_of
from engine.training.sweep_axes import axis_of, written

COMMANDS = ("sweep",)
EXAMPLE = "netsmith sweep digits-cnn --over recipe.optimizer.lr=1e-4..1e-2:log --over recipe.batch_size=16,32,64"


def declare(commands: Any) -> None:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "sweep", help="train a project at many points of its options", epilog=f"For instance: {EXAMPLE}"
    )
    add_file(command)
    add_changes(command)
    command.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="PATH=VALUES",
        help="what is tried: params.width=32,64 or recipe.optimizer.lr=1e-4..1e-1:log; may be repeated",
    )
    command.add_argument("--method", choices=METHODS, default="random", help="tpe looks where it was good (Optuna)")
    command.add_argument("--trials", type=int, metavar="N", help="at most so many runs; 20, or the whole grid")
    command.add_argument("--metric", default="val_loss", help="the figure that counts")
    command.add_argument("--maximize", action="store_true", help="the larger the figure, the better")
    command.add_argument("--parallel", type=int, default=1, metavar="N", help="runs at a time, each in a process")
    command.add_argument("--prune", action="store_true", help="give up runs that are worse than the median")
    command.add_argument("--sweep-seed", type=int, default=0, metavar="S", help="of what is drawn")
    command.add_argument("--runs", type=Path, metavar="DIR", help="where runs are kept")
    command.add_argument("--name", default="", help="what the sweep is called among the runs")
    command.add_argument("--json", action="store_true", help="one object a line")
    command.set_defaults(call=sweep)


def sweep(options: argparse.Namespace) -> int:
    """Returns: 1 if no run came to an end."""
    project = open_project(options)
    axes = tuple(axis_of(text) for text in options.over)
    trials = options.trials or (size_of(axes) if options.method == "grid" else 20)
    plan = Plan(
        axes,
        options.method,
        max(1, trials),
        options.metric,
        options.maximize,
        max(1, options.parallel),
        options.prune,
        options.sweep_seed,
    )
    going = Sweep(project, plan, runs_dir=options.runs, trusted=need_trust(options, project), name=options.name)
    going.start()
    try:
        for trial in going.trials():
            _tell(trial, plan, options.json)
    except KeyboardInterrupt:
        going.stop()
        for trial in going.trials():
            _tell(trial, plan, options.json)
    best = going.best()
    if options.json:
        print(json.dumps({"event": "best", "sweep": going.name, **(_fields(best) if best else {})}), flush=True)
    elif best is not None:
        print(f"best: {written(best.point)}  {plan.metric} {best.value:.6f}  run {best.run}", flush=True)
        print(f"all of them: netsmith runs --filter {going.name}")
    return 0 if best is not None else 1


def _tell(trial: Trial, plan: Plan, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"event": "trial", **_fields(trial)}), flush=True)
    elif trial.state != "running":
        figure = f"{plan.metric} {trial.value:.6f}" if trial.value is not None else trial.message
        print(f"{trial.number:>4}  {trial.state:8}  {written(trial.point)}  {figure}", flush=True)


def _fields(trial: Trial) -> dict[str, Any]:
    value = trial.value if trial.value is None or math.isfinite(trial.value) else None
    return {
        "number": trial.number,
        "point": dict(trial.point),
        "run": trial.run,
        "epoch": trial.epoch,
        "value": value,
        "state": trial.state,
        "message": trial.message,
    }
