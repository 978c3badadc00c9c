"""A run while it goes on, and those who look at it and act on it between two steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from engine.training.checkpoint import Checkpoint
from engine.training.control import Command, Control
from engine.training.events import Event
from engine.training.job import Job


@dataclass
class Running:
    """What everybody on board knows of the run. Steps and epochs count from 1 and are those that are done.

    script: the namespace of the text; the training loop reads its constants (CLIP, BATCH_SIZE) anew at every use.
    parts: what `setup` made, by the fields of `Setup`: model, optimizer, schedule, train_data, ...
    loop: the script's generator, suspended after the step that was just made; whoever replaces it begins an epoch.
    is_between_epochs: whether no step was made since the end of the last epoch.
    epoch_began: the step after which the epoch began that is being trained. resumed: the moment it went on from.
    seconds: how long the last step took, without what was measured inside of it. trained: how many steps were made in
    this go, and how long all of them took in the same way.
    inside: seconds that measuring took inside of the step under way (in hooks), added by whoever measures there; the
    worker counts them as measuring and not as training.
    when_changed: called after the script was changed by hand, between two steps.
    """

    job: Job
    script: dict[str, Any]
    parts: dict[str, Any]
    emit: Callable[[Event], None]
    control: Control
    epochs: int
    steps_per_epoch: int
    first_epoch: int = 0
    epoch: int = 0
    step: int = 0
    loop: Iterator[Tensor | dict[str, float]] = field(default_factory=lambda: iter(()))
    is_between_epochs: bool = False
    epoch_began: int = 0
    resumed: Checkpoint | None = None
    seconds: float = 0.0
    trained: tuple[int, float] = (0, 0.0)
    inside: float = 0.0
    when_changed: list[Callable[[], None]] = field(default_factory=list)

    @property
    def model(self) -> nn.Module:
        model: nn.Module = self.parts["model"]
        return model

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rate of now: of the first optimizer of every phase, or of the only one."""
        optimizers = {name: part for name, part in self.parts.items() if isinstance(part, Optimizer)}
        chosen = [
            next((part for name, part in optimizers.items() if name.startswith(f"{phase}_")), None)
            for phase in self.job.phases
        ] or list(optimizers.values())[:1]
        return tuple(float(part.param_groups[0]["lr"]) if part else math.nan for part in chosen)

    @property
    def samples_per_step(self) -> int:
        """Samples of a step, which may be changed between two epochs."""
        data = self.parts["train_data"]
        if hasattr(data, "batch_sampler"):
            return int(data.batch_sampler.batch_size)
        return int(self.script["BATCH_SIZE"] * self.script.get("ACCUMULATE", 1))

    def begin_loop(self) -> None:
        """Go on with the first step of the epoch after the last one that is done."""
        fields = self.script["Setup"]._fields
        self.loop = self.script["train"](
            *(self.parts[name] for name in fields), epochs=self.epochs, first_epoch=self.epoch
        )


def samples_in(data: Any) -> int:
    """Samples of one pass over the training data, whether it is held as tensors or read by a loader."""
    return len(data.dataset) if hasattr(data, "dataset") else len(data[0])


class Member:
    """Someone on board of a run. All of it happens in the thread that trains; what it costs counts as measuring.

    Draws no random numbers and changes nothing that decides the curve, unless it was asked to by hand.
    """

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        """What it obeys: by the kind of a command. Steps made until then were told before."""
        return {}

    def before_step(self) -> None:
        """Before a step, or the end of an epoch in its place, is asked of the loop."""

    def after_step(self) -> None:
        """After every step of the optimizer, the gradients still there."""

    def after_epoch(self, figures: Mapping[str, float]) -> None:
        """After the figures of an epoch were told."""

    def tell(self) -> None:
        """Twenty times a second, and before the run pauses or ends: give what was gathered to `emit`."""

    def leave(self) -> None:
        """The run is over, however it ended: leave everything as it was."""
