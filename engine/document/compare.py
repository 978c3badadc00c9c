"""Two projects held side by side: what is new, gone or different in each block, in words, and in the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Node, NodeId
from engine.spec import Param, Spec

_NO_EDGES: frozenset[Edge] = frozenset()


@dataclass(frozen=True)
class BlockComparison:
    """One block of the later project against the one before that it was.

    added: nodes of the later block. removed: nodes of the earlier one. changed: what differs at a node of the later
    block, in words. met: ids of nodes before by their ids now. wired and unwired: wires that are new and that are gone,
    by the ids of now where both ends are still there.
    """

    before: Block | None = None
    added: frozenset[NodeId] = frozenset()
    removed: tuple[NodeId, ...] = ()
    changed: Mapping[NodeId, tuple[str, ...]] = field(default_factory=dict)
    met: Mapping[NodeId, NodeId] = field(default_factory=dict)
    wired: frozenset[Edge] = _NO_EDGES
    unwired: frozenset[Edge] = _NO_EDGES
    described: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.wired or self.unwired or self.described)


@dataclass(frozen=True)
class Comparison:
    """blocks: those that differ, by their ids in the later project. gone: blocks of which nothing is left."""

    blocks: Mapping[BlockId, BlockComparison]
    gone: tuple[str, ...] = ()
    recipe: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blocks or self.gone or self.recipe)

    def count(self) -> tuple[int, int, int]:
        """How many layers were added, removed and changed in all blocks."""
        found = self.blocks.values()
        return sum(len(b.added) for b in found), sum(len(b.removed) for b in found), sum(len(b.changed) for b in found)


def compare(before: Project, after: Project) -> Comparison:
    """What makes the later project another one. Where ids say nothing, names do: the two may be strangers."""
    pairs = dict(_blocks(before, after))
    blocks = {}
    for id, block in after.blocks.items():
        old = pairs.get(id)
        found = _compared(old, block) if old is not block else BlockComparison()
        if found:
            blocks[id] = found
    used = {old.id for old in pairs.values()}
    gone = tuple(b.name for b in before.blocks.values() if b.id not in used)
    recipe = () if before.recipe is after.recipe else tuple(options(before.recipe, after.recipe))
    return Comparison(blocks, gone, recipe)


def options(before: Spec, after: Spec, prefix: str = "") -> Iterator[str]:
    """Every option with another value, as "lr 0.01 → 0.001"; of specs inside specs the options that differ."""
    for name, declared in after.params.items():
        old, new = getattr(before, name, None), getattr(after, name)
        if old == new:
            continue
        if isinstance(old, Spec) and type(old) is type(new):
            yield from options(old, new, f"{prefix}{name}.")
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from _entries(old, new, declared)
        elif name not in before.params:
            yield f"{prefix}{name} {declared.show(new)}"
        else:
            was, now = before.params[name].show(old), declared.show(new)
            yield f"{prefix}{name} {was} → {now}" if was != now else f"{prefix}{name}: other options of {now}"


def _entries(old: Mapping[str, Any], new: Mapping[str, Any], declared: Param) -> Iterator[str]:
    """The arguments of a block, one by one."""
    for name in {**old, **new}:
        if name not in new:
            yield f"{name} as the block has it"
        elif name not in old:
            yield f"{name} {declared.show(new[name])}"
        elif old[name] != new[name]:
            yield f"{name} {declared.show(old[name])} → {declared.show(new[name])}"


def _blocks(before: Project, after: Project) -> Iterator[tuple[BlockId, Block]]:
    """Blocks of now and the ones they were: the main blocks, else those of one id or one name."""
    left = {b.id: b for b in before.blocks.values()}
    names = {b.name: b.id for b in before.blocks.values()}
    main = left.pop(before.main, None)
    if main is not None:
        yield after.main, main
    for block in after.blocks.values():
        if block.id == after.main:
            continue
        by_id = left.get(block.id)
        found = by_id if by_id is not None and by_id.name == block.name else left.get(names.get(block.name, block.id))
        if found is not None:
            yield block.id, left.pop(found.id)


def _compared(old: Block | None, new: Block) -> BlockComparison:
    if old is None:
        return BlockComparison(None, frozenset(new.graph.nodes), wired=new.graph.edges)
    met = _met(old, new)
    back = {was: now for now, was in met.items()}
    changed = {}
    for now, was in met.items():
        words = tuple(_words(old.graph.nodes[was], new.graph.nodes[now]))
        if words:
            changed[now] = words
    before = {_moved(e, back) for e in old.graph.edges}
    kept = {e for e in before if e is not None}
    return BlockComparison(
        before=old,
        added=frozenset(n for n in new.graph.nodes if n not in met),
        removed=tuple(n for n in old.graph.nodes if n not in back),
        changed=changed,
        met=met,
        wired=frozenset(new.graph.edges - kept),
        unwired=frozenset(kept - new.graph.edges),
        described=tuple(_described(old, new)),
    )


def _met(old: Block, new: Block) -> dict[NodeId, NodeId]:
    """Nodes of now and what they were: of one id if kind or name is the same, else of one name and kind."""
    left = dict(old.graph.nodes)
    met: dict[NodeId, NodeId] = {}
    for id, node in new.graph.nodes.items():
        was = left.get(id)
        if was is not None and (was.name == node.name or was.layer.key == node.layer.key):
            met[id] = id
            del left[id]
    named = {(n.name, n.layer.key): n.id for n in left.values()}
    for id, node in new.graph.nodes.items():
        found = named.get((node.name, node.layer.key)) if id not in met else None
        if found in left:
            met[id] = found
            del left[found]
    return met


def _moved(edge: Edge, back: Mapping[NodeId, NodeId]) -> Edge | None:
    source, target = back.get(edge.source), back.get(edge.target)
    if source is None or target is None:
        return None
    return Edge(source, edge.source_port, target, edge.target_port, edge.slot)


def _words(old: Node, new: Node) -> Iterator[str]:
    if old is new:
        return
    if old.name != new.name:
        yield f"called {old.name} before"
    if old.layer.key != new.layer.key:
        yield f"{old.layer.title} → {new.layer.title}"
    elif old.layer != new.layer:
        yield from options(old.layer, new.layer)
    if old.weights != new.weights:
        yield from options(old.weights, new.weights)
    if old.muted != new.muted:
        yield "muted" if new.muted else "no longer muted"


def _described(old: Block, new: Block) -> Iterator[str]:
    if old.name != new.name:
        yield f"called {old.name} before"
    before, after = ({p.name: p for p in b.params} for b in (old, new))
    for name in after.keys() - before.keys():
        yield f"parameter {name} is new"
    for name in before.keys() - after.keys():
        yield f"parameter {name} is gone"
    for name in after.keys() & before.keys():
        if before[name] != after[name]:
            yield f"{name} {before[name].default} → {after[name].default}"
