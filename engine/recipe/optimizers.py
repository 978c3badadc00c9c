"""Optimizers, by their names in torch.optim."""

from engine.recipe.base import Optimizer
from engine.spec import param


class AdamW(Optimizer):
    """Adam with weight decay that is independent of the gradient: a good first choice."""

    target = "torch.optim.AdamW"
    lr: float = param(1e-3, min=0.0, help="Learning rate: size of a step.", main=True)
