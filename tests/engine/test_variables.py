"""How variables of the generated text are called."""

from engine.analysis.infer import infer
from engine.codegen.classes import model_source
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.merge import Add
from tests.engine.networks import graph, project


def test_no_variable_is_a_letter_that_reads_as_a_figure():
    layers = {"x": Input(), "l": Linear(out_features=4), "r": ReLU(), "both": Add(), "y": Output()}
    made = project(graph(layers, "x -> l", "l -> r", "l -> both.inputs", "r -> both.inputs[1]", "both -> y"))
    text = model_source(made, infer(made)).text
    assert "l_ = self.l(x)" in text
    assert " l = " not in text
