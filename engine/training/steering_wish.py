"""What can be asked of a run that goes on, and whether it makes sense before anything is tried. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import TrainingError
from engine.recipe.recipe import Recipe
from engine.training.events import NodePath

Option = Literal["lr", "weight_decay", "clip", "dropout", "frozen", "batch_size", "accumulate", "epochs"]
WORDS: dict[str, str] = {
    "lr": "learning rate",
    "weight_decay": "weight decay",
    "clip": "clipping",
    "dropout": "dropout",
    "frozen": "frozen",
    "batch_size": "batch size",
    "accumulate": "batches per step",
    "epochs": "epochs",
}
BY_PHASE = ("lr", "weight_decay")
COUNTS = ("batch_size", "accumulate", "epochs")
FROM_NEXT_EPOCH = ("batch_size", "accumulate")
_HUGE = 1_000_000_000


@dataclass(frozen=True)
class Wish:
    """What a person wants to be changed, in plain data that a pipe can carry.

    value: 0 for clip does not clip; 1 freezes and 0 lets learn again. phase: of lr and weight_decay; "" for the first.
    node: the layer it concerns, empty for all. names: of its parameters if it is to be frozen, of its modules that
    leave something out if its dropout is to change.
    """

    option: Option
    value: float
    phase: str = ""
    node: NodePath = ()
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As events call it: generator_lr."""
        return f"{self.phase}_{self.option}" if self.phase else self.option

    def check(self, recipe: Recipe) -> None:
        """Raises: TrainingError if it cannot be asked of any run of this recipe."""
        phases = [part.name for part in recipe.parts()]
        if self.option not in WORDS:
            raise TrainingError(f"{self.option} cannot be changed.", f"Change one of {', '.join(WORDS)}.")
        if self.phase and (self.phase not in phases or self.option not in BY_PHASE):
            raise TrainingError(f"There is no phase {self.phase}.", f"Phases: {', '.join(phases) or 'none'}.")
        self._check_value()

    def _check_value(self) -> None:
        value, words = self.value, WORDS[self.option].capitalize()
        if self.option in COUNTS:
            if not (isinstance(value, int) or float(value).is_integer()) or not 1 <= value <= _HUGE:
                raise TrainingError(f"{words} is a whole number of 1 or more, not {value:g}.")
        elif self.option == "dropout":
            if not 0.0 <= value <= 1.0:
                raise TrainingError(f"Dropout is a share between 0 and 1, not {value:g}.")
        elif not 0.0 <= value < float("inf"):
            what = "A learning rate" if self.option == "lr" else words
            raise TrainingError(f"{what} must be a number that is not negative, not {value:g}.")


def phase_of(name: str) -> tuple[str, str]:
    """The phase and the option that the name of an event means: ("generator", "lr")."""
    for option in BY_PHASE:
        if name.endswith(f"_{option}"):
            return name.removesuffix(f"_{option}"), option
    return "", name
