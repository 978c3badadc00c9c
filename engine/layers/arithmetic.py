"""Functions of every single number, and numbers drawn at random."""

from __future__ import annotations

from typing import Annotated

from engine.errors import LayerError
from engine.kinds import Choice
from engine.layers.base import FunctionLayer, Names, source
from engine.layers.merge import operand
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec

_FUNCTIONS = (
    *("exp", "log", "sqrt", "rsqrt", "abs", "square", "sin", "cos", "tan", "tanh", "sigmoid", "neg", "reciprocal"),
    *("sign", "floor", "ceil", "round", "trunc", "frac", "exp2", "expm1", "log2", "log10", "log1p", "logit", "asin"),
    *("acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "erf", "erfc", "erfinv", "lgamma", "digamma"),
    *("isnan", "isinf", "isfinite"),
)


class Math(FunctionLayer):
    """Applies a function such as exp, log or the square root to every number.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.exp"
    category = "merge"
    formula = "y = f(x)"
    use = "Take it for single functions in formulas of your own; for a bend between layers take an activation."
    aliases = (
        *("exp", "log", "sqrt", "square root", "abs", "square", "sin", "cos", "negative", "exponential", "function"),
        *(
            "rsqrt",
            "-x",
            "x.exp()",
            "x.log()",
            "x.sqrt()",
            "x.rsqrt()",
            "x.abs()",
            "x.sin()",
            "x.cos()",
            "round",
            "floor",
        ),
        *("erf", "ceil", "log1p", "isnan", "arctan"),
    )
    function: Annotated[str, Choice(_FUNCTIONS)] = param("exp", literal=True, main=True, help="The function.")

    def check(self, x: TensorSpec) -> None:
        x.need_floating()

    def write(self, names: Names) -> str:
        return f"{names.inputs['x']}.{self.function}()"


class Scale(WiredLayer):
    """Multiplies by a fixed number and adds another one.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.mul"
    category = "merge"
    formula = r"y = \mathrm{factor} \cdot x + \mathrm{shift}"
    use = (
        "Take it to bring numbers to another range, or to weaken a residual; a learned factor is a Parameter "
        "with a Multiply."
    )
    aliases = ("times", "multiply by a number", "add a number", "rescale", "normalise")
    factor: float = param(1.0, main=True, help="What every number is multiplied by.")
    shift: float = param(0.0, main=True, help="What is added to it.")

    def check(self, x: TensorSpec) -> None:
        x.need_floating()

    def write(self, names: Names) -> str:
        text = str(names.inputs["x"])
        if self.factor != 1:
            text += f" * {operand(self.factor, names.params['factor'])}"
        if isinstance(self.shift, float) and self.shift < 0:
            return f"{text} - {source(-self.shift)}"
        return text if self.shift == 0 else f"{text} + {operand(self.shift, names.params['shift'])}"


class Clamp(WiredLayer):
    """Cuts numbers off below a lowest and above a highest value.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.clamp"
    category = "merge"
    formula = r"\min(\max(x, \mathrm{lowest}), \mathrm{highest})"
    use = "Take it to guard a logarithm, a division or an exponential; outside the limits there is no gradient."
    aliases = ("clip", "limit", "bound")
    lowest: float | None = param(0.0, main=True, help="The lowest result; none: no limit.")
    highest: float | None = param(1.0, main=True, help="The highest result; none: no limit.")

    def check(self, x: TensorSpec) -> None:
        x.need_floating()
        if self.lowest is None and self.highest is None:
            raise LayerError("Needs a lowest or a highest value.", "Set lowest to 0.")
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise LayerError("lowest must not be above highest.", "Exchange the two.")

    def write(self, names: Names) -> str:
        given = {"min": "lowest", "max": "highest"}
        limits = [f"{t}={names.params[n]}" for t, n in given.items() if getattr(self, n) is not None]
        return f"{names.inputs['x']}.clamp({', '.join(limits)})"


class Noise(FunctionLayer):
    """Draws a random number from the normal distribution for every number that comes in.

    Times a spread and plus a mean, it samples the code of a variational autoencoder.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.randn_like"
    category = "merge"
    formula = r"y \sim \mathcal{N}(0, 1)"
    use = "Take it to sample the code of a variational autoencoder, or to disturb an input while training."
    aliases = ("random", "gaussian", "normal", "sample", "vae", "reparametrisation", "denoising")
    expression = "torch.randn_like({x})"

    def check(self, x: TensorSpec) -> None:
        x.need_floating()
