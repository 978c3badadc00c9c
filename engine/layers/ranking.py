"""What comes first, where, and how it adds up on the way: argmax, topk, sort, cumulative sums, bins."""

from __future__ import annotations

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis, feature_axis, need_real
from engine.layers.reduce import reduced_axes
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec

_RANKED = (Port("values", help="The numbers."), Port("indices", help="Where each stands along dim, as int64."))


class ArgMax(FunctionLayer):
    """Says where the largest number along a dimension stands.

    Input shape:  any
    Output shape: int64, without dim
    """

    target = "torch.argmax"
    category = "merge"
    formula = r"y = \arg\max_i x_i"
    use = "Take it for the chosen class or token; nothing can be learned through it. The largest number itself is Max."
    aliases = ("x.argmax()", "predicted class", "greedy", "index of the maximum", "decode")
    method = "argmax"
    dim: int | None = param(-1, main=True, help="The dimension; none: among all numbers.")
    keepdim: bool = param(False, help="Keeps the dimension with a size of 1.")

    def check(self, x: TensorSpec) -> None:
        reduced_axes(x, self.dim)
        need_real((x,), self.title)

    def write(self, names: Names) -> str:
        if self.dim is None:
            return names.fill("{x}." + self.method + "()")
        keep = "" if self.keepdim is False else ", keepdim={keepdim}"
        return names.fill("{x}." + self.method + "(dim={dim}" + keep + ")")


class ArgMin(ArgMax):
    """Says where the smallest number along a dimension stands.

    Input shape:  any
    Output shape: int64, without dim
    """

    target = "torch.argmin"
    formula = r"y = \arg\min_i x_i"
    use = "Take it for the nearest entry of a codebook; nothing can be learned through it. The number itself is Min."
    aliases = ("x.argmin()", "nearest", "vector quantisation", "codebook", "index of the minimum")
    method = "argmin"


class TopK(WiredLayer):
    """Keeps the k largest numbers along a dimension, largest first, and says where they stand.

    Input shape:  any
    Output shape: values and indices, k along dim
    """

    target = "torch.topk"
    category = "merge"
    formula = r"y = x_{(1)} \geq x_{(2)} \geq \ldots \geq x_{(k)}"
    use = "Take it to choose experts, tokens or candidates; for all of them in order take a Sort."
    aliases = ("x.topk(k)", "k largest", "best", "mixture of experts", "router", "beam", "select")
    outputs = _RANKED
    k: int = param(2, min=1, main=True, help="How many are kept.")
    dim: int = param(-1, main=True, help="The dimension.")
    largest: bool = param(True, help="The largest; off: the smallest.")

    def check(self, x: TensorSpec) -> None:
        size = x.shape[feature_axis(x, self.dim, "choose among samples")]
        need_real((x,), self.title)
        if isinstance(size, int) and self.k > size:
            raise LayerError(
                f"Cannot keep {self.k} of the {size} entries of dimension {self.dim}, {x}.", f"Set k to {size}."
            )

    def emit(self, names: Names) -> tuple[str, ...]:
        more = "" if self.largest is True else ", largest={largest}"
        return (names.fill("{values}, {indices} = {x}.topk({k}, dim={dim}" + more + ")"),)


class Sort(FunctionLayer):
    """Puts the numbers along a dimension in order, and says where each stood.

    Input shape:  any
    Output shape: values and indices of the same shape
    """

    target = "torch.sort"
    category = "merge"
    formula = r"y = x_{(1)} \leq x_{(2)} \leq \ldots \leq x_{(n)}"
    use = "Take it where the order matters; the indices alone are what argsort gives. For a few of them take a TopK."
    aliases = ("x.sort()", "argsort", "order", "rank", "permutation")
    outputs = _RANKED
    dim: int = param(-1, main=True, help="The dimension.")
    descending: bool = param(False, main=True, help="The largest first.")
    stable: bool = param(False, help="Equal numbers keep their order.")

    def check(self, x: TensorSpec) -> None:
        feature_axis(x, self.dim, "put samples in order")
        if x.dtype.startswith("complex"):
            raise LayerError(f"Sort takes no complex numbers, gets {x}.", "Put an Abs before it.")

    def emit(self, names: Names) -> tuple[str, ...]:
        given = ["dim={dim}"]
        given += [] if self.descending is False else ["descending={descending}"]
        given += [] if self.stable is False else ["stable={stable}"]
        return (names.fill("{values}, {indices} = {x}.sort(" + ", ".join(given) + ")"),)


class CumSum(FunctionLayer):
    """Adds up along a dimension and keeps every sum on the way.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.cumsum"
    category = "merge"
    formula = r"y_i = \sum_{j=1}^{i} x_j"
    use = "Take it for positions from a mask, running totals and integrals; the last of its entries is the Sum."
    aliases = ("x.cumsum()", "running total", "cumulative sum", "integral", "prefix sum", "positions")
    dim: int = param(1, main=True, help="The dimension; 1 is time.")
    expression = "{x}.cumsum({dim})"

    def check(self, x: TensorSpec) -> None:
        axis(x, self.dim)


class CumProd(FunctionLayer):
    """Multiplies along a dimension and keeps every product on the way.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.cumprod"
    category = "merge"
    formula = r"y_i = \prod_{j=1}^{i} x_j"
    use = (
        "Take it for what is left after every step, as in the noise schedule of a diffusion model and in ray marching."
    )
    aliases = ("x.cumprod()", "running product", "cumulative product", "alpha bar", "transmittance")
    dim: int = param(1, main=True, help="The dimension; 1 is time.")
    expression = "{x}.cumprod({dim})"

    def check(self, x: TensorSpec) -> None:
        axis(x, self.dim)


class Bucketize(FunctionLayer):
    """Says between which boundaries every number lies, as the number of its bin.

    Input shape:  x any; boundaries (N,), in rising order
    Output shape: int64, the shape of x
    """

    target = "torch.bucketize"
    category = "merge"
    formula = r"b_{y-1} < x \leq b_y"
    use = "Take it to turn measured numbers into words for an Embedding; the boundaries come from a Buffer or Linspace."
    aliases = ("bins", "discretise", "searchsorted", "histogram", "quantise", "digitize", "relative position")
    inputs = (Port("x", help="The numbers."), Port("boundaries", help="The borders of the bins, in rising order."))
    right: bool = param(False, literal=True, help="A number on a border belongs to the bin above it.")

    def check(self, x: TensorSpec, boundaries: TensorSpec) -> None:
        need_real((x, boundaries), self.title)
        if boundaries.rank != 1:
            raise LayerError(f"Needs boundaries (N,), gets {boundaries}.", port="boundaries")

    def write(self, names: Names) -> str:
        more = ", right=True" if self.right else ""
        return names.fill("torch.bucketize({x}, {boundaries}" + more + ")")
