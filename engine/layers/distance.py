"""How alike two vectors are."""

from __future__ import annotations

from engine.errors import LayerError
from engine.layers.base import ModuleLayer, Port
from engine.layers.checks import broadcast, feature_axis
from engine.spec import param
from engine.tensor import TensorSpec

_PAIR = (Port("x1", help="The first tensor."), Port("x2", help="The second tensor."))


class Comparison(ModuleLayer, abstract=True):
    """What distances have in common."""

    category = "merge"
    inputs = _PAIR

    def check(self, x1: TensorSpec, x2: TensorSpec) -> None:
        for x in (x1, x2):
            x.need_floating()
        if not broadcast((x1, x2)):
            raise LayerError(f"The inputs differ: {x1}, {x2}.", f"{self.title} needs two of the same shape.")


class CosineSimilarity(Comparison):
    """Measures the angle between two vectors: 1 for the same direction, 0 for a right angle.

    Input shape:  two of the same shape
    Output shape: the same without dim
    """

    target = "nn.CosineSimilarity"
    formula = r"\frac{x_1 \cdot x_2}{\max(\|x_1\| \cdot \|x_2\|, \epsilon)}"
    use = "Take it to compare embeddings whose length does not matter; where it does take a PairwiseDistance."
    aliases = ("angle", "similarity", "siamese", "compare")
    dim: int = param(1, main=True, help="The dimension that holds the vectors.")
    eps: float = param(1e-8, min=0, advanced=True, help="The smallest length, so that nothing is divided by zero.")

    def check(self, x1: TensorSpec, x2: TensorSpec) -> None:
        super().check(x1, x2)
        longer = x1 if x1.rank >= x2.rank else x2
        feature_axis(longer, self.dim, "compare samples with one another")


class PairwiseDistance(Comparison):
    """Measures the distance between two vectors, along the last dimension.

    Input shape:  two of (B, features)
    Output shape: (B)
    """

    target = "nn.PairwiseDistance"
    formula = r"\left( \sum_{i} |x_{1,i} - x_{2,i}|^{p} \right)^{1/p}"
    use = "Take it to compare two embeddings, as in siamese networks; for all pairs of two sets multiply matrices."
    aliases = ("euclidean", "similarity", "siamese", "compare")
    p: float = param(2.0, min=0, main=True, help="The norm: 2 is the usual distance, 1 sums the differences.")
    eps: float = param(1e-6, min=0, advanced=True, help="Added to the differences, so that the root has a slope.")
    keepdim: bool = param(False, help="Keeps the dimension with a size of 1.")

    def check(self, x1: TensorSpec, x2: TensorSpec) -> None:
        super().check(x1, x2)
        if not (x1.rank and x2.rank):
            raise LayerError("Needs vectors (B, features), gets one value.", "Put an Unsqueeze before it.")
