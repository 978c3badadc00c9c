"""Parts of a tensor: one entry or a range along a dimension."""

from __future__ import annotations

import ast

from engine.errors import LayerError
from engine.layers.base import Names
from engine.layers.checks import feature_axis
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec

_DEEPEST = 4


def bracketed(x: str, dim: int, inside: str) -> str | None:
    """`x[:, inside]` for a dimension that can be written so, else None."""
    if 0 <= dim <= _DEEPEST:
        return f"{x}[{', '.join([':'] * dim + [inside])}]"
    if -_DEEPEST <= dim < 0:
        return f"{x}[{', '.join(['...', inside] + [':'] * (-dim - 1))}]"
    return None


class Select(WiredLayer):
    """Picks one entry along a dimension: the last time step, the first token.

    Input shape:  any
    Output shape: the same without dim
    """

    target = "torch.select"
    category = "shape"
    use = "Take it for the last step of a recurrent layer or the class token of a transformer."
    example = {"x": "B, 12, 32"}
    aliases = ("index", "last time step", "class token", "pick", "take", "getitem", "[:, -1]")
    dim: int = param(1, main=True, help="The dimension; 1 is time in a sequence.")
    index: int = param(-1, main=True, help="Which entry, from 0; -1 is the last.")

    def check(self, x: TensorSpec) -> None:
        size = x.shape[feature_axis(x, self.dim, "pick one sample of the batch")]
        if isinstance(size, int) and not -size <= self.index < size:
            raise LayerError(
                f"There is no entry {self.index} among the {size} of dimension {self.dim}, {x}.",
                f"Set index to 0 to {size - 1}, or to -1 for the last.",
            )

    def write(self, names: Names) -> str:
        x, index = str(names.inputs["x"]), names.params["index"]
        text = bracketed(x, self.dim, index) if isinstance(self.dim, int) else None
        return text or names.fill("{x}.select({dim}, {index})")


class Slice(WiredLayer):
    """Keeps a range of entries along a dimension: the first ten steps, every second one.

    Input shape:  any
    Output shape: the same, smaller along dim
    """

    target = "torch.narrow"
    category = "shape"
    use = "Take it for a range of steps, channels or pixels; for one entry take a Select, for all parts a Split."
    example = {"x": "B, 12, 32", "end": 6}
    aliases = ("range", "crop", "cut", "index", "part", "getitem", "narrow")
    dim: int = param(1, min=-_DEEPEST, max=_DEEPEST, literal=True, main=True, help="The dimension; 1 is time.")
    start: int | None = param(None, main=True, help="The first entry; none: from the beginning.")
    end: int | None = param(None, main=True, help="The entry before which it stops; none: to the end.")
    step: int = param(1, min=1, help="Takes every so many entries.")

    def check(self, x: TensorSpec) -> None:
        size = x.shape[feature_axis(x, self.dim, "leave samples out of the batch")]
        if isinstance(size, int) and not len(range(size)[self.start : self.end : self.step]):
            raise LayerError(
                f"Nothing is left of the {size} entries of dimension {self.dim}, {x}.", "Set start below end."
            )

    def write(self, names: Names) -> str:
        texts = [names.params[n] if getattr(self, n) is not None else "" for n in ("start", "end")]
        if self.step != 1:
            texts.append(names.params["step"])
        # A formatter puts spaces around the colons when a bound is more than a number or a name.
        colon = ":" if all(map(_is_plain, texts)) else " : "
        text = bracketed(str(names.inputs["x"]), self.dim, colon.join(texts).strip())
        assert text is not None, "dim is declared so that brackets can write it"
        return text


def _is_plain(text: str) -> bool:
    if not text:
        return True
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        node = node.operand
    return isinstance(node, (ast.Constant, ast.Name, ast.Attribute))
