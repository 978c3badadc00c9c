"""How variables of the generated text are called."""

from engine.analysis.infer import infer
from engine.codegen.classes import model_source
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.merge import Add
from tests.engine.networks import graph, project


def test_no_variable_is_a_letter_that_reads_as_a_figure():
    rest = {f"r{i}": ReLU() for i in range(4)}
    layers = {"x": Input(), "l": Linear(out_features=4), **rest, "both": Add(), "y": Output()}
    chain = ("x -> l", "l -> r0", "r0 -> r1", "r1 -> r2", "r2 -> r3")
    made = project(graph(layers, *chain, "l -> both.inputs", "r3 -> both.inputs:1", "both -> y"))
    text = model_source(made, infer(made)).text
    assert "l_ = self.l(x)" in text
    assert " l = " not in text


def test_what_goes_on_and_is_read_soon_keeps_its_variable():
    layers = {"x": Input(), "a": Linear(out_features=4), "b": ReLU(), "both": Add(), "y": Output()}
    made = project(graph(layers, "x -> a", "a -> b", "a -> both.inputs", "b -> both.inputs:1", "both -> y"))
    lines = [line.strip() for line in model_source(made, infer(made)).text.split("def forward")[1].splitlines()[1:]]
    assert [line.split("  #")[0] for line in lines] == ["x = self.a(x)", "y = self.b(x)", "return x + y"]
