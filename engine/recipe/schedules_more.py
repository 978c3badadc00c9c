"""Learning-rate schedules by milestones, formulas and cycles, by their names in torch.optim.lr_scheduler."""

from typing import Annotated, Any, Literal

from engine.numbers import Formula
from engine.recipe.base import Optimizer, Raw, Schedule
from engine.recipe.schedules import PER, Per
from engine.spec import IntList, param

LR = "torch.optim.lr_scheduler."
ITERS = "Epochs, or steps, until it is over."


class MultiStep(Schedule):
    """The learning rate is multiplied by gamma at each of some milestones."""

    title = "Multi-step"
    target = f"{LR}MultiStepLR"
    aliases = ("multisteplr", "milestones", "decay")
    milestones: IntList = param(
        (30, 80), min=1, required=True, help="The epochs, or steps, after which it falls, in order.", main=True
    )
    gamma: float = param(0.1, min=0.0, help="What the learning rate is multiplied by.")
    per: Per = param("epoch", help=PER, advanced=True)

    def arguments(self, optimizer: Optimizer, span: str) -> dict[str, Any]:
        found = super().arguments(optimizer, span)
        return found | {"milestones": Raw(f"[{', '.join(map(str, self.milestones))}]")}

    def why_not(self, steps: int) -> tuple[str, str] | None:
        if list(self.milestones) == sorted(self.milestones):
            return None
        return "The milestones of the schedule are not in order.", "Write the smallest first."


class ConstantFactor(Schedule):
    """The learning rate is a fraction of itself for a while: a warm-up in one stair."""

    title = "Constant factor"
    target = f"{LR}ConstantLR"
    aliases = ("constantlr", "warm-up")
    factor: float = param(1 / 3, min=0.0, max=1.0, help="What the learning rate is multiplied by at first.", main=True)
    total_iters: int = param(5, min=1, help=ITERS)
    per: Per = param("epoch", help=PER, advanced=True)


class Linear(Schedule):
    """The learning rate goes from one fraction of itself to another in a straight line."""

    target = f"{LR}LinearLR"
    aliases = ("linearlr", "warm-up", "ramp")
    start_factor: float = param(1 / 3, min=1e-9, max=1.0, help="What the learning rate is multiplied by at first.")
    end_factor: float = param(1.0, min=0.0, max=1.0, help="What it is multiplied by at the end.")
    total_iters: int = param(5, min=1, help=ITERS, main=True)
    per: Per = param("epoch", help=PER, advanced=True)


class Exponential(Schedule):
    """The learning rate is multiplied by gamma every time."""

    target = f"{LR}ExponentialLR"
    aliases = ("exponentiallr", "decay")
    gamma: float = param(0.95, min=0.0, required=True, help="What the learning rate is multiplied by.", main=True)
    per: Per = param("epoch", help=PER, advanced=True)


class Polynomial(Schedule):
    """The learning rate falls to nothing along a power of what is left."""

    target = f"{LR}PolynomialLR"
    aliases = ("polynomiallr", "decay", "segmentation")
    total_iters: int = param(5, min=1, help=ITERS, main=True)
    power: float = param(1.0, min=0.0, help="The power: 1 is a straight line.")
    per: Per = param("epoch", help=PER, advanced=True)


class WarmRestarts(Schedule):
    """The learning rate falls along half a cosine, again and again (Loshchilov and Hutter 2017)."""

    title = "Cosine with restarts"
    target = f"{LR}CosineAnnealingWarmRestarts"
    aliases = ("cosineannealingwarmrestarts", "sgdr", "restart")
    T_0: int = param(10, min=1, required=True, help="Epochs, or steps, of the first fall.", main=True)
    T_mult: int = param(1, min=1, help="What the length of each fall is multiplied by after it.")
    eta_min: float = param(0.0, min=0.0, help="The learning rate at the end of each fall.")
    per: Per = param("epoch", help=PER, advanced=True)


class Cyclic(Schedule):
    """The learning rate rises and falls between two bounds (Smith 2017)."""

    target = f"{LR}CyclicLR"
    aliases = ("cycliclr", "triangular")
    moves = "step"
    base_lr: float = param(0.001, min=0.0, required=True, help="The lowest learning rate.", main=True)
    max_lr: float = param(0.01, min=0.0, required=True, help="The highest learning rate.", main=True)
    step_size_up: int = param(100, min=1, torch=2000, help="Steps of the rise.")
    step_size_down: int | None = param(None, min=1, help="Steps of the fall; unset: as many as of the rise.")
    mode: Literal["triangular", "triangular2", "exp_range"] = param(
        "triangular", help="Whether the height stays, halves after each cycle, or shrinks by gamma every step."
    )
    gamma: float = param(1.0, min=0.0, help="What the height is multiplied by every step of exp_range.", advanced=True)

    def arguments(self, optimizer: Optimizer, span: str) -> dict[str, Any]:
        found = super().arguments(optimizer, span)
        return found if optimizer.has_momentum else found | {"cycle_momentum": False}

    def why_not(self, steps: int) -> tuple[str, str] | None:
        if self.base_lr <= self.max_lr:
            return None
        return "The cycle's lowest learning rate is above its highest.", "Change base_lr or max_lr."


EpochFormula = Annotated[str, Formula(("epoch", "epochs"))]
FORMULA = "Arithmetic with the number `epoch` (from 0) of `epochs`, steps where those are counted."


class Lambda(Schedule):
    """The learning rate times a formula of the epoch."""

    title = "Formula"
    target = f"{LR}LambdaLR"
    aliases = ("lambdalr", "expression", "lambda")
    lr_lambda: EpochFormula = param("0.95 ** epoch", required=True, help=FORMULA, main=True)
    per: Per = param("epoch", help=PER, advanced=True)


class Multiplicative(Schedule):
    """The learning rate is multiplied every time by a formula of the epoch."""

    target = f"{LR}MultiplicativeLR"
    aliases = ("multiplicativelr", "expression", "lambda")
    lr_lambda: EpochFormula = param("0.95", required=True, help=FORMULA, main=True)
    per: Per = param("epoch", help=PER, advanced=True)
