"""Which declared parameters a derived size comes from: `nn.BatchNorm2d(width)` rather than `nn.BatchNorm2d(64)`.

The search goes up the wires, from the layer that needs the size to the one whose option made it. What it finds has
the value in every instance of the block, so that the text is right however it was found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.codegen.expressions import at_repeat, mentions_repeat
from engine.errors import ExprError
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import BlockShapes
from engine.layers.block import BlockLayer, Holder, Shared, held
from engine.layers.chosen import layers_in
from engine.layers.io import Input
from engine.tensor import TensorSpec

UNKNOWN = object()
Values = tuple[Any, ...]
"""One size in every instance, UNKNOWN where it is not known."""

_FAR = 32  # layers looked at upstream: an explanation from further away is a coincidence


_RESULTS = frozenset({"out_channels", "out_features", "hidden_size", "embedding_dim"})
"""Options that say how large a result is; a parameter that stands in one of them is a size."""


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def agree(values: Iterable[Any]) -> bool:
    """Whether all known values are the same."""
    known = [v for v in values if v is not UNKNOWN]
    return all(same(v, known[0]) for v in known)


def size_params(block: Block, inner: Mapping[BlockId, frozenset[str]]) -> frozenset[str]:
    """Declared parameters that are sizes of tensors, not such things as a stride or a number of heads.

    inner: the same of the blocks that stand in this one. A parameter that nothing mentions can only be the size of
    what comes in.
    """
    mentioned: set[str] = set()
    sizes: set[str] = set()
    for node in block.graph.nodes.values():
        layer = node.layer
        rows = [(layer.expressions(), frozenset() if isinstance(layer, Holder) else _RESULTS)]
        rows += [(dict(i.args), inner.get(BlockId(i.block), frozenset())) for i in held(layer)]
        rows += [(kind.expressions(), frozenset()) for i in held(layer) for kind in layers_in(i.args.values())]
        for options, results in rows:
            for name, value in options.items():
                if isinstance(value, Expr):
                    mentioned |= value.names()
                    sizes |= value.names() if name in results else frozenset()
    whole = {p.name for p in block.params if p.kind == "int"}
    return frozenset(whole & (sizes | (whole - mentioned)))


class Explainer:
    """Explains the sizes of one block.

    entering: parameters that may be the size of what comes in. inner: parameters that are sizes, of blocks inside.
    results: what is known of the sizes that an instance of a block gives.
    """

    def __init__(
        self,
        block: Block,
        instances: tuple[BlockShapes, ...],
        spelled: Mapping[str, str],
        entering: frozenset[str],
        inner: Mapping[BlockId, frozenset[str]],
        results: Callable[[NodeId], Iterable[Expr]] = lambda _: (),
    ) -> None:
        self.graph, self.instances, self.spelled = block.graph, instances, spelled
        self.inner, self.results = inner, results
        self.entering = [Expr(name) for name in spelled if name in entering]
        self.derived: dict[str, Values] = {}
        self.evaluated: dict[str, Values] = {}
        self.left = 0

    def name(self, name: str, values: Values) -> None:
        """Explain what follows by a size that has become a parameter of the constructor itself."""
        self.derived[name] = values
        self.entering.append(Expr(name))

    def find(self, node: NodeId, values: Values, repeat: int = 0) -> Expr | None:
        """An expression over parameters that has these values, None if there is none.

        repeat: for an instance of a block the repeat that needs the size; what comes before it is tried first. Below
        0 it is a size of what the node itself gives.
        """
        if not (self.spelled or self.derived) or not all(isinstance(v, int) for v in values if v is not UNKNOWN):
            return None
        self.left = _FAR
        in_row = repeat and isinstance(self.graph.nodes[node].layer, BlockLayer)
        found = self._among(self._options(node), values) if repeat < 0 else None
        if found is None:
            found = self._of_repeat(node, values, repeat) if in_row else self._upstream(node, values)
        if found is None and not agree(values):
            found = next((e for e in map(Expr, self.spelled) if self._fits(e, values)), None)
        return found if isinstance(found, Expr) else None

    def _of_repeat(self, node: NodeId, values: Values, repeat: int) -> Expr | int | None:
        """The option of the repeat before it, or of itself."""
        layer = self.graph.nodes[node].layer
        assert isinstance(layer, BlockLayer)
        sizes = [v for name, v in layer.args.items() if name in self.inner.get(BlockId(layer.block), ())]
        return self._among([at_repeat(v, k) for k in (repeat - 1, repeat) for v in sizes], values)

    def _upstream(self, node: NodeId, values: Values) -> Expr | int | None:
        """The option of the nearest layer upstream that has the values; a number if that option is one."""
        waiting = [e.source for e in self.graph.into(node)]
        seen: set[NodeId] = set()
        while waiting and self.left:
            source = waiting.pop(0)
            if source in seen:
                continue
            seen.add(source)
            self.left -= 1
            found = self._among(self._options(source), values)
            if found is None:
                found = self._product(source, values)
            if found is None:
                found = self._sum(source, values)
            if found is not None:
                return found
            waiting.extend(e.source for e in self.graph.into(source))
        return None

    def _options(self, node: NodeId) -> list[Any]:
        layer = self.graph.nodes[node].layer
        if isinstance(layer, Input):
            return list(self.entering)
        if isinstance(layer, Shared):
            return self._options(NodeId(layer.node)) if NodeId(layer.node) in self.graph.nodes else []
        if isinstance(layer, BlockLayer):
            last = layer.repeat - 1 if isinstance(layer.repeat, int) else None
            sizes = [v for name, v in layer.args.items() if name in self.inner.get(BlockId(layer.block), ())]
            return [*(v if last is None else at_repeat(v, last) for v in sizes), *self.results(node)]
        options = [getattr(layer, name) for name in layer.params if name in _RESULTS]
        for instance in held(layer):
            options += [v for name, v in instance.args.items() if name in self.inner.get(BlockId(instance.block), ())]
        if getattr(layer, "bidirectional", False):
            options += [Expr(f"({option.text}) * 2") for option in options if isinstance(option, Expr)]
        return options

    def _among(self, options: Iterable[Any], values: Values) -> Expr | int | None:
        numbers = None
        for option in options:
            if isinstance(option, Expr) and not mentions_repeat(option) and self._fits(option, values):
                return option
            if type(option) is int and all(v is UNKNOWN or v == option for v in values):
                numbers = option
        return numbers

    def _product(self, node: NodeId, values: Values) -> Expr | None:
        """`width * 8 * 8` for what a Flatten made of `width` channels of 8 × 8."""
        shapes = [s for s in self._inputs(node) if len(s) == 1]
        fixed = [s[0].shape[1:] for s in shapes]
        if len(fixed) != len(values) or not all(len(f) > 1 and all(type(s) is int for s in f) for f in fixed):
            return None
        rest = fixed[0][1:]
        if any(f[1:] != rest or math.prod(f) != v for f, v in zip(fixed, values)):
            return None
        channels = self._upstream(node, tuple(f[0] for f in fixed))
        if not isinstance(channels, Expr):
            return None
        return Expr(f"({channels.text})" + "".join(f" * {size}" for size in rest if size != 1))

    def _sum(self, node: NodeId, values: Values) -> Expr | None:
        """`width + 10` for what a Concat put together."""
        shapes = self._inputs(node)
        edges = self.graph.into(node)
        if len(edges) < 2 or len(shapes) != len(values) or any(len(s) != len(edges) for s in shapes):
            return None
        for axis in range(1, min(spec.rank for row in shapes for spec in row)):
            columns = [tuple(row[k].shape[axis] for row in shapes) for k in range(len(edges))]
            if not all(type(size) is int for column in columns for size in column):
                continue
            if any(sum(int(s) for s in sizes) != v for sizes, v in zip(zip(*columns), values)):
                continue
            parts = [self._part(edge.source, column) for edge, column in zip(edges, columns)]
            if all(p is not None for p in parts) and any(isinstance(p, Expr) for p in parts):
                texts = [p.text if isinstance(p, Expr) else str(p) for p in parts]
                alike = len(set(texts)) == 1
                return Expr(f"({texts[0]}) * {len(texts)}" if alike else " + ".join(f"({t})" for t in texts))
        return None

    def _part(self, node: NodeId, values: Values) -> Expr | int | None:
        found = self._among(self._options(node), values)
        found = self._upstream(node, values) if found is None else found
        return values[0] if found is None and agree(values) else found

    def _inputs(self, node: NodeId) -> list[list[TensorSpec]]:
        """What is wired into a node, in every instance in which all of it is known."""
        rows = []
        for instance in self.instances:
            wires = [(instance.nodes.get(e.source), e.source_port) for e in self.graph.into(node)]
            specs = [source.outputs.get(port) if source else None for source, port in wires]
            if all(spec is not None and spec.rank for spec in specs):
                rows.append([spec for spec in specs if spec is not None])
        return rows

    def _fits(self, expression: Expr, values: Values) -> bool:
        if expression.text not in self.evaluated:
            scopes = ({**i.args, **self._derived_in(k)} for k, i in enumerate(self.instances))
            self.evaluated[expression.text] = tuple(evaluated_in(expression, scope) for scope in scopes)
        return all(v is UNKNOWN or same(v, f) for v, f in zip(values, self.evaluated[expression.text]))

    def _derived_in(self, instance: int) -> dict[str, Any]:
        return {n: v[instance] for n, v in self.derived.items() if v[instance] is not UNKNOWN}


def evaluated_in(value: Any, scope: Mapping[str, Any]) -> Any:
    """The value of a literal or an expression, UNKNOWN where it cannot be computed."""
    try:
        return value.evaluate(scope) if isinstance(value, Expr) else value
    except ExprError:
        return UNKNOWN
