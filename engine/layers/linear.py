"""Layers that multiply by a learned matrix, and the one that does nothing."""

from __future__ import annotations

from typing import Any

from engine.errors import LayerError
from engine.layers.base import ModuleLayer, Port
from engine.layers.checks import need_weights_type
from engine.spec import param
from engine.tensor import TensorSpec


def features(x: TensorSpec, port: str = "") -> int:
    """The fixed size of the last dimension. Raises: LayerError."""
    if x.rank < 1 or (x.rank < 2 and isinstance(x.shape[-1], str)):
        raise LayerError(f"Needs (B, ..., features), gets {x}.", "Put an Unsqueeze before it.", port=port)
    need_weights_type(x, port)
    size = x.shape[-1]
    if isinstance(size, str):
        raise LayerError(
            f"Needs a fixed number of features, gets {x}.",
            f"The last size, {size}, is not known in advance.",
            port=port,
        )
    return size


class Linear(ModuleLayer):
    """Multiplies by a learned matrix: every output is a weighted sum of all inputs.

    Works on the last dimension; put a Flatten before it to see a whole image at once.

    Input shape:  (B, ..., in_features)
    Output shape: (B, ..., out_features)
    """

    target = "nn.Linear"
    category = "linear"
    formula = r"y = x W^{\top} + b"
    use = (
        "Take it for feature vectors, as the head of a network and inside transformers; for neighbouring "
        "pixels take a Conv2d, which needs far fewer weights."
    )
    aliases = ("dense", "fully connected", "fc", "perceptron", "mlp", "projection", "affine")
    out_features: int = param(64, min=1, required=True, main=True, help="How many numbers come out.")
    bias: bool = param(True, help="Adds a learned number to each output.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        return {"in_features": features(x)}


class Bilinear(ModuleLayer):
    """Weighs every pair of a feature of the first with a feature of the second input.

    Input shape:  (B, ..., in1_features) and (B, ..., in2_features)
    Output shape: (B, ..., out_features)
    """

    target = "nn.Bilinear"
    category = "linear"
    formula = r"y_k = x_1^{\top} A_k \, x_2 + b_k"
    use = (
        "Take it to relate two vectors, such as a question and an answer; a Concat with a Linear is cheaper "
        "and often enough."
    )
    aliases = ("two inputs", "interaction", "relation", "pairwise")
    inputs = (Port("x1", help="The first tensor."), Port("x2", help="The second tensor."))
    out_features: int = param(64, min=1, required=True, main=True, help="How many numbers come out.")
    bias: bool = param(True, help="Adds a learned number to each output.")

    def derive(self, x1: TensorSpec, x2: TensorSpec) -> dict[str, Any]:
        sizes = {"in1_features": features(x1, "x1"), "in2_features": features(x2, "x2")}
        if x1.shape[:-1] != x2.shape[:-1]:
            raise LayerError(f"The inputs differ: {x1}, {x2}.", "All sizes but the last must be the same.", port="x2")
        return sizes


class Identity(ModuleLayer):
    """Passes its input on unchanged, as a place holder or a named point.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Identity"
    takes_anything = True
    category = "linear"
    formula = "y = x"
    use = "Take it as a named point to watch, or as a place holder where another variant of the network has a layer."
    aliases = ("pass", "nothing", "noop", "placeholder", "shortcut")
