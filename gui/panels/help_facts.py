"""What a help page shows beyond words, worked out beside the window: typeset formula, curve, example and its shapes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.document.fragment import Fragment
from engine.graph.shapes import NodeShapes
from engine.layers.base import Layer
from engine.tensor import TensorSpec
from gui.diagrams import Known
from gui.formula.typeset import Outline, typeset


@dataclass(frozen=True)
class HelpFacts:
    """outlines: the formula; known: what the diagram is drawn from; example: what can be dragged, if it works."""

    outlines: tuple[Outline, ...] = ()
    known: Known = field(default_factory=Known)
    example: Fragment | None = None


def look_up(layer: Layer, given: Known) -> HelpFacts:
    """Everything there is to show of a layer. `given`: shapes of the node it is, if it is one. Belongs in a thread."""
    found, known = _tried(layer)
    shapes = given if given.outputs else known
    return HelpFacts(typeset(layer.formula) or (), replace(shapes, points=_points(layer)), found)


def known_about(layer: Layer) -> Known:
    """What the picture of a layer is drawn from where no node says more: the shapes of its example, and its curve."""
    return replace(_tried(layer)[1], points=_points(layer))


def _tried(layer: Layer) -> tuple[Fragment | None, Known]:
    """The example with the layer's shapes in it; none where it does not work."""
    from engine.analysis.infer import infer
    from engine.document.example import example

    found = example(type(layer))
    if found is None:
        return None, Known()
    shapes = infer(found.project, trusted=True).main  # a Code layer among them is ours
    if shapes.problems:
        return None, Known()
    return found, known_of(shapes.nodes[next(n.id for n in found.nodes if type(n.layer) is type(layer))])


def _points(layer: Layer) -> tuple[tuple[float, ...], ...]:
    from engine.analysis.plotted import curve

    plotted = curve(layer) if not layer.expressions() and layer.key != "Code" else None
    return (plotted.x, plotted.y, plotted.slope) if plotted else ()


def known_of(record: NodeShapes) -> Known:
    """The shapes of a node by port, as far as they are known."""
    inputs: list[tuple[str, TensorSpec]] = []
    for port, given in record.inputs.items():
        specs = given if isinstance(given, tuple) else (given,)
        inputs += [(port, spec) for spec in specs if isinstance(spec, TensorSpec)]
    outputs = tuple((port, spec) for port, spec in record.outputs.items() if isinstance(spec, TensorSpec))
    return Known(tuple(inputs), outputs)
