"""Blocks as a person would write them: what may be left out, rows that grow, and sequences."""

import re

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.document.edits import AddNode, Connect, SetBlockSequence, fresh_ids
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import Edge, NodeId
from engine.layers.activation import ReLU
from engine.layers.attention import MultiheadAttention
from engine.layers.control import Branch
from engine.layers.dropout import Dropout
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat
from engine.layers.normalization import LayerNorm
from engine.training.locate import node_path
from tests.engine.drawing import Drawing
from tests.engine.test_codegen import formatted

WIDTH = BlockParam("width", default=8)


def text_of(d: Drawing) -> str:
    text = module(d.project(), infer(d.project())).text
    assert formatted(text) == text
    return text


def model_of(d: Drawing, **args):
    return build(module(d.project(), infer(d.project())))[d.name](**args)


def messages(d: Drawing) -> str:
    analysis = infer(d.project())
    return " ".join(p.message for i in (analysis.main, *sum(analysis.instances.values(), ())) for p in i.problems)


def attention() -> Drawing:
    """A block whose mask may be left out."""
    b = Drawing("Attend")
    mask, x = b.input("mask", optional=True, dtype="bool"), b.input("x")
    b.output("y", b.add("attention", MultiheadAttention(num_heads=2), x, x, x, mask))
    return b


# What may be left out


def test_an_input_that_may_be_left_out_is_the_last_argument_and_none_by_default():
    d = Drawing("Model")
    x = d.input("rows", 4, 8)
    d.output("out", d.instance("attend", attention(), x))
    text = text_of(d)
    assert "def forward(self, x, mask=None):" in text
    assert "self.attend(rows)" in text
    assert model_of(d)(torch.zeros(2, 4, 8)).shape == (2, 4, 8)


def test_an_input_that_may_be_left_out_is_told_by_its_name_and_passed_on_inwards():
    outer = Drawing("Outer")
    x, mask = outer.input("x"), outer.input("hidden", optional=True)
    outer.output("y", outer.instance("attend", attention(), x, mask))
    d = Drawing("Model")
    x = d.instance("with_mask", outer, d.input("rows", 4, 8), d.input("mask", 4, dtype="bool"))
    d.output("out", d.instance("without", outer, x))
    text = text_of(d)
    assert "self.with_mask(rows, hidden=mask)" in text
    assert "return self.without(x)" in text
    assert "return self.attend(x, mask=hidden)" in text
    model = model_of(d).eval()
    rows, mask = torch.randn(2, 4, 8), torch.tensor([[False, True, True, True]] * 2)
    assert not torch.equal(model(rows, mask), model(rows, torch.zeros(2, 4, dtype=torch.bool)))


def test_the_network_itself_may_be_called_without_an_input():
    d = Drawing("Model")
    d.output("out", d.instance("attend", attention(), d.input("rows", 4, 8), d.input("mask", 4, optional=True)))
    assert "def forward(self, rows, mask=None):" in text_of(d)
    assert model_of(d)(torch.zeros(2, 4, 8)).shape == (2, 4, 8)


def test_what_may_be_left_out_cannot_feed_what_needs_it():
    b = Drawing("Sum")
    b.output("y", b.add("sum", Add(), b.input("x"), b.input("more", optional=True)))
    d = Drawing("Model")
    d.output("out", d.instance("sum", b, d.input("x", 8)))
    assert "sum cannot do without its input, and more may be left out." in messages(d)


def test_a_row_of_blocks_hands_what_may_be_left_out_to_each():
    d = Drawing("Model")
    d.output("out", d.instance("row", attention(), d.input("rows", 4, 8), d.input("mask", 4, dtype="bool"), repeat=3))
    assert "for layer in self.row:\n            x = layer(x, mask=mask)" in text_of(d)
    assert model_of(d)(torch.zeros(2, 4, 8), torch.zeros(2, 4, dtype=torch.bool)).shape == (2, 4, 8)


def test_a_sequence_in_a_branch_is_written_there():
    b = Drawing("Maybe", BlockParam("wide", "bool", False))
    branch = Branch(on="parameter", then="mlp", then_args={"width": 4}, when=Expr("wide"))
    b.used["mlp"] = mlp().block()
    b.output("y", b.add("act", ReLU(), b.add("first", branch, b.input("x"))))
    d = Drawing("Model")
    x = d.instance("one", b, d.input("points", 4))
    d.output("out", d.instance("two", b, x, wide=True))
    text = text_of(d)
    assert "class Mlp" not in text
    assert "nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 4))" in text
    assert set(model_of(d).state_dict()) == {f"two.first.{k}.{w}" for k in (0, 2) for w in ("weight", "bias")}


# Rows


def dense_row(**row) -> Drawing:
    layer = Drawing("Layer", BlockParam("growth", default=4))
    x = layer.input("x")
    new = layer.add("linear", Linear(out_features=Expr("growth")), x)
    layer.output("y", layer.add("cat", Concat(), x, new))
    stage = Drawing("Stage", BlockParam("layers", default=3), BlockParam("growth", default=4))
    stage.output(
        "y", stage.instance("row", layer, stage.input("x"), repeat=Expr("layers"), growth=Expr("growth"), **row)
    )
    d = Drawing("Model", BlockParam("growth", default=4), WIDTH)
    x = d.add("stem", Linear(out_features=Expr("width")), d.input("points", 3))
    x = d.instance("one", stage, x, growth=Expr("growth"))
    x = d.instance("two", stage, x, layers=5, growth=Expr("growth"))
    d.output("out", d.add("head", Linear(out_features=2), x))
    return d


def test_a_row_that_grows_by_as_much_each_time_says_by_how_much():
    text = text_of(dense_row())
    assert "Layer(in_features + i * growth, growth) for i in range(layers)" in re.sub(r"\s+", " ", text)
    assert "self.one = Stage(width, growth=growth)" in text


def test_what_a_block_gives_is_known_outside_in_terms_of_its_arguments():
    text = text_of(dense_row())
    assert "self.two = Stage(width + 3 * growth, layers=5, growth=growth)" in text
    assert "self.head = nn.Linear(width + 3 * growth + 5 * growth, 2)" in text


@pytest.mark.parametrize("sizes", [{}, {"growth": 2}, {"width": 5, "growth": 7}])
def test_a_network_that_grows_can_be_made_in_other_sizes(sizes):
    model_of(dense_row())
    assert model_of(dense_row(), **sizes)(torch.zeros(2, 3)).shape == (2, 2)


def test_repeats_know_how_many_they_are():
    layer = Drawing("Layer", BlockParam("drop", "float", 0.0))
    layer.output("y", layer.add("dropout", Dropout(p=Expr("drop")), layer.input("x")))
    d = Drawing("Model", BlockParam("rate", "float", 0.3), BlockParam("depth", default=3))
    d.output("out", d.instance("row", layer, d.input("x", 8), repeat=Expr("depth"), drop=Expr("rate * i / n")))
    assert "Layer(drop=rate * i / depth) for i in range(depth)" in text_of(d)
    assert [round(m.dropout.p, 3) for m in model_of(d).row] == [0.0, 0.1, 0.2]
    assert [round(m.dropout.p, 3) for m in model_of(d, depth=2, rate=0.5).row] == [0.0, 0.25]
    assert not messages(d)


def test_the_last_of_a_listed_row_that_are_alike_become_a_loop():
    layer = Drawing("Layer", WIDTH)
    layer.output("y", layer.add("linear", Linear(out_features=Expr("width")), layer.input("x")))
    d = Drawing("Model")
    d.output("out", d.instance("row", layer, d.input("x", 3), repeat=5, width=16))
    assert "            Layer(3, 16),\n            *[Layer(16, 16) for _ in range(4)],\n" in text_of(d)
    assert model_of(d)(torch.zeros(2, 3)).shape == (2, 16)


# Sequences


def mlp() -> Drawing:
    b = Drawing("Mlp", BlockParam("width", default=8), BlockParam("hidden", default=16), sequence=True)
    x = b.add("fc1", Linear(out_features=Expr("hidden")), b.input("x"))
    x = b.add("act", ReLU(), x)
    b.output("y", b.add("fc2", Linear(out_features=Expr("width")), x))
    return b


def test_a_sequence_that_stands_in_one_place_is_written_there():
    d = Drawing("Model", BlockParam("width", default=8))
    x = d.add("norm", LayerNorm(), d.input("x", 8))
    x = d.instance("mlp", mlp(), x, width=Expr("width"), hidden=Expr("width * 4"))
    d.output("out", d.add("head", Linear(out_features=2), x))
    text = text_of(d)
    assert "class Mlp" not in text
    body = "self.mlp = nn.Sequential( nn.Linear(width, width * 4), nn.ReLU(), nn.Linear(width * 4, width), )"
    assert body in re.sub(r"\s+", " ", text)
    assert "self.head = nn.Linear(width, 2)" in text
    assert list(model_of(d).state_dict())[2:6] == ["mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias"]


def test_a_sequence_without_parameters_that_stands_in_one_place_has_its_sizes():
    b, d = Drawing("Mlp", sequence=True), Drawing("Model")
    b.output(
        "y",
        b.add("fc2", Linear(out_features=8), b.add("act", ReLU(), b.add("fc1", Linear(out_features=4), b.input("x")))),
    )
    d.output("out", d.instance("mlp", b, d.input("x", 2)))
    body = "self.mlp = nn.Sequential( nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 8), )"
    assert body in re.sub(r"\s+", " ", text_of(d))


def twice() -> Drawing:
    d = Drawing("Model")
    x = d.instance("one", mlp(), d.input("x", 4))
    d.output("out", d.instance("two", mlp(), x, hidden=32))
    return d


def test_a_sequence_that_stands_in_several_places_is_a_class_with_the_same_keys():
    text = text_of(twice())
    assert "class Mlp(nn.Sequential):" in text
    assert "super().__init__(\n            nn.Linear(in_features, hidden)," in text
    assert "self.two = Mlp(8, hidden=32)" in text
    assert list(model_of(twice()).state_dict())[:2] == ["one.0.weight", "one.0.bias"]
    assert model_of(twice())(torch.zeros(2, 4)).shape == (2, 8)


def test_a_parameter_of_a_sequence_belongs_to_its_layer():
    project = twice().project()
    assert node_path(project, "two.2.weight")[-1] == ("mlp", project.block("mlp").graph.by_name("fc2").id)


def test_what_is_no_chain_of_modules_is_no_sequence():
    b = Drawing("Sum")
    x = b.input("x")
    b.output("y", b.add("sum", Add(), b.add("linear", Linear(out_features=8), x), x))
    d = Drawing("Model")
    d.output("out", d.instance("sum", b, d.input("x", 8)))
    with pytest.raises(EditError, match="linear does not follow x alone"):
        SetBlockSequence("sum", True)(d.project())


def test_a_sequence_that_is_no_longer_one_gets_a_forward_and_a_warning():
    project = twice().project()
    (new,) = fresh_ids(project, "mlp")
    project = AddNode(ReLU(), block="mlp")(project)
    project = Connect(Edge(NodeId("n1"), "out", new, "x"), "mlp")(project)
    analysis = infer(project)
    assert any("Mlp is no longer one layer after the other" in p.message for p in analysis.problems)
    assert "class Mlp(nn.Module):" in module(project, analysis).text
