"""Each edit: what it does, what it keeps, and in which words it refuses."""

from importlib import import_module

import pytest

import engine.layers  # noqa: F401 - fills the registry
from engine.document.edits import (
    AddNode,
    Connect,
    Disconnect,
    Insert,
    MoveNodes,
    RemoveNodes,
    Rename,
    SetFrames,
    SetLayer,
    SetParam,
    fresh_ids,
)
from engine.document.names import MODULE_NAMES
from engine.document.project import Frame
from engine.errors import EditError, SpecError
from engine.graph.graph import Edge
from engine.layers.block import Shared
from engine.layers.code import CodeLayer
from tests.engine.edited import CHAIN, built, layer, names, wires

JOIN = built(layer("Input"), layer("ReLU"), layer("Tanh"), layer("Add"), layer("Output"), wires="1-2 1-3 4-5")


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("Conv2d", "conv", "conv2"),
        ("AdaptiveAvgPool2d", "adaptive_avg_pool", "adaptive_avg_pool2"),
        ("LSTM", "lstm", "lstm2"),
        ("LeakyReLU", "leaky_relu", "leaky_relu2"),
        ("PReLU", "prelu", "prelu2"),
        ("Sum", "sum1", "sum2"),
        ("Input", "x", "x2"),
    ],
)
def test_a_layer_is_called_after_its_kind(kind, first, second):
    assert names(built(layer(kind), layer(kind))) == [first, second]


def test_ids_are_known_before_and_never_come_back():
    project = built(layer("ReLU"))
    assert fresh_ids(project, "", 2) == ["n2", "n3"]
    assert fresh_ids(RemoveNodes(["n1"])(project)) == ["n2"]


@pytest.mark.parametrize(
    "name", ["", "2x", "a b", "class", "self", "forward", "torch", "__init__", "relu", "x" * 300, "ﬁ"]
)
def test_a_name_that_the_code_could_not_hold_is_refused(name):
    with pytest.raises(EditError):
        Rename("n2", name)(built(layer("ReLU"), layer("Tanh")))


def test_every_attribute_of_a_module_is_refused_as_a_name():
    module = import_module("torch").nn.Module
    known = {n for n in (*dir(module), *vars(module())) if not n.startswith("__")}
    assert known <= MODULE_NAMES


def test_removing_takes_the_wires_and_the_position_along():
    project = RemoveNodes({"n3"})(CHAIN)
    assert wires(project) == {"x.out -> linear.x:0", "linear2.out -> out.x:0"}
    assert "n3" not in project.layout_of().positions


def test_removing_can_heal_a_row_of_layers():
    assert wires(RemoveNodes(["n2", "n3"], heal=True)(CHAIN)) == {"x.out -> linear2.x:0", "linear2.out -> out.x:0"}


def test_removing_keeps_what_goes_through_the_first_of_several_inputs():
    project = Connect(Edge("n2", "out", "n4", "inputs"))(Connect(Edge("n3", "out", "n4", "inputs"))(JOIN))
    first = project.block().graph.feeding("n4", "inputs")[0]
    assert first.source == "n3"
    kept = {"x.out -> relu.x:0", "x.out -> tanh.x:0"}
    assert wires(RemoveNodes(["n4"], heal=True)(project)) == {*kept, "tanh.out -> out.x:0"}
    assert wires(RemoveNodes(["n2", "n3", "n4"], heal=True)(project)) == {"x.out -> out.x:0"}


def test_removing_joins_nothing_to_the_further_outputs_of_a_layer():
    project = built(layer("Input"), layer("LSTM"))
    for port, kind in (("output", "ReLU"), ("h", "Tanh")):
        project = AddNode(layer(kind))(project)
        project = Connect(Edge("n2", port, project.block().graph.by_name(kind.lower()).id, "x"))(project)
    project = Connect(Edge("n1", "out", "n2", "input"))(project)
    assert wires(RemoveNodes(["n2"], heal=True)(project)) == {"x.out -> relu.x:0"}


def test_the_first_user_inherits_the_weights_of_a_removed_layer():
    project = built(layer("Linear", out_features=7), Shared(node="n1"), Shared(node="n1"))
    project = RemoveNodes(["n1"])(project)
    assert project.node("n2").layer == layer("Linear", out_features=7)
    assert project.node("n3").layer == Shared(node="n2")


def test_a_new_wire_takes_the_place_of_the_one_at_a_single_input():
    assert "x.out -> relu.x:0" in wires(Connect(Edge("n1", "out", "n3", "x"))(CHAIN))
    assert len(wires(Connect(Edge("n1", "out", "n3", "x"))(CHAIN))) == 4


def test_wires_into_a_many_port_keep_their_order():
    project = JOIN
    for source in ("n3", "n2", "n3"):
        project = Connect(Edge(source, "out", "n4", "inputs"))(project)
    found = [(e.source, e.slot) for e in project.block().graph.feeding("n4", "inputs")]
    assert found == [("n3", 0), ("n2", 1), ("n3", 2)]


@pytest.mark.parametrize(
    ("edge", "words"),
    [
        (Edge("n2", "out", "n2", "x"), "cannot feed itself"),
        (Edge("n4", "out", "n2", "x"), "round in a circle"),
        (Edge("n2", "h", "n3", "x"), "linear has no output h"),
        (Edge("n2", "out", "n3", "y"), "relu has no input y"),
        (Edge("n2", "out", "n9", "x"), "no layer"),
        (Edge("n5", "out", "n2", "x"), "out has no output"),
    ],
)
def test_a_wire_that_cannot_be_is_refused_in_words(edge, words):
    with pytest.raises(EditError, match=words):
        Connect(edge)(CHAIN)


def test_a_wire_that_is_gone_cannot_be_taken_away():
    edge = Edge("n1", "out", "n2", "x")
    with pytest.raises(EditError, match="no longer there"):
        Disconnect(edge)(Disconnect(edge)(CHAIN))


def test_an_unknown_option_is_refused_by_its_declaration():
    with pytest.raises(SpecError, match="Linear has no option speed"):
        SetParam("n2", "speed", 3)(CHAIN)


def test_another_layer_keeps_the_wires_that_it_has_ports_for():
    project = built(layer("Input"), layer("LSTM"), layer("ReLU"), layer("ReLU"), wires="1-2.input 2.output-3 2.h-4")
    assert wires(SetLayer("n2", layer("Linear"))(project)) == {"x.out -> lstm.x:0", "lstm.out -> relu.x:0"}


def test_a_wire_follows_an_argument_that_is_renamed_in_code():
    project = built(layer("Input"), CodeLayer(), wires="1-2")
    project = SetParam("n2", "source", "def double(image):\n    return image * 2\n")(project)
    assert wires(project) == {"x.out -> double1.image:0"}


def test_inserting_keeps_the_place_among_many_wires():
    project = JOIN
    for source in ("n2", "n3"):
        project = Connect(Edge(source, "out", "n4", "inputs"))(project)
    project = Insert(Edge("n2", "out", "n4", "inputs", 0), layer("Dropout"), at=(8, 8))(project)
    assert {"relu.out -> dropout.x:0", "dropout.out -> add.inputs:0", "tanh.out -> add.inputs:1"} <= wires(project)
    with pytest.raises(EditError, match="cannot stand on a wire"):
        Insert(Edge("n1", "out", "n2", "x"), layer("Output"))(project)


@pytest.mark.parametrize("at", [(float("nan"), 0), (0, float("inf"))])
def test_a_layer_is_drawn_somewhere(at):
    with pytest.raises(EditError, match="cannot be drawn"):
        MoveNodes({"n1": at})(CHAIN)
    with pytest.raises(EditError, match="cannot be drawn"):
        AddNode(layer("ReLU"), at=at)(CHAIN)


def test_moving_touches_no_block():
    assert MoveNodes({"n1": (8, 8)})(CHAIN).blocks is CHAIN.blocks
    assert MoveNodes({"n1": (0, 0)})(CHAIN) is CHAIN


def test_frames_have_a_size_and_ids_of_their_own():
    with pytest.raises(EditError, match="has no size"):
        SetFrames([Frame("a", "Stage", 0, 0, 0, 10)])(CHAIN)
    with pytest.raises(EditError, match="same id"):
        SetFrames([Frame("a", "", 0, 0, 1, 1)] * 2)(CHAIN)
