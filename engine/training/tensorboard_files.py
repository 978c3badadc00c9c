"""Event files that TensorBoard reads: `tensorboard --logdir` with the folder of the runs shows each by its id.

Scalars alone: "step/loss" of every step, "step/lr", "epoch/..." every figure of every epoch, and while a run goes on
"gradient_norm/...", "weight_norm/..." and "update_ratio/..." of every parameter, at about a thousand of its steps.
The package that writes them is an extra, and is loaded when it is needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.training.events import Ended, Evaluated, Event, Failed, Norms, Started, Steps
from engine.training.store import RunRecord, Store

MISSING = "TensorBoard files need the package tensorboard, which is not installed."
INSTALL = 'Install it with: pip install "netsmith[tensorboard]", or pip install tensorboard.'
MOST_NORMS = 1000  # moments of a run at which every parameter is written: as many as TensorBoard shows of a curve
_TAGS = {
    "gradient": "gradient_norm",
    "before": "gradient_norm_before",
    "weight": "weight_norm",
    "ratio": "update_ratio",
}


def why_not() -> str:
    """Why no event file can be written here; "" if it can."""
    return "" if find_spec("tensorboard") is not None else f"{MISSING} {INSTALL}"


def event_files(folder: Path) -> list[Path]:
    """Those that are there already."""
    return sorted(folder.glob("events.out.tfevents.*"))


class EventFile:
    """One new event file in a folder. Raises: FileError where the package is missing or the disk refuses."""

    def __init__(self, folder: Path) -> None:
        if reason := why_not():
            raise FileError(MISSING, reason.removeprefix(MISSING).strip())
        from tensorboard.compat.proto.event_pb2 import Event as Record
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._record, self._summary = Record, Summary
        try:
            self._file = EventFileWriter(str(folder))
        except OSError as error:
            raise FileError(f"No event file can be written in {folder}: {error}.", "Make room on the disk.") from error

    def write(self, step: int, scalars: Mapping[str, float], when: float) -> None:
        """Values by their tags at a step. when: seconds since the epoch."""
        values = [self._summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        if values:
            self._file.add_event(self._record(wall_time=when, step=step, summary=self._summary(value=values)))

    def close(self) -> None:
        """Put everything on the disk."""
        self._file.close()

    def __enter__(self) -> EventFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class EventMirror:
    """Writes what a run tells into an event file, as it tells it."""

    def __init__(self, folder: Path) -> None:
        self._file = EventFile(folder)
        self._parameters: tuple[str, ...] = ()
        self._phases: tuple[str, ...] = ()
        self._stride = 1
        self._next: dict[str, int] = {}

    def take(self, event: Event) -> None:
        """Write an event; the last one closes the file."""
        now = time.time()
        if isinstance(event, Started):
            self._parameters, self._phases = event.parameters, event.phases
            self._stride = max(1, event.epochs * event.steps_per_epoch // MOST_NORMS)
        elif isinstance(event, Steps):
            self._take_steps(event, now)
        elif isinstance(event, Norms):
            self._take_norms(event, now)
        elif isinstance(event, Evaluated):
            self._file.write(event.step, {f"epoch/{name}": value for name, value in event.figures.items()}, now)
        elif isinstance(event, Ended | Failed):
            self._file.close()

    def _take_steps(self, event: Steps, now: float) -> None:
        for place, loss in enumerate(event.losses.tolist()):
            scalars = {"step/loss": loss}
            if event.parts is not None:
                parts = zip(self._phases, event.parts[place].tolist(), strict=True)
                scalars |= {f"step/{phase}_loss": part for phase, part in parts}
            self._file.write(event.first + place, scalars, now)
        names = [f"step/{phase}_lr" for phase in self._phases] or ["step/lr"]
        if len(event.losses):
            self._file.write(event.first + len(event.losses) - 1, dict(zip(names, event.rates)), now)

    def _take_norms(self, event: Norms, now: float) -> None:
        tag = _TAGS[event.quantity]
        for step, values in zip(event.steps.tolist(), event.values):
            scalars: dict[str, float] = {}
            if event.quantity in ("gradient", "before") and np.isfinite(values).any():
                scalars[f"{tag}/all"] = float(np.sqrt(np.nansum(values.astype(np.float64) ** 2)))
            if step >= self._next.get(event.quantity, 0):
                self._next[event.quantity] = step + self._stride
                known = zip(self._parameters, values.tolist())
                scalars |= {f"{tag}/{name}": value for name, value in known if value == value}
            self._file.write(step, scalars, now)


def write_run(store: Store, run: str) -> Path:
    """Write the losses and figures of a run that is kept into an event file in its folder. Returns: the folder.

    Raises: FileError where it has one already, or where none can be written.
    """
    record = store.get(run)
    folder = store.folder_of(record.id)
    if event_files(folder):
        raise FileError(f"{record.id} has TensorBoard files already.", "They are in its folder.")
    with EventFile(folder) as file:
        for step, scalars in _scalars(store, record):
            file.write(step, scalars, _moment(record, step))
    return folder


def _scalars(store: Store, record: RunRecord) -> Iterable[tuple[int, dict[str, Any]]]:
    for step, loss in enumerate(store.losses(record.id).tolist(), 1):
        yield step, {"step/loss": loss}
    for epoch in store.metrics(record.id):
        yield epoch.step, {f"epoch/{name}": value for name, value in epoch.figures.items()}


def _moment(record: RunRecord, step: int) -> float:
    """When about a step was made: the time of a run is taken as spread evenly over its steps."""
    began = datetime.fromisoformat(record.created).timestamp()
    return began + record.duration * min(1.0, step / max(1, record.steps))
