"""Layers whose options may be fed by wires: x.view(b, t, heads, -1), where b and t are numbers that come in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Self

from engine.errors import EngineError, LayerError
from engine.expr import Expr
from engine.kinds import NameList
from engine.layers.base import Carries, FunctionLayer, Port
from engine.spec import param
from engine.tensor import NumberSpec, TensorSpec
from engine.tree import partly

# Primes apart: a number that stands for a free size while the options are checked.
_STANDS_FOR = (29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73)


class WiredLayer(FunctionLayer, abstract=True):
    """A layer with an input for every name in `wires`, which its options may use beside block parameters."""

    carried: ClassVar[Carries] = "number"
    wires: Annotated[tuple[str, ...], NameList()] = param(
        (), literal=True, advanced=True, help="Names of inputs that the options may use, as h in h * 64."
    )

    def __init_subclass__(cls, *, family: bool = False, abstract: bool = False) -> None:
        super().__init_subclass__(family=family, abstract=abstract)
        cls.params = {n: dataclasses.replace(p, fed=not p.literal) for n, p in cls.params.items()}

    def own_ports(self) -> tuple[Port, ...]:
        """The ports that do not come from names in options."""
        return self.inputs

    def ports_in(self) -> tuple[Port, ...]:
        own = self.own_ports()
        taken = {port.name for port in (*own, *self.outputs)} | self.params.keys()
        fed = (
            Port(name, help="Used by the options.", carries=self.carried) for name in self.wires if name not in taken
        )
        return (*own, *fed)

    def fed_by(self) -> tuple[str, ...]:
        own = {port.name for port in self.own_ports()}
        return tuple(port.name for port in self.ports_in() if port.name not in own)

    def rewired(self, params: Iterable[str]) -> Self:
        """The layer with an input for every name in its options that is no parameter of the block, and no other."""
        mentioned = {name for expression in self.expressions().values() for name in expression.names()}
        wanted = mentioned - set(params)
        kept = tuple(name for name in self.wires if name in wanted)
        text = " ".join(expression.text for expression in self.expressions().values())
        wires = (*kept, *sorted(wanted - set(kept), key=lambda name: _first(name, text)))
        return self if wires == self.wires else self.with_(wires=wires)

    def resolve(self, scope: Mapping[str, Any]) -> Self:
        kept = frozenset(self.fed_by())
        found = {name: partly(expression, scope, kept) for name, expression in self.expressions().items()}
        return self.with_(**found) if found else self

    def admit(self, inputs: Mapping[str, Any]) -> None:
        """With free sizes, every size is a number of its own while the check looks at it."""
        fed = self.fed_by()
        lost = [name for name in self.wires if name not in fed]
        if lost and any(lost[0] in expression.names() for expression in self.expressions().values()):
            raise LayerError(f"{lost[0]} is the name of something else here.", "Call the wire otherwise.")
        own = {name: spec for name, spec in inputs.items() if name not in fed}
        if not self.expressions():
            self.check(**own)
            return
        numbers = {name: inputs[name] for name in fed if isinstance(inputs.get(name), NumberSpec)}
        free = sorted({n for spec in _flat(inputs) for size in spec.sizes for n in _names(size)})
        if not free:
            self.put(numbers, {}).check(**own)
            return
        sizes = dict(zip(free, _STANDS_FOR))
        if len(sizes) < len(free):
            return
        try:
            self.put(numbers, sizes).check(**{name: _at(spec, sizes) for name, spec in own.items()})
        except LayerError as error:
            raise LayerError(self._refused(numbers, own), port=error.port) from None

    def put(self, numbers: Mapping[str, NumberSpec], sizes: Mapping[str, int]) -> Self:
        """The layer with these numbers in its options. Raises: LayerError where an option does not take one."""
        values = {name: spec.at(sizes) for name, spec in numbers.items()}
        try:
            return self.resolve_with(values)
        except EngineError as error:
            raise LayerError(error.message, error.hint) from None

    def resolve_with(self, values: Mapping[str, Any]) -> Self:
        """The layer with everything put in that its expressions mention."""
        return self.with_(**{name: expr.evaluate(values) for name, expr in self.expressions().items()})

    def _refused(self, numbers: Mapping[str, NumberSpec], own: Mapping[str, Any]) -> str:
        options = ", ".join(f"{name} {expression.text}" for name, expression in self.expressions().items())
        known = ", ".join(f"{name} = {spec}" for name, spec in numbers.items())
        came = ", ".join(str(spec) for spec in _flat(own))
        return f"{self.title} with {options} does not fit {came}{f', with {known}' if known else ''}."


def _first(name: str, text: str) -> int:
    """Where a name is first mentioned."""
    found = re.search(rf"\b{re.escape(name)}\b", text)
    return found.start() if found else len(text)


def _flat(inputs: Mapping[str, Any]) -> list[TensorSpec]:
    return [s for spec in inputs.values() for s in (spec if isinstance(spec, tuple) else (spec,)) if s is not None]


def _names(size: Any) -> frozenset[str]:
    return Expr(size).names() if isinstance(size, str) else frozenset()


def _at(spec: Any, sizes: Mapping[str, int]) -> Any:
    """The shape with numbers for its free sizes."""
    if isinstance(spec, tuple):
        return tuple(_at(s, sizes) for s in spec)
    if spec is None or isinstance(spec, NumberSpec):
        return spec if spec is None else NumberSpec.of(spec.at(sizes))
    return TensorSpec(tuple(int(Expr(s).evaluate(sizes)) if isinstance(s, str) else s for s in spec.shape), spec.dtype)
