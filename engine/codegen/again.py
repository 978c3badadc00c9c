"""The class of a block, written again: an edit that changes options and sizes leaves every other line as it was.

Which variable holds what follows from wires and names alone. As long as these are the same, only the lines of layers
that were changed, or whose shapes were, are written anew; everything else is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.codegen.constructor import constructor_pieces, node_lines
from engine.codegen.forward import Forward
from engine.codegen.generalise import Signature, needs_sizes
from engine.codegen.layout import docstring_lines
from engine.codegen.memo import Built, built, has_expressions
from engine.codegen.renaming import renamed
from engine.codegen.scope import METHOD, Scope, TopLevel
from engine.codegen.source import Line, Source
from engine.graph.block import Block
from engine.graph.graph import Node, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.block import Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer, Missing
from engine.layers.io import Input, Output
from engine.recipe.weights import PLAIN
from engine.tensor import NumberSpec

Piece = tuple[str, NodeId]
Inner = Mapping[Any, tuple[Block, Signature]]


@dataclass
class Written:
    """A class as it was written last. around: what of the other classes it refers to."""

    scope: Scope
    around: tuple[Any, ...]
    problems: Mapping[NodeId, str]
    forward: Forward | None
    pieces: dict[Piece, list[Line]]
    source: Source

    @classmethod
    def of(cls, scope: Scope) -> Written:
        """Written whole."""
        forward = None if scope.is_sequence else Forward(scope)
        body = forward.pieces() if forward else {}
        pieces = {("constructor", key): lines for key, lines in constructor_pieces(scope).items()}
        pieces |= {("forward", key): lines for key, lines in body.items()}
        return cls(scope, around(scope.top), dict(scope.problems), forward, pieces, _joined(scope, pieces))

    def again(self, block: Block, instances: tuple[BlockShapes, ...], inner: Inner, top: TopLevel) -> Written | None:
        """The class of the block as it is now; None where it has to be written whole. This one is used up by it."""
        old = self.scope
        if self.around != around(top) or not _called_alike(old.inner, inner):
            return None
        pairs = list(zip(old.instances, instances, strict=False))
        if block is old.block and len(old.instances) == len(instances) and all(a is b for a, b in pairs):
            old.inner, old.top = inner, top
            return self
        plain = len(pairs) == len(instances) == len(old.instances) == 1 and not block.params and not block.sequence
        if not plain or self.forward is None or not _described_alike(old.block, block) or old.failures:
            return None
        news = self._news(block, *pairs[0])
        return self._with(block, instances, inner, top, news) if news is not None else None

    def _news(self, block: Block, then: BlockShapes, now: BlockShapes) -> dict[NodeId, Built | None] | None:
        """The nodes whose lines differ, with their constructor calls where they have any."""
        before, after = self.scope.block.graph.nodes, block.graph.nodes
        if then.nodes.keys() != now.nodes.keys():
            return None
        changed = {id for id, node in after.items() if before.get(id) is not node}
        changed.update(id for id, record in now.nodes.items() if then.nodes[id] is not record)
        found: dict[NodeId, Built | None] = {}
        for id in changed:
            if not _named_alike(before[id], after[id]):
                readers = renamed(self.scope, self.forward, before[id], after[id])
                if readers is None:
                    return None
                found |= {reader: found.get(reader) for reader in readers}
            if isinstance(after[id].layer, (Input, Output)):
                continue
            if isinstance(after[id].layer, Holder) and before[id] is after[id]:
                if then.nodes[id].outputs != now.nodes[id].outputs:
                    return None
                continue
            made = self._made(after[id], before[id], now.nodes.get(id))
            if made is None:
                return None
            found[id] = made
        shared = [id for id in block.graph.of_kind(Shared) if getattr(after[id].layer, "node", "") in found]
        return {**found, **dict.fromkeys(shared)}

    def _made(self, node: Node, before: Node, record: NodeShapes | None) -> Built | None:
        """The constructor call of a layer that can be written by itself."""
        layer, other = node.layer, before.layer
        if isinstance(layer, (Holder, Shared, Chosen, Missing)) or (
            isinstance(layer, CodeLayer) and node is not before
        ):
            return None
        if record is None or any(isinstance(spec, NumberSpec) for spec in record.outputs.values()):
            return None
        if has_expressions(layer) or has_expressions(other) or needs_sizes(layer, record):
            return None
        if (layer.ports_in(), layer.ports_out()) != (other.ports_in(), other.ports_out()):
            return None
        made = built(layer, tuple(record.derived.items()))
        is_flat = bool(made.text) or not made.sizes
        return made if is_flat and node.id in self.scope.signature.built else None

    def _with(
        self,
        block: Block,
        instances: tuple[BlockShapes, ...],
        inner: Inner,
        top: TopLevel,
        news: Mapping[NodeId, Built | None],
    ) -> Written | None:
        old, forward = self.scope, self.forward
        assert forward is not None
        calls = {id: made for id, made in news.items() if made is not None}
        signature = replace(old.signature, built={**old.signature.built, **calls})
        scope = Scope(block, instances, signature, inner, top, {})
        for kept in ("attributes", "modules", "kept", "is_sequence"):
            if kept in old.__dict__:
                scope.__dict__[kept] = old.__dict__[kept]
        named, before = block.graph.nodes, old.block.graph.nodes
        if renamed := {id: named[id].name for id in calls if named[id].name != before[id].name}:
            scope.__dict__["attributes"] = {**old.attributes, **renamed}
        for id in news:
            lines = forward.again(scope, id)
            if lines is None:
                return None
            gives = forward.gives(id) if id in calls else self.pieces["forward", id][-1].gives
            self.pieces["forward", id] = [*lines[:-1], lines[-1]._replace(gives=gives)]
            made = node_lines(scope, id) if id in calls else []
            if ("constructor", id) in self.pieces and id in calls:
                self.pieces["constructor", id] = made
            elif made:
                return None  # a line that was not there: its place is found when the class is written whole
        forward.scope, forward.graph = scope, block.graph
        if scope.failures:
            return None
        return Written(scope, self.around, {}, forward, self.pieces, _joined(scope, self.pieces))


def around(top: TopLevel) -> tuple[Any, ...]:
    """What the text of a class refers to at the top level, as it is at this moment."""
    return top.taken, dict(top.classes), dict(top.layers), top.main, top.result, top.in_place


def _joined(scope: Scope, pieces: Mapping[Piece, list[Line]]) -> Source:
    lines = _head(scope)
    method = ""
    for (name, _), piece in pieces.items():
        if name != method:
            method = name
            if len(lines) > 1:
                lines.append(Line(""))
        lines += piece
    return Source.of_lines(lines)


def _head(scope: Scope) -> list[Line]:
    block = scope.block
    help_lines = docstring_lines(block.help or scope.summary(), METHOD)
    if len(help_lines) > 1 and not block.help:
        help_lines = []  # shapes that fill more than a line are read better beside the statements
    base = "nn.Sequential" if scope.is_sequence else "nn.Module"
    return [Line(f"class {scope.top.classes[block.id]}({base}):"), *map(Line, help_lines)]


def _called_alike(then: Inner, now: Inner) -> bool:
    """Whether the classes that stand in this one are made and called as before."""
    return then.keys() == now.keys() and all(_is_called_as(then[id], now[id]) for id in now)


def _is_called_as(then: tuple[Block, Signature], now: tuple[Block, Signature]) -> bool:
    if then[0] is now[0] and then[1] is now[1]:
        return True
    (a, mine), (b, other) = then, now
    ports = (a.ports_in(), a.ports_out(), a.params) == (b.ports_in(), b.ports_out(), b.params)
    alike = (mine.spelled, mine.by_place, mine.results) == (other.spelled, other.by_place, other.results)
    return ports and alike and not mine.derived and not other.derived and a.sequence == b.sequence


def _described_alike(a: Block, b: Block) -> bool:
    if a.graph.wiring is not b.graph.wiring:
        return False
    mine, other = ((x.id, x.name, x.params, x.help, x.sequence, x.returns) for x in (a, b))
    return mine == other


def _named_alike(a: Node, b: Node) -> bool:
    same = a.name == b.name and type(a.layer) is type(b.layer) and a.muted == b.muted
    return same and (a is b or (a.weights is PLAIN and b.weights is PLAIN))
