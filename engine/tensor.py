"""What is known of a tensor before there is one, its shape and its type, and of a number on a wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from engine.errors import LayerError

Dim = int | str
"""A size, or what is known of it: "B" (the batch), "T" (a free size by name), "2 * B", "H // 2 + 1"."""

_BRACKETED = re.compile(r"\([^()]*\)")
_LOOSE = re.compile(r" [+-] ")
FLOATING = frozenset({"float32", "float64", "float16", "bfloat16"})
DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64")
SIZES_OF_TYPES = {
    "float32": 4,
    "float64": 8,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "complex64": 8,
}


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A shape such as ("B", 32, 28, 28) and a type such as "float32"."""

    shape: tuple[Dim, ...]
    dtype: str = "float32"
    _memory: tuple[tuple[str, ...], int] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def is_floating(self) -> bool:
        return self.dtype in FLOATING

    @property
    def sizes(self) -> tuple[Dim, ...]:
        """Everything in it that may depend on a free size."""
        return self.shape

    def dim(self, index: int, name: str, of: str) -> int:
        """The fixed size of one dimension: `x.dim(1, "channels", of="(B, C, H, W)")`.

        Raises: LayerError if there is no such dimension, or if its size is not fixed.
        """
        if not -self.rank <= index < self.rank:
            raise LayerError(f"Needs {of}, gets {self}.", f"There is no dimension {index} that could be {name}.")
        size = self.shape[index]
        if isinstance(size, str):
            why = f"{size} is not known in advance."
            if size == "B" and index:
                why = f"Dimension {index % self.rank} is the batch, which has to come first."
            raise LayerError(f"Needs a fixed size for {name} of {of}, gets {self}.", why)
        return size

    def need_rank(self, *ranks: int, of: str, hint: str = "") -> None:
        """Raises: LayerError unless the shape has one of these numbers of dimensions; `of` says what was hoped for."""
        if self.rank not in ranks:
            raise LayerError(f"Needs {of}, gets {self}.", hint)

    def need_floating(self, of: str = "numbers with a fraction") -> None:
        """Raises: LayerError unless the type is a floating one."""
        if not self.is_floating:
            hint = "Indices go through an Embedding first."
            raise LayerError(f"Needs {of}, gets {self}.", hint if self.dtype.startswith("int") else "")

    def count(self, **free: int) -> int:
        """Number of values for B = 1 and every other free size as given, 1 where it is not."""
        total = 1
        for size in self.shape:
            if isinstance(size, str):
                size = max(1, _value(size, free))
            total *= size
        return total

    @property
    def memory(self) -> tuple[tuple[str, ...], int]:
        """The free sizes in it, and the bytes that they are multiplied with."""
        if self._memory is None:
            size = SIZES_OF_TYPES.get(self.dtype, 1)
            for dim in self.shape:
                size *= dim if isinstance(dim, int) else 1
            found = tuple(dim for dim in self.shape if isinstance(dim, str)), size
            object.__setattr__(self, "_memory", found)
            return found
        return self._memory

    def bytes(self, **free: int) -> int:
        """Memory of one such tensor, for B = 1 unless given."""
        return self.count(**free) * SIZES_OF_TYPES.get(self.dtype, 1)

    def __str__(self) -> str:
        sizes = " × ".join(_shown(size) for size in self.shape) or "one value"
        return sizes if self.dtype == "float32" else f"{self.dtype} {sizes}"


@dataclass(frozen=True, slots=True)
class NumberSpec(TensorSpec):
    """A Python number that goes over a wire, such as `x.shape[1]`.

    value: the number where it is the same for every batch; text such as "T" or "2 * B" where it follows from free
    sizes; None where it is not known in advance. dtype: "int64" for int, "float64" for float, "bool" for bool.
    To a layer that takes tensors and numbers alike it is a tensor of one value.
    """

    shape: tuple[Dim, ...] = ()
    dtype: str = "int64"
    value: Dim | float | bool | None = None

    @classmethod
    def of(cls, value: Dim | float | bool, dtype: str = "") -> NumberSpec:
        """The spec of this very number; `dtype` is needed for a text that gives no int."""
        own = "bool" if isinstance(value, bool) else "float64" if isinstance(value, float) else "int64"
        return cls(dtype=dtype or own, value=value)

    @property
    def kind(self) -> str:
        """ "int", "float" or "bool", as Python calls it."""
        return {"bool": "bool", "float64": "float"}.get(self.dtype, "int")

    @property
    def sizes(self) -> tuple[Dim, ...]:
        return (self.value,) if isinstance(self.value, str) else ()

    def at(self, sizes: Mapping[str, int]) -> int | float | bool:
        """The number for these free sizes; where it is not known, one that stands for it."""
        if isinstance(self.value, str):
            from engine.expr import Expr

            found = Expr(self.value).evaluate(sizes)
            return float(found) if self.kind == "float" else bool(found) if self.kind == "bool" else int(found)
        return {"bool": True, "float": 0.5, "int": 1}[self.kind] if self.value is None else self.value

    def bytes(self, **free: int) -> int:
        return 0

    def __str__(self) -> str:
        if self.value is None:
            return {"bool": "yes or no", "float": "a number"}.get(self.kind, "a whole number")
        return f"{self.value:g}" if isinstance(self.value, float) else _closed_up(str(self.value))


AtPort = TensorSpec | tuple[TensorSpec, ...] | None
"""What is known at a port: a spec, one for each wire of a port that takes many, None where nothing is."""


@lru_cache(maxsize=1024)
def by_port(specs: tuple[tuple[str, AtPort], ...]) -> Mapping[str, AtPort]:
    """What is at ports by their names: one mapping, never changed, for all layers at which it is the same."""
    return dict(specs)


def _shown(size: Dim) -> str:
    """A size as people read it: closed up, "2·B", "(T+1)//2", and a sum in parentheses, "(T+1)"."""
    text = str(size)
    if " " not in text:
        return text
    is_sum = _LOOSE.search(_BRACKETED.sub("", _BRACKETED.sub("", text))) is not None
    return f"({_closed_up(text)})" if is_sum else _closed_up(text)


def _closed_up(text: str) -> str:
    for wide, close in ((" * ", "·"), (" // ", "//"), (" / ", "/"), (" + ", "+"), (" - ", "-"), (", ", ",")):
        text = text.replace(wide, close)
    return text


def _value(text: str, free: dict[str, int]) -> int:
    from engine.expr import Expr

    expression = Expr(text)
    return int(expression.evaluate({name: free.get(name, 1) for name in expression.names()}))
