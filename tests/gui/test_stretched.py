"""What torch stretches without a word is said in the inspector."""

import pytest

from engine.analysis.execute import outcome
from engine.graph.shapes import NodeShapes
from engine.layers import Layer
from engine.tensor import NumberSpec, TensorSpec
from gui.panels.facts_of import stretched

ROWS, ROW = TensorSpec(("B", 5, 8)), TensorSpec(("B", 1, 8))


@pytest.mark.parametrize(
    ("key", "inputs", "said"),
    [
        ("Add", {"inputs": (ROWS, ROW)}, ["2: B × 1 × 8 to B × 5 × 8"]),
        ("Subtract", {"a": TensorSpec((8,)), "b": ROWS}, ["a: 8 to B × 5 × 8"]),
        ("Add", {"inputs": (ROWS, ROWS)}, []),
        ("Multiply", {"inputs": (ROWS, NumberSpec.of(2))}, []),
        ("MatMul", {"a": ROWS, "b": TensorSpec((8, 3))}, []),
    ],
)
def test_an_operator_names_the_inputs_that_are_stretched(key, inputs, said):
    layer = Layer.registry[key]()
    assert stretched(NodeShapes(layer, inputs, outcome(layer, inputs).outputs)) == said
