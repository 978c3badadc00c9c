"""Losses that look at several tensors at once, as nodes: pairs, triplets, a mean with its variance, sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.errors import LayerError
from engine.layers.base import FUNCTIONAL, Call, Port, Word
from engine.layers.checks import need_weights_type
from engine.layers.losses import (
    CLASS_WEIGHTS,
    INPUT,
    REDUCTION,
    TARGET,
    LossLayer,
    Reduction,
    need_alike,
    need_weights_for,
)
from engine.numbers import Weighted
from engine.spec import param
from engine.tensor import TensorSpec

PAIR = (Port("input1", help="The first tensor."), Port("input2", help="The second tensor."))
SIGNS = Port("target", help="1 or -1 for each pair.")


class GaussianNLLLoss(LossLayer):
    """Measures how surprised an expected value with a variance is by the true value.

    Input shape:  input and target of the same sizes, var of the same or with a last size of 1
    Output shape: one number
    """

    target = "nn.GaussianNLLLoss"
    formula = r"\frac{1}{2} \left( \log v + \frac{(x - y)^2}{v} \right)"
    use = "Take it for a network that says how sure it is; make the variance positive with a Softplus."
    aliases = ("loss", "regression", "variance", "uncertainty", "heteroscedastic", "criterion")
    inputs = (INPUT, TARGET, Port("var", help="The variance: above 0."))
    full: bool = param(False, help="Add the term that does not depend on the input.", advanced=True)
    eps: float = param(1e-6, min=1e-30, help="The smallest variance that is believed.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)

    def compare(self, input: TensorSpec, target: TensorSpec, var: TensorSpec) -> None:
        need_alike(self.title, input=input, target=target)
        if var.shape not in (input.shape, (*input.shape[:-1], 1)):
            raise LayerError(f"The variance {var} does not go with {input}.", "Give one for each number.", port="var")

    def promised(self, **inputs: Any) -> Mapping[str, TensorSpec]:
        return {"out": TensorSpec(inputs["input"].shape if self.reduction == "none" else ())}  # it reads the variance


class CosineEmbeddingLoss(LossLayer):
    """Turns two vectors to the same side for 1, and apart for -1.

    Input shape:  input1 and input2 (B, features), target (B)
    Output shape: one number
    """

    target = "nn.CosineEmbeddingLoss"
    formula = r"1 - \cos(x_1, x_2) \ \mathrm{or} \ \max(0, \cos(x_1, x_2) - m)"
    use = "Take it to learn embeddings from pairs that are alike or not; for three at once take TripletMarginLoss."
    aliases = ("loss", "similarity", "pairs", "siamese", "metric learning", "criterion")
    inputs = (*PAIR, SIGNS)
    margin: float = param(0.0, min=-1.0, max=1.0, help="Cosine below which unlike things may stay.")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)

    def compare(self, input1: TensorSpec, input2: TensorSpec, target: TensorSpec) -> None:
        need_alike(self.title, input1=input1, input2=input2)
        input1.need_rank(2, of="vectors (B, features)", hint="Put a Flatten before it.")
        if target.shape != input1.shape[:1]:
            raise LayerError(
                f"Needs 1 or -1 for each pair, (B), gets {target}.", "Put a Squeeze before it.", port="target"
            )


class MarginRankingLoss(LossLayer):
    """Makes the first larger than the second for 1, and smaller for -1.

    Input shape:  input1, input2 and target of the same sizes
    Output shape: one number
    """

    target = "nn.MarginRankingLoss"
    formula = r"\max(0, -y (x_1 - x_2) + m)"
    use = "Take it to learn an order from pairs of which one is better."
    aliases = ("loss", "ranking", "pairs", "order", "criterion")
    inputs = (*PAIR, SIGNS)
    margin: float = param(0.0, min=0.0, help="By how much the one should lead.")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)

    def compare(self, input1: TensorSpec, input2: TensorSpec, target: TensorSpec) -> None:
        need_alike(self.title, input1=input1, input2=input2, target=target)
        if target.dtype == "bool":
            raise LayerError(f"Needs a target of 1 and -1, gets {target}.", "Put a Cast before it.", port="target")


class _Triplet(LossLayer, abstract=True):
    inputs = (
        Port("anchor", help="What is compared."),
        Port("positive", help="What it is like."),
        Port("negative", help="What it is not like."),
    )

    def compare(self, anchor: TensorSpec, positive: TensorSpec, negative: TensorSpec) -> None:
        need_alike(self.title, anchor=anchor, positive=positive, negative=negative)
        if anchor.rank < 2:
            raise LayerError(
                f"Needs vectors (B, features), gets {anchor}.", "Put an Unsqueeze before it.", port="anchor"
            )


class TripletMarginLoss(_Triplet):
    """Brings an anchor nearer to what it is like than to what it is not, by a margin.

    Input shape:  anchor, positive and negative (B, features)
    Output shape: one number
    """

    target = "nn.TripletMarginLoss"
    formula = r"\max(0, \|a - p\| - \|a - n\| + m)"
    use = "Take it to learn embeddings, of faces for example, from triplets; from pairs take CosineEmbeddingLoss."
    aliases = ("loss", "triplet", "metric learning", "embedding", "faces", "criterion")
    margin: float = param(1.0, min=1e-9, help="By how much nearer.")
    p: float = param(2.0, min=0.0, help="Of the norm that measures distances.", advanced=True)
    eps: float = param(1e-6, min=0.0, help="Added to differences.", advanced=True)
    swap: bool = param(False, help="Look at the distance between the two others as well.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, main=True)


class TripletMarginWithDistanceLoss(_Triplet):
    """Brings an anchor nearer to what it is like than to what it is not, by a distance of one's choice.

    Input shape:  anchor, positive and negative (B, features)
    Output shape: one number
    """

    target = "nn.TripletMarginWithDistanceLoss"
    formula = r"\max(0, d(a, p) - d(a, n) + m)"
    use = "Take it where vectors are compared by their angle; for the usual distance take TripletMarginLoss."
    aliases = ("loss", "triplet", "metric learning", "cosine", "criterion")
    distance_function: Literal["cosine", "manhattan"] | None = param(
        None, help="How distances are measured; unset: Euclidean.", main=True, literal=True
    )
    margin: float = param(1.0, min=1e-9, help="By how much nearer.")
    swap: bool = param(False, help="Look at the distance between the two others as well.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION)

    def build(self, derived: Any) -> Call:
        call = super().build(derived)
        named = tuple((n, _DISTANCES[v] if n == "distance_function" else v) for n, v in call.named)
        return Call(call.target, call.positional, named)

    def imports(self) -> tuple[str, ...]:
        return (FUNCTIONAL,) if self.distance_function == "cosine" else ()


class CTCLoss(LossLayer):
    """Measures how surprised log-probabilities over time are by a sequence whose places in time are not known.

    Input shape:  log_probs (T, B, classes), targets (B, S), input_lengths (B), target_lengths (B)
    Output shape: one number
    """

    target = "nn.CTCLoss"
    formula = r"-\log \sum_{\pi \to y} \prod_{t} p_t(\pi_t)"
    use = "Take it for speech and handwriting, after a LogSoftmax, with time first."
    aliases = ("loss", "sequence", "speech", "handwriting", "alignment", "connectionist", "criterion")
    inputs = (
        Port("log_probs", help="Log-probabilities, (T, B, classes)."),
        Port("targets", help="The words of each sample, (B, S), of type int64."),
        Port("input_lengths", help="Time steps of each sample, (B), of type int64."),
        Port("target_lengths", help="Words of each target, (B), of type int64."),
    )
    blank: int = param(0, min=0, help="The class that means nothing.")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)
    zero_infinity: bool = param(False, help="Count targets that are too long as nothing.", advanced=True)

    def compare(
        self, log_probs: TensorSpec, targets: TensorSpec, input_lengths: TensorSpec, target_lengths: TensorSpec
    ) -> None:
        log_probs.need_rank(3, of="log-probabilities (T, B, classes)", hint="Put a Permute before it.")
        classes = log_probs.shape[2]
        if isinstance(classes, int) and self.blank >= classes:
            message = f"There is no class {self.blank} among {classes}."
            raise LayerError(message, "Make blank smaller.", port="log_probs")
        if not log_probs.is_floating:
            raise LayerError(f"Needs log-probabilities, gets {log_probs}.", "Put a LogSoftmax before it.")
        for name, spec in (("targets", targets), ("input_lengths", input_lengths), ("target_lengths", target_lengths)):
            if spec.dtype not in ("int64", "int32"):
                raise LayerError(f"Needs whole numbers at {name}, gets {spec}.", "Put a Cast before it.", port=name)
        batch = log_probs.shape[1:2]
        for name, spec in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
            if spec.shape != batch:
                raise LayerError(f"Needs one length for each sample at {name}, gets {spec}.", "Give (B).", port=name)

    def promised(self, **inputs: Any) -> Mapping[str, TensorSpec]:
        return {"out": TensorSpec(inputs["log_probs"].shape[1:2] if self.reduction == "none" else ())}


class LinearCrossEntropyLoss(LossLayer):
    """Turns features into scores and measures their cross entropy, without ever holding all scores at once.

    Input shape:  input (B, features), target (B) of type int64
    Output shape: one number
    """

    target = "nn.LinearCrossEntropyLoss"
    formula = r"-\log \frac{e^{w_y x}}{\sum_{c} e^{w_c x}}"
    use = (
        "Take it in place of a last Linear and CrossEntropyLoss for a vocabulary so large that scores fill the memory."
    )
    aliases = ("loss", "classification", "vocabulary", "language model", "head", "criterion")
    signature = ("in_features", "num_classes")
    tensors = ("weight",)
    num_classes: int = param(1000, min=2, required=True, main=True, help="How many classes there are.")
    bias: bool = param(False, help="Adds a learned number to every score.")
    reduction: Reduction = param("mean", help=REDUCTION, main=True)
    weight: Weighted = param((), torch=None, help=CLASS_WEIGHTS, advanced=True)
    ignore_index: int | None = param(None, help="A class index that is not counted.", advanced=True)
    label_smoothing: float = param(0.0, min=0.0, max=1.0, help="Share of certainty spread over the other classes.")

    def derive(self, input: TensorSpec, target: TensorSpec) -> dict[str, Any]:
        input.need_rank(2, of="samples (B, features)", hint="Put a Flatten before it.")
        need_weights_type(input, "input")
        if target.dtype != "int64" or target.shape != input.shape[:1]:
            raise LayerError(f"Needs a class for each sample, int64 (B), gets {target}.", "Change it.", port="target")
        need_weights_for(self, self.num_classes, "class")
        return {"in_features": input.dim(1, "features", of="(B, features)")}


_DISTANCES = {
    "cosine": Word("lambda a, b: 1 - F.cosine_similarity(a, b)"),
    "manhattan": Call("nn.PairwiseDistance", (), (("p", 1.0),)),
}
