"""Optimizers that want something else of the loop, or train only some parameters and leave the others to another."""

from typing import Annotated, Literal

from engine.numbers import Floats
from engine.recipe.base import Member, Optimizer
from engine.recipe.optimizers import BETAS, DECAY, EPS, RATE, AdamW, Betas
from engine.spec import param


class _Choosy(Optimizer, abstract=True):
    """Trains only some parameters; `others` trains those that it cannot."""

    others: Annotated[Optimizer, Member(Optimizer)] = param(
        AdamW(), help="How all other parameters are trained.", literal=True
    )

    def why_not(self) -> tuple[str, str] | None:
        if self.others.belongs or self.others.needs_closure:
            message = f"{self.title}: {self.others.title} cannot train the parameters that are left over."
            return message, "Set others to AdamW."
        return self.others.why_not()


class Muon(_Choosy):
    """Turns the momentum of every matrix into a rotation: fast for the hidden layers of large networks.

    What is no matrix, and embeddings, are trained by another optimizer.
    """

    target = "torch.optim.Muon"
    aliases = ("orthogonalised momentum", "newton-schulz", "matrix")
    belongs = "matrix"
    lr: float = param(1e-3, min=0.0, help=RATE, main=True)
    weight_decay: float = param(0.1, min=0.0, help=DECAY)
    momentum: float = param(0.95, min=0.0, max=1.0, help="How much of the last step's direction is kept.")
    nesterov: bool = param(True, help="Look ahead along the momentum.")
    ns_coefficients: Annotated[tuple[float, float, float], Floats(3)] = param(
        (3.4445, -4.775, 2.0315), help="Of the polynomial that makes a rotation (Newton-Schulz).", advanced=True
    )
    eps: float = param(1e-7, min=0.0, help=EPS, advanced=True)
    ns_steps: int = param(5, min=1, max=99, help="Steps of making a rotation.", advanced=True)
    adjust_lr_fn: Literal["original", "match_rms_adamw"] | None = param(
        None,
        help="How the rate follows a matrix's sizes: as Muon first had it, or to suit rates of AdamW.",
        advanced=True,
    )

    def kept(self) -> int:
        return 1


class SparseAdam(_Choosy):
    """Adam that touches only the rows of an embedding that a batch looked up: for Embedding with sparse gradients."""

    target = "torch.optim.SparseAdam"
    aliases = ("embedding", "lookup")
    belongs = "sparse"
    takes_sparse = True
    lr: float = param(1e-3, min=0.0, help=RATE, main=True)
    betas: Betas = param((0.9, 0.999), help=BETAS, advanced=True)
    eps: float = param(1e-8, min=0.0, help=EPS, advanced=True)


class LBFGS(Optimizer):
    """Learns the curvature from steps before, and computes the loss many times a step: small networks, few samples."""

    title = "L-BFGS"
    target = "torch.optim.LBFGS"
    aliases = ("second order", "quasi-newton", "closure", "line search")
    has_momentum = False
    has_groups = False
    needs_closure = True
    lr: float = param(1.0, min=0.0, help=RATE, main=True)
    max_iter: int = param(20, min=1, help="Iterations within a step, each of which computes the loss.")
    max_eval: int | None = param(
        None, min=1, help="How often the loss is computed in a step at most; unset: 1.25 times max_iter.", advanced=True
    )
    tolerance_grad: float = param(1e-7, min=0.0, help="A step ends when the gradient is smaller.", advanced=True)
    tolerance_change: float = param(1e-9, min=0.0, help="A step ends when it changes less.", advanced=True)
    history_size: int = param(100, min=1, help="How many steps before tell the curvature.")
    line_search_fn: Literal["strong_wolfe"] | None = param(
        None, help="Look for the best length of a step, which makes it steady.", main=True
    )

    def kept(self) -> int:
        return 2 * self.history_size + 3
