"""Products that say which axes meet, and the parts of a matrix."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis, broadcast, listed, need_real
from engine.layers.rearrange import need_distinct
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import Dim, TensorSpec

_DOTS = "..."
_OPERAND = re.compile(r"[a-zA-Z]*(?:\.\.\.)?[a-zA-Z]*")


class Einsum(FunctionLayer):
    """Multiplies tensors and sums, each axis named by a letter: "bqd,bkd->bqk" are the scores of attention.

    A letter in two inputs is one axis; a letter that does not stand on the right is summed over.

    Input shape:  one tensor for each operand, one size for each letter
    Output shape: the sizes of the letters on the right
    """

    target = "torch.einsum"
    category = "merge"
    formula = r"y_{b q k} = \sum_d q_{b q d} \, k_{b k d}"
    use = (
        "Take it for products over axes that do not stand last; a plain matrix product is a MatMul, which reads faster."
    )
    example = {"inputs": ("B, 8, 12", "B, 12, 6")}
    aliases = ("einstein sum", "torch.einsum", "tensor product", "contraction", "bmm", "matmul", "bij,bjk->bik")
    inputs = (Port("inputs", "many", "One tensor for each operand, in order."),)
    equation: str = param("bij,bjk->bik", literal=True, main=True, help="The axes of every operand, and of the result.")

    def check(self, inputs: tuple[TensorSpec, ...] = ()) -> None:
        left, right = _sides(self.equation)
        operands = left.split(",")
        if len(operands) != len(inputs):
            raise LayerError(
                f"{self.equation} names {_count(len(operands), 'operand')}, and {_count(len(inputs), 'input')} came.",
                "Write one group of letters for each input, with commas between them.",
            )
        if len({x.dtype for x in inputs}) > 1:
            raise LayerError(f"The types differ: {listed(inputs)}.", "All need the same type.")
        need_numbers(inputs, self.title)
        sizes: dict[str, tuple[Dim, int]] = {}
        dots: list[TensorSpec] = []
        for number, (operand, x) in enumerate(zip(operands, inputs), 1):
            dots += [TensorSpec(found) for found in [_match(operand, x, number, sizes)] if found is not None]
        if dots and not broadcast(dots):
            raise LayerError(f"The axes under ... differ: {listed(dots)}.", "They must be the same, or 1.")
        _need_result(right, sizes, bool(dots), self.equation)

    def write(self, names: Names) -> str:
        return names.fill("torch.einsum({equation}, {inputs})")


def need_numbers(specs: tuple[TensorSpec, ...], title: str) -> None:
    """Raises: LayerError for masks."""
    for x in specs:
        if x.dtype == "bool":
            raise LayerError(f"{title} takes no bool, gets {x}.", "Put a Cast before it.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sides(equation: str) -> tuple[str, str | None]:
    """Left and right of the arrow, without spaces. Raises: LayerError for what is no equation."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    for part in (*left.split(","), *([right] if arrow else [])):
        if not _OPERAND.fullmatch(part):
            wrong = next((c for c in part if not c.isascii() or not c.isalpha()), part)
            raise LayerError(
                f'"{wrong}" in {equation} is no axis.', 'Axes are letters, as in "bij,bjk->bik"; ... is all the others.'
            )
    return left, right if arrow else None


def _match(operand: str, x: TensorSpec, number: int, sizes: dict[str, tuple[Dim, int]]) -> tuple[Dim, ...] | None:
    """Note the size of every letter. Returns: the sizes under "...", None without it. Raises: LayerError on a clash."""
    before, dots, after = operand.partition(_DOTS)
    named = len(before) + len(after)
    if x.rank < named or (x.rank > named and not dots):
        more = "at least " if dots else ""
        axes = f"{more}{named} {'axis' if named == 1 else 'axes'}"
        message = f'"{operand}" names {axes}, and input {number}, {x}, has {x.rank}.'
        raise LayerError(message, "Write one letter for each dimension.")
    pairs = [*zip(before, x.shape), *(zip(after, x.shape[-len(after) :]) if after else ())]
    for letter, size in pairs:
        known, where = sizes.get(letter, (size, number))
        if size != known and 1 not in (size, known):
            place = f"in input {where} and {size} in input {number}" if where != number else f"and {size} in one input"
            raise LayerError(f"{letter} is {known} {place}.", "A letter stands for one size everywhere.")
        if letter in sizes and where == number and size != known:
            raise LayerError(
                f"{letter} is {known} and {size} in one input.", "A letter stands for one size everywhere."
            )
        sizes[letter] = (known if size == 1 else size, where)
    return x.shape[len(before) : x.rank - len(after)] if dots else None


def _need_result(right: str | None, sizes: dict[str, tuple[Dim, int]], has_dots: bool, equation: str) -> None:
    if right is None:
        return
    letters = right.replace(_DOTS, "")
    for letter in letters:
        if letter not in sizes:
            raise LayerError(f"{letter} stands on the right of {equation}, and in no input.", "Take it out.")
    twice = [letter for letter, times in Counter(letters).items() if times > 1]
    if twice:
        raise LayerError(f"{twice[0]} stands twice on the right of {equation}.", "Each axis comes out once.")
    if _DOTS in right and not has_dots:
        raise LayerError(f"... stands on the right of {equation}, and in no input.", "Take it out.")


class Outer(FunctionLayer):
    """Multiplies every number of one row with every number of another.

    Input shape:  (N,) and (M,)
    Output shape: (N, M)
    """

    target = "torch.outer"
    category = "merge"
    formula = r"y_{ij} = a_i \, b_j"
    use = "Take it for tables such as positions times frequencies; with a batch write it as an Einsum, bi,bj->bij."
    aliases = ("outer product", "torch.outer", "rotary embedding", "frequencies", "table")
    inputs = (Port("a", help="Gives the rows, (N,)."), Port("b", help="Gives the columns, (M,)."))
    expression = "torch.outer({a}, {b})"

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        for port, x in (("a", a), ("b", b)):
            if x.rank != 1:
                raise LayerError(f"Needs a row of numbers (N,), gets {x}.", "Take an Einsum for more.", port=port)


class Cross(FunctionLayer):
    """Gives the cross product of vectors in space.

    Input shape:  two of the same shape, 3 along dim; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.linalg.cross"
    category = "merge"
    formula = r"y = a \times b"
    use = "Take it for normals and rotations in three dimensions."
    example = {"a": "B, 3", "b": "B, 3"}
    aliases = ("cross product", "normal", "geometry", "3d", "torch.cross")
    inputs = (Port("a", help="The first vectors."), Port("b", help="The second vectors."))
    dim: int = param(-1, main=True, help="The dimension of the coordinates, of size 3.")

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        if a.rank != b.rank or not broadcast((a, b)):
            raise LayerError(f"The inputs differ: {a}, {b}.", "Both need the same sizes.")
        if a.dtype != b.dtype:
            raise LayerError(f"The types differ: {a.dtype}, {b.dtype}.", "Both need the same type.")
        need_real((a, b), self.title)
        for port, x in (("a", a), ("b", b)):
            if x.shape[axis(x, self.dim)] != 3:
                size = x.shape[axis(x, self.dim)]
                raise LayerError(f"Needs 3 coordinates along dimension {self.dim}, gets {size} in {x}.", port=port)

    def write(self, names: Names) -> str:
        return names.fill("torch.linalg.cross({a}, {b}" + ("" if self.dim == -1 else ", dim={dim}") + ")")


class Triangle(WiredLayer):
    """Keeps the lower or upper triangle of every matrix and sets the rest to 0.

    Input shape:  (..., N, M)
    Output shape: the same
    """

    target = "torch.tril"
    category = "shape"
    use = "Take it on ones for a causal mask, and for triangular weights; attention layers make their mask themselves."
    aliases = ("tril", "triu", "causal mask", "triangular", "x.tril()", "x.triu(1)", "lower", "upper", "torch.triu")
    part: Literal["lower", "upper"] = param("lower", literal=True, main=True, help="Which triangle is kept.")
    diagonal: int = param(0, main=True, help="Where it ends: 0 is the diagonal, 1 the one above it, -1 the one below.")

    def check(self, x: TensorSpec) -> None:
        if x.rank < 2:
            raise LayerError(f"Needs matrices (..., N, M), gets {x}.", "Put an Unsqueeze before it.")

    def write(self, names: Names) -> str:
        text = "" if self.diagonal == 0 else names.params["diagonal"]
        return f"{names.inputs['x']}.{'tril' if self.part == 'lower' else 'triu'}({text})"


class Diagonal(FunctionLayer):
    """Takes the diagonal of every matrix as a row.

    Input shape:  any, with two dimensions or more
    Output shape: without dim1 and dim2, the length of the diagonal at the end
    """

    target = "torch.diagonal"
    category = "shape"
    use = "Take it for the matching pairs of a table of scores; a matrix out of a row is a DiagonalMatrix."
    aliases = ("diag", "x.diagonal()", "trace", "matching pairs", "contrastive", "torch.diag")
    offset: int = param(0, main=True, help="Which diagonal: 1 is the one above the main one.")
    dim1: int = param(-2, help="The dimension of the rows.")
    dim2: int = param(-1, help="The dimension of the columns.")

    def check(self, x: TensorSpec) -> None:
        rows, columns = need_distinct(x, (self.dim1, self.dim2), "dim1")
        height, width = x.shape[rows], x.shape[columns]
        if isinstance(height, int) and isinstance(width, int) and not -height < self.offset < width:
            raise LayerError(f"There is no diagonal {self.offset} in {x}.", "Set offset to 0.")

    def write(self, names: Names) -> str:
        return names.fill("{x}.diagonal({offset}, {dim1}, {dim2})")


class DiagonalMatrix(FunctionLayer):
    """Puts every row on the diagonal of a matrix that is 0 elsewhere.

    Input shape:  (..., N)
    Output shape: (..., N, N), larger by the offset
    """

    target = "torch.diag_embed"
    category = "shape"
    use = "Take it to build covariances and scalings; to multiply by one a plain Multiply is enough."
    aliases = ("diag", "diag_embed", "torch.diag", "scaling", "covariance")
    offset: int = param(0, main=True, help="On which diagonal: 1 is the one above the main one.")

    def check(self, x: TensorSpec) -> None:
        if not x.rank:
            raise LayerError("Needs rows (..., N), gets one value.", "Put an Unsqueeze before it.")

    def write(self, names: Names) -> str:
        return names.fill("torch.diag_embed({x}" + ("" if self.offset == 0 else ", {offset}") + ")")
