"""Entries chosen by indices or masks, and put back by them."""

from __future__ import annotations

from typing import Annotated, Literal

from engine.errors import LayerError
from engine.kinds import Either, Float, Numeric, Optional
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis, broadcast, listed
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec

Fill = Annotated[float | str, Either(("-inf", "inf"), Float())]


def need_indices(index: TensorSpec, port: str = "index", types: tuple[str, ...] = ("int64",)) -> None:
    """Raises: LayerError unless it holds whole numbers that may be indices."""
    if index.dtype not in types:
        raise LayerError(f"Needs indices of type int64, gets {index}.", "Put a Cast to int64 before it.", port=port)


def need_same_type(a: TensorSpec, b: TensorSpec, port: str) -> None:
    """Raises: LayerError unless the types are the same."""
    if a.dtype != b.dtype:
        raise LayerError(f"The types differ: {a.dtype}, {b.dtype}.", "Put a Cast before one of them.", port=port)


def need_within(x: TensorSpec, index: TensorSpec, dim: int, port: str = "index") -> None:
    """Raises: LayerError unless `index` has the rank of x and no larger sizes apart from `dim`."""
    if x.rank != index.rank:
        raise LayerError(f"The inputs have {x.rank} and {index.rank} dimensions: {x}, {index}.", port=port)
    for place, (size, found) in enumerate(zip(x.shape, index.shape)):
        larger = found > size if isinstance(size, int) and isinstance(found, int) else found not in (size, 1)
        if place != dim and larger:
            raise LayerError(f"Dimension {place} is {found} in {index}, and only {size} in {x}.", port=port)


def fill_text(value: float | str, text: str) -> str:
    """The number as source: minus infinity is float("-inf")."""
    return f'float("{value}")' if isinstance(value, str) else text


class Gather(FunctionLayer):
    """Takes one entry along a dimension for every index: the score of the right class, the state at the last word.

    Input shape:  x any; index int64, of the same rank
    Output shape: that of index
    """

    target = "torch.gather"
    category = "shape"
    use = "Take it where each sample has its own indices; the same for all of them is an IndexSelect."
    aliases = ("x.gather(1, index)", "pick", "lookup", "index", "take", "last valid step")
    inputs = (Port("x", help="From what."), Port("index", help="Where along dim, as int64."))
    dim: int = param(1, main=True, help="The dimension along which the indices count.")
    expression = "{x}.gather({dim}, {index})"

    def check(self, x: TensorSpec, index: TensorSpec) -> None:
        dim = axis(x, self.dim)
        need_indices(index)
        need_within(x, index, dim)


class TakeAlongDim(FunctionLayer):
    """Takes entries along a dimension by indices that are stretched to fit, as those of a Sort or ArgMax are used.

    Input shape:  x any; index int64, of the same rank
    Output shape: that of index, its sizes of 1 stretched
    """

    target = "torch.take_along_dim"
    category = "shape"
    use = "Take it to put one tensor into the order of another; a Gather is the same without stretching."
    aliases = ("take_along_axis", "sort by", "order by", "pick", "gather")
    inputs = (Port("x", help="From what."), Port("index", help="Where along dim, as int64."))
    dim: int = param(1, main=True, help="The dimension along which the indices count.")
    expression = "torch.take_along_dim({x}, {index}, dim={dim})"

    def check(self, x: TensorSpec, index: TensorSpec) -> None:
        dim = axis(x, self.dim)
        need_indices(index)
        if x.rank != index.rank:
            raise LayerError(f"The inputs have {x.rank} and {index.rank} dimensions: {x}, {index}.", port="index")
        without = [TensorSpec((*s.shape[:dim], 1, *s.shape[dim + 1 :])) for s in (x, index)]
        if not broadcast(without):
            raise LayerError(f"The inputs differ: {x}, {index}.", f"All sizes but that of dimension {dim} must fit.")


class IndexSelect(FunctionLayer):
    """Keeps the entries along a dimension that a list of indices names.

    Input shape:  x any; index (N,), of type int64
    Output shape: the same, N along dim
    """

    target = "torch.index_select"
    category = "shape"
    use = "Take it for the same choice in every sample, as an order of channels or joints; a range is a Slice."
    aliases = ("x.index_select(1, index)", "pick", "choose", "reorder channels", "take")
    inputs = (Port("x", help="From what."), Port("index", help="Which entries, (N,) of type int64."))
    dim: int = param(1, main=True, help="The dimension.")
    expression = "{x}.index_select({dim}, {index})"

    def check(self, x: TensorSpec, index: TensorSpec) -> None:
        axis(x, self.dim)
        need_indices(index, types=("int64", "int32"))
        if index.rank != 1:
            raise LayerError(f"Needs a list of indices (N,), gets {index}.", "Take a Gather for more.", port="index")


class IndexAdd(FunctionLayer):
    """Adds rows to those entries along a dimension that a list of indices names.

    Input shape:  x any; index (N,); source as x, but N along dim
    Output shape: that of x
    """

    target = "torch.index_add"
    category = "shape"
    use = "Take it to sum messages at the nodes of a graph, or experts back into their tokens."
    aliases = ("x.index_add(0, index, source)", "message passing", "graph", "segment sum", "accumulate")
    inputs = (
        Port("x", help="What is added to."),
        Port("index", help="Where along dim, (N,) of type int64."),
        Port("source", help="What is added."),
    )
    dim: int = param(0, main=True, help="The dimension.")
    expression = "{x}.index_add({dim}, {index}, {source})"

    def check(self, x: TensorSpec, index: TensorSpec, source: TensorSpec) -> None:
        dim = axis(x, self.dim)
        need_indices(index, types=("int64", "int32"))
        need_same_type(x, source, "source")
        if index.rank != 1:
            raise LayerError(f"Needs a list of indices (N,), gets {index}.", port="index")
        wanted = (*x.shape[:dim], index.shape[0], *x.shape[dim + 1 :])
        if source.shape != wanted:
            raise LayerError(f"Needs {TensorSpec(wanted, x.dtype)}, gets {source}.", port="source")


class Scatter(WiredLayer):
    """Writes numbers to those places along a dimension that indices name, or adds them there.

    Input shape:  x any; index int64, of the same rank; source at least as large as index
    Output shape: that of x
    """

    target = "torch.scatter"
    category = "shape"
    use = "Take it to put entries back where a Gather took them, and to make histograms and one-hot rows by hand."
    aliases = ("scatter_add", "scatter_reduce", "x.scatter(1, index, source)", "write", "one hot", "histogram")
    inputs = (
        Port("x", help="What is written into; it stays as it is, the result is a copy."),
        Port("index", help="Where along dim, as int64."),
        Port("source", "optional", "What is written; without a wire it is value everywhere."),
    )
    dim: int = param(1, main=True, help="The dimension along which the indices count.")
    reduce: Literal["none", "sum", "prod", "mean", "amax", "amin"] = param(
        "none", literal=True, main=True, help="What becomes of several at one place: the last, or taken together."
    )
    value: float = param(1.0, help="What is written where source has no wire.")

    def check(self, x: TensorSpec, index: TensorSpec, source: TensorSpec | None = None) -> None:
        dim = axis(x, self.dim)
        need_indices(index)
        need_within(x, index, dim)
        if source is None:
            if self.reduce != "none":
                raise LayerError("Needs a source to take together.", "Wire one, or set reduce to none.", port="source")
            if not x.is_floating:
                raise LayerError(f"Writes {self.value}, a number with a fraction, into {x}.", "Put a Cast before it.")
            return
        need_same_type(x, source, "source")
        need_within(source, index, -1, "source")
        if x.dtype == "bool" and self.reduce != "none":
            raise LayerError(f"Takes no bool together, gets {x}.", "Put a Cast before it.")

    def write(self, names: Names) -> str:
        if names.inputs.get("source", "None") == "None":
            return names.fill("{x}.scatter({dim}, {index}, {value})")
        if self.reduce == "none":
            return names.fill("{x}.scatter({dim}, {index}, {source})")
        if self.reduce == "sum":
            return names.fill("{x}.scatter_add({dim}, {index}, {source})")
        return names.fill("{x}.scatter_reduce({dim}, {index}, {source}, {reduce})")


class Where(FunctionLayer):
    """Takes each number from one tensor or from another, as a mask says.

    Input shape:  mask of type bool, a and b; sizes of 1 are stretched
    Output shape: the three stretched to one another
    """

    target = "torch.where"
    category = "merge"
    formula = r"y_i = a_i \quad \mathrm{if} \quad m_i \quad \mathrm{else} \quad b_i"
    use = "Take it to choose between two results number by number; to hide some by one number take a MaskedFill."
    aliases = ("torch.where(mask, a, b)", "if else", "choose", "condition", "select", "switch")
    inputs = (
        Port("mask", help="Where it is yes, a is taken; of type bool."),
        Port("a", help="Taken where the mask says yes.", carries="any"),
        Port("b", "optional", "Taken elsewhere; without a wire it is other.", "any"),
    )
    other: Annotated[int | float | None, Optional(Numeric(flags=False))] = param(
        0.0, main=True, help="What is taken where the mask says no and b has no wire."
    )

    def check(self, mask: TensorSpec, a: TensorSpec, b: TensorSpec | None = None) -> None:
        if mask.dtype != "bool":
            raise LayerError(f"Needs a mask of type bool, gets {mask}.", "Put a Compare before it.", port="mask")
        if b is None and self.other is None:
            raise LayerError("Needs something to take elsewhere.", "Wire it into b, or set other to 0.", port="b")
        given = [mask, a, *([b] if b is not None else [])]
        if not broadcast(given):
            raise LayerError(f"The inputs differ: {listed(given)}.", "All need the same sizes, or sizes of 1.")

    def write(self, names: Names) -> str:
        other = "{other}" if names.inputs.get("b", "None") == "None" else "{b}"
        return names.fill("torch.where({mask}, {a}, " + other + ")")


class MaskedFill(WiredLayer):
    """Puts one number wherever a mask says yes, as minus infinity before a Softmax.

    Input shape:  x any; mask of type bool, the same shape or sizes of 1
    Output shape: that of x
    """

    target = "torch.Tensor.masked_fill"
    category = "merge"
    formula = r"y_i = v \quad \mathrm{if} \quad m_i \quad \mathrm{else} \quad x_i"
    use = "Take it to hide padding and the future from attention; to choose between two tensors take a Where."
    aliases = ("x.masked_fill(mask, -inf)", "attention mask", "causal mask", "hide", "padding")
    inputs = (Port("x", help="What is kept elsewhere."), Port("mask", help="Where the number goes; of type bool."))
    value: Fill = param("-inf", main=True, help='The number that is put there: 0, "-inf".')

    def check(self, x: TensorSpec, mask: TensorSpec) -> None:
        if mask.dtype != "bool":
            raise LayerError(f"Needs a mask of type bool, gets {mask}.", "Put a Compare before it.", port="mask")
        if not x.is_floating and not x.dtype.startswith("complex"):
            raise LayerError(f"Needs numbers with a fraction, gets {x}.", "Put a Cast before it.", port="x")
        fits = mask.rank <= x.rank and all(m in (1, s) for m, s in zip(mask.shape[::-1], x.shape[::-1]))
        if not fits:
            raise LayerError(f"The mask {TensorSpec(mask.shape)} does not fit {x}.", "Each size must be that or 1.")

    def write(self, names: Names) -> str:
        return names.fill("{x}.masked_fill({mask}, ") + fill_text(self.value, names.params["value"]) + ")"


class OneHot(WiredLayer):
    """Turns every class number into a row that is 1 at that class and 0 elsewhere.

    Input shape:  any, of type int64
    Output shape: the same and num_classes, int64; a Cast makes numbers with a fraction of it
    """

    target = "torch.nn.functional.one_hot"
    category = "embedding"
    formula = r"y_{i,c} = 1 \quad \mathrm{if} \quad x_i = c"
    use = "Take it for few classes and for labels as an input; for words an Embedding learns better rows."
    aliases = ("one-hot", "f.one_hot", "dummy variables", "categorical", "labels", "indicator")
    num_classes: int = param(10, min=1, main=True, help="How many classes there are.")
    expression = "F.one_hot({x}, {num_classes})"

    def imports(self) -> tuple[str, ...]:
        return ("import torch.nn.functional as F",)

    def check(self, x: TensorSpec) -> None:
        need_indices(x, "")
