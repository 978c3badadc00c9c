"""What differs between two projects. Computed when asked for, cheap where values are shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from operator import is_not
from typing import TypeVar

from engine.document.project import Layout, Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, NodeId

K = TypeVar("K")
_NO_EDGES: frozenset[Edge] = frozenset()


@dataclass(frozen=True)
class BlockChange:
    """What differs in one block: node ids added, removed, changed (name or layer), moved; edges added, removed.

    framed: frames, notes or bookmarks differ. bent: wires that are led through other points than before. described:
    the block is new or gone, or has another name, parameters or help.
    """

    added: frozenset[NodeId] = frozenset()
    removed: frozenset[NodeId] = frozenset()
    changed: frozenset[NodeId] = frozenset()
    moved: frozenset[NodeId] = frozenset()
    wired: frozenset[Edge] = _NO_EDGES
    unwired: frozenset[Edge] = _NO_EDGES
    framed: bool = False
    bent: frozenset[Edge] = _NO_EDGES
    described: bool = False

    @property
    def ends(self) -> frozenset[NodeId]:
        """Where edges that were added or removed begin and end."""
        return frozenset(end for edge in (*self.wired, *self.unwired) for end in (edge.source, edge.target))

    def __bool__(self) -> bool:
        nodes = self.added or self.removed or self.changed or self.moved
        return bool(nodes or self.wired or self.unwired or self.framed or self.bent or self.described)


@dataclass(frozen=True)
class Change:
    """From one project to another."""

    before: Project
    after: Project

    @cached_property
    def blocks(self) -> dict[BlockId, BlockChange]:
        """The blocks that differ in meaning or in drawing, those added and removed included."""
        found = {}
        for block in {**self.before.blocks, **self.after.blocks}:
            change = self._block(block)
            if change:
                found[block] = change
        return found

    @cached_property
    def meaning(self) -> bool:
        """Whether anything but the drawing changed: blocks, parameters or the recipe."""
        return (
            self.before.blocks is not self.after.blocks
            or self.before.main != self.after.main
            or self.before.recipe is not self.after.recipe
        )

    @cached_property
    def recipe(self) -> bool:
        return self.before.recipe is not self.after.recipe

    def _block(self, block: BlockId) -> BlockChange:
        old, new = self.before.blocks.get(block), self.after.blocks.get(block)
        moved: frozenset[NodeId] = frozenset()
        before, after = self.before.layout_of(block), self.after.layout_of(block)
        if before.positions is not after.positions:
            places = before.positions
            moved = frozenset(n for n in others(places, after.positions) if places.get(n) != after.positions[n])
        framed = before.frames is not after.frames and before.frames != after.frames
        framed = framed or before.bookmarks != after.bookmarks or before.probes != after.probes
        bent = _bent(before, after) if before.reroutes is not after.reroutes else _NO_EDGES
        if old is new:
            return BlockChange(moved=moved, framed=framed, bent=bent)
        a, b = _graph(old), _graph(new)
        other = others(a.nodes, b.nodes)
        edges = a.edges is not b.edges
        return BlockChange(
            added=frozenset(n for n in other if n not in a.nodes),
            removed=frozenset(a.nodes.keys() - b.nodes.keys()),
            changed=frozenset(n for n in other if n in a.nodes and a.nodes[n] != b.nodes[n]),
            moved=moved,
            wired=b.edges - a.edges if edges else _NO_EDGES,
            unwired=a.edges - b.edges if edges else _NO_EDGES,
            framed=framed,
            bent=bent,
            described=old is None or new is None or _description(old) != _description(new),
        )


def others(before: Mapping[K, object], after: Mapping[K, object]) -> list[K]:
    """The keys under which there is another object than before, or was none: no line of Python for each of the rest."""
    return list(compress(after, map(is_not, map(before.get, after), after.values())))


def _bent(before: Layout, after: Layout) -> frozenset[Edge]:
    """The wires whose points differ."""
    edges = {edge for layout in (before, after) for reroute in layout.reroutes for edge in reroute.wires}
    return frozenset(edge for edge in edges if _places(before, edge) != _places(after, edge))


def _places(layout: Layout, edge: Edge) -> list[tuple[str, float, float]]:
    return [(reroute.id, reroute.x, reroute.y) for reroute in layout.through(edge)]


def _graph(block: Block | None) -> Graph:
    return block.graph if block else Graph()


def _description(block: Block) -> tuple[object, ...]:
    return block.name, block.params, block.help, block.sequence, block.returns
