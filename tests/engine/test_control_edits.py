"""Loops and branches under edits: copied, grouped, renamed, read back."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.document.document import Document
from engine.document.edits import RemoveBlock, Rename, RenameParam, SetParam
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy
from engine.document.grouping import Group
from engine.document.paths import set_by_path
from engine.document.project import Project
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.block import held
from engine.layers.control import Branch, Scan, While
from engine.layers.linear import Linear
from engine.training.locate import node_path
from tests.engine.cells import halving_step, lstm_like_cell, rnn_cell, running_sum, widener
from tests.engine.drawing import Drawing
from tests.engine.test_control import branch, errors, model, nodes_by_name, other_way, scanned

ALL = {
    "scan": lambda: scanned(lstm_like_cell(), "T", 4, reverse=True, roles={"x": "sequence", "h": "from h_next"}),
    "branch": lambda: branch(Branch(then="wide4", otherwise="gru"), widener(4), other_way()),
    "loop": lambda: looped(),
}


def looped() -> Project:
    step, d = halving_step(), Drawing("Model", BlockParam("times", default=3))
    loop = While(block=step.id, condition="small", over="all", limit=Expr("times"))
    d.output("y", d.control("loop", loop, d.input("x", 2), of=(step,)))
    return d.project()


@pytest.mark.parametrize("name", ALL)
def test_a_project_with_a_loop_or_branch_reads_back_as_it_was_written(name):
    project = ALL[name]()
    assert loads(dumps(project)) == project


@pytest.mark.parametrize("name", ALL)
def test_a_copy_of_a_loop_or_branch_brings_its_blocks_along(name):
    project = ALL[name]()
    inner = next(n for n in project.block().graph.nodes.values() if held(n.layer))
    pasted = Paste(copy(project, [inner.id]))(Project())
    (node,) = pasted.block().graph.nodes.values()
    assert len(pasted.blocks) == len(project.blocks)
    assert pasted.ports(node) == project.ports(inner)


@pytest.mark.parametrize("name", ALL)
def test_a_block_that_a_loop_or_branch_uses_cannot_be_deleted(name):
    project = ALL[name]()
    inner = next(n for n in project.block().graph.nodes.values() if held(n.layer))
    with pytest.raises(EditError, match="is in use"):
        RemoveBlock(held(inner.layer)[-1].block)(project)


def test_ports_that_are_renamed_inside_keep_their_wires_and_their_part_in_the_loop():
    project = scanned(rnn_cell(), "T", 4)
    document, names = Document(project), nodes_by_name(project, "rnncell")
    document.apply(Rename(names["h_next"], "result", "rnncell"))
    document.apply(Rename(names["h"], "memory", "rnncell"))
    assert len(document.project.block().graph.edges) == len(project.block().graph.edges)
    assert infer(document.project).main.outputs == infer(project).main.outputs
    document.undo()
    document.undo()
    assert document.project is project


def test_the_condition_of_a_loop_follows_its_new_name():
    project = looped()
    project = Rename(nodes_by_name(project, "halvingstep")["small"], "enough", "halvingstep")(project)
    assert project.block().graph.by_name("loop").layer.condition == "enough"
    assert errors(project) == []


def test_arguments_of_the_blocks_of_a_loop_follow_their_parameter():
    project = scanned(rnn_cell(), "T", 4, args={"hidden": 9})
    project = RenameParam("rnncell", "hidden", "size")(project)
    assert project.block().graph.by_name("scan").layer.args == {"size": 9}
    project = set_by_path(project, "scan.size=3")(project)
    assert model(project)(torch.randn(2, 5, 4))[0].shape == (2, 5, 3)


def test_a_loop_can_be_grouped_with_what_is_around_it():
    d, cell = Drawing("Model", BlockParam("wide", default=7)), rnn_cell()
    x = d.add("encode", Linear(out_features=4), d.input("x", "T", 3))
    out = d.control("scan", Scan(block=cell.id, args={"hidden": Expr("wide")}), x, of=(cell,))
    d.output("y", d.add("head", Linear(out_features=2), out))
    project = d.project()
    names = nodes_by_name(project)
    grouped = Group([names["encode"], names["scan"]], "Encoder")(project)
    assert infer(grouped).main.outputs == infer(project).main.outputs
    assert [p.name for p in grouped.block("encoder").params] == ["wide"]


def test_a_weight_inside_of_a_branch_leads_to_its_layer():
    project = ALL["branch"]()
    ways = {name: node_path(project, f"way_{name}.linear.weight") for name in ("then", "otherwise")}
    assert [path[-1] for path in ways.values()] == [("wide4", "n2"), ("gru", "n2")]


def test_a_scan_used_twice_has_one_set_of_weights():
    d, cell = Drawing("Model"), rnn_cell()
    x = d.input("x", "T", 4)
    first = d.control("scan", Scan(block=cell.id), x, of=(cell,))
    d.output("a", first)
    d.output("b", d.again("again", first, x))
    a, b = model(d.project())(torch.randn(2, 5, 4))
    assert torch.equal(a, b)


def test_a_loop_costs_its_steps():
    one, many = (infer(scanned(rnn_cell(), steps, 4)) for steps in (1, 10))
    assert many.flops == 10 * one.flops > 0


def test_setting_the_dimension_is_one_step_back():
    document = Document(scanned(running_sum(), 3, 4))
    before = document.project
    document.apply(SetParam(nodes_by_name(before)["scan"], "dim", 2))
    assert str(infer(document.project).main.outputs[1]) == "B × 3"
    document.undo()
    assert document.project is before
