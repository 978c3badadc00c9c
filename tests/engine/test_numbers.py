"""Python numbers on wires: what they are, where they may go, and how they follow from free sizes."""

from __future__ import annotations

import pytest

from engine.analysis.execute import outcome
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers import Layer
from engine.tensor import NumberSpec, TensorSpec
from tests.engine.drawing import Drawing

ROWS = TensorSpec(("B", "T", 64))


def given(key: str, inputs: dict, **options) -> str:
    """What the layer's first output is, as people read it, or why there is none."""
    layer = Layer.registry[key](**options)
    found = outcome(layer, {port.name: inputs.get(port.name) for port in layer.ports_in()})
    return found.error.message if found.error else str(next(iter(found.outputs.values())))


@pytest.mark.parametrize(
    ("key", "options", "inputs", "text"),
    [
        ("Size", {}, {"x": ROWS}, "T"),
        ("Size", {"dim": -1}, {"x": ROWS}, "64"),
        ("Rank", {}, {"x": ROWS}, "3"),
        ("Count", {}, {"x": ROWS}, "64·B·T"),
        ("FloorDivide", {"other": 2}, {"a": NumberSpec.of("T")}, "T//2"),
        ("Remainder", {"other": 7}, {"a": NumberSpec.of("T")}, "T % 7"),
        ("Divide", {"other": 4}, {"a": NumberSpec.of(64)}, "16"),
        ("Multiply", {}, {"inputs": (NumberSpec.of("T"), NumberSpec.of("B"))}, "B·T"),
        ("Compare", {"operator": ">", "other": 3}, {"a": NumberSpec.of("T")}, "T > 3"),
        ("Add", {"other": 1}, {"inputs": (ROWS,)}, "B × T × 64"),
        ("Divide", {}, {"a": ROWS, "b": NumberSpec.of("T")}, "B × T × 64"),
    ],
)
def test_a_number_follows_from_the_free_sizes(key, options, inputs, text):
    assert given(key, inputs, **options) == text


def test_a_number_where_a_tensor_is_needed_is_refused_in_words():
    assert given("Linear", {"x": NumberSpec.of("T")}) == "Needs a tensor, gets the number T."


def numbers_and_rows() -> tuple[Project, Edge]:
    d = Drawing("Model")
    size = d.add("size", Layer.registry["Size"](), d.input("x", 5, 8))
    head = d.add("head", Layer.registry["Linear"]())
    return d.project(), Edge(size.node, "out", head.node, "x")


def test_a_wire_that_takes_a_number_to_a_tensors_port_cannot_be_drawn():
    project, edge = numbers_and_rows()
    assert project.why_not(edge) == "head: x needs a tensor, and out is a number."
