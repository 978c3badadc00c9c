"""What differs between two projects, whether one became the other or they are strangers."""

from dataclasses import replace

import pytest
from hypothesis import given

from engine.document.compare import compare
from engine.document.edits import (
    AddNode,
    Connect,
    RemoveNodes,
    Rename,
    SetBlockParams,
    SetLayer,
    SetParam,
    SetRecipe,
    SetWeights,
)
from engine.document.files import dumps, loads
from engine.document.grouping import Group
from engine.document.muting import Mute
from engine.graph.block import BlockParam
from engine.graph.graph import Edge, Graph
from engine.layers import Layer
from tests.engine.networks import chain, project
from tests.laws.edit_sequences import PROJECTS

L = Layer.registry


@pytest.fixture
def before():
    return project(chain(x=L["Input"](shape=(8,)), fc=L["Linear"](out_features=8), act=L["ReLU"](), out=L["Output"]()))


@pytest.mark.parametrize(
    ("edit", "node", "words"),
    [
        (SetParam("fc", "out_features", 16), "fc", ("out_features 8 → 16",)),
        (SetLayer("act", L["GELU"]()), "act", ("ReLU → GELU",)),
        (Rename("fc", "head"), "fc", ("called fc before",)),
        (Mute(["act"]), "act", ("muted",)),
        (SetWeights(["fc"], "frozen", True), "fc", ("frozen False → True",)),
    ],
)
def test_what_became_of_a_layer_is_said_in_words(before, edit, node, words):
    found = compare(before, edit(before))
    assert found.blocks["main"].changed == {node: words}
    assert found.count() == (0, 0, 1)


def test_layers_and_wires_that_came_and_went_are_told(before):
    after = AddNode(L["Tanh"](), "tanh")(RemoveNodes(["act"])(before))
    after = Connect(Edge("fc", "out", "out", "x"))(after)
    found = compare(before, after).blocks["main"]
    assert [after.block().graph.nodes[n].name for n in found.added] == ["tanh"]
    assert found.removed == ("act",)
    assert found.wired == {Edge("fc", "out", "out", "x")}


def test_the_recipe_is_compared_option_by_option(before):
    after = SetRecipe("optimizer.lr", 0.5)(SetRecipe("epochs", 7)(before))
    assert compare(before, after).recipe == ("optimizer.lr 0.001 → 0.5", "epochs 5 → 7")


def test_strangers_are_matched_by_names():
    one = project(chain(a=L["Input"](shape=(8,)), fc=L["Linear"](out_features=8), end=L["Output"]()))
    new = {id: f"n{900 + i}" for i, id in enumerate(one.block().graph.nodes)}
    nodes = {new[n.id]: replace(n, id=new[n.id]) for n in one.block().graph.nodes.values()}
    edges = frozenset(replace(e, source=new[e.source], target=new[e.target]) for e in one.block().graph.edges)
    other = project(Graph(nodes, edges, 1000))
    assert not compare(one, other)
    assert compare(one, SetParam("n901", "out_features", 9)(other)).blocks["main"].changed == {
        "n901": ("out_features 8 → 9",)
    }


def test_a_new_block_and_its_parameters_are_told(before):
    grouped = Group(("fc", "act"), "Stage", "")(before)
    found = compare(before, grouped)
    assert found.count() == (1 + 4, 2, 0)  # the instance; both layers inside with an Input and an Output
    (stage,) = [b for b in grouped.blocks if b != "main"]
    wider = SetBlockParams(stage, [BlockParam("width", default=4)])(grouped)
    assert compare(grouped, wider).blocks[stage].described == ("parameter width is new",)


@given(PROJECTS)
def test_a_project_does_not_differ_from_itself_nor_from_its_file(some):
    assert not compare(some, some)
    assert not compare(some, loads(dumps(some)))
