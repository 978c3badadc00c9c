"""Learning-rate schedules, by their names in torch.optim.lr_scheduler."""

from typing import Any, Literal

from engine.recipe.base import Optimizer, Raw, Schedule, Text, differing
from engine.spec import param


class Constant(Schedule):
    """The learning rate stays as it is."""

    aliases = ("none", "fixed")
    moves = "never"


PER = "What it counts: epochs, or steps of the optimizer."
Per = Literal["epoch", "step"]


class Step(Schedule):
    """The learning rate is multiplied by gamma every so many epochs."""

    target = "torch.optim.lr_scheduler.StepLR"
    aliases = ("decay", "steplr", "staircase")
    step_size: int = param(10, min=1, required=True, help="Epochs, or steps, between two falls.", main=True)
    gamma: float = param(0.1, min=0.0, help="What the learning rate is multiplied by.")
    per: Per = param("epoch", help=PER, advanced=True)


class Cosine(Schedule):
    """The learning rate falls to its end along half a cosine, over all epochs."""

    target = "torch.optim.lr_scheduler.CosineAnnealingLR"
    aliases = ("annealing", "cosineannealinglr")
    eta_min: float = param(0.0, min=0.0, help="The learning rate at the end.")
    per: Per = param("epoch", help=PER, advanced=True)

    def arguments(self, optimizer: Optimizer, span: str) -> dict[str, Any]:
        return {"T_max": Raw(span)} | super().arguments(optimizer, span)


class OneCycle(Schedule):
    """The learning rate rises and falls once over all steps: quick training with high rates."""

    target = "torch.optim.lr_scheduler.OneCycleLR"
    aliases = ("onecyclelr", "super-convergence", "cycle")
    moves = "step"
    max_lr: float = param(0.01, min=0.0, required=True, help="The highest learning rate.", main=True)
    pct_start: float = param(0.3, min=0.0, max=0.99, help="Share of the steps in which it rises.")
    anneal_strategy: Literal["cos", "linear"] = param("cos", help="Shape of the rise and the fall.")
    div_factor: float = param(25.0, min=1.0, help="It starts at the highest rate divided by this.", advanced=True)
    final_div_factor: float = param(1e4, min=1.0, help="It ends at its start divided by this.", advanced=True)
    three_phase: bool = param(False, help="Fall as it rose, and only then to the end.", advanced=True)

    def arguments(self, optimizer: Optimizer, span: str) -> dict[str, Any]:
        given = differing(self)
        found = {"max_lr": given.pop("max_lr"), "total_steps": Raw(span)} | given
        return found if optimizer.has_momentum else found | {"cycle_momentum": False}

    def why_not(self, steps: int) -> tuple[str, str] | None:
        if self.pct_start * steps != 1:  # torch divides by the steps between the first and the highest one
            return None
        return f"One cycle rises in one of {steps} steps, where it has nowhere to rise from.", "Change pct_start."


class Plateau(Schedule):
    """The learning rate falls when the loss has stopped getting better."""

    target = "torch.optim.lr_scheduler.ReduceLROnPlateau"
    aliases = ("reducelronplateau", "adaptive")
    moves = "loss"
    factor: float = param(0.1, min=0.0, max=0.999, help="What the learning rate is multiplied by.")
    patience: int = param(3, min=0, torch=10, help="Epochs without improvement before it falls.", main=True)
    threshold: float = param(1e-4, min=0.0, help="Improvement that counts as one.", advanced=True)
    threshold_mode: Literal["rel", "abs"] = param(
        "rel", help="Whether the improvement is a share of the loss, or a number.", advanced=True
    )
    cooldown: int = param(0, min=0, help="Epochs to wait after a fall.", advanced=True)
    min_lr: float = param(0.0, min=0.0, help="It never falls below this.", advanced=True)
    eps: float = param(1e-8, min=0.0, help="A fall by less is left out.", advanced=True)


class WarmUp(Schedule):
    """The learning rate rises from almost nothing in a straight line, then stays or falls along half a cosine."""

    target = "torch.optim.lr_scheduler.LambdaLR"
    aliases = ("warmup", "linear", "cosine", "transformer")
    moves = "step"
    warm_up_steps: int = param(100, min=1, help="Steps in which it rises.", main=True)
    then: Literal["cosine", "constant"] = param("cosine", help="What follows the rise.")

    def arguments(self, optimizer: Optimizer, span: str) -> dict[str, Any]:
        if self.then == "constant":
            return {"lr_lambda": Raw("warm_up")}
        return {"lr_lambda": Raw(f"partial(warm_up, steps={span})")}

    def emit(self) -> Text:
        rise = f"(step + 1) / {self.warm_up_steps}"
        if self.then == "constant":
            return Text(
                "def warm_up(step: int) -> float:\n"
                '    """Share of the learning rate at this step: up in a straight line."""\n'
                f"    return min(1.0, {rise})"
            )
        return Text(
            "def warm_up(step: int, steps: int) -> float:\n"
            '    """Share of the learning rate at this step: up in a line, down along a cosine."""\n'
            f"    if step < {self.warm_up_steps}:\n"
            f"        return {rise}\n"
            f"    done = (step - {self.warm_up_steps}) / max(1, steps - {self.warm_up_steps})\n"
            "    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, done))",
            ("import math", "from functools import partial"),
        )
