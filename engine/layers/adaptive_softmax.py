"""A softmax over very many classes that spends little on the rare ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import LayerError
from engine.layers.base import ModuleLayer, Names, Port
from engine.layers.checks import need_weights_type
from engine.spec import IntList, param
from engine.tensor import TensorSpec

_X = Port("x", help="The features of every sample, (B, features).")
_TARGET = Port("target", help="The class of every sample, (B), of type int64.")
_ALL = Port("out", help="The logarithm of every class's probability, (B, n_classes).")
_ONE = Port("out", help="The logarithm of the probability of each sample's own class, (B).")
_LOSS = Port("loss", help="The mean of the negative logarithms, one number.")


class AdaptiveLogSoftmaxWithLoss(ModuleLayer):
    """Gives log probabilities over very many classes, with few weights for the rare ones.

    Classes are numbered by how often they come, the most frequent first; cutoffs group them.

    Input shape:  (B, features), and with_loss the classes (B)
    Output shape: (B, n_classes), or with_loss (B) and one number
    """

    target = "nn.AdaptiveLogSoftmaxWithLoss"
    category = "linear"
    formula = r"\log p(y) = \log p(g) + \log p(y \,|\, g), \quad y \in \mathrm{group} \ g"
    use = (
        "Take it in place of a Linear and a LogSoftmax for a vocabulary of tens of thousands; train on its "
        "log probabilities with the NLLLoss, or with_loss, which computes no more than it needs."
    )
    aliases = ("hierarchical softmax", "vocabulary", "language model", "many classes", "log probability", "nll")
    hidden = ("with_loss",)
    signature = ("in_features", "n_classes", "cutoffs")
    n_classes: int = param(10000, min=2, required=True, main=True, help="How many classes there are.")
    cutoffs: IntList = param(
        (1000, 4000), required=True, main=True, help="The first class of every group of rarer ones, in rising order."
    )
    div_value: float = param(4.0, min=1, help="By how much each group's features are fewer than those before.")
    head_bias: bool = param(False, help="Adds a learned number for each of the frequent classes.")
    with_loss: bool = param(
        False, literal=True, help="Takes the classes, too, and gives their log probabilities and the loss."
    )

    def ports_in(self) -> tuple[Port, ...]:
        return (_X, _TARGET) if self.with_loss else (_X,)

    def ports_out(self) -> tuple[Port, ...]:
        return (_ONE, _LOSS) if self.with_loss else (_ALL,)

    def derive(self, x: TensorSpec, target: TensorSpec | None = None) -> dict[str, Any]:
        x.need_rank(2, of="samples (B, features)", hint="Put a Flatten or a Reshape before it.")
        need_weights_type(x, "x")
        size = x.dim(1, "features", of="(B, features)")
        self._check_groups(size)
        if self.with_loss and target is None:
            raise LayerError("with_loss needs the class of every sample.", port="target")
        if target is not None and (target.shape != x.shape[:1] or target.dtype != "int64"):
            wanted = TensorSpec(x.shape[:1], "int64")
            raise LayerError(f"target must be {wanted}, gets {target.dtype} {target}.", port="target")
        return {"in_features": size}

    def _check_groups(self, size: int) -> None:
        cuts = self.cutoffs
        if not cuts or list(cuts) != sorted(set(cuts)) or cuts[0] < 1 or cuts[-1] >= self.n_classes:
            raise LayerError(
                f"cutoffs must rise between 1 and {self.n_classes - 1}.", "Set them to something like 1000, 4000."
            )
        if int(size // self.div_value ** len(cuts)) < 1:
            raise LayerError(
                f"No feature of {size} is left for the rarest of {len(cuts)} groups.",
                "Make div_value smaller, or name fewer cutoffs.",
            )

    def promised(self, **inputs: Any) -> Mapping[str, TensorSpec] | None:
        x = inputs["x"]
        return {"out": TensorSpec(x.shape[:1]), "loss": TensorSpec(())} if self.with_loss else None

    def emit(self, names: Names) -> tuple[str, ...]:
        if self.with_loss:
            return (names.fill("{out}, {loss} = {self}({x}, {target})"),)
        return (names.fill("{out} = {self}.log_prob({x})"),)
