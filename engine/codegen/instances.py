"""Instances of blocks as source: one call, a row of them, or the layers themselves where they need no class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from engine.codegen.calls import call_text
from engine.codegen.explain import same
from engine.codegen.expressions import at_repeat, mentions_repeat, value_text
from engine.codegen.generalise import Row, Signature, Size, counted
from engine.codegen.layout import exploded_call, statement_lines
from engine.codegen.memo import built
from engine.codegen.scope import BODY, Scope
from engine.codegen.statements import is_sequential
from engine.codegen.weights_text import constructed
from engine.document.expressions import argument_with_values, layer_with_values, substituted
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.chain import chain_of, is_row
from engine.graph.graph import BlockId, Node
from engine.layers.base import Call, Derived
from engine.layers.block import BlockLayer

_ALIKE = 3
"""So many calls in a row that are the same become a loop."""


@dataclass(frozen=True)
class Words:
    """How the values and sizes of a block are written: in its own class, or where its only instance stands.

    values: what stands for its parameters there, in the words of `around`.
    """

    scope: Scope
    block: Block
    signature: Signature
    around: Words | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope) -> Words:
        """The words of a class of its own."""
        return cls(scope, scope.block, scope.signature)

    def value(self, value: Any) -> Any:
        """A value as the class that is being written knows it."""
        return self.around.value(argument_with_values(value, self.values)) if self.around else value

    def size(self, size: Size) -> Any:
        """A derived size: a number, or an expression over parameters of the class that is being written."""
        found = self.signature.found[size]
        if self.around is None or not isinstance(found, Expr):
            return found
        return self.around.value(substituted(found, self.values))

    def text(self, value: Any, *, in_loop: bool = False) -> str:
        """A value that `value` or `size` gave, as source."""
        names = self.scope.signature.spelled
        if in_loop and mentions_repeat(value):
            names = {name: spelled for name, spelled in names.items() if name != "i"}
        return value_text(value, names)

    def items(self, *, in_loop: bool = False) -> list[str]:
        """What an `nn.Sequential` of the block holds; a row alone is the sequence itself."""
        chain = chain_of(self.block)
        if is_row(self.block) and isinstance(layer := chain[0].layer, BlockLayer):
            return Instance(self, layer, self.signature.rows[chain[0].id, 0]).in_row()
        return [self.item(node, in_loop=in_loop) for node in chain]

    def item(self, node: Node, *, in_loop: bool = False) -> str:
        """The constructor call of one layer."""
        layer = node.layer
        if isinstance(layer, BlockLayer):
            return Instance(self, layer, self.signature.rows[node.id, 0]).expression()
        call = self.signature.built[node.id].call
        if self.around is not None:
            sizes = {name: self.size(Size(node.id, name)) for name in self.signature.built[node.id].sizes}
            call = built(layer_with_values(layer, self._all_values()), tuple(sizes.items())).call

        def write(value: Any) -> str:
            if isinstance(value, Derived):
                return self.text(self.size(Size(node.id, value.name)), in_loop=in_loop)
            return call_text(value, write) if isinstance(value, Call) else self.text(value, in_loop=in_loop)

        assert call is not None
        text = call_text(call, write)
        return text if self.around is not None else constructed(self.scope, node.id, text)

    def _all_values(self) -> dict[str, Any]:
        """What stands for the parameters in the words of the class that is being written."""
        assert self.around is not None
        return {name: self.around.value(value) for name, value in self.values.items()}


class Instance:
    """Writes what holds an instance of a block, or its repeats."""

    def __init__(self, words: Words, layer: BlockLayer, row: Row) -> None:
        self.words, self.scope = words, words.scope
        self.layer, self.row = counted(layer, words.block), row
        self.block, self.inner = self.scope.inner[BlockId(layer.block)]
        self.name = self.scope.top.classes[self.block.id]

    @property
    def is_known(self) -> bool:
        """Whether every size is known that has to be written."""
        return all(size in self.words.signature.found for sizes in self.row.sizes.values() for size in sizes)

    @property
    def is_one(self) -> bool:
        return self.layer.repeat == 1 or self.layer.shared

    @property
    def is_listed(self) -> bool:
        return self.row.listed and isinstance(self.layer.repeat, int) and not self.is_one

    def lines(self, target: str) -> list[str]:
        """The statement that assigns it."""
        if self.is_one and (items := self.items()):
            return exploded_call(target, "nn.Sequential", items, BODY)
        if self.is_listed and is_sequential(self.block.inputs, self.block.outputs):
            return exploded_call(target, "nn.Sequential", _shortened(self.calls()), BODY)
        return statement_lines(f"{target} = {self.expression()}", BODY)

    def expression(self) -> str:
        """What stands behind the equals sign, on one line."""
        if self.is_one:
            return self.call(0)
        sequential = is_sequential(self.block.inputs, self.block.outputs)
        if sequential:
            return f"nn.Sequential({', '.join(self.in_row())})"
        if self.is_listed:
            return f"nn.ModuleList([{', '.join(_shortened(self.calls()))}])"
        return f"nn.ModuleList({self._loop()})"

    def in_row(self) -> list[str]:
        """The repeats as arguments."""
        return _shortened(self.calls()) if self.is_listed else [f"*[{self._loop()}]"]

    def _loop(self) -> str:
        moving = any(mentions_repeat(v) for v in self.layer.args.values())
        moving = moving or bool(self.row.steps) or any(len(sizes) > 1 for sizes in self.row.sizes.values())
        times = self.words.text(self.words.value(self.layer.repeat))
        return f"{self.call(None)} for {'i' if moving else '_'} in range({times})"

    def calls(self) -> list[str]:
        """Every repeat by itself."""
        return [self.call(k) for k in range(self.layer.repeat)]

    def items(self, repeat: int | None = 0) -> list[str]:
        """The layers of a block that is written where it stands; none for one that has a class."""
        if self.block.id not in self.scope.top.in_place:
            return []
        given = {p.name: self.layer.args.get(p.name, p.default) for p in self.block.params}
        if repeat is not None:
            given = {name: at_repeat(value, repeat) for name, value in given.items()}
        given |= {name: self.size(name, repeat) for name in self.inner.derived}
        inner = Words(self.scope, self.block, self.inner, self.words, given)
        return inner.items(in_loop=repeat is None)

    def call(self, repeat: int | None) -> str:
        """The call for one repeat, or for all of them with `i` in it."""
        if items := self.items(repeat):
            return f"nn.Sequential({', '.join(items)})"
        in_loop = repeat is None
        arguments = [self.derived(name, repeat) for name in self.inner.derived]
        for index, declared in enumerate(self.block.params):
            if declared.name not in self.layer.args:
                continue
            value = self.layer.args[declared.name]
            value = self.words.value(value if repeat is None else at_repeat(value, repeat))
            text = self.words.text(value, in_loop=in_loop)
            if index == 0 and declared.name in self.inner.by_place:
                arguments.append(text)
            elif isinstance(value, Expr) or not same(value, declared.default):
                arguments.append(f"{self.inner.spelled[declared.name]}={text}")
        return f"{self.name}({', '.join(arguments)})"

    def derived(self, name: str, repeat: int | None) -> str:
        """The argument for a size that became a parameter of the inner class."""
        sizes = self.row.sizes.get(name, ())
        is_odd = len(sizes) > 1 and repeat is None and not (len(sizes) == 2 and sizes[1].end is None)
        if is_odd:
            texts = [self.words.text(self.words.size(size)) for size in sizes]
            return f"({', '.join(texts)})[i]"
        return self.words.text(self.size(name, repeat), in_loop=repeat is None)

    def size(self, name: str, repeat: int | None) -> Any:
        """The same as a number or an expression."""
        if name in self.row.borrowed:
            value = self.layer.args[self.row.borrowed[name]]
            return self.words.value(value if repeat is None else at_repeat(value, repeat))
        sizes = [self.words.size(size) for size in self.row.sizes[name]]
        if name in self.row.steps and repeat != 0:
            step = self.words.value(self.row.steps[name])
            grown = Expr(f"({sizes[0]}) + i * ({step})" if step != 1 else f"({sizes[0]}) + i")
            return grown if repeat is None else at_repeat(grown, repeat)
        if len(sizes) == 1:
            return sizes[0]
        return sizes[repeat] if repeat is not None else Expr(f"({sizes[0]}) if i == 0 else ({sizes[1]})")


def _shortened(calls: list[str]) -> list[str]:
    """The calls, where many that follow one another are the same written as a loop."""
    found: list[str] = []
    for call, alike in groupby(calls):
        times = len(list(alike))
        found += [f"*[{call} for _ in range({times})]"] if times >= _ALIKE else [call] * times
    return found
