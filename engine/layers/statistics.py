"""What a dimension comes to besides its mean and sum: product, norm, spread, truth."""

from __future__ import annotations

from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import need_real
from engine.layers.reduce import Reduction, reduced_axes
from engine.spec import param
from engine.tensor import TensorSpec


class Prod(FunctionLayer):
    """Multiplies along one dimension.

    Input shape:  any
    Output shape: the same without dim
    """

    target = "torch.prod"
    category = "merge"
    formula = r"y = \prod_i x_i"
    use = "Take it for a product of probabilities or sizes; for many small numbers a Sum of logarithms stays exact."
    aliases = ("product", "x.prod()", "multiply all", "reduce")
    dim: int | None = param(-1, main=True, help="The dimension; none: all numbers.")
    keepdim: bool = param(False, help="Keeps the dimension with a size of 1.")

    def check(self, x: TensorSpec) -> None:
        reduced_axes(x, self.dim)

    def write(self, names: Names) -> str:
        if self.dim is None:
            return names.fill("{x}.prod()")
        return names.fill("{x}.prod(dim={dim}" + ("" if self.keepdim is False else ", keepdim={keepdim}") + ")")


class LogSumExp(Reduction):
    """Gives the logarithm of a sum of exponentials, computed so that nothing overflows.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.logsumexp"
    method = "logsumexp"
    formula = r"y = \log \sum_i e^{x_i}"
    use = "Take it to add up probabilities that are kept as logarithms, and as a smooth Max."
    aliases = ("soft maximum", "log partition", "x.logsumexp()", "reduce")
    needs_dim = True

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        x.need_floating()


class VectorNorm(Reduction):
    """Gives the length of a vector along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.linalg.vector_norm"
    formula = r"y = \left( \sum_i |x_i|^p \right)^{1/p}"
    use = "Take it for lengths; divided by it a vector has length 1. To normalise features take a LayerNorm."
    aliases = ("length", "l2", "l1", "x.norm()", "vector norm", "magnitude", "euclidean")
    ord: float = param(2.0, min=0, help="The power p: 2 for the usual length, 1 for a sum of amounts, 0 counts.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        x.need_floating()

    def write(self, names: Names) -> str:
        given = [f"{names.inputs['x']}"]
        given += [] if self.ord == 2 else [f"ord={names.params['ord']}"]
        given += [] if self.dim is None else [f"dim={names.params['dim']}"]
        given += [] if self.keepdim is False else [f"keepdim={names.params['keepdim']}"]
        return f"torch.linalg.vector_norm({', '.join(given)})"


class Spread(Reduction, abstract=True):
    """Variance and standard deviation."""

    correction: int = param(1, min=0, help="What is taken off the count: 1 for a sample, 0 for all there is.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        x.need_floating()

    def more(self) -> tuple[str, ...]:
        return () if self.correction == 1 else ("correction={correction}",)


class Var(Spread):
    """Gives the variance along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.var"
    method = "var"
    formula = r"y = \frac{1}{n - 1} \sum_i (x_i - \bar{x})^2"
    use = "Take it where a normalisation is written out; correction 0 is what the norm layers use."
    aliases = ("variance", "x.var()", "spread", "reduce")


class Std(Spread):
    """Gives the standard deviation along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.std"
    method = "std"
    formula = r"y = \sqrt{\frac{1}{n - 1} \sum_i (x_i - \bar{x})^2}"
    use = "Take it for the spread in the unit of the numbers, as minibatch standard deviation in a discriminator does."
    aliases = ("standard deviation", "x.std()", "spread", "reduce")


class Any(Reduction):
    """Says whether anything along a dimension is not 0.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together, of type bool
    """

    target = "torch.any"
    method = "any"
    formula = r"y = x_1 \vee x_2 \vee \ldots"
    use = "Take it on masks: is any step of this sample real? All asks for every one."
    aliases = ("or", "exists", "x.any()", "mask")


class All(Reduction):
    """Says whether nothing along a dimension is 0.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together, of type bool
    """

    target = "torch.all"
    method = "all"
    formula = r"y = x_1 \wedge x_2 \wedge \ldots"
    use = "Take it on masks: is every step of this sample hidden? Any asks for at least one."
    aliases = ("and", "every", "x.all()", "mask")


class Median(FunctionLayer):
    """Gives the middle number along a dimension, and where it stands.

    Input shape:  any
    Output shape: values and indices, both without dim
    """

    target = "torch.median"
    category = "merge"
    formula = r"y = \mathrm{median}(x)"
    use = "Take it where single far-off numbers must not count; the Mean is smoother and cheaper."
    aliases = ("middle", "x.median()", "robust", "reduce")
    outputs = (Port("values", help="The middle numbers."), Port("indices", help="Where each stands along dim."))
    dim: int = param(-1, main=True, help="The dimension.")
    keepdim: bool = param(False, help="Keeps the dimension with a size of 1.")

    def check(self, x: TensorSpec) -> None:
        reduced_axes(x, self.dim)
        need_real((x,), self.title)

    def emit(self, names: Names) -> tuple[str, ...]:
        keep = "" if self.keepdim is False else ", keepdim={keepdim}"
        return (names.fill("{values}, {indices} = {x}.median(dim={dim}" + keep + ")"),)
