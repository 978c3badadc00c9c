"""Tensors that a module keeps without learning them: masks, positions, tables."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.errors import ExprError, LayerError
from engine.expr import Expr
from engine.kinds import DTYPE, Ints, Kind, KindError, Optional
from engine.layers.base import Call, Layer, Names
from engine.spec import param
from engine.tree import Tree

_MOST = 10_000  # characters: larger tables come with a checkpoint


@dataclass(frozen=True)
class Values(Kind):
    """Numbers in lists of lists, every row as long as the others: [[1, 0], [0, 1]]."""

    name = "values"
    takes_expressions = False

    def check(self, value: Any) -> Tree:
        try:
            found = value if isinstance(value, Tree) else Tree(value)
            _shape(ast.literal_eval(found.parsed()))
        except (ExprError, ValueError, TypeError):
            raise KindError("numbers in lists, such as [[1, 0], [0, 1]]") from None
        return found

    def parse(self, text: str) -> Tree:
        return self.check(text)

    def to_json(self, value: Any) -> Any:
        return value.text


def _shape(value: Any) -> tuple[int, ...]:
    """The sizes of nested lists. Raises: ValueError where rows differ or something is no number."""
    if isinstance(value, bool | int | float):
        return ()
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("no list of numbers")
    shapes = {_shape(v) for v in value}
    if len(shapes) > 1:
        raise ValueError("rows of different length")
    return (len(value), *shapes.pop())


class Buffer(Layer):
    """A tensor that belongs to the network and is never learned: it moves to the device and is saved with the weights.

    Output shape: shape, or that of values.
    """

    category = "io"
    target = "nn.Buffer"
    use = (
        "Take it for masks, positions and fixed tables; one number everywhere is a Constant, learned ones a Parameter."
    )
    aliases = ("register_buffer", "mask", "table", "fixed tensor", "positions", "literal", "torch.tensor", "nn.buffer")
    inputs = ()
    fill: Literal["zeros", "ones", "arange", "eye", "lower", "upper", "values"] = param(
        "zeros", literal=True, main=True, help="What it holds; lower and upper are the triangles of a mask of ones."
    )
    shape: Annotated[Any, Ints(None, single=False)] = param((1,), min=1, main=True, help="Its sizes.")
    values: Annotated[Any, Values()] = param(
        "[1, 2]", help="The numbers themselves, in lists: [[1, 0], [0, 1]]; for fill set to values."
    )
    dtype: Annotated[str | None, Optional(DTYPE, "by what it holds")] = param(
        None, literal=True, help="The type of its numbers."
    )
    persistent: bool = param(True, help="Saved with the weights; off for what can be computed anew.")

    def check(self, *_: object, **inputs: object) -> None:
        wanted = {"arange": (1,), "eye": (1, 2), "lower": (2,), "upper": (2,)}.get(self.fill)
        if wanted is not None and len(self.shape) not in wanted:
            many = "one size" if wanted == (1,) else "one size or two" if len(wanted) > 1 else "two sizes"
            raise LayerError(f"{self.fill} needs {many}, not {len(self.shape)}.", "Change shape.")
        if self.fill == "arange" and (self.dtype == "bool" or (self.dtype or "").startswith("complex")):
            raise LayerError(f"Cannot count in {self.dtype}.", "Set dtype to int64.")

    def build(self, derived: object) -> Call:
        more = () if self.persistent is True else (("persistent", self.persistent),)
        return Call("nn.Buffer", (self._filled(),), more)

    def _filled(self) -> Call:
        kind = () if self.dtype is None else (("dtype", Tree(f"torch.{self.dtype}")),)
        sizes: Any = self.shape.parts() if isinstance(self.shape, Expr) else self.shape
        if self.fill == "values":
            return Call("torch.tensor", (self.values,), kind)
        if self.fill in ("lower", "upper"):
            return Call("torch.tril" if self.fill == "lower" else "torch.triu", (Call("torch.ones", sizes, kind),))
        return Call(f"torch.{self.fill}", sizes or ((),), kind)

    def emit(self, names: Names) -> tuple[str, ...]:
        return (names.fill("{out} = {self}"),)
