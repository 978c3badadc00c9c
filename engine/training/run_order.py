"""A run that is asked for and may have to wait: the project as it is then, with everything that the run is given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.training.beside import is_training
from engine.training.devices import device_of
from engine.training.run import Mode, TrainingRun

_NUMBERS = count(1)


@dataclass(frozen=True)
class Order:
    """What to train, and how. name: of the file, for people. resume: a run to go on from, behind an @ its moment.

    The rest is as `TrainingRun` has it. Two orders are the same only if one was made from the other.
    """

    project: Project = field(compare=False)
    name: str = field(default="", compare=False)
    analysis: Analysis | None = field(default=None, compare=False, repr=False)
    runs_dir: Path | None = field(default=None, compare=False)
    mode: Mode = field(default="thread", compare=False)
    resume: str = field(default="", compare=False)
    carry: bool = field(default=False, compare=False)
    keep_every: int = field(default=0, compare=False)
    tensorboard: bool = field(default=False, compare=False)
    trusted: bool = field(default=False, compare=False)
    number: int = field(default_factory=lambda: next(_NUMBERS))

    @property
    def device(self) -> str:
        """The kind of device that it will use."""
        return device_of(self.project.recipe.device)

    def on(self, device: str) -> Order:
        """The same on another device."""
        recipe = self.project.recipe.with_(device=device)
        return replace(self, project=replace(self.project, recipe=recipe), analysis=None)

    def beside(self) -> Order:
        """The same in a process of its own."""
        return replace(self, mode="process")

    def begin(self) -> TrainingRun:
        """Start the run. Two threads of one program would draw from the same random numbers, and neither curve could
        be made again: beside a run in a thread it gets a process of its own."""
        run_id, _, moment = self.resume.partition("@")
        run = TrainingRun(
            self.project,
            analysis=self.analysis,
            runs_dir=self.runs_dir,
            mode="process" if is_training() else self.mode,
            tensorboard=self.tensorboard,
            resume=run_id or None,
            checkpoint=moment or "last",
            carry=self.carry,
            keep_every=self.keep_every,
            trusted=self.trusted,
        )
        run.title = self.name or run.title
        run.start()
        return run
