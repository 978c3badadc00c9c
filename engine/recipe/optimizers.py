"""Optimizers, by their names in torch.optim."""

from dataclasses import dataclass
from typing import Annotated, Any

from engine.kinds import Float, Kind, KindError
from engine.recipe.base import Optimizer
from engine.spec import param

EVERYWHERE = frozenset({"cpu", "cuda", "mps"})


@dataclass(frozen=True)
class Floats(Kind):
    """Several numbers, each within the same limits."""

    length: int = 2
    least: float | None = None
    most: float | None = None
    name = "floats"

    def check(self, value: Any) -> tuple[float, ...]:
        if not isinstance(value, (list, tuple)) or len(value) != self.length:
            raise KindError(f"{self.length} numbers")
        return tuple(Float(self.least, self.most).check(v) for v in value)

    def parse(self, text: str) -> tuple[float, ...]:
        parts = [p for p in text.strip().strip("()[]").split(",") if p.strip()]
        return self.check([Float().parse(p) for p in parts])

    def show(self, value: Any) -> str:
        return ", ".join(Float().show(v) for v in value)


Betas = Annotated[tuple[float, float], Floats(2, 0.0, 0.999999999)]

RATE = "Learning rate: size of a step."
DECAY = "How strongly weights are pulled towards zero."
BETAS = "How much of the running means of gradient and squared gradient is kept at every step."
EPS = "Added to the divisor, so that nothing is divided by zero."


class SGD(Optimizer):
    """Follows the gradient downhill, with momentum if asked: plain, and often the best in the end."""

    target = "torch.optim.SGD"
    aliases = ("stochastic gradient descent", "momentum", "nesterov")
    fused_on = EVERYWHERE
    lr: float = param(0.01, min=0.0, torch=1e-3, help=RATE, main=True)
    momentum: float = param(0.0, min=0.0, max=1.0, help="How much of the last step's direction is kept.")
    dampening: float = param(
        0.0, min=0.0, max=1.0, help="How much of the new gradient momentum ignores.", advanced=True
    )
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    nesterov: bool = param(False, help="Look ahead along the momentum; needs momentum and no dampening.")

    def why_not(self) -> tuple[str, str] | None:
        if not self.nesterov or (self.momentum > 0 and self.dampening == 0):
            return None
        return "SGD: nesterov needs a momentum above 0 and no dampening.", "Set momentum to 0.9, or turn nesterov off."


class Adam(Optimizer):
    """Steps of a size that adapts to every parameter: works without much tuning."""

    target = "torch.optim.Adam"
    aliases = ("adaptive moments",)
    fused_on = EVERYWHERE
    lr: float = param(1e-3, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    amsgrad: bool = param(False, help="Never let the running mean of squared gradients shrink.", advanced=True)


class AdamW(Optimizer):
    """Adam with weight decay that is independent of the gradient: a good first choice."""

    target = "torch.optim.AdamW"
    aliases = ("adam", "decoupled weight decay")
    fused_on = EVERYWHERE
    lr: float = param(1e-3, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.01, min=0.0, help=DECAY)
    amsgrad: bool = param(False, help="Never let the running mean of squared gradients shrink.", advanced=True)


class RMSprop(Optimizer):
    """Divides every gradient by a running mean of its size: a good choice for recurrent networks."""

    target = "torch.optim.RMSprop"
    aliases = ("root mean square",)
    lr: float = param(0.001, min=0.0, torch=0.01, help=RATE, main=True)
    alpha: float = param(0.99, min=0.0, max=1.0, help="How much of the running mean is kept at every step.")
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    momentum: float = param(0.0, min=0.0, max=1.0, help="How much of the last step's direction is kept.")
    centered: bool = param(False, help="Divide by the variance of the gradient instead.", advanced=True)


class Adagrad(Optimizer):
    """Smaller and smaller steps for parameters that have moved much: made for sparse features."""

    target = "torch.optim.Adagrad"
    aliases = ("adaptive gradient", "sparse")
    fused_on = frozenset({"cpu", "cuda"})
    has_momentum = False
    lr: float = param(0.01, min=0.0, help=RATE, main=True)
    lr_decay: float = param(0.0, min=0.0, help="How fast the learning rate falls.")
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    initial_accumulator_value: float = param(
        0.0, min=0.0, help="What the sum of squared gradients starts from.", advanced=True
    )
    eps: float = param(1e-10, min=0.0, help=EPS, advanced=True)


class NAdam(Optimizer):
    """Adam that looks ahead along its momentum."""

    target = "torch.optim.NAdam"
    aliases = ("nesterov", "adam")
    lr: float = param(0.002, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    momentum_decay: float = param(0.004, min=0.0, help="How fast the momentum changes.", advanced=True)
    decoupled_weight_decay: bool = param(False, help="Keep weight decay apart from the gradient, as AdamW does.")


class RAdam(Optimizer):
    """Adam that trusts its adaptive steps only once it has seen enough: needs no warm-up."""

    target = "torch.optim.RAdam"
    aliases = ("rectified", "adam")
    lr: float = param(1e-3, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    decoupled_weight_decay: bool = param(False, help="Keep weight decay apart from the gradient, as AdamW does.")
