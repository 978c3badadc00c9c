"""Muted layers: drawn and kept, and the network runs as if each were a piece of wire."""

import pytest
import torch
from hypothesis import given

from engine.analysis.infer import infer
from engine.analysis.repairs import with_repairs
from engine.build import build
from engine.codegen.module import module, preview
from engine.document.edits import Connect, RemoveNodes
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy
from engine.document.muting import Mute, without_muted
from engine.errors import EditError
from engine.graph.graph import BlockId, Edge
from engine.layers import Layer
from engine.layers.block import BlockLayer, Shared
from tests.engine.networks import block, chain, graph, project
from tests.laws.edit_sequences import PROJECTS

L = Layer.registry


def plain(**more):
    """images of 8 numbers -> linear -> act -> drop -> out."""
    layers = {"x": L["Input"](shape=(8,)), "linear": L["Linear"](out_features=8), "act": L["Tanh"](),
              "drop": L["Dropout"](), "out": L["Output"]()}  # fmt: skip
    return project(chain(**layers))


def text_of(project):
    return module(project, infer(project)).text


def test_a_muted_layer_is_not_in_the_code_and_its_neighbours_are_joined():
    muted = Mute(["act", "drop"])(plain())
    assert "Tanh" not in text_of(muted)
    assert "Dropout" not in text_of(muted)
    removed = RemoveNodes(["act", "drop"], heal=True)(plain())
    assert text_of(muted) == text_of(removed)


def test_the_network_that_runs_is_the_very_same_project_when_nothing_is_muted():
    one = plain()
    assert without_muted(one) is one


def test_what_is_known_stays_known_while_other_things_are_edited():
    muted = Mute(["act"])(plain())
    first = without_muted(muted).block()
    assert without_muted(muted).block() is first
    assert without_muted(Mute(["act"], False)(muted)).block().graph == plain().block().graph


@pytest.mark.parametrize(("name", "said"), [("x", "takes nothing in"), ("out", "gives nothing out")])
def test_what_nothing_could_pass_through_is_refused_in_words(name, said):
    with pytest.raises(EditError, match=said):
        Mute([name])(plain())


def test_the_first_wire_of_many_passes_and_keeps_its_place():
    layers = {"x": L["Input"](shape=(8,)), "a": L["Linear"](out_features=8), "b": L["Tanh"](), "add": L["Add"](),
              "mix": L["Concat"](), "out": L["Output"]()}  # fmt: skip
    wires = ("x -> a", "x -> b", "a -> add.inputs:0", "b -> add.inputs:1", "x -> mix.inputs:0", "add -> mix.inputs:1",
             "mix -> out")  # fmt: skip
    muted = Mute(["add", "a"])(project(graph(layers, *wires)))
    found = without_muted(muted).block().graph.feeding("mix", "inputs")
    assert [(e.source, e.slot) for e in found] == [("x", 0), ("x", 1)]


def test_what_a_second_output_fed_waits_for_an_input_in_words():
    layers = {"x": L["Input"](shape=(4, 8)), "lstm": L["LSTM"](hidden_size=8), "head": L["Linear"](),
              "out": L["Output"]()}  # fmt: skip
    muted = Mute(["lstm"])(project(graph(layers, "x -> lstm", "lstm.h -> head", "head -> out")))
    problems = [p for p in infer(muted).problems if p.severity == "error" and p.node == "head"]
    assert "needs an input" in problems[0].message
    assert "# head needs an input." in preview(muted, infer(muted)).text


def test_where_weights_are_shared_the_second_user_becomes_the_layer():
    layers = {"x": L["Input"](shape=(8,)), "a": L["Linear"](out_features=8), "b": Shared(node="a"),
              "c": Shared(node="a"), "out": L["Output"]()}  # fmt: skip
    muted = Mute(["a"])(project(graph(layers, "x -> a", "a -> b", "b -> c", "c -> out")))
    text = text_of(muted)
    assert text.count("nn.Linear") == 1
    assert text.count("self.b(x)") == 2


def test_a_muted_block_is_left_out_and_its_inside_can_be_muted_too():
    inner = block("inner", chain(i=L["Input"](), act=L["Tanh"](), fc=L["Linear"](out_features=8), o=L["Output"]()))
    layers = {"x": L["Input"](shape=(8,)), "one": BlockLayer(block="inner"), "two": BlockLayer(block="inner"),
              "out": L["Output"]()}  # fmt: skip
    whole = project(graph(layers, "x -> one.i", "one.o -> two.i", "two.o -> out"), inner)
    muted = Mute(["two"])(Mute(["act"], block="inner")(whole))
    text = text_of(muted)
    assert "Tanh" not in text
    assert text.count("Inner()") == 1
    model = build(module(muted, infer(muted)))["Model"]()
    assert model(torch.zeros(3, 8)).shape == (3, 8)


def test_a_problem_behind_a_muted_layer_is_still_given_ways_out():
    layers = {"x": L["Input"](shape=(3, 8, 8)), "conv": L["Conv2d"](), "pool": L["MaxPool2d"](),
              "fc": L["LSTM"](), "out": L["Output"]()}  # fmt: skip
    muted = Mute(["pool"])(project(chain(**layers)))
    analysis = with_repairs(muted, infer(muted))
    (problem,) = [p for p in analysis.problems if p.node == "fc" and p.severity == "error"]
    for repair in problem.repairs:
        assert not [p for p in infer(repair.edit(muted)).problems if p.node == "fc" and p.severity == "error"]


def test_it_is_kept_in_files_copied_and_undone_as_any_edit():
    muted = Mute(["act"])(plain())
    again = loads(dumps(muted))
    assert again.node("act").muted
    assert "muted" not in dumps(plain())
    pasted = Paste(copy(muted, ["act"]))(muted)
    assert [n.muted for n in pasted.block().graph.nodes.values() if n.name.startswith("act")] == [True, True]


def test_a_wire_may_be_drawn_to_and_from_a_muted_layer():
    muted = Mute(["act"])(plain())
    changed = Connect(Edge("x", "out", "act", "x"))(muted)
    assert without_muted(changed).block().graph.feeding("drop", "x")[0].source == "x"


@given(PROJECTS)
def test_the_network_that_runs_has_no_muted_layer_and_no_loose_wire(some):
    runs = without_muted(some)
    for id, inside in runs.blocks.items():
        nodes = inside.graph.nodes
        assert not inside.muted
        assert all(e.source in nodes and e.target in nodes for e in inside.graph.edges)
        assert inside.ports_in() == some.blocks[BlockId(id)].ports_in()
