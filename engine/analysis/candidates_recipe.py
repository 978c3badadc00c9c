"""What might mend a network that does not fit its recipe, or has no ends: edits that are worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from engine.analysis.advice import TO_PROBABILITIES
from engine.analysis.candidates import Place, insert, make, set_option
from engine.analysis.candidates_shapes import delete, one_step
from engine.analysis.fit_training import leaves_one_alone, training_samples
from engine.document.edits import (
    AddNode,
    Batch,
    Connect,
    Disconnect,
    Insert,
    RemoveNodes,
    SetParam,
    SetRecipe,
    fresh_ids,
)
from engine.document.project import Project
from engine.errors import EngineError, Repair
from engine.graph.block import Block
from engine.graph.graph import Edge, NodeId
from engine.graph.shapes import Analysis
from engine.layers.io import Input, Output
from engine.recipe.base import Features, Target
from engine.recipe.losses import FromCanvas
from engine.recipe.suggest import losses_for, suggest
from engine.tensor import TensorSpec

_WIDTHS = ("out_features", "out_channels", "hidden_size")
_APART = 260.0


def for_output(place: Place) -> Iterator[Repair]:
    """Give an Output what its target and loss want."""
    yield from _as_loss(place)
    target = _target(place)
    if target is None:
        return
    width = target.classes if target.kind == "class" else max([1, *target.shape[-1:]])
    losses = place.project.recipe.losses
    index = [n.id for n in place.project.block(place.block).outputs].index(place.node.id)
    if target.kind == "class" and index < len(losses) and losses[index].wants == "binary":
        width = 1
    wires = place.wires()
    for edge, spec in wires:
        if not spec.is_floating and place.graph.nodes[edge.source].layer.key == "Cast":
            yield delete(place, place.graph.nodes[edge.source])
        yield from one_step(place, edge)
        if spec.rank > 2:
            yield from _flatten_before(place, edge, width)
        for node in place.before(edge.source):
            name = next((n for n in _WIDTHS if n in node.layer.params), None)
            if name:
                yield from set_option(place, node, name, width)
                break
        if spec.rank == 2:
            for linear in make("Linear", out_features=width):
                yield insert(place, edge, linear)
        if spec.rank > 2:
            for flat, linear in zip(make("Flatten"), make("Linear", out_features=width)):
                yield insert(place, edge, flat)
                yield insert(place, edge, flat, linear)
    yield from _other_losses(place, target)


def _other_losses(place: Place, target: Target) -> Iterator[Repair]:
    losses = place.project.recipe.losses
    index = [n.id for n in place.project.block(place.block).outputs].index(place.node.id)
    for loss in losses_for(target):
        chosen = tuple(loss() if i == index else other for i, other in enumerate(losses))
        if index < len(losses):
            yield Repair(f"Use {loss.title}", SetRecipe("losses", chosen))


def _as_loss(place: Place) -> Iterator[Repair]:
    """An output that is one number for the whole batch is a loss that was drawn."""
    losses, outputs = place.project.recipe.losses, [n.id for n in place.project.block(place.block).outputs]
    is_number = any(isinstance(s, TensorSpec) and s.rank == 0 and s.is_floating for _, s in place.wires())
    if place.block != place.project.main or place.node.id not in outputs or not is_number:
        return
    index = outputs.index(place.node.id)
    losses = (*losses, FromCanvas())[: len(outputs)]
    chosen = tuple(FromCanvas() if i == index else loss for i, loss in enumerate(losses))
    yield Repair("Use it as the loss", SetRecipe("losses", chosen))


def _flatten_before(place: Place, edge: Edge, width: int) -> Iterator[Repair]:
    """The usual slip: a Linear with the right number of outputs that sees an image instead of one row."""
    for node in place.before(edge.source):
        into = place.graph.into(node.id)
        if getattr(node.layer, "out_features", None) == width and len(into) == 1:
            for flat in make("Flatten"):
                yield insert(place, into[0], flat, title=f"Insert Flatten before {node.name}")


def _target(place: Place) -> Target | None:
    features = features_of(place.project)
    outputs = [n.id for n in place.project.block(place.block).outputs]
    if features is None or place.block != place.project.main or place.node.id not in outputs:
        return None
    index = outputs.index(place.node.id)
    return features.targets[index] if index < len(features.targets) else None


def features_of(project: Project) -> Features | None:
    """What the data offers, if it can be read."""
    try:
        return project.recipe.features()
    except EngineError:
        return None


def for_warning(place: Place) -> Iterator[Repair]:
    """What a hint advises: delete a layer, put one in, or take another loss."""
    if not isinstance(place.node.layer, Output):
        if not place.graph.out_of(place.node.id) and not isinstance(place.node.layer, Input):
            yield Repair(f"Delete {place.node.name}", RemoveNodes((place.node.id,), place.block))
        for edge, _ in place.wires():
            for permute in make("Permute", dims=(0, 3, 1, 2)):
                yield insert(place, edge, permute)
        return
    for edge, _ in place.wires():
        before = place.graph.nodes[edge.source]
        if before.layer.key in TO_PROBABILITIES:
            yield delete(place, before)
    if " loss " not in place.problem.hint and (target := _target(place)) is not None:
        yield from _other_losses(place, target)


def for_input(place: Place) -> Iterator[Repair]:
    """Let an Input take what comes."""
    if place.block == place.project.main:
        edit = SetParam(place.node.id, "shape", None, place.block)
        yield Repair(f"Take the shape of {place.node.name} from the data", edit)
    else:
        yield Repair(f"Clear the shape of {place.node.name}", SetParam(place.node.id, "shape", None, place.block))


def for_project(project: Project, block: Block, analysis: Analysis) -> Iterator[Repair]:
    """Add the ends that a block lacks; as many losses as there are outputs; something that learns."""
    if not any(node.trainable for node in analysis.main.nodes.values()):
        yield from _first_weights(project, block, analysis)
    graph = block.graph
    loose = [id for id in graph.nodes if not graph.out_of(id) and project.ports(graph.nodes[id], block.id)[1]]
    if not block.outputs:
        for id in loose[:3]:
            yield _end(project, block, id)
    features = features_of(project)
    if features is None or block.id != project.main:
        return
    if len(block.outputs) == len(features.targets) and len(project.recipe.losses) != len(block.outputs):
        losses, metrics = suggest(features)
        names = ", ".join(loss.title for loss in losses)
        edits: tuple[Any, ...] = (SetRecipe("losses", losses), SetRecipe("metrics", metrics))
        yield Repair(f"Use {names}", Batch(f"Use {names}", edits))
    if block.outputs and len(block.outputs) < len(features.targets):
        yield from _more_heads(project, block, features)
    if len(block.inputs) < len(features.inputs):
        layout = project.layout_of(block.id)
        at = min(layout.positions.values(), default=(0.0, 0.0))
        for feature in features.inputs[len(block.inputs) :]:
            yield Repair(f"Add an Input for {feature.name}", AddNode(Input(), "", (at[0], at[1] + 120), block.id))


def _first_weights(project: Project, block: Block, analysis: Analysis) -> Iterator[Repair]:
    """A Linear before an Output, of the size that comes out now."""
    for end in block.outputs:
        spec = analysis.main.nodes[end.id].inputs.get("x") if end.id in analysis.main.nodes else None
        for edge in block.graph.into(end.id):
            if isinstance(spec, TensorSpec) and spec.rank and isinstance(spec.shape[-1], int):
                for linear in make("Linear", out_features=spec.shape[-1]):
                    yield Repair(f"Insert Linear before {end.name}", Insert(edge, linear, (0.0, 0.0), block.id))


def _more_heads(project: Project, block: Block, features: Features) -> Iterator[Repair]:
    """An Output for every target that has none, each from a Linear beside the last one, with the losses for them."""
    graph, layout = block.graph, project.layout_of(block.id)
    last = block.outputs[-1]
    wire = next(iter(graph.into(last.id)), None)
    head = graph.nodes[wire.source] if wire else None
    root = next(iter(graph.into(head.id)), None) if head else None
    missing = features.targets[len(block.outputs) :]
    if head is None or root is None or "out_features" not in head.layer.params:
        return
    ids = iter(fresh_ids(project, block.id, 2 * len(missing)))
    edits: list[Any] = []
    x, y = layout.at(last.id)
    for number, target in enumerate(missing, 1):
        width = target.classes if target.kind == "class" else max([1, *target.shape[-1:]])
        linear, end = next(ids), next(ids)
        name = target.name if target.name.isidentifier() else ""
        for layer in make("Linear", out_features=width):
            edits.append(AddNode(layer, "", (x - _APART, y + _APART * number), block.id))
        edits.append(AddNode(Output(), name, (x, y + _APART * number), block.id))
        edits.append(Connect(Edge(root.source, root.source_port, linear, "x"), block.id))
        edits.append(Connect(Edge(linear, "out", end, "x"), block.id))
    losses, metrics = suggest(features)
    edits += [SetRecipe("losses", losses), SetRecipe("metrics", metrics)]
    title = "Add an Output for " + ", ".join(target.name for target in missing)
    yield Repair(title, Batch(title, tuple(edits)))


def _end(project: Project, block: Block, id: NodeId) -> Repair:
    """An Output behind a node that feeds nothing."""
    node = block.graph.nodes[id]
    (new,) = fresh_ids(project, block.id)
    x, y = project.layout_of(block.id).at(id)
    port = project.ports(node, block.id)[1][0].name
    edits = (AddNode(Output(), "", (x + _APART, y), block.id), Connect(Edge(id, port, new, "x"), block.id))
    title = f"Add an Output after {node.name}"
    return Repair(title, Batch(title, edits))


def for_training(project: Project) -> Iterator[Repair]:
    """Options of the recipe that would let a run begin, where it is they that are in the way."""
    recipe = project.recipe
    features = features_of(project)
    if recipe.optimizer.why_not() and "nesterov" in recipe.optimizer.params:
        yield Repair("Set momentum to 0.9", SetRecipe("optimizer.momentum", 0.9))
        yield Repair("Turn nesterov off", SetRecipe("optimizer.nesterov", False))
    if features is None:
        return
    if recipe.validation and not int(features.samples * recipe.validation):
        yield Repair("Train without validation", SetRecipe("validation", 0.0))
    samples = training_samples(features, recipe)
    if samples > 1 and leaves_one_alone(samples, recipe.batch_size):
        size = next(n for n in count(recipe.batch_size + 1) if not leaves_one_alone(samples, n))
        yield Repair(f"Set batch_size to {size}", SetRecipe("batch_size", size))


def for_circle(place: Place) -> Iterator[Repair]:
    """Take away one of the wires that close a circle, the ones that run backwards first."""
    rank = {id: i for i, id in enumerate(place.graph.nodes)}
    circle = {id for id in place.graph.downstream(place.node.id) if place.node.id in place.graph.downstream(id)}
    circle |= {place.node.id}
    edges = [e for e in place.graph.edges if e.source in circle and e.target in circle]
    for edge in sorted(edges, key=lambda e: (rank[e.source] < rank[e.target], e))[:4]:
        names = place.graph.nodes[edge.source].name, place.graph.nodes[edge.target].name
        yield Repair(f"Delete the wire from {names[0]} to {names[1]}", Disconnect(edge, place.block))
