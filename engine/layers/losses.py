"""Losses of one output against one target, as nodes: what training makes small, drawn rather than chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.errors import LayerError
from engine.layers.base import Call, ModuleLayer, Port
from engine.numbers import Weighted
from engine.spec import param
from engine.tensor import TensorSpec

REDUCTION = "What is given: the mean or the sum of all, or every one by itself."
CLASS_WEIGHTS = "How much each class counts, one number for each; empty: all the same."
Reduction = Literal["mean", "sum", "none"]
INPUT = Port("input", help="What the network gives.")
TARGET = Port("target", help="What it should have given.")
OUT = (Port("out", help="How wrong it is: one number, or with reduction none one for each."),)


class LossLayer(ModuleLayer, abstract=True):
    """What losses have in common: tensors in, one number out."""

    category = "merge"
    inputs: ClassVar[tuple[Port, ...]] = (INPUT, TARGET)
    outputs = OUT
    tensors: ClassVar[tuple[str, ...]] = ()
    """Options that are numbers here and a tensor there."""

    def build(self, derived: Mapping[str, Any]) -> Call:
        call = super().build(derived)
        named = tuple((n, Call("torch.tensor", (v,)) if n in self.tensors else v) for n, v in call.named)
        return Call(call.target, call.positional, named)

    def _is_default(self, name: str) -> bool:
        return super()._is_default(name) or (name in self.tensors and getattr(self, name) == ())

    def check(self, *_: Any, **given: Any) -> None:
        for name, spec in given.items():
            if name in ("input", "input1", "input2", "anchor", "positive", "negative", "var") and spec is not None:
                need_fractions(spec, name)
        self.compare(**given)

    def compare(self, *_: Any, **given: Any) -> None:
        """Raises: LayerError if these tensors cannot be held against each other."""


def need_fractions(x: TensorSpec, port: str) -> None:
    """Raises: LayerError unless it holds numbers with a fraction."""
    if not x.is_floating:
        raise LayerError(f"Needs numbers with a fraction at {port}, gets {x}.", "Put a Cast before it.", port=port)


def need_weights_for(layer: LossLayer, size: Any, what: str) -> None:
    """Raises: LayerError unless each of its weights is one number, or one for each."""
    for name in layer.tensors:
        given = getattr(layer, name)
        if given and len(given) != size:
            raise LayerError(f"{name} has {len(given)} numbers for {size}.", f"Give one for each {what}, or none.")


def need_alike(title: str, **given: TensorSpec) -> None:
    """Raises: LayerError unless all have the same sizes."""
    (first, one), *rest = given.items()
    for name, other in rest:
        if other.shape != one.shape:
            hint = f"{title} needs {first} and {name} of the same sizes."
            raise LayerError(f"The inputs differ: {one}, {other}.", hint, port=name)


class _Classes(LossLayer, abstract=True):
    """Scores for classes against the index of the true one."""

    tensors = ("weight",)

    def compare(self, input: TensorSpec, target: TensorSpec) -> None:
        if input.rank < 2:
            raise LayerError(f"Needs scores (B, classes), gets {input}.", "Put a Linear before it.", port="input")
        places = (input.shape[0], *input.shape[2:])
        if self._takes_shares and target.is_floating and target.shape == input.shape:
            return need_weights_for(self, input.shape[1], "class")
        if target.dtype != "int64":
            raise LayerError(
                f"Needs class indices (int64) at target, gets {target}.", "Put a Cast before it.", port="target"
            )
        if target.shape != places:
            wanted = TensorSpec(places, "int64")
            raise LayerError(
                f"Needs a class for each of {input}: {wanted}, gets {target}.", "Change one.", port="target"
            )

    _takes_shares: ClassVar[bool] = False


class CrossEntropyLoss(_Classes):
    """Measures how surprised scores (logits) are by the true class.

    Input shape:  input (B, classes, ...), target (B, ...) of type int64
    Output shape: one number
    """

    target = "nn.CrossEntropyLoss"
    formula = r"-\log \frac{e^{x_y}}{\sum_{c} e^{x_c}}"
    use = "Take it for one class of several, on scores without a softmax; after a LogSoftmax take NLLLoss."
    aliases = ("loss", "classification", "softmax", "log loss", "criterion")
    _takes_shares = True
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    ignore_index: int = param(-100, help="A class index that is not counted.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)
    label_smoothing: float = param(0.0, min=0.0, max=1.0, help="Share of certainty spread over the other classes.")


class NLLLoss(_Classes):
    """Measures how surprised log-probabilities are by the true class.

    Input shape:  input (B, classes, ...), target (B, ...) of type int64
    Output shape: one number
    """

    target = "nn.NLLLoss"
    formula = r"-x_y"
    use = "Take it after a LogSoftmax; on plain scores take CrossEntropyLoss, which does both and is more exact."
    aliases = ("loss", "classification", "negative log likelihood", "criterion")
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    ignore_index: int = param(-100, help="A class index that is not counted.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class MultiMarginLoss(_Classes):
    """Measures how far other classes come within a margin of the true one.

    Input shape:  input (B, classes), target (B) of type int64
    Output shape: one number
    """

    target = "nn.MultiMarginLoss"
    formula = r"\frac{1}{C} \sum_{c \neq y} \max(0, m - x_y + x_c)^p"
    use = "Take it for a classifier that only has to be right by a margin; CrossEntropyLoss gives probabilities."
    aliases = ("loss", "hinge", "svm", "criterion")
    p: int = param(1, min=1, max=2, help="Power to which each shortfall is raised.")
    margin: float = param(1.0, min=0.0, help="By how much the true class should lead.")
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)

    def compare(self, input: TensorSpec, target: TensorSpec) -> None:
        input.need_rank(2, of="scores (B, classes)", hint="Put a Flatten before it.")
        super().compare(input, target)


class _Alike(LossLayer, abstract=True):
    """Numbers against numbers of the same sizes."""

    def compare(self, input: TensorSpec, target: TensorSpec) -> None:
        need_alike(self.title, input=input, target=target)
        need_fractions(target, "target")
        if self.tensors:
            need_weights_for(self, input.shape[-1] if input.rank else 1, "number of the last dimension")


class MSELoss(_Alike):
    """Measures the mean squared error: far misses count most.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.MSELoss"
    formula = r"\frac{1}{n} \sum_{i} (x_i - y_i)^2"
    use = "Take it for numbers, as the first choice; with outliers take HuberLoss or L1Loss."
    aliases = ("loss", "regression", "mean squared error", "l2", "reconstruction", "criterion")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class L1Loss(_Alike):
    """Measures the mean absolute error: every miss counts by its size.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.L1Loss"
    formula = r"\frac{1}{n} \sum_{i} |x_i - y_i|"
    use = "Take it for numbers with outliers, or pictures that should stay sharp."
    aliases = ("loss", "regression", "mean absolute error", "mae", "criterion")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class SmoothL1Loss(_Alike):
    """Measures squared error for small misses and absolute error for large ones.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.SmoothL1Loss"
    formula = r"\frac{(x - y)^2}{2 \beta} \ \mathrm{or} \ |x - y| - \frac{\beta}{2}"
    use = "Take it for boxes and other numbers where a few are far off."
    aliases = ("loss", "regression", "huber", "robust", "boxes", "criterion")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)
    beta: float = param(1.0, min=0.0, help="Size of a miss from which it counts by its absolute value.")


class HuberLoss(_Alike):
    """Measures squared error for small misses and absolute error times delta for large ones.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.HuberLoss"
    formula = r"\frac{(x - y)^2}{2} \ \mathrm{or} \ \delta \left( |x - y| - \frac{\delta}{2} \right)"
    use = "Take it for numbers with outliers; SmoothL1Loss is the same divided by delta."
    aliases = ("loss", "regression", "robust", "criterion")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)
    delta: float = param(1.0, min=1e-9, help="Size of a miss from which it counts by its absolute value.")


class PoissonNLLLoss(_Alike):
    """Measures how surprised an expected count is by the true one.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.PoissonNLLLoss"
    formula = r"e^{x} - y \, x"
    use = "Take it for counts of events; its input is the logarithm of what is expected."
    aliases = ("loss", "regression", "counts", "criterion")
    log_input: bool = param(True, help="The input is the logarithm of the expected count.")
    full: bool = param(False, help="Add the term that does not depend on the input.", advanced=True)
    eps: float = param(1e-8, min=1e-30, help="Added inside the logarithm.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class KLDivLoss(_Alike):
    """Measures how far log-probabilities are from a distribution.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.KLDivLoss"
    formula = r"\sum_{c} y_c (\log y_c - x_c)"
    use = "Take it to learn from another network's answers, after a LogSoftmax; the target comes from a Softmax."
    aliases = ("loss", "kullback-leibler", "distillation", "divergence", "distribution", "criterion")
    reduction: Literal["batchmean", "sum", "none"] = param(
        "batchmean", torch="mean", help="What is given: the sum for a sample, the sum of all, or every one.", main=True
    )
    log_target: bool = param(False, help="The target is log-probabilities, too.")


class BCELoss(_Alike):
    """Measures how surprised a probability is by yes or no.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.BCELoss"
    formula = r"-y \log x - (1 - y) \log(1 - x)"
    use = "Take it after a Sigmoid; on plain scores take BCEWithLogitsLoss, which is more exact."
    aliases = ("loss", "binary cross entropy", "two classes", "gan", "criterion")
    tensors = ("weight",)
    weight: Weighted = param((), torch=None, help="How much each number counts; empty: all the same.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class BCEWithLogitsLoss(_Alike):
    """Measures how surprised a score (logit) is by yes or no.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.BCEWithLogitsLoss"
    formula = r"-y \log \sigma(x) - (1 - y) \log(1 - \sigma(x))"
    use = "Take it for yes or no, and for several labels any of which may be true; for one of several CrossEntropyLoss."
    aliases = ("loss", "binary cross entropy", "two classes", "multi-label", "gan", "criterion")
    tensors = ("weight", "pos_weight")
    weight: Weighted = param((), torch=None, help="How much each number counts; empty: all the same.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)
    pos_weight: Weighted = param(
        (), torch=None, help="How much a yes counts against a no; empty: the same.", advanced=True
    )


class SoftMarginLoss(_Alike):
    """Measures how surprised a score is by 1 or -1.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.SoftMarginLoss"
    formula = r"\log(1 + e^{-y x})"
    use = "Take it where targets are 1 and -1; for 0 and 1 take BCEWithLogitsLoss, which is the same."
    aliases = ("loss", "two classes", "logistic", "criterion")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class HingeEmbeddingLoss(_Alike):
    """Makes a distance small for 1, and at least a margin for -1.

    Input shape:  input and target of the same sizes
    Output shape: one number
    """

    target = "nn.HingeEmbeddingLoss"
    formula = r"x \ \mathrm{or} \ \max(0, m - x)"
    use = "Take it behind a PairwiseDistance to learn which things are alike."
    aliases = ("loss", "similarity", "distance", "siamese", "metric learning", "criterion")
    margin: float = param(1.0, min=0.0, help="How far apart unlike things should be.")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class MultiLabelSoftMarginLoss(_Alike):
    """Measures how surprised scores are by labels, any number of which may be true.

    Input shape:  input and target (B, labels), the target of 0 and 1
    Output shape: one number
    """

    target = "nn.MultiLabelSoftMarginLoss"
    formula = r"-\frac{1}{C} \sum_{c} y_c \log \sigma(x_c) + (1 - y_c) \log(1 - \sigma(x_c))"
    use = "Take it for tags; BCEWithLogitsLoss is the same with a weight for each yes."
    aliases = ("loss", "multi-label", "tags", "criterion")
    tensors = ("weight",)
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class MultiLabelMarginLoss(LossLayer):
    """Measures how far labels that are not true come within a margin of those that are.

    Input shape:  input (B, labels), target the same, of type int64: indices, and -1 after the last
    Output shape: one number
    """

    target = "nn.MultiLabelMarginLoss"
    formula = r"\frac{1}{C} \sum_{j \in y} \sum_{i \notin y} \max(0, 1 - x_j + x_i)"
    use = "Take it for tags given as lists of indices; for tags given as 0 and 1 take BCEWithLogitsLoss."
    aliases = ("loss", "multi-label", "tags", "hinge", "criterion")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)

    def compare(self, input: TensorSpec, target: TensorSpec) -> None:
        need_alike(self.title, input=input, target=target)
        if target.dtype != "int64":
            raise LayerError(
                f"Needs label indices (int64) at target, gets {target}.", "Put a Cast before it.", port="target"
            )
        if input.rank > 2:
            raise LayerError(f"Needs scores (B, labels), gets {input}.", "Put a Flatten before it.", port="input")
