"""What layers ask of the tensors that are wired into them, in the user's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.errors import LayerError
from engine.layers.base import Port, input_list
from engine.tensor import Dim, NumberSpec, TensorSpec

FORMS = {1: ("a signal", "(B, C, L)"), 2: ("an image", "(B, C, H, W)"), 3: ("a volume", "(B, C, D, H, W)")}
_BATCH = re.compile(r"\bB\b")


def need_carried(ports: Iterable[Port], inputs: Mapping[str, Any]) -> None:
    """Raises: LayerError where a number comes to a port for tensors, or a tensor to one for numbers."""
    for port in ports:
        for spec in input_list(inputs.get(port.name)):
            if port.carries == "tensor" and isinstance(spec, NumberSpec):
                what = f"the number {spec}" if spec.value is not None else "a number"
                raise LayerError(f"Needs a tensor, gets {what}.", "Put a Full before it.", port=port.name)
            if port.carries == "number" and not isinstance(spec, NumberSpec):
                hint = "Put a Size before it, which gives x.shape[1]."
                raise LayerError(f"Needs a number, gets the tensor {spec}.", hint, port=port.name)


def per_dim(value: Any, dims: int) -> tuple[int, ...]:
    """One number for all dimensions, or one for each, as one for each."""
    return value if isinstance(value, tuple) else (value,) * dims


def sizes_text(sizes: Sequence[Any]) -> str:
    """Sizes as they are written everywhere: 8 × 8."""
    return " × ".join(str(s) for s in sizes)


def is_batch(size: Dim) -> bool:
    """Whether a size counts samples: "B", "2 * B"."""
    return isinstance(size, str) and _BATCH.search(size) is not None


def times(size: Dim, count: int) -> Dim:
    """A size multiplied, as inference would write it: 4 times "2 * B" is "8 * B"."""
    if isinstance(size, int):
        return size * count
    number, _, name = size.rpartition(" * ")
    number, name = (number, name) if number.isdigit() else ("1", size)
    whole = int(number) * count
    return name if whole == 1 else f"{whole} * {name}" if name.isidentifier() else f"{whole} * ({name})"


def need_weights_type(x: TensorSpec, port: str = "") -> None:
    """Raises: LayerError unless the tensor can meet weights, which are float32."""
    if not x.is_floating:
        hint = "Indices go through an Embedding first." if x.dtype.startswith(("int", "uint")) else ""
        raise LayerError(f"Needs numbers with a fraction, gets {x}.", hint, port=port)
    if x.dtype != "float32":
        raise LayerError(f"Needs float32 like its weights, gets {x}.", "Set the dtype to float32.", port=port)


def need_real(specs: Iterable[TensorSpec], title: str, flags: bool = False) -> None:
    """Raises: LayerError for complex numbers, and for masks unless `flags`: what has no order or cannot be counted."""
    for x in specs:
        if x.dtype.startswith("complex"):
            raise LayerError(f"{title} takes no complex numbers, gets {x}.", "Put an Abs before it.")
        if x.dtype == "bool" and not flags:
            raise LayerError(f"{title} takes no bool, gets {x}.", "Put a Cast before it.")


def need_form(x: TensorSpec, dims: int) -> None:
    """Raises: LayerError unless it is a signal (1), an image (2) or a volume (3) with channels and batch."""
    if x.rank == dims + 2:
        return
    what, form = FORMS[dims]
    if x.rank == dims + 1 and dims > 1 and not isinstance(x.shape[1], str) and x.rank > 2:
        hint = "Put an Unsqueeze before it to add the channels."
    elif x.rank < dims + 2:
        hint = "Put an Unflatten before it." if x.rank == 2 else "Put a Reshape before it."
    else:
        other = FORMS.get(x.rank - 2)
        hint = f"For {other[0]} {other[1]} take the {x.rank - 2}d layer." if other else "Put a Reshape before it."
    raise LayerError(f"Needs {what} {form}, gets {x}.", hint)


def need_room(x: TensorSpec, covers: Sequence[int], padding: Sequence[int], what: str = "kernel") -> None:
    """Raises: LayerError if the window (a dilated kernel) is larger than the padded image. Free sizes pass."""
    sizes = x.shape[2:]
    short = any(isinstance(s, int) and s + 2 * p < c for s, c, p in zip(sizes, covers, padding, strict=True))
    if short:
        thing = FORMS[len(sizes)][0].split()[1]
        raise LayerError(
            f"The {what} covers {sizes_text(covers)}, but the {thing} is only {sizes_text(sizes)}.",
            "Make kernel_size smaller, or stride and pool less before it.",
        )


def axis(x: TensorSpec, dim: int, name: str = "dim") -> int:
    """The dimension counted from the front. Raises: LayerError if there is none of that number."""
    if not -x.rank <= dim < x.rank:
        raise LayerError(
            f"There is no dimension {dim} in {x}.", f"Set {name} to 0 to {x.rank - 1}, or to -1 for the last."
        )
    return dim % x.rank


def feature_axis(x: TensorSpec, dim: int, doing: str, name: str = "dim") -> int:
    """Like `axis`, but not the batch. Raises: LayerError; `doing` says what would happen to the samples."""
    index = axis(x, dim, name)
    if is_batch(x.shape[index]):
        raise LayerError(f"Dimension {dim} of {x} is the batch, and this would {doing}.", f"Set {name} to 1 or more.")
    return index


def need_divides(count: int, size: int, option: str, what: str) -> None:
    """Raises: LayerError unless `option` = count divides the size."""
    if size % count:
        fitting = [n for n in range(1, size + 1) if size % n == 0]
        near = sorted(sorted(fitting, key=lambda n: abs(n - count))[:3])
        offers = ", ".join(map(str, near))
        raise LayerError(f"{option}={count} does not divide {size} {what}.", f"Possible here: {offers}.")


def broadcast(specs: Sequence[TensorSpec]) -> bool:
    """Whether the shapes can be combined element by element, sizes of 1 being stretched."""
    rank = max(s.rank for s in specs)
    padded = [(1,) * (rank - s.rank) + s.shape for s in specs]
    return all(len({size for size in column if size != 1}) <= 1 for column in zip(*padded, strict=True))


def need_alike(specs: Sequence[TensorSpec], why: str, apart: int | None = None) -> None:
    """Raises: LayerError naming the sizes and dimensions that differ; `why` says what is wanted. 1 goes with any size.

    apart: the one dimension in which they may differ, and all others, 1 too, have to be the same.
    """
    ranks = {s.rank for s in specs}
    if len(ranks) > 1 and apart is not None:
        raise LayerError(f"The inputs have different numbers of dimensions: {listed(specs)}.", why)
    rank = max(ranks)
    padded = [(1,) * (rank - s.rank) + s.shape for s in specs]
    loose = {1} if apart is None else set()
    wrong = [
        index
        for index, column in enumerate(zip(*padded, strict=True))
        if index != apart and len(set(column) - loose) > 1
    ]
    if not wrong:
        return
    if len(specs) > 2 and len(ranks) == 1 and (odd := _odd_one(specs)) is not None:
        others = next(s for s in specs if s.shape != specs[odd].shape)
        where = _where(wrong)
        raise LayerError(f"One input differs{where}: {specs[odd]}; the others are {others}.", why)
    if len(ranks) > 1:
        raise LayerError(f"The inputs have different numbers of dimensions and do not line up: {listed(specs)}.", why)
    raise LayerError(f"The inputs differ{_where(wrong)}: {listed(specs)}.", why)


def _odd_one(specs: Sequence[TensorSpec]) -> int | None:
    """The number of the only one whose shape is not that of all others."""
    shapes = [s.shape for s in specs]
    rare = [i for i, shape in enumerate(shapes) if shapes.count(shape) == 1]
    return rare[0] if len(rare) == 1 and len(set(shapes)) == 2 else None


def _where(wrong: Sequence[int]) -> str:
    """The dimensions at fault."""
    named = [str(index) for index in wrong]
    return f" in dimension {named[0]}" if len(named) == 1 else f" in dimensions {', '.join(named[:-1])} and {named[-1]}"


def listed(specs: Sequence[TensorSpec]) -> str:
    """Several shapes side by side."""
    shown = [str(s) for s in specs[:4]]
    return ", ".join(shown) + (f" and {len(specs) - 4} more" if len(specs) > 4 else "")
