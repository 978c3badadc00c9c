"""Ways out of a problem inside a block whose instance was given sizes that do not go with what comes in."""

from __future__ import annotations

from collections.abc import Iterator

from engine.analysis.candidates import Place
from engine.document.bringing import fitting_args
from engine.document.edits import SetParam
from engine.document.wiring import instances
from engine.errors import Repair
from engine.expr import Expr
from engine.graph.shapes import Analysis
from engine.layers.block import BlockLayer
from engine.tensor import TensorSpec


def fitted(place: Place, analysis: Analysis) -> Iterator[Repair]:
    """Give an instance the sizes that its block says follow from what comes in; expressions are left alone."""
    block = place.project.block(place.block)
    for where, node in instances(place.project, block.id) if block.about.fits else ():
        shapes = analysis.of(where)
        record = shapes.nodes.get(node.id) if shapes else None
        if record is None or not isinstance(node.layer, BlockLayer):
            continue
        comes = {port: spec for port, spec in record.inputs.items() if isinstance(spec, TensorSpec)}
        present = {**block.defaults(), **node.layer.args}
        found = {
            name: value
            for name, value in fitting_args(block, comes).items()
            if value != present[name] and not isinstance(present[name], Expr)
        }
        if found:
            said = " and ".join(f"{name} to {value}" for name, value in found.items())
            args = {**node.layer.args, **found}
            yield Repair(f"Set {node.name} {said}", SetParam(node.id, "args", args, where))
