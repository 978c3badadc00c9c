"""Dry runs: whether a wire's shape fits where it would end, and what each layer would give here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.analysis.execute import Outcome, outcome
from engine.analysis.instance import Instances
from engine.document.project import Project
from engine.errors import EngineError
from engine.expr import Expr
from engine.graph.graph import BlockId, Edge
from engine.graph.shapes import Analysis, BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer, Missing
from engine.layers.io import Input, Output
from engine.layers.outside import OutsideModule
from engine.tensor import TensorSpec

_NOT_RUN = (Holder, Chosen, CodeLayer, OutsideModule, Missing, Shared, Input, Output)


def fits(project: Project, analysis: Analysis, edge: Edge, block: BlockId | str = "") -> str | None:
    """Why the shape at the source cannot go into the target's port. None: it can, or that is not known.

    Whether the wire can be drawn at all is `project.why_not`'s business.
    """
    shapes = analysis.of(block or project.main)
    target = shapes.nodes.get(edge.target) if shapes else None
    source = shapes.nodes.get(edge.source) if shapes else None
    spec = source.outputs.get(edge.source_port) if source else None
    if shapes is None or target is None or spec is None or isinstance(target.layer, _NOT_RUN):
        return None
    if target.layer.expressions():
        return None
    given = _with_wire(project, shapes, target, edge, spec)
    if given is None:
        return None
    error = outcome(target.layer, given).error
    return error.message if error else None


def _with_wire(
    project: Project, shapes: BlockShapes, target: NodeShapes, edge: Edge, spec: TensorSpec
) -> dict[str, Any] | None:
    """What the target would be given; None while something else is missing that it needs."""
    graph = project.block(shapes.block).graph
    ports = {port.name: port.kind for port in target.layer.ports_in()}
    if edge.target_port not in ports:
        return None
    given: dict[str, Any] = {}
    for name, kind in ports.items():
        wires = () if name == edge.target_port and kind != "many" else graph.feeding(edge.target, name)
        found = [_spec(shapes, wire) for wire in wires if wire != edge]
        if name == edge.target_port:
            found.append(spec)
        if None in found or (not found and kind != "optional"):
            return None
        given[name] = tuple(found) if kind == "many" else found[0] if found else None
    if ports[edge.target_port] == "many" and len(given[edge.target_port]) < 2:
        return None  # the first of several
    return given


def _spec(shapes: BlockShapes, wire: Edge) -> TensorSpec | None:
    source = shapes.nodes.get(wire.source)
    return source.outputs.get(wire.source_port) if source else None


def offers(
    project: Project, analysis: Analysis, source: TensorSpec | None, layers: Iterable[Layer | type[Layer]]
) -> dict[str, TensorSpec | str]:
    """By key, what each layer would give for this input at its first output, or why it cannot take it.

    Layers that need more inputs than one are tried with this one alone; where nothing can be said, they are left out.
    """
    found: dict[str, TensorSpec | str] = {}
    if source is None:
        return found
    for entry in layers:
        offer = _offer(entry, source)
        if offer is not None:
            found[entry.key] = offer
    return found


def block_offer(project: Project, layer: BlockLayer, source: TensorSpec) -> TensorSpec | str | None:
    """What an instance of a block would give for this input at its first output, or why it cannot take it."""
    block = project.block(layer.block)
    if len(block.inputs) != 1:
        return None
    args = {**block.defaults(), **layer.args}
    if any(isinstance(value, Expr) for value in args.values()):
        return None
    shapes = Instances(project, trusted=False).of(block, args, (source,))
    problem = next((p for p in shapes.problems if p.severity == "error"), None)
    return problem.message if problem else next(iter(shapes.outputs), None)


def _offer(entry: Layer | type[Layer], source: TensorSpec) -> TensorSpec | str | None:
    try:
        layer = entry() if isinstance(entry, type) else entry
        ports = layer.ports_in()
    except EngineError:
        return None
    if isinstance(layer, Holder):
        return None
    if isinstance(layer, Input) or not ports:
        return f"{layer.title} takes no input."
    if isinstance(layer, _NOT_RUN) or layer.expressions():
        return None
    result = _tried(layer, source)
    if result is None or result.error is not None:
        return None if result is None or result.error is None else result.error.message
    return next(iter(result.outputs.values()), None)


def _tried(layer: Layer, source: TensorSpec) -> Outcome | None:
    """The layer with this input at its first port; a second one of the same shape where it takes several."""
    given: dict[str, Any] = {}
    for index, port in enumerate(layer.ports_in()):
        if port.kind == "many":
            given[port.name] = (source, source)
        else:
            given[port.name] = source if index == 0 else None
            if index and port.kind == "required":
                return None
    return outcome(layer, given)
