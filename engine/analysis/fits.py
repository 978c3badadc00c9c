"""Dry runs: whether a wire's shape fits where it would end, and what each layer would give here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from engine.analysis.execute import Outcome, outcome
from engine.analysis.instance import Instances
from engine.document import library
from engine.document.library import Entry as Ready
from engine.document.project import Project
from engine.errors import EngineError
from engine.expr import Expr
from engine.graph.graph import BlockId, Edge, NodeId
from engine.graph.shapes import Analysis, BlockShapes, Given, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer, Missing
from engine.layers.io import Input, Output
from engine.layers.outside import OutsideModule
from engine.tensor import TensorSpec

AROUND = 6
"""So many of the shapes that there are in a block are tried as what comes into a layer that is not there yet."""
_USUAL = (
    *(TensorSpec(("B", 64, *sizes)) for sizes in ((), (16,), (16, 16), (8, 16, 16))),
    TensorSpec(("B", 16), "int64"),
)
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
    return _refusal(project, shapes, target, edge, spec)


def _refusal(project: Project, shapes: BlockShapes, target: NodeShapes, edge: Edge, spec: TensorSpec) -> str | None:
    """Why the target cannot take this shape at the end of the wire; None if it can, or if that is not known."""
    given = _with_wire(project, shapes, target, edge, spec)
    error = outcome(target.layer, given).error if given is not None else None
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


def offer(project: Project, layer: Layer | Ready, source: TensorSpec) -> TensorSpec | str | None:
    """What a layer, a block of the project or a ready one would give for this input, or why it cannot take it."""
    if isinstance(layer, Ready):
        return block_offer(*library.instance(layer, project, source), source)
    return block_offer(project, layer, source) if isinstance(layer, BlockLayer) else _offer(layer, source)


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


def givers(
    project: Project, analysis: Analysis, end: tuple[NodeId, str], layers: Iterable[Layer], block: BlockId | str = ""
) -> dict[str, Given | str]:
    """By key, what each layer could give that an input takes, or why nothing that it gives can be taken.

    end: a node and its input. What will come into the layer is not known: shapes that there are in the block are
    tried, then usual ones, of every number of dimensions. Layers are left out of which nothing can be said.
    """
    shapes = analysis.of(block or project.main)
    target = shapes.nodes.get(end[0]) if shapes else None
    if shapes is None or target is None or isinstance(target.layer, _NOT_RUN) or target.layer.expressions():
        return {}
    edge = Edge(NodeId(""), "", *end)
    if _with_wire(project, shapes, target, edge, _USUAL[0]) is None:
        return {}  # it lacks something else as well
    around = dict.fromkeys(spec for node in shapes.nodes.values() for spec in node.outputs.values() if spec)
    tries = tuple(dict.fromkeys((*list(around)[:AROUND], *_USUAL)))

    def refusal(spec: TensorSpec) -> str | None:
        return _refusal(project, shapes, target, edge, spec)

    found = {layer.key: _given(layer, end[1].rstrip("0123456789"), tries, refusal) for layer in layers}
    return {key: given for key, given in found.items() if given is not None}


def _given(
    layer: Layer, name: str, tries: Iterable[TensorSpec], refusal: Callable[[TensorSpec], str | None]
) -> Given | str | None:
    """The first of its outputs that is taken, the one of that name before the others; else why the first is not."""
    if isinstance(layer, _NOT_RUN) or layer.expressions():
        return None
    runs = (_tried(layer, spec) for spec in tries) if layer.ports_in() else iter((outcome(layer, {}),))
    results = (run.outputs for run in runs if run is not None and run.error is None)
    said: str | None = None
    for port, spec in chain.from_iterable(sorted(each.items(), key=lambda item: item[0] != name) for each in results):
        reason = refusal(spec) if spec is not None else None
        if reason is None:
            return Given(port, spec) if spec is not None else None
        said = said or reason
    return said


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
