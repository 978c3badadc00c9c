"""Rules about single layers and how they follow one another."""

from __future__ import annotations

from collections.abc import Iterator

from engine.document.edits import Batch, Insert
from engine.document.project import Project
from engine.document.swapping import Swap
from engine.errors import Repair
from engine.graph.block import Block
from engine.graph.graph import BlockId, NodeId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.training.case import Case, Rule, Said, worst
from engine.training.events import NodePath

DEAD, SATURATED = 0.75, 0.5
DEEP = 8
RECTIFIERS = ("ReLU", "ReLU6")
SQUASHING = ("Sigmoid", "Tanh", "Hardsigmoid", "Hardtanh", "Softsign")
LEARNED = ("linear", "convolution")
NORM_OF = {"Linear": "BatchNorm1d", "Conv1d": "BatchNorm1d", "Conv2d": "BatchNorm2d", "Conv3d": "BatchNorm3d"}


def dead(case: Case) -> Said | None:
    """Rectifiers three quarters of whose units are zero for every sample."""
    checked = case.history.checked
    at_fault = _kinds(case, checked.dead if checked else {}, RECTIFIERS, DEAD)
    if not at_fault:
        return None
    path, share = worst(at_fault)
    message = f"{share * 100:.0f} % of the units of {case.name(path)} are dead: zero for every sample of a batch."
    hint = "A unit that is never active has no gradient and cannot come back. A large learning rate kills them."
    return Said(message, hint, path, _swapped(case, at_fault, "LeakyReLU"))


def saturated(case: Case) -> Said | None:
    """Squashing functions most of whose values stand at their ends, in the middle of the network."""
    checked = case.history.checked
    found = _kinds(case, checked.saturated if checked else {}, SQUASHING, SATURATED)
    at_fault = {path: share for path, share in found.items() if not _is_last(case.project, path)}
    if not at_fault:
        return None
    path, share = worst(at_fault)
    message = f"{share * 100:.0f} % of the values of {case.name(path)} are saturated: at the ends of its range."
    hint = "There its slope is next to nothing, and so is the gradient of everything before it."
    return Said(message, hint, path, _swapped(case, at_fault, "GELU"))


def missing_normalisation(case: Case) -> Said | None:
    """Many learned layers one after another, without normalisation and without a skip."""
    if not case.steps_done:
        return None
    for block in case.project.blocks.values():
        row = _longest_row(case.project, block)
        if len(row) >= DEEP:
            break
    else:
        return None
    name = block.graph.nodes[row[0]].name
    message = f"{len(row)} layers learn one after another from {name} on, with no normalisation and no skip connection."
    hint = "Deep rows like this learn slowly, if at all: what one layer changes is scaled by all that follow."
    return Said(message, hint, ((block.id, row[0]),), _normalised(block, row))


LAYER_RULES = (
    Rule("dead ReLU", "Lu, Shin, Su and Karniadakis 2019, Dying ReLU and initialization", dead),
    Rule("saturated activations", "Glorot and Bengio 2010, 3", saturated),
    Rule("missing normalisation", "Ioffe and Szegedy 2015, Batch normalization; He et al. 2015", missing_normalisation),
)


def _kinds(case: Case, values: object, kinds: tuple[str, ...], least: float) -> dict[NodePath, float]:
    """Nodes of these kinds above a threshold, that the project still has."""
    found = {}
    for path, value in dict(values).items():  # type: ignore[call-overload]
        layer = _layer(case.project, path)
        if layer is not None and layer.key in kinds and value >= least:
            found[path] = value
    return found


def _layer(project: Project, path: NodePath) -> Layer | None:
    block = project.blocks.get(BlockId(path[-1][0])) if path else None
    node = block.graph.nodes.get(NodeId(path[-1][1])) if block else None
    return node.layer if node else None


def _is_last(project: Project, path: NodePath) -> bool:
    """Whether nothing learns behind it in its block: there the ends of the range may well be what is wanted."""
    graph = project.blocks[BlockId(path[-1][0])].graph
    waiting, seen = [NodeId(path[-1][1])], set[NodeId]()
    while waiting:
        for edge in graph.out_of(waiting.pop()):
            layer = graph.nodes[edge.target].layer
            if layer.category in LEARNED or isinstance(layer, BlockLayer):
                return False
            if edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return True


def _swapped(case: Case, at_fault: dict[NodePath, float], kind: str) -> tuple[Repair, ...]:
    places = list(dict.fromkeys(path[-1] for path in at_fault))
    other = Layer.registry[kind]
    if len(places) == 1:
        block, node = places[0]
        name = case.project.node(NodeId(node), BlockId(block)).name
        return (Repair(f"Change {name} to {other.title}", Swap(NodeId(node), other(), block)),)
    edits = tuple(Swap(NodeId(node), other(), block) for block, node in places)
    label = f"Change {len(places)} layers to {other.title}"
    return (Repair(label, Batch(label, edits)),)


def _longest_row(project: Project, block: Block) -> list[NodeId]:
    """Learned layers that follow one another with nothing beside them, as long as nothing normalises or adds."""
    graph, longest = block.graph, list[NodeId]()
    rows: dict[NodeId, list[NodeId]] = {}
    for node in graph.order():
        layer = graph.nodes[node].layer
        before = [rows.get(edge.source, []) for edge in graph.into(node)]
        row = before[0] if len(before) == 1 and len(graph.out_of(node)) <= 1 else []
        if layer.category == "normalisation" or isinstance(layer, BlockLayer) or not _passes(layer):
            row = []
        elif layer.category in LEARNED:
            row = [*row, node]
        rows[node] = row
        longest = max(longest, row, key=len)
    return longest


def _passes(layer: Layer) -> bool:
    return layer.category in (*LEARNED, "activation", "dropout", "pooling", "shape", "padding")


def _normalised(block: Block, row: list[NodeId]) -> tuple[Repair, ...]:
    """Batch normalisation behind every learned layer but the last."""
    edits = list(_insertions(block, row))
    if not edits:
        return ()
    label = f"Put batch normalisation behind {len(edits)} layers"
    return (Repair(label, Batch(label, tuple(edits))),)


def _insertions(block: Block, row: list[NodeId]) -> Iterator[Insert]:
    for node in row[:-1]:
        norm = NORM_OF.get(block.graph.nodes[node].layer.key)
        edges = block.graph.out_of(node)
        if norm and len(edges) == 1:
            yield Insert(edges[0], Layer.registry[norm](), block=block.id)
