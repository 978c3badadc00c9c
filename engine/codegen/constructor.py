"""The `__init__` of a class: its parameters, and one attribute a layer."""

from __future__ import annotations

from typing import Any

from engine.codegen.calls import call_text
from engine.codegen.control import construction
from engine.codegen.explain import same
from engine.codegen.expressions import at_repeat, mentions_repeat, value_text
from engine.codegen.forward import is_sequential, problem_line
from engine.codegen.generalise import Row, Size, needs_sizes
from engine.codegen.layout import definition_lines, exploded_call, statement_lines
from engine.codegen.scope import BODY, METHOD, Scope
from engine.codegen.source import Line
from engine.codegen.weights_text import constructed, weight_lines
from engine.errors import CodeError
from engine.expr import Expr
from engine.graph.graph import BlockId, NodeId
from engine.layers.base import Call, Derived
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen


def constructor_lines(scope: Scope) -> list[Line]:
    """The method as formatted lines, each with its node; none if there is nothing to construct."""
    body = [
        Line(f"{BODY}{kept} = {scope.signature.spelled[name]}")
        for name, kept in scope.kept.items()
        if name in scope.stored
    ]
    for node_id in scope.block.graph.order():
        layer = scope.block.graph.nodes[node_id].layer
        if isinstance(layer, BlockLayer):
            body += _instance_lines(scope, node_id, layer)
        elif isinstance(layer, Holder):
            body += _held_lines(scope, node_id, layer)
        elif not isinstance(layer, Shared):
            body += _layer_lines(scope, node_id)
    body += weight_lines(scope)
    arguments = [*scope.signature.derived, *_declared(scope)]
    if not body and not arguments:
        return []
    head = definition_lines("__init__", ["self", *arguments], METHOD)
    return [*map(Line, head), Line(f"{BODY}super().__init__()"), *body]


def _declared(scope: Scope) -> list[str]:
    return [f"{scope.signature.spelled[p.name]}={value_text(p.default)}" for p in scope.block.params]


def _layer_lines(scope: Scope, node: NodeId) -> list[Line]:
    layer = scope.block.graph.nodes[node].layer
    if node not in scope.signature.built:
        known = [i.nodes.get(node) for i in scope.instances] or [None]
        if isinstance(layer, Chosen) and node not in scope.problems:
            return [problem_line(scope, node, "what it is made with is not known yet.")]
        if not all(needs_sizes(layer, shapes) for shapes in known) or node in scope.problems:
            return []
        return [problem_line(scope, node, "its sizes are not known yet.")]
    call, sizes, text = scope.signature.built[node]
    if call is None:
        return []
    if text and (scope.signature.is_plain or not sizes):
        return _assigned(scope, node, text)
    if any(Size(node, name) not in scope.signature.texts for name in sizes):
        return [problem_line(scope, node, "its sizes are not known yet.")]

    def write(value: Any) -> str:
        if isinstance(value, Derived):
            return scope.signature.texts[Size(node, value.name)]
        return call_text(value, write) if isinstance(value, Call) else scope.value(value)

    return _assigned(scope, node, call_text(call, write))


def _assigned(scope: Scope, node: NodeId, text: str) -> list[Line]:
    statement = f"self.{scope.attributes[node]} = {constructed(scope, node, text)}"
    return [scope.line(line, node) for line in statement_lines(statement, BODY)]


def _instance_lines(scope: Scope, node: NodeId, layer: BlockLayer) -> list[Line]:
    row = scope.signature.rows.get((node, 0))
    if row is None:
        return []  # its block is not there, which `forward` says
    if any(size not in scope.signature.texts for sizes in row.sizes.values() for size in sizes):
        return [problem_line(scope, node, "its sizes are not known yet.")]
    try:
        lines = _Instance(scope, node, layer, row).lines()
    except CodeError as error:
        return [problem_line(scope, node, error.message)]
    return [scope.line(line, node) for line in lines]


def _held_lines(scope: Scope, node: NodeId, layer: Holder) -> list[Line]:
    """The modules of a loop or branch."""
    rows = [scope.signature.rows.get((node, part)) for part in range(len(layer.held()))]
    texts = scope.signature.texts
    if any(size not in texts for row in rows if row for sizes in row.sizes.values() for size in sizes):
        return [problem_line(scope, node, "its sizes are not known yet.")]
    try:
        calls = [_Instance(scope, node, i, row).call(0) for i, row in zip(layer.held(), rows) if row]
        lines = construction(scope, node, layer, calls) if all(rows) else []
    except CodeError as error:
        return [problem_line(scope, node, error.message)]
    return [scope.line(line, node) for line in lines]


class _Instance:
    """Writes the attribute that holds an instance of a block, or its repeats."""

    def __init__(self, scope: Scope, node: NodeId, layer: BlockLayer, row: Row) -> None:
        self.scope, self.layer, self.row = scope, layer, row
        self.block, self.inner = scope.inner[BlockId(layer.block)]
        self.target = f"self.{scope.attributes[node]}"
        self.name = scope.top.classes[self.block.id]

    def lines(self) -> list[str]:
        if self.layer.repeat == 1 or self.layer.shared:
            return statement_lines(f"{self.target} = {self.call(0)}", BODY)
        sequential = is_sequential(self.block.inputs, self.block.outputs)
        container = "nn.Sequential" if sequential else "nn.ModuleList"
        moving = any(mentions_repeat(v) for v in self.layer.args.values())
        if self.row.listed and isinstance(self.layer.repeat, int):
            calls = [self.call(k) for k in range(self.layer.repeat)]
            if sequential:
                return exploded_call(self.target, "nn.Sequential", calls, BODY)
            return statement_lines(f"{self.target} = nn.ModuleList([{', '.join(calls)}])", BODY)
        times = self.scope.value(self.layer.repeat)
        counted = moving or any(len(sizes) > 1 for sizes in self.row.sizes.values())
        loop = f"{self.call(None)} for {'i' if counted else '_'} in range({times})"
        return statement_lines(f"{self.target} = {container}({f'*[{loop}]' if sequential else loop})", BODY)

    def call(self, repeat: int | None) -> str:
        """The call for one repeat, or for all of them with `i` in it."""
        arguments = [self.derived(name, repeat) for name in self.inner.derived]
        for index, declared in enumerate(self.block.params):
            if declared.name not in self.layer.args:
                continue
            value = self.layer.args[declared.name]
            value = value if repeat is None else at_repeat(value, repeat)
            text = self.argument(value, repeat)
            if index == 0 and declared.name in self.inner.size_params:
                arguments.append(text)
            elif isinstance(value, Expr) or not same(value, declared.default):
                arguments.append(f"{self.inner.spelled[declared.name]}={text}")
        return f"{self.name}({', '.join(arguments)})"

    def argument(self, value: Any, repeat: int | None) -> str:
        names = dict(self.scope.signature.spelled)
        if repeat is None and mentions_repeat(value):
            names.pop("i", None)
        return value_text(value, names)

    def derived(self, name: str, repeat: int | None) -> str:
        if name in self.row.borrowed:
            return self.argument(self.layer.args[self.row.borrowed[name]], repeat)
        sizes = self.row.sizes[name]
        texts = [self.scope.signature.texts[size] for size in sizes]
        if len(texts) == 1:
            return texts[0]
        if repeat is not None:
            return texts[repeat]
        if len(texts) == 2 and sizes[1].end is None:
            return f"{texts[0]} if i == 0 else {texts[1]}"
        return f"({', '.join(texts)})[i]"
