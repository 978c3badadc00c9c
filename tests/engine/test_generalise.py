"""One block, several instances, one class: which sizes become parameters and how they are called."""

import re

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import model_source
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.activation import LeakyReLU, ReLU
from engine.layers.convolution import Conv2d
from engine.layers.io import Parameter
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat
from engine.layers.normalization import BatchNorm2d, LayerNorm
from engine.layers.recurrent import GRU
from engine.layers.shape import Flatten
from tests.engine.drawing import Drawing

WIDTH = BlockParam("width", default=16)


def dense(*params: BlockParam, width=8, name="Dense") -> Drawing:
    """Linear and ReLU; its width is a number or an expression."""
    d = Drawing(name, *params)
    x = d.input("x")
    d.output("y", d.add("act", ReLU(), d.add("linear", Linear(out_features=width), x)))
    return d


def text_of(drawing: Drawing) -> str:
    project = drawing.project()
    return model_source(project, infer(project)).text


def model_of(drawing: Drawing, **options):
    """The built model, held against the analysis: as many numbers are learned, and its outputs have their shapes."""
    project = drawing.project()
    analysis = infer(project)
    source = model_source(project, analysis)
    model = build(source)[source.main](**options)
    if not options:
        assert sum(p.numel() for p in model.parameters()) == analysis.parameters, source.text
        inputs = [spec for n in project.block().inputs for spec in analysis.main.nodes[n.id].outputs.values()]
        tensors = [torch.zeros([3 if size == "B" else size for size in spec.shape]) for spec in inputs]
        result = model(*tensors)
        results = result if isinstance(result, tuple) else (result,)
        wanted = [tuple(3 if size == "B" else size for size in spec.shape) for spec in analysis.main.outputs]
        assert [tuple(r.shape) for r in results] == wanted, source.text
    return model


def in_row(block: Drawing, *, features=8, **args) -> Drawing:
    d = Drawing("Model")
    d.output("out", d.instance("row", block, d.input("points", features), **args))
    return d


def test_sizes_on_which_all_instances_agree_are_literals():
    d = in_row(dense(), repeat=3)
    assert "def __init__(self):" in text_of(d)
    assert "self.row = nn.Sequential(*[Dense() for _ in range(3)])" in text_of(d)
    assert "row.2.linear.weight" in model_of(d).state_dict()


def test_one_instance_has_no_number_in_its_names():
    assert "row.linear.weight" in model_of(in_row(dense())).state_dict()


def test_sizes_that_differ_become_a_parameter_named_after_them():
    d = Drawing("Model")
    x = d.instance("first", dense(), d.input("points", 3))
    d.output("out", d.instance("second", dense(), x))
    text = text_of(d)
    assert text.count("class Dense") == 1
    assert "def __init__(self, in_features):" in text
    assert "self.first = Dense(3)" in text
    assert "self.second = Dense(8)" in text
    model_of(d)


def test_sizes_that_move_together_are_one_parameter_and_others_get_a_name_of_their_own():
    block = Drawing("Pair")
    a, b = block.input("a"), block.input("b")
    left = block.add("left", Linear(out_features=4), a)
    also = block.add("also", Linear(out_features=4), a)
    right = block.add("right", Linear(out_features=4), b)
    block.output("sum", block.add("sum", Add(), left, also, right))
    d = Drawing("Model")
    a, b = d.input("a", 5), d.input("b", 6)
    x = d.instance("first", block, a, b)
    d.output("out", d.instance("second", block, b, x))
    text = text_of(d)
    assert "def __init__(self, in_features, right_in_features):" in text
    assert "self.also = nn.Linear(in_features, 4)" in text
    assert "self.first = Pair(5, 6)" in text
    assert "self.second = Pair(6, 4)" in text
    model_of(d)


def test_a_declared_parameter_that_explains_a_size_is_written_instead():
    block = Drawing("Same", BlockParam("width", default=4))
    x = block.input("x")
    block.output("y", block.add("out", Linear(out_features=Expr("width")), block.add("norm", LayerNorm(), x)))
    d = Drawing("Model")
    x = d.instance("small", block, d.input("points", 4), width=4)
    x = d.add("wide", Linear(out_features=6), x)
    d.output("out", d.instance("large", block, x, width=6))
    text = text_of(d)
    assert "nn.LayerNorm(width)" in text
    assert "self.large = Same(6)" in text
    model_of(d)


def test_a_growing_row_is_listed_with_its_options():
    block = dense(WIDTH, BlockParam("bias", "bool", True), width=Expr("width"))
    d = in_row(block, repeat=3, width=Expr("8 * 2**i"), bias=False)
    text = re.sub(r"\s+", " ", text_of(d))
    assert "nn.Sequential( Dense(8, 8, bias=False), Dense(8, 16, bias=False), Dense(16, 32, bias=False), )" in text
    model_of(d)


def test_a_long_row_is_a_loop_even_if_the_first_differs():
    d = in_row(dense(), features=3, repeat=40)
    assert "Dense(3 if i == 0 else 8) for i in range(40)" in text_of(d)
    model_of(d)


def test_a_long_row_that_changes_all_the_time_is_listed():
    d = in_row(dense(WIDTH, width=Expr("width")), features=3, repeat=20, width=Expr("i + 1"))
    assert "            Dense(19, 20),\n" in text_of(d)
    model_of(d)


def test_a_row_of_changing_length_that_changes_all_the_time_takes_its_sizes_by_number():
    d = Drawing("Model", BlockParam("depth", default=4))
    row = d.instance(
        "row", dense(WIDTH, width=Expr("width")), d.input("points", 3), repeat=Expr("depth"), width=Expr("i + 1")
    )
    d.output("out", row)
    assert "Dense((3, 1, 2, 3)[i], i + 1) for i in range(depth)" in text_of(d)
    model_of(d)


def test_a_row_as_long_as_a_parameter_says_follows_it():
    inner = dense(WIDTH, width=Expr("width"))
    stage = Drawing("Stage", BlockParam("depth", default=2), WIDTH)
    stage.output("y", stage.instance("layers", inner, stage.input("x"), repeat=Expr("depth"), width=Expr("width")))
    d = Drawing("Model", BlockParam("deep", default=3))
    x = d.instance("first", stage, d.input("points", 5), depth=Expr("deep"), width=12)
    d.output("out", d.instance("second", stage, x, depth=1))
    text = re.sub(r"\s+", " ", text_of(d))
    assert "Dense(in_features if i == 0 else width, width) for i in range(depth)" in text
    assert "Stage(5, depth=deep, width=12)" in text
    model_of(d)
    assert len(model_of(d, deep=7).first.layers) == 7


def test_a_row_with_one_weight_is_called_again_and_again():
    d = in_row(dense(), repeat=3, shared=True)
    text = text_of(d)
    assert "for _ in range(3):\n            x = self.row(x)" in text
    assert set(model_of(d).state_dict()) == {"row.linear.weight", "row.linear.bias"}


def test_how_often_one_weight_is_used_can_be_a_parameter():
    d = Drawing("Model", BlockParam("times", default=3))
    d.output("out", d.instance("row", dense(), d.input("points", 8), repeat=Expr("times"), shared=True))
    assert "for _ in range(self.times):" in text_of(d)
    assert "self.times = times" in text_of(d)
    model_of(d)


def test_a_row_of_blocks_with_two_tensors_is_a_loop_over_modules():
    block = Drawing("Pair")
    a, b = block.input("a"), block.input("b")
    new = block.add("new", Linear(out_features=8), block.add("joined", Concat(), a, b))
    block.output("a", new)
    block.output("b", block.add("sum", Add(), new, b))
    d = Drawing("Model")
    a = d.input("points", 8)
    out = d.instance("row", block, a, d.add("other", Linear(out_features=8), a), repeat=3)
    d.output("out", d.add("sum", Add(), out, out.b))
    assert "nn.ModuleList(Pair() for _ in range(3))" in text_of(d)
    assert "row.2.new.weight" in model_of(d).state_dict()


def test_parameters_of_inner_classes_are_handed_through():
    inner = dense(name="Inner")
    outer = Drawing("Outer")
    outer.output("y", outer.instance("inner", inner, outer.input("x")))
    d = Drawing("Model")
    x = d.instance("first", outer, d.input("points", 3))
    d.output("out", d.instance("second", outer, x))
    text = text_of(d)
    assert "self.inner = Inner(in_features)" in text
    assert "self.first = Outer(3)" in text
    assert text.index("class Inner") < text.index("class Outer") < text.index("class Model")
    model_of(d)


def test_a_layer_used_twice_has_its_weights_once():
    d = Drawing("Model")
    x = d.input("points", 8)
    first = d.add("first", Linear(out_features=8), x)
    d.output("out", d.again("again", first, first))
    assert set(model_of(d).state_dict()) == {"first.weight", "first.bias"}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("norm", "nn.BatchNorm2d(width)"),
        ("flat", "nn.Linear(width * 8 * 8, 10)"),
        ("joined", "nn.Linear(10 + width * 2, 5)"),
        ("twice", "nn.Linear(width * 2, 6)"),
    ],
)
def test_a_size_that_follows_from_a_parameter_is_written_as_it_follows(name, wanted):
    assert f"self.{name} = {wanted}" in text_of(wide())


def wide() -> Drawing:
    d = Drawing("Model", WIDTH)
    x = d.input("images", 1, 8, 8)
    x = d.add("conv", Conv2d(out_channels=Expr("width")), x)
    x = d.add("norm", BatchNorm2d(), x)
    x = d.add("flat", Linear(out_features=10), d.add("flatten", Flatten(), x))
    side = d.add("side", Linear(out_features=Expr("width * 2")), x)
    x = d.add("joined", Linear(out_features=5), d.add("concat", Concat(), x, side))
    same = d.add("twice", Linear(out_features=6), d.add("doubled", Concat(), *two(d, x)))
    d.output("out", same)
    return d


def two(d: Drawing, x):
    return [d.add(name, Linear(out_features=Expr("width")), x) for name in ("left", "right")]


@pytest.mark.parametrize("width", [1, 16, 21])
def test_a_model_can_be_made_wider_from_outside(width):
    model_of(wide())
    model = model_of(wide(), width=width)
    assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 6)


def test_the_size_of_what_comes_in_is_the_parameter_that_says_so():
    decoder = Drawing("Decoder", BlockParam("code", default=8))
    x = decoder.input("x")
    decoder.output("y", decoder.add("linear", Linear(out_features=4), x))
    d = Drawing("Model", BlockParam("code", default=8))
    x = d.add("encoder", Linear(out_features=Expr("code")), d.input("points", 3))
    d.output("out", d.instance("decoder", decoder, x, code=Expr("code")))
    assert "nn.Linear(code, 4)" in text_of(d)
    assert model_of(d, code=5)(torch.zeros(2, 3)).shape == (2, 4)


def test_a_number_that_is_no_size_explains_no_size():
    block = Drawing("Scaled", BlockParam("slope", default=8))
    x = block.add("act", LeakyReLU(negative_slope=Expr("slope")), block.input("x"))
    block.output("y", block.add("linear", Linear(out_features=3), x))
    d = Drawing("Model")
    d.output("out", d.instance("scaled", block, d.input("points", 8), slope=8))
    assert "nn.Linear(8, 3)" in text_of(d)


def test_both_directions_of_a_recurrent_layer_are_counted():
    d = Drawing("Model", WIDTH)
    x = d.add("gru", GRU(hidden_size=Expr("width"), bidirectional=True), d.input("rows", 8, 8))
    d.output("out", d.add("head", Linear(out_features=10), x))
    assert "self.head = nn.Linear(width * 2, 10)" in text_of(d)
    model_of(d)


def test_a_parameter_of_the_block_may_be_called_like_a_module():
    d = Drawing("Model", BlockParam("nn", default=4), BlockParam("range", default=2), BlockParam("i", default=3))
    x = d.add("linear", Linear(out_features=Expr("nn * i")), d.input("points", 8))
    d.output("out", d.instance("row", dense(width=12), x, repeat=Expr("range")))
    model_of(d)


def test_a_learned_tensor_is_written_where_it_is_used():
    d = Drawing("Model")
    token = d.add("token", Parameter(shape=(8,)))
    d.output("out", d.add("sum", Add(), d.input("points", 8), token))
    assert "return points + self.token" in text_of(d)
    assert set(model_of(d).state_dict()) == {"token"}


@pytest.mark.parametrize("shared", [False, True])
def test_in_a_row_the_first_output_goes_on_and_other_inputs_stay(shared):
    block = Drawing("Sum")
    block.output("sum", block.add("sum", Add(), block.input("a"), block.input("b")))
    d = Drawing("Model")
    x = d.add("both", Add(), *[d.input("points", 8)] * 2)
    d.output("out", d.instance("row", block, x, x, repeat=3, shared=shared))
    assert torch.equal(model_of(d)(torch.ones(2, 8)), torch.full((2, 8), 8.0))
