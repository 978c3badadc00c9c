"""Losses, by their names in torch.nn."""

from engine.recipe.base import Loss


class CrossEntropyLoss(Loss):
    """How surprised the network is by the true class, given its scores (logits) for every class."""

    target = "nn.CrossEntropyLoss"
    wants = "class"
