"""Optimizers, by their names in torch.optim."""

from typing import Annotated

from engine.numbers import Floats
from engine.recipe.base import Optimizer
from engine.spec import param

EVERYWHERE = frozenset({"cpu", "cuda", "mps"})


Betas = Annotated[tuple[float, float], Floats(2, 0.0, 0.999999999)]

RATE = "Learning rate: size of a step."
DECAY = "How strongly weights are pulled towards zero."
BETAS = "How much of the running means of gradient and squared gradient is kept at every step."
AMSGRAD = "Never let the running mean of squared gradients shrink."
EPS = "Added to the divisor, so that nothing is divided by zero."


class SGD(Optimizer):
    """Follows the gradient downhill, with momentum if asked: plain, and often the best in the end."""

    target = "torch.optim.SGD"
    takes_sparse = True
    aliases = ("stochastic gradient descent", "momentum", "nesterov")
    fused_on = EVERYWHERE
    lr: float = param(0.01, min=0.0, torch=1e-3, help=RATE, main=True)
    momentum: float = param(0.0, min=0.0, max=1.0, help="How much of the last step's direction is kept.")
    dampening: float = param(
        0.0, min=0.0, max=1.0, help="How much of the new gradient momentum ignores.", advanced=True
    )
    weight_decay: float = param(0.0, min=0.0, help=DECAY)
    nesterov: bool = param(False, help="Look ahead along the momentum; needs momentum and no dampening.")

    def kept(self) -> int:
        return int(self.momentum > 0)

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
    amsgrad: bool = param(False, help=AMSGRAD, advanced=True)

    def kept(self) -> int:
        return 2 + self.amsgrad


class AdamW(Optimizer):
    """Adam with weight decay that is independent of the gradient: a good first choice."""

    target = "torch.optim.AdamW"
    aliases = ("adam", "decoupled weight decay")
    fused_on = EVERYWHERE
    lr: float = param(1e-3, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.01, min=0.0, help=DECAY)
    amsgrad: bool = param(False, help=AMSGRAD, advanced=True)

    def kept(self) -> int:
        return 2 + self.amsgrad


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

    def kept(self) -> int:
        return 1 + (self.momentum > 0) + self.centered


class Adagrad(Optimizer):
    """Smaller and smaller steps for parameters that have moved much: made for sparse features."""

    target = "torch.optim.Adagrad"
    takes_sparse = True
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

    def kept(self) -> int:
        return 1


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


class Adadelta(Optimizer):
    """Steps sized by how far earlier steps went, so that there is hardly a learning rate to choose."""

    target = "torch.optim.Adadelta"
    aliases = ("adaptive",)
    has_momentum = False
    lr: float = param(1.0, min=0.0, help=RATE, main=True)
    rho: float = param(0.9, min=0.0, max=1.0, help="How much of the running means is kept at every step.")
    eps: float = param(1e-6, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)


class Adamax(Optimizer):
    """Adam that divides by the largest recent gradient: steady where some gradients are rare and large."""

    target = "torch.optim.Adamax"
    aliases = ("adam", "infinity norm")
    lr: float = param(2e-3, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)


class ASGD(Optimizer):
    """Follows the gradient downhill and keeps the mean of where it has been."""

    target = "torch.optim.ASGD"
    aliases = ("averaged", "polyak")
    has_momentum = False
    lr: float = param(0.01, min=0.0, help=RATE, main=True)
    lambd: float = param(1e-4, min=0.0, help="How fast the learning rate falls.", advanced=True)
    alpha: float = param(0.75, min=0.0, help="Power with which the learning rate falls.", advanced=True)
    t0: float = param(1e6, min=0.0, help="The step from which on the mean is taken.", advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)

    def kept(self) -> int:
        return 1


class Rprop(Optimizer):
    """Looks at the signs of gradients only: for steps over all data at once, where they are no noise."""

    target = "torch.optim.Rprop"
    aliases = ("resilient", "full batch", "sign")
    has_momentum = False
    lr: float = param(0.01, min=0.0, help="The size of the first step.", main=True)
    etas: Annotated[tuple[float, float], Floats(2, 0.0)] = param(
        (0.5, 1.2), help="What a step is multiplied by when the sign turns, and when it stays."
    )
    step_sizes: Annotated[tuple[float, float], Floats(2, 0.0)] = param(
        (1e-6, 50.0), help="The smallest and the largest step.", advanced=True
    )

    def why_not(self) -> tuple[str, str] | None:
        if 0.0 < self.etas[0] < 1.0 < self.etas[1]:
            return None
        return "Rprop: etas are one number below 1 and one above.", "Set etas to 0.5, 1.2."


class Adafactor(Optimizer):
    """Adaptive steps that remember rows and columns instead of every number: large networks in little memory."""

    target = "torch.optim.Adafactor"
    aliases = ("memory", "transformer", "t5")
    has_momentum = False
    lr: float = param(0.01, min=0.0, help=RATE, main=True)
    beta2_decay: float = param(-0.8, max=0.0, help="How the running mean slows down over the steps.", advanced=True)
    eps: Annotated[tuple[float | None, float], Floats(2, 0.0, none="auto")] = param(
        (None, 1e-3),
        help="Added to the squared gradient (auto: by the type), and the least size of a step.",
        advanced=True,
    )
    d: float = param(1.0, min=1.0, help="Steps whose root mean square is above this are made smaller.", advanced=True)
    weight_decay: float = param(0.0, min=0.0, help=DECAY)

    def kept(self) -> int:
        return 0  # a row and a column of each matrix

    def why_not(self) -> tuple[str, str] | None:
        if self.eps[1] is not None:
            return None
        return "Adafactor: the second number of eps cannot be auto.", "Set eps to auto, 0.001."
