"""Indexing as Python writes it: x[:, -1], x[..., 0], x[:, None], x[mask]."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Annotated, Any

from engine.errors import LayerError, SpecError
from engine.kinds import Brackets
from engine.layers.base import Names
from engine.layers.wired import WiredLayer
from engine.spec import Identifier, param
from engine.tensor import NumberSpec, TensorSpec
from engine.tree import Subscript

_BRACKETS = re.compile(r"(?:[A-Za-z_]\w*)?\[(.+)\]")
_INDICES = frozenset({"int64", "int32", "int16", "int8", "uint8"})


class Index(WiredLayer):
    """Takes a part of a tensor, typed as in Python: one entry, a range, every second one, what a mask chooses.

    A name in it is a parameter of the block, or, when it stands in wires, an input: a number, a tensor of indices
    or a mask.

    Input shape:  any; a mask has the sizes of the dimensions that it stands for
    Output shape: as in Python: a number takes a dimension away, None adds one of size 1
    """

    target = "torch.Tensor.__getitem__"
    category = "shape"
    use = "For any index that one would type in Python; for one entry or one range Select and Slice say it in words."
    aliases = (
        *("x[:, -1]", "x[..., 0]", "x[:, none]", "x[:, ::2]", "x[mask]", "x[0]", "[]", "[:, -1]", "[..., 0]"),
        *(
            "getitem",
            "index",
            "slice",
            "subscript",
            "boolean mask",
            "fancy indexing",
            "new axis",
            "crop",
            "masked_select",
        ),
    )
    carried = "any"
    index: Annotated[Any, Brackets()] = param(":, -1", main=True, help='What stands in the brackets, as ":, -1".')
    rows: Identifier = param(
        "N", literal=True, advanced=True, help="What the number of entries that a mask chooses is called in shapes."
    )

    @classmethod
    def typed(cls, text: str) -> Index | None:
        found = _BRACKETS.fullmatch(text)
        try:
            return cls(index=found[1]).rewired(()) if found else None
        except SpecError:
            return None

    def admit(self, inputs: Mapping[str, Any]) -> None:
        self.check(**inputs)

    def check(self, x: TensorSpec, **wires: TensorSpec | None) -> None:
        index = self.index
        assert isinstance(index, Subscript)
        lost = sorted(index.names() - set(self.fed_by()))
        if lost:
            raise LayerError(f"{lost[0]} is no parameter and no wire here.", f"Add {lost[0]} to wires.")
        items = index.items()
        taken = sum(self._dims(item, wires) for item in items)
        if taken > x.rank:
            raise LayerError(
                f"[{index.text}] names {taken} dimensions, and {x} has {x.rank}.", "Take out what is too much."
            )
        place = 0
        for item in items:
            if isinstance(item, ast.Constant) and item.value is ...:
                place += x.rank - taken
                continue
            self._check_item(x, place, item, wires)
            place += self._dims(item, wires)

    def _dims(self, item: ast.expr, wires: Mapping[str, TensorSpec | None]) -> int:
        """How many dimensions of the input an entry of the index is about."""
        if isinstance(item, ast.Constant) and (item.value is None or item.value is ...):
            return 0
        spec = wires.get(item.id) if isinstance(item, ast.Name) else None
        return spec.rank if spec is not None and spec.dtype == "bool" and not isinstance(spec, NumberSpec) else 1

    def _check_item(self, x: TensorSpec, place: int, item: ast.expr, wires: Mapping[str, TensorSpec | None]) -> None:
        if isinstance(item, ast.Slice):
            self._check_slice(x, place, item)
        elif isinstance(item, ast.Name) and (spec := wires.get(item.id)) is not None:
            _check_tensor(x, place, item.id, spec)
        elif isinstance(number := _literal(item), (float, str)):
            raise LayerError(f"{number!r} is no index.", "Indices are whole numbers, slices, None and ....")
        elif isinstance(number, int):
            size = x.shape[place]
            if isinstance(size, int) and not -size <= number < size:
                raise LayerError(
                    f"There is no entry {number} among the {size} of dimension {place}, {x}.",
                    f"Take 0 to {size - 1}, or -1 for the last.",
                )

    def _check_slice(self, x: TensorSpec, place: int, item: ast.Slice) -> None:
        bounds = [_literal(part) if part is not None else None for part in (item.lower, item.upper, item.step)]
        size = x.shape[place]
        step = bounds[2]
        if isinstance(step, int) and step < 1:
            raise LayerError(f"Steps backwards, by {step}, along dimension {place}.", "Put a Flip before it.")
        given = [part for part in (item.lower, item.upper, item.step) if part is not None]
        fixed = all(isinstance(_literal(part), int) for part in given)
        if isinstance(size, int) and fixed and not len(range(size)[slice(*bounds)]):
            raise LayerError(
                f"Nothing is left of the {size} entries of dimension {place}, {x}.", "Start below the end."
            )

    def stand_in(self, port: str, spec: TensorSpec) -> tuple[TensorSpec, ...] | None:
        if port == "x" or spec.dtype != "bool" or isinstance(spec, NumberSpec):
            return None
        return (TensorSpec((self.rows,), "int64"),) * spec.rank

    def write(self, names: Names) -> str:
        return f"{names.inputs['x']}[{names.params['index']}]"


def _check_tensor(x: TensorSpec, place: int, name: str, spec: TensorSpec) -> None:
    if isinstance(spec, NumberSpec):
        if spec.kind == "float":
            raise LayerError(f"{name} is {spec}, which is no whole number.", "Put a FloorDivide before it.", port=name)
        return
    if spec.dtype == "bool":
        covered = x.shape[place : place + spec.rank]
        if covered != spec.shape:
            of = TensorSpec(covered) if covered else x
            raise LayerError(
                f"The mask {name} is {TensorSpec(spec.shape)}, and what it stands for in {x} is {of}.",
                "A mask has the sizes of the dimensions that it chooses from.",
                port=name,
            )
    elif spec.dtype not in _INDICES:
        raise LayerError(
            f"Indices are whole numbers or a mask, and {name} is {spec}.", "Put a Cast to int64 before it.", port=name
        )


def _literal(item: ast.expr) -> Any:
    """The value where it is written down, None where it is computed or comes over a wire."""
    try:
        return ast.literal_eval(item)
    except ValueError:
        return None
