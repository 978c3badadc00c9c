"""Writes what a run tells into the store, in batches, in the thread that hears it."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from engine.training.events import (
    Checkpointed,
    Ended,
    Evaluated,
    Event,
    Failed,
    Paused,
    Planned,
    Resumed,
    Started,
    Steered,
    Steps,
    Warned,
)
from engine.training.steered_file import SteeredFile
from engine.training.store import EpochRecord, RunRecord, Store
from engine.training.store_rows import widened
from engine.training.tensorboard_files import EventMirror

COMMIT_SECONDS = 0.5


class Recorder:
    """Keeps one run. A disk without space costs the record, never the training: then `take` returns a warning."""

    def __init__(
        self, store: Store, run_id: str, parent: RunRecord | None = None, mirror: EventMirror | None = None
    ) -> None:
        self._mirror = mirror
        self.folder = store.folder / run_id
        self._store, self._run_id, self._parent = store, run_id, parent
        self._changes: dict[str, Any] = {}
        self._epochs: list[EpochRecord] = []
        self._events: list[tuple[int, str, dict[str, Any]]] = []
        self._losses: list[bytes] = []
        self._extremes: dict[str, tuple[float, float]] = {}
        self._began = self._committed = time.monotonic()
        self._has_warned = self._is_paused = False
        self._steered = SteeredFile(self.folder)

    def begin(
        self, name: str, seed: int, planned: int, project: str, options: Mapping[str, Any], group: str = ""
    ) -> None:
        """Note that the run exists; `options` of its recipe by path. Raises: OSError, sqlite3.Error."""
        created = datetime.now(UTC).isoformat(timespec="seconds")
        parent = self._parent.id if self._parent else None
        record = RunRecord(
            self._run_id,
            name,
            created,
            "preparing",
            seed,
            planned=planned,
            versions=versions(),
            parent=parent,
            options=options,
            group=group,
        )
        self._store.add(record)
        (self.folder / "project.netsmith").write_text(project, encoding="utf-8")

    def keep_script(self, text: str) -> None:
        """Raises: OSError."""
        (self.folder / "script.py").write_text(text, encoding="utf-8")

    def take(self, event: Event) -> Warned | None:
        """Note an event; what is pending is written twice a second and at every turn of the run."""
        if self._mirror is not None:
            self._mirror.take(event)
        turn = True
        if isinstance(event, Steps):
            self._losses.append(event.losses.astype("<f4").tobytes())
            self._changes["steps"] = event.first + len(event.losses) - 1
            turn = False
        elif isinstance(event, Evaluated):
            self._epochs.append(EpochRecord(event.epoch, event.step, dict(event.figures), event.seconds))
            self._extremes = widened(self._extremes, event.figures)
            self._changes |= {"epochs": event.epoch, "metrics": dict(event.figures), "extremes": self._extremes}
            turn = False
        elif isinstance(event, Started):
            self._changes |= {"state": "running", "device": event.device, "parameters": event.count}
            self._changes |= {"planned": event.epochs}
            told = {"parameters": len(event.parameters), "first_step": event.first_step, "parent": event.parent}
            self._events.append((0, "Started", {**told, "parent_step": event.parent_step}))
            self._take_over(event)
        elif isinstance(event, Steered | Paused | Resumed):
            self._events.append((event.step, type(event).__name__, asdict(event)))
            self._is_paused = isinstance(event, Paused) or (self._is_paused and isinstance(event, Steered))
            turn = self._is_paused or not isinstance(event, Steered)  # a rate that is dragged changes often
            if isinstance(event, Steered):
                self._steered.take(event)
        elif isinstance(event, Checkpointed) and event.kind in ("hand", "epoch"):
            self._events.append((event.step, "Checkpointed", asdict(event)))
        elif isinstance(event, Planned):
            self._changes |= {"planned": event.epochs}
        elif isinstance(event, Ended):
            self._changes |= {"state": event.reason}
        elif isinstance(event, Failed):
            self._changes |= {"state": "failed", "message": f"{event.message} {event.hint}".strip()}
        else:
            return None
        if turn or time.monotonic() - self._committed >= COMMIT_SECONDS:
            return self._commit()
        return None

    def _commit(self) -> Warned | None:
        self._committed = time.monotonic()
        self._changes["duration"] = round(self._committed - self._began, 3)
        try:
            if self._losses:
                with (self.folder / "losses.f32").open("ab") as file:
                    file.write(b"".join(self._losses))
                self._losses = []
            self._store.write(self._run_id, self._changes, tuple(self._epochs), tuple(self._events))
            self._steered.write()
        except (OSError, sqlite3.Error) as error:
            return self._warning(error)
        self._changes, self._epochs, self._events = {}, [], []
        return None

    def _warning(self, error: Exception) -> Warned | None:
        if self._has_warned:
            return None
        self._has_warned = True
        return Warned(
            f"The run cannot be recorded in {self._store.folder}: {error}.",
            "Training goes on. What is missing is written as soon as there is room.",
        )

    def _take_over(self, event: Started) -> None:
        """The curve of the run that this one goes on from, up to where it does."""
        if self._parent is None or not event.first_step:
            return
        taken = [e for e in self._store.metrics(self._parent.id) if e.epoch <= event.first_epoch]
        for epoch in taken:
            self._extremes = widened(self._extremes, epoch.figures)
        self._epochs += taken
        before = self._store.losses(self._parent.id)[: event.first_step]
        self._losses.insert(0, before.tobytes())
        best = self._store.checkpoint_path(self._parent.id, "best")
        for path in (best, best.with_suffix(".json")):
            if path.exists():
                shutil.copyfile(path, self.folder / "checkpoints" / path.name)


def versions() -> dict[str, str]:
    """Of what decides the outcome of a run."""
    found = {"python": platform.python_version()}
    for package in ("netsmith", "torch", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a checkout that was never installed
            continue
    return found
