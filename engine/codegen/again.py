"""The class of a block, written again: an edit has those lines written anew that it makes others of, the rest stays.

Nothing is said of which edits there are: the block as it was written last is laid beside the block as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.codegen.constructor import constructor_ends, node_lines
from engine.codegen.forward import Forward
from engine.codegen.generalise import Generaliser, Signature
from engine.codegen.layout import docstring_lines
from engine.codegen.runs import Runs
from engine.codegen.scope import METHOD, Scope, TopLevel, argument_names, names_again
from engine.codegen.source import BLANK, Line, Run
from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, NodeId
from engine.graph.others import difference
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.block import BlockLayer, Holder, Shared

Inner = Mapping[Any, tuple[Block, Signature]]


@dataclass(frozen=True)
class Now:
    """A block as it is, and what its class refers to."""

    block: Block
    instances: tuple[BlockShapes, ...]
    inner: Inner
    top: TopLevel
    problems: Mapping[NodeId, str]
    is_main: bool

    def scope(self, signature: Signature) -> Scope:
        return Scope(self.block, self.instances, signature, self.inner, self.top, self.problems)


class Written:
    """A class as it was written last; whoever goes on from it takes it over, since it changes by that."""

    def __init__(self, scope: Scope) -> None:
        """Written whole."""
        self.scope, self.around = scope, around(scope.top)
        self.made: dict[NodeId, tuple[Line, ...]] = {}
        """What the constructor assigns, by node."""
        self.assigned = Runs()
        self.taken: set[str] | None = None
        """What all layers are called behind `self.`, if each is called by its own name."""
        self.failures: dict[NodeId, list[str]] = {}
        self.forward = None if scope.is_sequence else Forward(scope)
        self.runs = self.joined(set(scope.block.graph.nodes))

    def again(self, now: Now, generaliser: Generaliser) -> bool:
        """Become the class of the block as it is now. Returns: False if it has to be written whole."""
        old, block = self.scope, now.block
        if self.forward is None or not self.is_framed_as(now):
            return False
        others = _other_classes(old.inner, now.inner, now.top)
        news = _holding(block.graph, others) if others else set()
        seen = _seen_otherwise(old.instances[0], now.instances[0])
        if not (news or seen) and block is old.block and now.problems == old.problems:
            old.inner, old.top = now.inner, now.top
            generaliser.keep(block, old.signature)
            return True
        news |= _changed(old.block.graph, block.graph)
        news |= {id for id in {**old.problems, **now.problems} if old.problems.get(id) != now.problems.get(id)}
        signature = generaliser.again(block, now.instances, now.is_main, old.signature, news | seen)
        scope = now.scope(signature)
        self.call(scope, news)
        if scope.kept != old.kept:
            return False
        news |= _called_otherwise(old, scope, self.taken is not None)
        seen = {id for id in seen if not _is_told_alike(old.instances[0].nodes.get(id), now.instances[0].nodes.get(id))}
        for id in block.graph.of_kind(Shared):
            if getattr(block.graph.nodes[id].layer, "node", "") in news:
                news.add(id)
        self.scope = scope
        self.forward.follow(scope, seen | _and_near(block.graph, news))
        self.runs = self.joined(news | seen)
        return True

    def call(self, scope: Scope, news: set[NodeId]) -> None:
        """Find out what the layers are called, from what they were. news: those that may be called otherwise."""
        old = self.scope
        if _are_named_alike(old.block.graph, scope.block.graph, news):
            scope.__dict__ |= {"attributes": old.attributes, "modules": old.modules}
            return
        if self.taken is None:
            self.taken = _own_names(old)
        names = names_again(old.attributes, self.taken, scope.block, news) if self.taken is not None else None
        if names is None:
            self.taken = None
        else:
            scope.__dict__["attributes"] = names

    def is_framed_as(self, now: Now) -> bool:
        """Whether it stands in the same surroundings, takes the same arguments, and has one instance, as before."""
        old, block = self.scope.block, now.block
        if self.around != around(now.top) or len(self.scope.instances) != 1 or len(now.instances) != 1:
            return False
        if (old.id, old.name, old.params, block.sequence) != (block.id, block.name, block.params, False):
            return False
        if any(len(each.graph.order()) != len(each.graph.nodes) for each in (old, block)):
            return False
        assert self.forward is not None
        several = (len(old.outputs) > 1, len(block.outputs) > 1)
        return several[0] == several[1] and argument_names(now.top, block) == self.forward.arguments

    def joined(self, news: set[NodeId]) -> list[Run]:
        """All lines, once what the constructor assigns for these nodes is written."""
        scope, graph = self.scope, self.scope.block.graph
        forward = [run for run in (self.forward.pieces() if self.forward else ()) if run.lines]
        self.construct(news)
        above, below = constructor_ends(scope, not any(self.made.values()))
        order = () if scope.is_sequence or not above else graph.order()
        assigned = self.assigned.follow(order, graph.wiring.rank, self.made, news)
        constructor = [run for run in (Run(above), *assigned, Run(below)) if run.lines]
        head = _head(scope)
        found = [Run(head)]
        for method in (constructor, forward):
            if method and (len(found) > 1 or len(head) > 1):
                found.append(BLANK)
            found += method
        return found

    def construct(self, news: set[NodeId]) -> None:
        """Write what the constructor assigns for these nodes; what cannot be written is told by the scope."""
        scope, rank = self.scope, self.scope.block.graph.wiring.rank
        collected = scope.failures
        for node in news:
            self.failures.pop(node, None)
            if node not in rank:
                self.made.pop(node, None)
            elif not scope.is_sequence:
                scope.failures = []
                self.made[node] = tuple(node_lines(scope, node))
                if scope.failures:
                    self.failures[node] = scope.failures
        failed = sorted(self.failures, key=rank.__getitem__)
        scope.failures = [*collected, *(text for node in failed for text in self.failures[node])]


def around(top: TopLevel) -> tuple[Any, ...]:
    """What the text of a class refers to at the top level, as it is at this moment."""
    return top.taken, dict(top.classes), dict(top.layers), top.main, top.result, top.in_place


def _head(scope: Scope) -> list[Line]:
    block = scope.block
    help_lines = docstring_lines(block.help or scope.summary(), METHOD)
    if len(help_lines) > 1 and not block.help:
        help_lines = []  # shapes that fill more than a line are read better beside the statements
    base = "nn.Sequential" if scope.is_sequence else "nn.Module"
    return [Line(f"class {scope.top.classes[block.id]}({base}):"), *map(Line, help_lines)]


def _changed(before: Graph, after: Graph) -> set[NodeId]:
    """The nodes that are new, gone or others, and those at whose wires something changed."""
    if before is after:
        return set()
    changed, gone = difference(before, after)
    found = {*changed, *gone}
    if before.wiring is not after.wiring:
        found.update(id for edge in before.edges ^ after.edges for id in (edge.source, edge.target))
    return found


def _are_named_alike(before: Graph, after: Graph, changed: set[NodeId]) -> bool:
    """Whether every node is there as before, and its modules are called as before."""
    for id in changed:
        then, now = before.nodes.get(id), after.nodes.get(id)
        if then is None or now is None or then.name != now.name:
            return False
        if then.layer is not now.layer and (isinstance(then.layer, Holder) or isinstance(now.layer, Holder)):
            return False
    return True


def _seen_otherwise(before: BlockShapes, after: BlockShapes) -> set[NodeId]:
    """The nodes of which other shapes are known."""
    if before is after:
        return set()
    changed, gone = difference(before, after)
    return {*changed, *gone}


def _own_names(scope: Scope) -> set[str] | None:
    """What all layers are called behind `self.`, None if one of them is not called by its own name."""
    nodes, names = scope.block.graph.nodes, scope.attributes
    return set(names.values()) if all(nodes[id].name == name for id, name in names.items()) else None


def _called_otherwise(old: Scope, scope: Scope, are_own: bool) -> set[NodeId]:
    """The nodes that are called otherwise behind `self.`, or take other sizes.

    are_own: all layers are called by their own names, and those of which that is another one are known.
    """
    found: set[NodeId] = set()
    tables: list[tuple[Mapping[NodeId, Any], Mapping[NodeId, Any]]] = [(old.modules, scope.modules)]
    for before, after in tables if are_own else [*tables, (old.attributes, scope.attributes)]:
        if before is not after and before != after:
            found |= {id for id, name in after.items() if before.get(id) != name}
    then, now = old.signature, scope.signature
    if then.found != now.found:
        found |= {size.node for size in {**then.found, **now.found} if then.found.get(size) != now.found.get(size)}
    if then.rows != now.rows:
        found |= {key[0] for key in {**then.rows, **now.rows} if then.rows.get(key) != now.rows.get(key)}
    return found


def _is_told_alike(before: NodeShapes | None, after: NodeShapes | None) -> bool:
    """Whether instances of a block differ inside alone, which is told by the sizes that their class takes."""
    if before is None or after is None or not isinstance(before.layer, BlockLayer):
        return False
    return isinstance(after.layer, BlockLayer) and before.outputs == after.outputs


def _and_near(graph: Graph, news: set[NodeId]) -> set[NodeId]:
    """The nodes, those whose results they read, and those that read theirs."""
    before = (edge.source for id in news for edge in graph.into(id))
    return news.union(before, (edge.target for id in news for edge in graph.out_of(id)))


def _holding(graph: Graph, blocks: set[BlockId]) -> set[NodeId]:
    """The nodes that hold one of these blocks."""
    return {id for block in blocks for id in graph.holders.get(block, ())}


def _other_classes(then: Inner, now: Inner, top: TopLevel) -> set[BlockId]:
    """The blocks that are made or called otherwise than before, by themselves or by what is written inside of them."""
    found: set[BlockId] = set(then.keys() - now.keys())
    for id, pair in now.items():
        is_in_place = id in top.in_place
        before = then.get(id)
        if before is not None and before[0] is pair[0] and before[1] is pair[1]:
            if is_in_place and _holding(pair[0].graph, found):
                found.add(id)
        elif before is None or is_in_place or not _is_called_as(before, pair):
            found.add(id)
    return found


def _is_called_as(then: tuple[Block, Signature], now: tuple[Block, Signature]) -> bool:
    (a, mine), (b, other) = then, now
    ports = (a.ports_in(), a.ports_out(), a.params) == (b.ports_in(), b.ports_out(), b.params)
    alike = (mine.spelled, mine.by_place, mine.results) == (other.spelled, other.by_place, other.results)
    return ports and alike and mine.derived == other.derived and a.sequence == b.sequence
