"""When the state of a run is copied and written: at the end of every long epoch, now and then for those of a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from engine.errors import TrainingError
from engine.training import checkpoint
from engine.training.checkpoint import Checkpoint
from engine.training.events import Checkpointed, Event, Warned

# A copy may cost this share of the time of training: it matters for epochs of milliseconds only.
COPY_SHARE = 0.02
WRITE_SECONDS = 2.0


class Keeper:
    """Keeps the state after the last epoch, and the weights of the best.

    An epoch that ends a moment after the last copy is not copied: should the run be stopped in the next one, resuming
    repeats those milliseconds. best: lowest validation loss so far, else lowest loss. about: what is written of a
    checkpoint of a kind.
    """

    def __init__(
        self,
        folder: Path,
        parts: Mapping[str, Any],
        emit: Callable[[Event], None],
        best: float | None = None,
        about: Callable[[str], Mapping[str, Any]] = lambda kind: {"kind": kind},
    ) -> None:
        self._folder, self._parts, self._emit, self._best, self._about = folder, parts, emit, best, about
        self._next_copy = self._next_write = 0.0
        self._last: Checkpoint | None = None
        self._better: Checkpoint | None = None
        self._skipped: tuple[int, int, Mapping[str, float]] | None = None
        self._has_warned = False

    def end_epoch(self, epoch: int, step: int, figures: Mapping[str, float], *, must: bool = False) -> None:
        """Take note of the end of an epoch; call it before the next step is made. `must`: copy it in any case."""
        value = figures.get("val_loss", figures.get("loss"))
        if value is not None and (self._best is None or value < self._best):
            self._best = value
            better = checkpoint.take_weights(self._parts["model"], epoch=epoch, step=step, figures=figures)
            self._better = replace(better, about=self._about("best"))
        now = time.perf_counter()
        self._skipped = (epoch, step, figures)
        if must or now >= self._next_copy:
            self._copy()
        if now >= self._next_write:
            self.write()

    @property
    def best(self) -> float | None:
        """The lowest loss so far."""
        return self._best

    def keep(self, moment: Checkpoint) -> None:
        """Let this be the last state, whatever was copied before."""
        self._last, self._skipped = moment, None

    def write(self, *, is_between_epochs: bool = False) -> None:
        """Put what is only in memory on disk. `is_between_epochs`: no step was made since the last `end_epoch`."""
        if is_between_epochs and self._skipped is not None:
            self._copy()
        self._save(self._last, "last")
        self._save(self._better, "best")
        self._last = self._better = None
        self._next_write = time.perf_counter() + WRITE_SECONDS

    def _copy(self) -> None:
        if self._skipped is None:
            return
        began = time.perf_counter()
        epoch, step, figures = self._skipped
        self._skipped = None
        try:
            self._last = checkpoint.take(
                self._parts, epoch=epoch, step=step, figures=figures, best=self._best, about=self._about("last")
            )
        except TrainingError as error:
            self._warn(error.message, error.hint)
        now = time.perf_counter()
        self._next_copy = now + (now - began) / COPY_SHARE

    def _save(self, state: Checkpoint | None, kind: Literal["last", "best"]) -> None:
        if state is None:
            return
        path = self._folder / f"{kind}.safetensors"
        try:
            checkpoint.save(state, path)
        except OSError as error:
            self._warn(
                f"The checkpoint of epoch {state.epoch} could not be written: {error.strerror or error}.",
                "Training goes on, and the checkpoint before it is unharmed. Make room on the disk.",
            )
        else:
            self._emit(Checkpointed(str(path), kind, state.epoch, state.step))

    def _warn(self, message: str, hint: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._emit(Warned(message, hint))
