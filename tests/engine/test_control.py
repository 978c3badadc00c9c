"""Loops and branches: what they compute, what their shapes are, what is said of a wrong one."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from engine.analysis.fits import offers
from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import generate_model
from engine.document.project import Project
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.base import Layer
from engine.layers.code import CodeLayer
from engine.layers.control import Branch, Scan, While
from engine.layers.embedding import Embedding
from engine.layers.io import Input
from engine.layers.linear import Linear
from engine.tensor import TensorSpec
from tests.engine.cells import halving_step, lstm_like_cell, rnn_cell, running_sum, widener
from tests.engine.drawing import Drawing
from tests.laws.real import Network, shape, tensor


def scanned(cell: Drawing, *sizes: int | str, **options: Any) -> Project:
    d = Drawing("Model")
    x = d.input("x", *sizes)
    out = d.control("scan", Scan(block=cell.id, **options), x, of=(cell,))
    for port in d.ports(d.nodes[out.node].layer)[1]:
        d.output(f"to_{port.name}", replace(out, port=port.name))
    return d.project()


def model(project: Project) -> nn.Module:
    source = generate_model(project, infer(project, trusted=True))
    return build(source)[source.main]()


def errors(project: Project) -> list[tuple[str, str]]:
    analysis = infer(project)
    own = (p for i in (analysis.main, *(i for row in analysis.instances.values() for i in row)) for p in i.problems)
    return [(p.message, p.hint) for p in own if p.severity == "error"]


def nodes_by_name(project: Project, block: str = "") -> dict:
    return {n.name: n.id for n in project.block(block).graph.nodes.values()}


def test_a_cell_drawn_by_hand_is_the_recurrent_layer_of_torch():
    found = model(scanned(rnn_cell(), "T", 4))
    reference = nn.RNN(4, 6, batch_first=True)
    with torch.no_grad():
        reference.weight_ih_l0.copy_(found.scan.from_x.weight)
        reference.weight_hh_l0.copy_(found.scan.from_h.weight)
        reference.bias_ih_l0.copy_(found.scan.from_x.bias)
        reference.bias_hh_l0.copy_(found.scan.from_h.bias)
    x = torch.randn(3, 9, 4)
    every, last = found(x)
    wanted, state = reference(x)
    torch.testing.assert_close(every, wanted)
    torch.testing.assert_close(last, state[0])


def test_a_cell_that_is_scanned_learns_what_it_was_shown():
    torch.manual_seed(0)
    found, x = model(scanned(lstm_like_cell(), "T", 2)), torch.randn(64, 6, 2)
    optimizer = torch.optim.Adam(found.parameters(), 0.02)
    target = x.cumsum(1)[:, -1, :1].tanh()
    losses = []
    for _ in range(60):
        _, _, scores, _, _ = found(x)
        loss = (scores[:, -1, :1] - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 3


SCANS = {
    "one state": (rnn_cell, ("T", 4), {}),
    "fixed length": (rnn_cell, (5, 4), {}),
    "from the end": (rnn_cell, ("T", 4), {"reverse": True}),
    "two states and an output": (lstm_like_cell, ("T", 4), {}),
    "a sum of vectors": (running_sum, ("T", 4), {}),
    "a sum of numbers": (running_sum, ("T",), {}),
    "along the last dimension": (running_sum, (3, "T"), {"dim": -1}),
    "along the rows of a picture": (running_sum, (3, "H", "W"), {"dim": 2}),
    "along the columns from behind": (running_sum, (3, "H", "W"), {"dim": -2}),
    "with an argument": (rnn_cell, ("T", 4), {"args": {"hidden": 9}}),
}


@pytest.mark.parametrize("length", [1, 7])
@pytest.mark.parametrize("name", SCANS)
def test_the_shapes_of_a_scan_are_those_of_a_real_one_for_every_length_and_batch(name, length):
    cell, sizes, options = SCANS[name]
    project = scanned(cell(), *sizes, **options)
    analysis = infer(project)
    free = {"B": 2 + length, "T": length, "H": length + 1, "W": 3}
    (x,) = (tensor(s.outputs["out"], free) for s in analysis.main.nodes.values() if s.layer.key == "Input")
    found = model(project)
    assert [tuple(r.shape) for r in found(x)] == [shape(s, free) for s in analysis.main.outputs]
    Network(project, free).run(analysis.main, [x])
    assert sum(p.numel() for p in found.parameters()) == analysis.parameters


def test_a_scan_from_the_end_keeps_the_order_of_its_steps():
    every, last = model(scanned(running_sum(), "T", reverse=True))(torch.tensor([[1.0, 2.0, 3.0]]))
    assert every.tolist() == [[6.0, 5.0, 3.0]]
    assert last.tolist() == [6.0]


def test_words_are_embedded_step_by_step_and_the_state_begins_as_a_float():
    d = Drawing("WordCell")
    word, h = d.input("word"), d.input("h")
    e = d.add("embed", Embedding(num_embeddings=10, embedding_dim=5), word)
    d.output("h_next", d.add("sum", Layer.registry["Add"](), e, h))
    m = Drawing("Model")
    words = m.input("words", "T", dtype="int64")
    m.output("y", m.control("scan", Scan(block=d.id), words, of=(d,)))
    assert model(m.project())(torch.zeros(2, 4, dtype=torch.int64)).shape == (2, 4, 5)


def test_a_state_begins_as_what_is_wired_into_it():
    cell, d = running_sum(), Drawing("Model")
    x, start = d.input("x", "T", 2), d.input("start", 2)
    d.output("y", d.control("scan", Scan(block=cell.id), x, start, of=(cell,)).total)
    assert model(d.project())(torch.ones(1, 3, 2), torch.full((1, 2), 10.0)).tolist() == [[13.0, 13.0]]


def test_a_state_takes_the_shape_of_its_input_where_only_that_says_it():
    d = Drawing("Cell")
    x, h = d.input("x"), d.input("h", 7)
    d.output("y", d.add("score", Linear(out_features=2), h))
    d.output("h_next", h)
    d.add("unused", Linear(), x)
    analysis = infer(scanned(d, "T", 3))
    assert [str(s) for s in analysis.main.outputs] == ["B × T × 2", "B × T × 7", "B × 7"]


def test_sizes_that_differ_from_place_to_place_become_parameters_of_one_class():
    cell = rnn_cell()
    stage = Drawing("Stage", BlockParam("size", default=4))
    stage.output(
        "y", stage.control("cell", Scan(block=cell.id, args={"hidden": Expr("size * 2")}), stage.input("x"), of=(cell,))
    )
    d = Drawing("Model")
    x = d.instance("first", stage, d.input("x", "T", 3), size=5)
    d.output("y", d.instance("second", stage, x, size=6))
    project = d.project()
    text = generate_model(project, infer(project)).text
    assert text.count("class ") == 3
    assert "x.new_zeros(x.shape[0], self." in text
    assert model(project)(torch.randn(2, 4, 3)).shape == (2, 4, 12)


def test_a_scan_inside_of_a_scan_goes_over_rows_and_columns():
    inner, outer = running_sum(), Drawing("Rows")
    row = outer.input("row")
    outer.output("sums", outer.control("sums_of_row", Scan(block=inner.id), row, of=(inner,)))
    found = model(scanned(outer, 2, 3))
    assert found(torch.ones(1, 2, 3)).tolist() == [[[1.0, 2.0, 3.0]] * 2]


def test_a_loop_goes_on_until_its_condition_says_so_and_no_longer_than_its_limit():
    step, d = halving_step(), Drawing("Model")
    loop = While(block=step.id, condition="small", over="all", limit=5)
    d.output("y", d.control("loop", loop, d.input("x", 2), of=(step,)))
    found = model(d.project())
    assert found(torch.tensor([[6.0, 1.0]])).tolist() == [[0.75, 0.125]]
    assert found(torch.full((1, 2), 1000.0)).tolist() == [[1000 / 32] * 2]


def test_a_loop_until_one_row_is_enough_stops_at_the_first():
    step, d = halving_step(), Drawing("Model")
    loop = While(block=step.id, condition="small", over="any", limit=9)
    d.output("y", d.control("loop", loop, d.input("x", 1), of=(step,)))
    assert model(d.project())(torch.tensor([[1.5], [100.0]])).tolist() == [[0.75], [50.0]]


def test_gradients_go_through_every_turn_of_a_loop():
    step, d = widener(4), Drawing("Model")
    d.output("y", d.control("loop", While(block=step.id, limit=3), d.input("x", 4), of=(step,)))
    found = model(d.project())
    found(torch.randn(2, 4)).sum().backward()
    assert found.loop.linear.weight.grad.abs().sum() > 0


def branch(layer: Branch, *blocks: Drawing) -> Project:
    d = Drawing("Model", BlockParam("deep", "bool", True))
    d.output("y", d.control("way", layer, d.input("x", 4), of=blocks))
    return d.project()


def test_a_part_for_training_alone_is_left_out_of_evaluation():
    found = model(branch(Branch(then="wide4"), widener(4)))
    x = torch.randn(2, 4)
    assert not torch.equal(found(x), x)
    assert torch.equal(found.eval()(x), x)


def test_training_and_evaluation_take_different_ways():
    found = model(branch(Branch(then="wide4", otherwise="gru"), widener(4), other_way()))
    x = torch.randn(2, 4)
    assert torch.equal(found(x), found.way_then(x))
    assert torch.equal(found.eval()(x), found.way_otherwise(x))


def other_way() -> Drawing:
    d = Drawing("GRU")
    d.output("out", d.add("linear", Linear(out_features=4, bias=False), d.input("points")))
    return d


def decided(*switch: int) -> Project:
    """A branch whose condition is the network's second input, summed up to one number where it has only the batch."""
    d, ways = Drawing("Model"), (widener(4), other_way())
    x, s = d.input("x", 4), d.input("s", *switch)
    if not switch:
        s = d.add("one", CodeLayer(source="def one(s):\n    return s.sum() > 0\n"), s)
    layer = Branch(then=ways[0].id, otherwise=ways[1].id, on="condition")
    d.output("y", d.control("way", layer, s, x, of=ways))
    return d.project()


def test_a_tensor_decides_which_way_is_taken():
    project = decided()
    d = project.block()
    project = project.with_block(replace(d, graph=d.graph.with_nodes([replace(d.inputs[1], layer=Input(shape=()))])))
    found, x = model(project), torch.randn(2, 4)
    assert torch.equal(found(x, torch.ones(2)), found.way_then(x))
    assert torch.equal(found(x, torch.zeros(2)), found.way_otherwise(x))


@pytest.mark.parametrize("deep", [True, False])
def test_a_parameter_says_which_way_is_built(deep):
    layer = Branch(then="wide4", otherwise="gru", on="parameter", when=Expr("deep"))
    project = branch(layer, widener(4), other_way())
    source = generate_model(project, infer(project))
    found = build(source)[source.main](deep=deep)
    assert type(found.way).__name__ == ("Wide4" if deep else "GRU")
    assert found(torch.randn(2, 4)).shape == (2, 4)


WRONG = {
    "a condition of many values": (lambda: decided(3), "condition is B × 3 from s, and one value has to decide."),
    "a state that grows": (
        lambda: scanned(widening_state(), "T", 4),
        "The state h is B × 4, and comes back from h_next as B × 8.",
    ),
    "a state of no known size": (lambda: scanned(unknown_state(), "T", 4), "Nothing says how large the state h is."),
    "along the batch": (
        lambda: scanned(running_sum(), "T", 4, dim=0),
        "Dimension 0 of B × T × 4 is the batch, and this would go through the samples one by one.",
    ),
    "two ways that differ": (
        lambda: branch(Branch(then="wide4", otherwise="wide5"), widener(4), widener(5)),
        "The two ways differ: y is B × 4 from Wide4, and B × 5 from Wide5.",
    ),
    "a way through that differs": (
        lambda: branch(Branch(then="wide5"), widener(5)),
        "The two ways differ: y is B × 5 from Wide5, and B × 4 when the input goes through.",
    ),
    "ways with other ports": (
        lambda: branch(Branch(then="wide4", otherwise="rnncell"), widener(4), rnn_cell()),
        "Wide4 has 1 inputs (x), RNNCell 2 (x, h).",
    ),
}


def widening_state() -> Drawing:
    d = Drawing("Cell")
    x, h = d.input("x"), d.input("h", 4)
    d.add("unused", Linear(), x)
    d.output("h_next", d.add("both", Layer.registry["Concat"](), h, h))
    return d


def unknown_state() -> Drawing:
    d = Drawing("Cell")
    x, h = d.input("x"), d.input("h")
    d.output("y", x)
    d.output("h_next", d.add("both", Layer.registry["Concat"](), h, h))
    return d


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_loop_or_branch_is_said_in_words(name):
    make, message = WRONG[name]
    assert errors(make())[0][0].replace(" from x", "") == message


@pytest.mark.parametrize("kind", [Scan, While, Branch])
def test_nothing_is_said_against_a_loop_that_has_no_block_yet(kind):
    assert offers(Project(), infer(Project()), TensorSpec(("B", "T", 4)), [kind]) == {}
