"""`train`: a run without a window, told as lines or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.cli.opening import add_changes, add_files, need_trust, open_project
from engine.errors import FileError, TrainingError
from engine.training.case import Finding
from engine.training.diagnosis import diagnose
from engine.training.events import Checkpointed, Ended, Evaluated, Event, Failed, Preparing, Started, Steps, Warned
from engine.training.history import History
from engine.training.run import TrainingRun
from engine.training.run_order import Order
from engine.training.tensorboard_files import why_not

COMMANDS = ("train",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "train",
        help="train projects, one after the other",
        description="Prints one line an epoch, the very line that the exported script prints; all else goes to stderr.",
        epilog='JSON, one event a line: {"event": "started", "run", "parameters", "epochs", "steps_per_epoch", '
        '"batch_size", "device"}, {"event": "epoch", "epoch", "step", then every figure}, {"event": '
        '"checkpoint", "kind", "path", "epoch", "step", "name"}, {"event": "warning", "message", "hint"}, '
        'and last {"event": "ended", "reason", "run", "metrics"} or {"event": "failed", "message", "hint", "node", '
        '"run", "metrics"}; a run that could not be kept has "run" empty. Of several files each begins with {"event": '
        '"project", "file"}.',
    )
    add_files(command)
    add_changes(command)
    command.add_argument("--runs", metavar="DIR", type=Path, help="where runs are kept")
    command.add_argument(
        "--resume",
        metavar="ID[@CHECKPOINT]",
        help="go on with a run exactly where it was: at its last step, or at one of its checkpoints, ID@step-000120",
    )
    command.add_argument(
        "--continue",
        dest="carry",
        metavar="ID[@CHECKPOINT]",
        help="begin with what the network of that run has learned, which need not be the one in FILE",
    )
    command.add_argument("--keep-every", type=int, default=0, metavar="N", help="keep a checkpoint of every N epochs")
    command.add_argument("--process", action="store_true", help="train in a process of its own")
    command.add_argument(
        "--tensorboard", action="store_true", help="write event files into the run's folder, for tensorboard --logdir"
    )
    command.add_argument("--json", action="store_true", help="print one JSON event a line")
    command.set_defaults(call=train)


def train(options: argparse.Namespace) -> int:
    """Train one project after the other; Ctrl+C stops after the step, keeps what was learned, and begins no other.

    Returns: 1 if a run failed.
    """
    if options.tensorboard and (reason := why_not()):
        raise FileError(reason)
    if options.resume and options.carry:
        raise TrainingError("A run goes on with --resume or with --continue, not with both.", "Leave one out.")
    if len(options.files) > 1 and (options.resume or options.carry):
        raise TrainingError("One run goes on with one project.", "Name one file.")
    orders = [_order(options, name) for name in options.files]  # all can be read before the first trains for an hour
    tell = _Json() if options.json else _Lines(options.debug)
    failures = 0
    for order in orders:
        if len(orders) > 1:
            tell.project(order.name)
        with order.begin() as run:
            try:
                failures += _follow(run, tell)
            except KeyboardInterrupt:
                run.stop()
                failures += _follow(run, tell)
                break
    return 1 if failures else 0


def _order(options: argparse.Namespace, name: str) -> Order:
    """The run that is asked for of one file. Raises: FileError, SpecError, TrustError."""
    one = argparse.Namespace(**{**vars(options), "file": name})
    project = open_project(one)
    return Order(
        project,
        name,
        runs_dir=options.runs,
        mode="process" if options.process else "thread",
        resume=options.resume or options.carry or "",
        carry=bool(options.carry),
        keep_every=max(0, options.keep_every),
        tensorboard=options.tensorboard,
        trusted=need_trust(one, project),
    )


def _follow(run: TrainingRun, tell: _Json | _Lines) -> bool:
    history = History()
    for event in run.events():
        history.extend([event])
        if isinstance(event, Ended | Failed):
            for finding in diagnose(run.project, history):
                tell.finding(finding)
        tell.tell(event)
        if isinstance(event, Failed):
            return True
    return False


class _Json:
    """Events as JSON, one a line."""

    def __init__(self) -> None:
        self.metrics: dict[str, float] = {}

    def project(self, name: str) -> None:
        self.metrics = {}
        self._write("project", file=name)

    def tell(self, event: Event) -> None:
        match event:
            case Started():
                self._write(
                    "started",
                    run=event.run_id,
                    parameters=event.count,
                    epochs=event.epochs,
                    steps_per_epoch=event.steps_per_epoch,
                    batch_size=event.batch_size,
                    device=event.device,
                )
            case Evaluated():
                self.metrics = dict(event.figures)
                self._write("epoch", **{"step": event.step, **self.metrics, "epoch": event.epoch})
            case Checkpointed():
                self._write(
                    "checkpoint", kind=event.kind, path=event.path, epoch=event.epoch, step=event.step, name=event.name
                )
            case Warned():
                self._write("warning", message=event.message, hint=event.hint)
            case Ended():
                self._write("ended", reason=event.reason, run=event.run_id, metrics=dict(event.figures) or self.metrics)
            case Failed():
                words = {"message": event.message, "hint": event.hint, "node": event.node}
                self._write("failed", **words, run=event.run_id, metrics=self.metrics)

    def finding(self, finding: Finding) -> None:
        words = {"rule": finding.rule, "message": finding.message, "hint": finding.hint, "layer": finding.path}
        self._write("finding", **words, source=finding.source)

    def _write(self, event: str, **fields: Any) -> None:
        print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


class _Lines:
    """The lines of the script on stdout; progress, warnings and the run's id on stderr."""

    def __init__(self, debug: bool) -> None:
        self.debug = debug
        self.bar = sys.stderr.isatty()
        self.total = 0

    def project(self, name: str) -> None:
        self._say(f"training {name}")

    def tell(self, event: Event) -> None:
        match event:
            case Preparing():
                self._progress(event.stage)
            case Started():
                self.total = event.epochs * event.steps_per_epoch
            case Steps():
                step = event.first + len(event.losses) - 1
                filled = round(30 * step / max(1, self.total))
                bar = "█" * filled + "·" * (30 - filled)
                self._progress(f"{bar}  step {step}/{self.total}  {event.samples_per_second:,.0f} samples/s")
            case Evaluated():
                self._progress("")
                print(event.line, flush=True)
            case Warned():
                self._say(f"warning: {event.message} {event.hint}".rstrip())
            case Ended():
                self._say(f"run {event.run_id} {event.reason}")
            case Failed():
                self._say(f"netsmith: {event.message} {event.hint}".rstrip())
                if self.debug and event.detail:
                    self._say(event.detail)
                if event.run_id:
                    self._say(f"run {event.run_id} failed")

    def finding(self, finding: Finding) -> None:
        where = f"{finding.path}: " if finding.path else ""
        self._say(f"finding: {where}{finding.message} {finding.hint} ({finding.source})")

    def _progress(self, text: str) -> None:
        if self.bar:
            print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)

    def _say(self, text: str) -> None:
        self._progress("")
        print(text, file=sys.stderr, flush=True)
