"""Losses, by their names in torch.nn."""

from engine.recipe.base import Loss
from engine.spec import param


class CrossEntropyLoss(Loss):
    """How surprised the network is by the true class, given its scores (logits) for every class."""

    target = "nn.CrossEntropyLoss"
    function = "F.cross_entropy"
    aliases = ("classification", "softmax", "log loss")
    wants = "class"
    form = "scores"
    label_smoothing: float = param(
        0.0, min=0.0, max=1.0, help="Share of certainty that is spread over the other classes."
    )


class NLLLoss(Loss):
    """How surprised the network is by the true class, given log-probabilities (LogSoftmax)."""

    target = "nn.NLLLoss"
    function = "F.nll_loss"
    aliases = ("classification", "negative log likelihood", "log softmax")
    wants = "class"
    form = "scores"


class MultiMarginLoss(Loss):
    """How far other classes come within a margin of the true one: a support vector machine's loss."""

    target = "nn.MultiMarginLoss"
    function = "F.multi_margin_loss"
    aliases = ("classification", "hinge", "svm")
    wants = "class"
    form = "scores"
    p: int = param(1, min=1, max=2, help="Power to which each shortfall is raised.")
    margin: float = param(1.0, min=0.0, help="By how much the true class should lead.")


class BCEWithLogitsLoss(Loss):
    """How surprised the network is by yes or no, given one score (logit): for two classes."""

    target = "nn.BCEWithLogitsLoss"
    function = "F.binary_cross_entropy_with_logits"
    aliases = ("binary cross entropy", "two classes", "sigmoid", "classification")
    wants = "binary"
    form = "logit"


class BCELoss(Loss):
    """How surprised the network is by yes or no, given one probability: for a network that ends in Sigmoid."""

    target = "nn.BCELoss"
    function = "F.binary_cross_entropy"
    aliases = ("binary cross entropy", "two classes", "sigmoid", "classification")
    wants = "binary"
    form = "probability"


class MSELoss(Loss):
    """Mean squared error: far misses count most."""

    target = "nn.MSELoss"
    function = "F.mse_loss"
    aliases = ("regression", "mean squared error", "l2", "reconstruction")


class L1Loss(Loss):
    """Mean absolute error: every miss counts by its size, so that outliers weigh little."""

    target = "nn.L1Loss"
    function = "F.l1_loss"
    aliases = ("regression", "mean absolute error", "mae")


class SmoothL1Loss(Loss):
    """Squared error for small misses, absolute error for large ones."""

    target = "nn.SmoothL1Loss"
    function = "F.smooth_l1_loss"
    aliases = ("regression", "huber", "robust")
    beta: float = param(1.0, min=0.0, help="Size of a miss from which it counts by its absolute value.")


class HuberLoss(Loss):
    """Squared error for small misses, absolute error times delta for large ones."""

    target = "nn.HuberLoss"
    function = "F.huber_loss"
    aliases = ("regression", "robust")
    delta: float = param(1.0, min=1e-9, help="Size of a miss from which it counts by its absolute value.")


class PoissonNLLLoss(Loss):
    """How surprised the network is by a count: for targets that are counts of events."""

    target = "nn.PoissonNLLLoss"
    function = "F.poisson_nll_loss"
    aliases = ("regression", "counts")
    log_input: bool = param(True, help="The network gives the logarithm of the expected count.")
    full: bool = param(False, help="Add the term that does not depend on the network.", advanced=True)
    eps: float = param(1e-8, min=1e-30, help="Added inside the logarithm.", advanced=True)
