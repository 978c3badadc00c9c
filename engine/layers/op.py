"""Any function of torch that has no layer of its own, typed as Python writes the call."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from engine.errors import ExprError, LayerError, SpecError
from engine.expr import Expr
from engine.kinds import Kind, KindError, NameList
from engine.layers.base import FUNCTIONAL, Names, Port
from engine.layers.call_text import given, refusal, way_of
from engine.layers.operations import REQUIRED, Argument, Signature, functions, signatures
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec
from engine.tree import Called

_START = "torch.logaddexp(a, b)"
_STARTS = {
    "int": "1",
    "int[]": "(1,)",
    "float": "1.0",
    "float[]": "(1.0,)",
    "bool": "False",
    "number": "1",
    "str": '""',
}
_TYPED = re.compile(r"(torch|F|nn\.functional|torch\.nn\.functional|Tensor|torch\.Tensor)\.([A-Za-z_][\w.]*)(\(.*\))?")


@dataclass(frozen=True)
class FunctionCall(Kind):
    """A call of a function that is on the list of engine.layers.operations."""

    name = "call"
    takes_expressions = False

    def check(self, value: Any) -> Called:
        try:
            call = value if isinstance(value, Called) else Called(value.text if isinstance(value, Expr) else value)
        except ExprError as wrong:
            raise KindError(f"a call such as {_START} ({wrong.message.rstrip('.')})") from None
        if call.text != _START and call.function not in functions():
            raise KindError(f"a call of a function that is allowed, and {call.function} is none")
        return call

    def parse(self, text: str) -> Called:
        call = self.check(text.strip().replace("torch.nn.functional.", "F.").replace("nn.functional.", "F."))
        if wrong := refusal(call, {}):
            raise KindError(f"a call that fits ({wrong})")
        return call

    def to_json(self, value: Any) -> Any:
        return value.text


class Op(WiredLayer):
    """Calls a function of torch that has no layer of its own, or a method of a tensor.

    Every name in the call is an input, or a parameter of the block: a tensor, a number, or several tensors in a list.
    Arguments are literals, tuples, expressions, self.training, and types such as torch.float32.

    Input shape:  as the function takes it
    Output shape: as the function gives it; where it gives a list, as many outputs as results says
    """

    title = "Torch function"
    category = "code"
    use = "Take it for what has no layer of its own; a layer of its own says in words what does not fit."
    aliases = ("op", "torch.", "f.", "function", "method", "operation", "any function", "generic")
    carried = "any"
    call: Annotated[Any, FunctionCall()] = param(_START, main=True, help="The call, as Python writes it.")
    wires: Annotated[tuple[str, ...], NameList()] = param(
        ("a", "b"), literal=True, advanced=True, help="Names in the call that come over wires."
    )
    results: int = param(
        2, min=1, max=64, literal=True, advanced=True, help="How many tensors a list of results holds."
    )
    inputs = ()

    @classmethod
    def typed(cls, text: str) -> Op | None:
        found = _TYPED.fullmatch(text)
        bare = f"torch.{text}" if re.fullmatch(r"[a-z]\w+", text) else ""
        try:
            if found is None:
                return cls.of(bare) if bare in functions() else None
            space = {"nn.functional": "F", "torch.nn.functional": "F", "torch.Tensor": "Tensor"}.get(found[1], found[1])
            if found[3] is not None and space != "Tensor":
                return cls(call=f"{space}.{found[2]}{found[3]}").rewired(())
            return cls.of(f"{space}.{found[2]}")
        except SpecError:
            return None

    @classmethod
    def of(cls, function: str) -> Op | None:
        """The function with something to start from at every argument that it needs; None if it is not on the list."""
        ways = signatures(function)
        if not ways:
            return None
        way = max(ways, key=lambda s: (sum(a.takes_tensors for a in _needed(s)), -len(_needed(s))))
        texts = [_start(a) for a in _needed(way) if not a.keyword]
        texts += [f"{a.name}={_start(a)}" for a in _needed(way) if a.keyword]
        if function.startswith("Tensor."):
            return cls(call=f"x.{function.removeprefix('Tensor.')}({', '.join(texts[1:])})").rewired(())
        return cls(call=f"{function}({', '.join(texts)})").rewired(())

    @property
    def function(self) -> str:
        called: Called = self.call
        return called.function

    def imports(self) -> tuple[str, ...]:
        return (FUNCTIONAL,) if self.function.startswith("F.") else ()

    def own_ports(self) -> tuple[Port, ...]:
        return ()

    def ports_in(self) -> tuple[Port, ...]:
        shapes = self._tensor_names()
        return tuple(
            Port(name, help="Used by the call.", carries="tensor" if name in shapes else "any")
            for name in self.wires
            if name not in {*self.params, "out"}
        )

    def ports_out(self) -> tuple[Port, ...]:
        results = self.signature().results
        if results == (("", "Tensor[]"),):
            return tuple(Port(f"out{i + 1}") for i in range(self.results))
        if len(results) == 1:
            return (Port("out", carries="tensor" if results[0][1] == "Tensor" else "number"),)
        names = [name or f"out{i + 1}" for i, (name, _) in enumerate(results)]
        return tuple(Port(f"{n}_out" if n in (*self.wires, *self.params) else n) for n in names)

    def signature(self) -> Signature:
        """The way of calling that fits what is written; the first if none does."""
        return way_of(self.call)

    def _tensor_names(self) -> set[str]:
        plain, named = given(self.call)
        ways = [s for s in signatures(self.function) if not s.bind(len(plain), named)]
        return set.intersection(*(_tensors_in(way, plain, named) for way in ways)) if ways else set()

    def admit(self, inputs: Mapping[str, Any]) -> None:
        self.check(**inputs)

    def check(self, **wires: TensorSpec | None) -> None:
        called: Called = self.call
        lost = sorted(called.names() - set(self.fed_by()))
        if lost:
            raise LayerError(f"{lost[0]} is no parameter and no wire here.", f"Add {lost[0]} to wires.")
        if wrong := refusal(called, wires):
            raise LayerError(f"{wrong}.", "Change the call.")

    def emit(self, names: Names) -> tuple[str, ...]:
        targets = [names.outputs[port.name] for port in self.ports_out()]
        left = f"({targets[0]},)" if len(targets) == 1 and self._gives_list() else ", ".join(targets)
        return (f"{left} = {names.params['call']}",)

    def write(self, names: Names) -> str:
        return names.params["call"]

    def _gives_list(self) -> bool:
        return self.signature().results == (("", "Tensor[]"),)


def _tensors_in(way: Signature, plain: list[ast.expr], named: Mapping[str, ast.expr]) -> set[str]:
    """Names that stand where this way of calling takes tensors."""
    types = {a.name: a for a in way.arguments}
    given = way.arranged(plain, named)
    values = [value for name, value in given.items() if name in types and types[name].takes_tensors]
    return {n.id for value in values for n in ast.walk(value) if isinstance(n, ast.Name)}


def _needed(way: Signature) -> list[Argument]:
    return [a for a in way.arguments if a.default is REQUIRED]


def _start(argument: Argument) -> str:
    if argument.type == "Tensor[]":
        return "[a, b]"
    if argument.takes_tensors:
        return {"self": "x", "input": "x"}.get(argument.name, argument.name.lower())
    if argument.type == "dtype":
        return "torch.float32"
    return "-1" if argument.name == "dim" else _STARTS.get(argument.type.rstrip("?"), '""')
