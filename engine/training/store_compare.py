"""Two runs held side by side: their options, their networks, their figures, and whether their losses are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.document.compare import BlockComparison, Comparison, compare
from engine.document.files import load
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import Edge, NodeId
from engine.training.store import RunRecord, Store
from engine.training.store_options import options_of

_FACTS = ("name", "group", "tags", "state", "device", "parameters", "steps", "epochs")


@dataclass(frozen=True)
class Difference:
    """One thing that the two runs have differently; None where a run has no such thing."""

    name: str
    a: Any
    b: Any


@dataclass(frozen=True)
class BlockDifference:
    """What differs in one block of the later network. Layers by name: with their kind where they are new or gone.

    changed: a layer and what differs at it. wired, unwired: "stem.out → act.x".
    """

    block: str
    added: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wired: tuple[str, ...] = ()
    unwired: tuple[str, ...] = ()
    described: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunComparison:
    """Run b against run a.

    facts: of the runs themselves, versions included. options: of recipe and main block. blocks: those that differ.
    gone: blocks of which nothing is left. figures: all of both, the same ones too. same_steps: for how many steps from
    the first the losses are the same, bit for bit. steps: of both.
    """

    a: RunRecord
    b: RunRecord
    before: Project
    after: Project
    facts: tuple[Difference, ...]
    options: tuple[Difference, ...]
    blocks: tuple[BlockDifference, ...]
    gone: tuple[str, ...]
    figures: tuple[Difference, ...]
    same_steps: int
    steps: tuple[int, int]

    @property
    def is_same_project(self) -> bool:
        """Whether the same network was trained in the same way."""
        return not (self.options or self.blocks or self.gone)

    @property
    def is_same_curve(self) -> bool:
        """Whether every loss of the one is that of the other."""
        return self.same_steps == self.steps[0] == self.steps[1]


def compare_runs(store: Store, a: str, b: str) -> RunComparison:
    """Raises: FileError for a run that is not there, or whose project cannot be read."""
    first, second = store.get(a), store.get(b)
    before, after = (load(store.project_path(run.id)) for run in (first, second))
    losses = store.losses(first.id), store.losses(second.id)
    network = compare(before, after)
    return RunComparison(
        first,
        second,
        before,
        after,
        tuple(_facts(first, second)),
        tuple(_differing(options_of(before), options_of(after))),
        tuple(_blocks(network, before, after)),
        network.gone,
        tuple(_figures(first, second)),
        same_beginning(*losses),
        (len(losses[0]), len(losses[1])),
    )


def same_beginning(a: np.ndarray, b: np.ndarray) -> int:
    """How many values from the first are the same, bit for bit."""
    shared = min(len(a), len(b))
    other = np.flatnonzero(a[:shared].view(np.uint32) != b[:shared].view(np.uint32))
    return int(other[0]) if len(other) else shared


def _facts(a: RunRecord, b: RunRecord) -> Iterator[Difference]:
    of_both = ({n: getattr(run, n) for n in _FACTS} | _versions(run) for run in (a, b))
    yield from _differing(*of_both)


def _versions(run: RunRecord) -> dict[str, Any]:
    return {f"versions.{name}": version for name, version in run.versions.items()}


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
    for name in {**a, **b}:
        if a.get(name) != b.get(name) or type(a.get(name)) is not type(b.get(name)):
            yield Difference(name, a.get(name), b.get(name))


def _figures(a: RunRecord, b: RunRecord) -> Iterator[Difference]:
    for name in {**a.metrics, **b.metrics}:
        yield Difference(name, a.metrics.get(name), b.metrics.get(name))


def _blocks(network: Comparison, before: Project, after: Project) -> Iterator[BlockDifference]:
    for id, found in network.blocks.items():
        block = after.block(id)
        old = found.before
        removed = {old.graph.nodes[n].name: old.graph.nodes[n].layer.title for n in found.removed} if old else {}
        yield BlockDifference(
            block.name,
            {block.graph.nodes[n].name: block.graph.nodes[n].layer.title for n in _in_order(found.added, block)},
            removed,
            {block.graph.nodes[n].name: words for n, words in found.changed.items()},
            tuple(_wire(edge, block, None, found) for edge in sorted(found.wired)),
            tuple(_wire(edge, block, old, found) for edge in sorted(_unwired(found, block))),
            found.described,
        )


def _in_order(nodes: frozenset[NodeId], block: Block) -> list[NodeId]:
    return [n for n in block.graph.nodes if n in nodes]


def _unwired(found: BlockComparison, block: Block) -> list[Edge]:
    """Wires that are gone, those to layers that are gone included, in the ids of before."""
    if found.before is None:
        return []
    there = {(e.source, e.source_port, e.target, e.target_port) for e in block.graph.edges}
    now = {was: n for n, was in found.met.items()}
    return [
        e
        for e in found.before.graph.edges
        if (now.get(e.source), e.source_port, now.get(e.target), e.target_port) not in there
    ]


def _wire(edge: Edge, block: Block, old: Block | None, found: BlockComparison) -> str:
    nodes = (old or block).graph.nodes
    return f"{nodes[edge.source].name}.{edge.source_port} → {nodes[edge.target].name}.{edge.target_port}"
