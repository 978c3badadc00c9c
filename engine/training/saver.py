"""Checkpoints that stay: those that were asked for, and those of every so many epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from engine.errors import TrainingError
from engine.training import checkpoint, moment
from engine.training.control import Command
from engine.training.events import Checkpointed, Warned
from engine.training.keeper import Keeper
from engine.training.running import Member, Running


class Saver(Member):
    """Obeys "checkpoint", whose name is the checkpoint's and whose value a note: at once, between two steps."""

    def __init__(self, run: Running, keeper: Keeper) -> None:
        self._run, self._keeper = run, keeper
        self._figures: Mapping[str, float] = run.resumed.figures if run.resumed is not None else {}

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        return {"checkpoint": self._asked}

    def after_epoch(self, figures: Mapping[str, float]) -> None:
        self._figures = {name: float(value) for name, value in figures.items() if name != "epoch"}
        every = self._run.job.keep_every
        if every and self._run.epoch % every == 0:
            self._save("epoch", f"epoch-{self._run.epoch:04}")

    def _asked(self, command: Command) -> None:
        self._save("hand", f"step-{self._run.step:06}", command.name, str(command.value or ""))

    def _save(self, kind: Literal["hand", "epoch"], stem: str, name: str = "", note: str = "") -> None:
        run = self._run
        path = Path(run.job.folder) / "checkpoints" / f"{stem}.safetensors"
        try:
            state = moment.taken(run, figures=self._figures, best=self._keeper.best, kind=kind, name=name, note=note)
            checkpoint.save(state, path)
        except TrainingError as error:
            run.emit(Warned(error.message, error.hint))
        except OSError as error:
            run.emit(
                Warned(f"The checkpoint could not be written: {error.strerror or error}.", "Make room on the disk.")
            )
        else:
            run.emit(Checkpointed(str(path), kind, run.epoch, run.step, name))
