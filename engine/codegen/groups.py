"""Which parameters learn how: the network's modules gathered into groups of the optimizer, each parameter in one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from engine.codegen.expressions import value_text
from engine.codegen.scope import attribute_names
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import NodeId
from engine.graph.shapes import ITSELF, BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder, Shared
from engine.recipe.weights import PLAIN, Weights

_FEW = 4


@dataclass(frozen=True)
class Way:
    """How parameters learn. decay: their own weight decay, None for the optimizer's."""

    frozen: bool = False
    factor: float = 1.0
    decay: float | None = None


@dataclass(frozen=True)
class Place:
    """A module, or a parameter by itself, as source from `model` on; `loops` are the clauses that go over repeats."""

    text: str
    loops: tuple[str, ...] = ()
    is_parameter: bool = False
    without: str = ""
    """A parameter of it that belongs to another layer, to which it is tied."""

    def inside(self, name: str) -> Place:
        return replace(self, text=f"{self.text}.{name}")

    def items(self) -> str:
        """Its parameters as an item of a list."""
        if self.without:
            clauses = [*self.loops, f"for n, p in {self.text}.named_parameters()", f'if n != "{self.without}"']
            return f"*(p {' '.join(clauses)})"
        if self.is_parameter and not self.loops:
            return self.text
        if self.is_parameter:
            return f"*({self.text} {' '.join(self.loops)})"
        if not self.loops:
            return f"*{self.text}.parameters()"
        return f"*(p {' '.join(self.loops)} for p in {self.text}.parameters())"

    def alone(self) -> str:
        """Its parameters by themselves."""
        if self.is_parameter or self.loops or self.without:
            return f"[{self.items()}]"
        return f"{self.text}.parameters()"


@dataclass(frozen=True)
class Group:
    """Modules that learn in one way."""

    way: Way
    places: tuple[Place, ...]

    def parameters(self) -> str:
        """Its parameters as source."""
        if len(self.places) == 1:
            return self.places[0].alone()
        return f"[{', '.join(place.items() for place in self.places)}]"


def groups_of(project: Project, main: BlockShapes, trains: Collection[str] = ()) -> tuple[Group, ...]:
    """Everything that is not frozen, by how it learns: first what learns as the optimizer says.

    trains: names of the main block's layers; empty for all of them.
    """
    found: dict[Way, list[Place]] = {}
    for way, place in _gathered(project, main, Place("model"), PLAIN, trains):
        if not way.frozen:
            found.setdefault(way, []).append(place)
    ways = sorted(found, key=lambda way: way != Way())
    return tuple(Group(way, tuple(found[way])) for way in ways)


@dataclass(frozen=True)
class Leaf:
    """One parameter as the network holds it, before anything is computed from it."""

    layer: Layer
    name: str
    shape: tuple[int, ...]

    @property
    def kind(self) -> str:
        """What an optimizer may ask for: a sparse gradient, a matrix that is no embedding."""
        if getattr(self.layer, "sparse", False) is True:
            return "sparse"
        return "matrix" if len(self.shape) == 2 and not self.layer.key.startswith("Embedding") else ""


def trained_leaves(project: Project, main: BlockShapes, trains: Collection[str] = ()) -> Iterator[Leaf]:
    """Every parameter that is not frozen, those of an instance that is met again once."""
    yield from _leaves(project, main, PLAIN, set(), trains)


def _leaves(
    project: Project,
    shapes: BlockShapes,
    outer: Weights,
    seen: set[tuple[int, bool]],
    trains: Collection[str] = (),
) -> Iterator[Leaf]:
    nodes = project.blocks[shapes.block].graph.nodes
    seen.add((id(shapes), outer.frozen))
    for node_id, record in shapes.nodes.items():
        if not record.named and not record.repeats:
            continue
        node = nodes[node_id]
        weights = node.weights.within(outer)
        if weights.frozen or isinstance(node.layer, Shared) or (trains and node.name not in trains):
            continue
        for inner in record.repeats[:1] if isinstance(node.layer, BlockLayer) else record.repeats:
            if (id(inner), weights.frozen) not in seen:
                yield from _leaves(project, inner, weights, seen)
        for name, shape in record.named.items():
            yield Leaf(record.layer, name, shape)


def group_text(group: Group, *, rate: str) -> str:
    """A group as a table for the optimizer."""
    given = [f'"params": {group.parameters()}']
    if group.way.factor != 1.0:
        given.append(f'"lr": {value_text(group.way.factor)} * {rate}')
    if group.way.decay is not None:
        given.append(f'"weight_decay": {value_text(group.way.decay)}')
    return f"{{{', '.join(given)}}}"


def _gathered(
    project: Project, shapes: BlockShapes, place: Place, outer: Weights, trains: Collection[str] = ()
) -> list[tuple[Way, Place]]:
    """The fewest modules under `place` each of which learns in one way throughout."""
    block = project.blocks[shapes.block]
    names = attribute_names(block)
    found: list[tuple[Way, Place]] = []
    is_whole = True
    for node_id in block.graph.order():
        record = shapes.nodes.get(node_id)
        if record is None or isinstance(block.graph.nodes[node_id].layer, Shared):
            continue
        if trains and block.graph.nodes[node_id].name not in trains:
            is_whole = is_whole and not record.parameters
            continue
        found += _of_node(project, block, node_id, record, place.inside(names[node_id]), outer)
    if is_whole and found and all(way == found[0][0] for way, _ in found):
        return [(found[0][0], place)]
    return found


def _of_node(
    project: Project, block: Block, node_id: NodeId, record: NodeShapes, place: Place, outer: Weights
) -> Iterable[tuple[Way, Place]]:
    node = block.graph.nodes[node_id]
    weights = node.weights.within(outer)
    if not record.parameters:
        return []
    if not isinstance(node.layer, Holder):
        tied = "weight" if node.weights.tied else ""
        if tied and tuple(record.named) == (tied,):
            return []
        is_parameter = tuple(record.named) == (ITSELF,)
        return [(_way(weights), replace(place, is_parameter=is_parameter, without=tied))]
    if isinstance(node.layer, BlockLayer) and (node.layer.repeat == 1 or node.layer.shared):
        return _gathered(project, record.repeats[0], place, weights)
    if isinstance(node.layer, BlockLayer):
        return _of_row(project, record.repeats, place, weights)
    return list(_of_parts(project, node.layer, record, place, weights))


def _of_row(
    project: Project, repeats: tuple[BlockShapes, ...], place: Place, weights: Weights
) -> list[tuple[Way, Place]]:
    """Repeats of one block learn alike, each part of one as the same part of the others."""
    variable = "part" if not place.loops else f"part{len(place.loops) + 1}"
    each = Place(variable, (*place.loops, f"for {variable} in {place.text}"))
    found = _gathered(project, repeats[0], each, weights)
    if len(found) == 1 and found[0][1] == each:
        return [(found[0][0], place)]
    return found


def _of_parts(
    project: Project, layer: Holder, record: NodeShapes, place: Place, weights: Weights
) -> Iterator[tuple[Way, Place]]:
    """Blocks that a loop or a choice holds, each a module of its own."""
    for part, inner in zip(layer.parts(), record.repeats):
        yield from _gathered(
            project, inner, replace(place, text=f"{place.text}_{part}" if part else place.text), weights
        )


def _way(weights: Weights) -> Way:
    return Way(weights.frozen, weights.lr_factor, weights.weight_decay)
