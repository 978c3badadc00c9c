"""Losses that hold an output against a class or a number, by their names in torch.nn."""

from typing import Literal

from engine.numbers import Weighted
from engine.recipe.base import Form, Loss
from engine.spec import param

REDUCTION = "Whether a step's loss is the mean over its numbers, or their sum."
CLASS_WEIGHTS = "How much each class counts, one number for each; empty: all the same."
IGNORE = "A class index that is not counted."
Reduction = Literal["mean", "sum"]


class CrossEntropyLoss(Loss):
    """How surprised the network is by the true class, given its scores (logits) for every class."""

    target = "nn.CrossEntropyLoss"
    function = "F.cross_entropy"
    aliases = ("classification", "softmax", "log loss")
    wants = "class"
    form = "scores"
    tensors = ("weight",)
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    ignore_index: int = param(-100, help=IGNORE, advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)
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
    tensors = ("weight",)
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    ignore_index: int = param(-100, help=IGNORE, advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class MultiMarginLoss(Loss):
    """How far other classes come within a margin of the true one: a support vector machine's loss."""

    target = "nn.MultiMarginLoss"
    function = "F.multi_margin_loss"
    aliases = ("classification", "hinge", "svm")
    wants = "class"
    form = "scores"
    tensors = ("weight",)
    p: int = param(1, min=1, max=2, help="Power to which each shortfall is raised.")
    margin: float = param(1.0, min=0.0, help="By how much the true class should lead.")
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class BCEWithLogitsLoss(Loss):
    """How surprised the network is by yes or no, given one score (logit): for two classes."""

    target = "nn.BCEWithLogitsLoss"
    function = "F.binary_cross_entropy_with_logits"
    aliases = ("binary cross entropy", "two classes", "sigmoid", "classification")
    wants = "binary"
    form = "logit"
    tensors = ("weight", "pos_weight")
    weight: Weighted = param((), torch=None, help="How much each number counts; empty: all the same.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)
    pos_weight: Weighted = param(
        (), torch=None, help="How much a yes counts against a no; empty: the same.", advanced=True
    )


class BCELoss(Loss):
    """How surprised the network is by yes or no, given one probability: for a network that ends in Sigmoid."""

    target = "nn.BCELoss"
    function = "F.binary_cross_entropy"
    aliases = ("binary cross entropy", "two classes", "sigmoid", "classification")
    wants = "binary"
    form = "probability"
    tensors = ("weight",)
    weight: Weighted = param((), torch=None, help="How much each number counts; empty: all the same.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class SoftMarginLoss(Loss):
    """How surprised the network is by yes or no, given one score, with the targets as 1 and -1."""

    target = "nn.SoftMarginLoss"
    function = "F.soft_margin_loss"
    aliases = ("two classes", "logistic", "classification")
    wants = "sign"
    form = "logit"
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class HingeEmbeddingLoss(Loss):
    """Makes a distance small for a yes, and at least a margin for a no."""

    target = "nn.HingeEmbeddingLoss"
    function = "F.hinge_embedding_loss"
    aliases = ("similarity", "distance", "siamese", "metric learning")
    wants = "sign"
    form = "none"
    margin: float = param(1.0, min=0.0, help="How far apart unlike things should be.", main=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class MultiLabelSoftMarginLoss(Loss):
    """How surprised the network is by each of several labels, given a score for each: any number may be true."""

    target = "nn.MultiLabelSoftMarginLoss"
    function = "F.multilabel_soft_margin_loss"
    aliases = ("multi-label", "tags", "classification")
    wants = "hot"
    form = "none"
    tensors = ("weight",)
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class MultiLabelMarginLoss(Loss):
    """How far labels that are not true come within a margin of those that are."""

    target = "nn.MultiLabelMarginLoss"
    function = "F.multilabel_margin_loss"
    aliases = ("multi-label", "tags", "hinge", "classification")
    wants = "list"
    form = "none"
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class KLDivLoss(Loss):
    """How far the network's log-probabilities are from a distribution: to learn from another network's answers."""

    target = "nn.KLDivLoss"
    function = "F.kl_div"
    aliases = ("kullback-leibler", "distillation", "divergence", "distribution")
    wants = "hot"
    form = "none"
    reduction: Literal["batchmean", "sum"] = param(
        "batchmean", torch="mean", help="batchmean: the sum for a sample, which is the divergence.", advanced=True
    )
    log_target: bool = param(False, help="The target is log-probabilities, too.")


class MSELoss(Loss):
    """Mean squared error: far misses count most."""

    target = "nn.MSELoss"
    function = "F.mse_loss"
    aliases = ("regression", "mean squared error", "l2", "reconstruction")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class L1Loss(Loss):
    """Mean absolute error: every miss counts by its size, so that outliers weigh little."""

    target = "nn.L1Loss"
    function = "F.l1_loss"
    aliases = ("regression", "mean absolute error", "mae")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class SmoothL1Loss(Loss):
    """Squared error for small misses, absolute error for large ones."""

    target = "nn.SmoothL1Loss"
    function = "F.smooth_l1_loss"
    aliases = ("regression", "huber", "robust")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)
    beta: float = param(1.0, min=0.0, help="Size of a miss from which it counts by its absolute value.")


class HuberLoss(Loss):
    """Squared error for small misses, absolute error times delta for large ones."""

    target = "nn.HuberLoss"
    function = "F.huber_loss"
    aliases = ("regression", "robust")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)
    delta: float = param(1.0, min=1e-9, help="Size of a miss from which it counts by its absolute value.")


class PoissonNLLLoss(Loss):
    """How surprised the network is by a count: for targets that are counts of events."""

    target = "nn.PoissonNLLLoss"
    function = "F.poisson_nll_loss"
    aliases = ("regression", "counts")
    log_input: bool = param(True, help="The network gives the logarithm of the expected count.")
    full: bool = param(False, help="Add the term that does not depend on the network.", advanced=True)
    eps: float = param(1e-8, min=1e-30, help="Added inside the logarithm.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class FromCanvas(Loss):
    """The output is a loss already, drawn on the canvas: it is made small as it is."""

    title = "The output itself"
    aliases = ("canvas", "drawn", "custom")
    wants = "nothing"
    form = "none"


class NoLoss(Loss):
    """The output is not trained on; figures may be measured on it."""

    title = "No loss"
    aliases = ("none", "ignore", "observe")
    wants = "nothing"
    form = "none"
    is_a: Form = param("none", help="What the output is, if figures are to be measured on it.")

    def measured(self) -> Form:
        return self.is_a

    def idle(self) -> tuple[str, ...]:
        return ("factor", "training_only", *(("against",) if self.is_a == "none" else ()))
