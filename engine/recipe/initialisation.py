"""What a parameter starts from, by the functions of torch.nn.init."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.recipe.base import differing
from engine.spec import Spec, param

GAIN = "What the deviation is multiplied by, to make up for the activation that follows."
Nonlinearity = Literal[
    "linear",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "selu",
]


class Initialisation(Spec, family=True):
    """What a parameter starts from."""

    target: ClassVar[str] = ""

    def arguments(self) -> dict[str, Any]:
        """Options that differ from torch's defaults, in order."""
        return differing(self)

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        """What is needed, and what to take instead, if a parameter of these sizes cannot start so."""
        return None


class _Fans(Initialisation, abstract=True):
    """Needs to know how many numbers lead into and out of a unit."""

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        if len(shape) >= 2:
            return None
        return "two dimensions or more, to count what leads in and out", "Take Zeros, Constant, Normal or Uniform."


class Uniform(Initialisation):
    """Evenly between two numbers."""

    target = "nn.init.uniform_"
    a: float = param(0.0, help="The smallest number.", main=True)
    b: float = param(1.0, help="The largest number.", main=True)

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        if not isinstance(self.a, float) or not isinstance(self.b, float) or self.a <= self.b:
            return None
        return f"a range that does not end ({self.b:g}) before it begins ({self.a:g})", "Change a or b."


class Normal(Initialisation):
    """Around a mean, as a bell."""

    target = "nn.init.normal_"
    aliases = ("gaussian", "randn")
    mean: float = param(0.0, help="The middle.")
    std: float = param(1.0, min=0.0, help="The standard deviation.", main=True)


class TruncatedNormal(Initialisation):
    """Around a mean, as a bell that is cut off on both sides: as vision transformers begin."""

    title = "Truncated normal"
    target = "nn.init.trunc_normal_"
    aliases = ("trunc_normal", "vit")
    mean: float = param(0.0, help="The middle.")
    std: float = param(1.0, min=0.0, help="The standard deviation before it is cut off.", main=True)
    a: float = param(-2.0, help="No number is smaller.")
    b: float = param(2.0, help="No number is larger.")

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        if not isinstance(self.a, float) or not isinstance(self.b, float) or self.a < self.b:
            return None
        return f"a largest number ({self.b:g}) above the smallest ({self.a:g})", "Change a or b."


class Constant(Initialisation):
    """One number everywhere."""

    target = "nn.init.constant_"
    val: float = param(0.0, help="The number.", required=True, main=True)


class Ones(Initialisation):
    """One everywhere."""

    target = "nn.init.ones_"


class Zeros(Initialisation):
    """Zero everywhere: a bias, or the last layer of a residual branch, which then begins as nothing."""

    target = "nn.init.zeros_"


class Eye(Initialisation):
    """Ones on the diagonal: a Linear that gives what it takes."""

    title = "Identity"
    target = "nn.init.eye_"
    aliases = ("identity", "diagonal")

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        return None if len(shape) == 2 else ("a matrix, of two dimensions", "Take Dirac for a convolution.")


class Dirac(Initialisation):
    """A convolution that gives what it takes, as far as there are channels for it."""

    target = "nn.init.dirac_"
    aliases = ("identity", "convolution")
    groups: int = param(1, min=1, help="Groups of channels, as those of the convolution.")

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        if len(shape) not in (3, 4, 5):
            return "the weight of a convolution, of 3, 4 or 5 dimensions", "Take Identity for a matrix."
        if isinstance(self.groups, int) and shape[0] % self.groups:
            return f"output channels ({shape[0]}) that its groups ({self.groups}) divide", "Change groups."
        return None


class XavierUniform(_Fans):
    """Evenly, so that what goes through keeps its size both ways: for tanh and sigmoid (Glorot and Bengio 2010)."""

    title = "Xavier uniform"
    target = "nn.init.xavier_uniform_"
    aliases = ("glorot",)
    gain: float = param(1.0, help=GAIN, main=True)


class XavierNormal(_Fans):
    """As a bell, so that what goes through keeps its size both ways: for tanh and sigmoid (Glorot and Bengio 2010)."""

    title = "Xavier normal"
    target = "nn.init.xavier_normal_"
    aliases = ("glorot",)
    gain: float = param(1.0, help=GAIN, main=True)


class _Kaiming(_Fans, abstract=True):
    a: float = param(0.0, help="Slope of the LeakyReLU that follows below zero.")
    mode: Literal["fan_in", "fan_out"] = param(
        "fan_in", help="Keep the size of what goes forward (fan_in), or of gradients (fan_out)."
    )
    nonlinearity: Nonlinearity = param("leaky_relu", help="The activation that follows.", main=True)


class KaimingUniform(_Kaiming):
    """Evenly, so that what goes through keeps its size in one direction: for ReLU (He et al. 2015)."""

    title = "Kaiming uniform"
    target = "nn.init.kaiming_uniform_"
    aliases = ("he", "relu")


class KaimingNormal(_Kaiming):
    """As a bell, so that what goes through keeps its size in one direction: for ReLU (He et al. 2015)."""

    title = "Kaiming normal"
    target = "nn.init.kaiming_normal_"
    aliases = ("he", "relu")


class Orthogonal(Initialisation):
    """A rotation: rows or columns at right angles, so that nothing grows or fades (Saxe et al. 2013)."""

    target = "nn.init.orthogonal_"
    aliases = ("rotation", "recurrent")
    gain: float = param(1.0, help=GAIN, main=True)

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        return None if len(shape) >= 2 else ("two dimensions or more", "Take Normal or Uniform.")


class Sparse(Initialisation):
    """Most numbers of every column zero, the others around zero as a bell (Martens 2010)."""

    target = "nn.init.sparse_"
    sparsity: float = param(0.9, min=0.0, max=1.0, required=True, help="Share of zeros in a column.", main=True)
    std: float = param(0.01, min=0.0, help="The standard deviation of the others.")

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        return None if len(shape) == 2 else ("a matrix, of two dimensions", "Take Normal.")
