"""What a Change says has changed."""

from engine.document.diff import Change
from engine.document.edits import (
    AddBlock,
    AddNode,
    Connect,
    Disconnect,
    MoveNodes,
    RemoveBlock,
    RemoveNodes,
    Rename,
    SetFrames,
    SetMainName,
    SetRecipe,
)
from engine.document.project import MAIN, Frame, Project
from engine.graph.graph import Edge
from engine.layers.base import Layer

EDGE = Edge("n1", "out", "n2", "x")
BEFORE = AddNode(Layer.find("ReLU")())(AddNode(Layer.find("Input")())(Project()))


def change(edit, before=BEFORE):
    return Change(before, edit(before))


def test_a_new_layer_is_added_and_placed():
    found = change(AddNode(Layer.find("Tanh")(), at=(8, 8)))
    assert found.blocks[MAIN].added == found.blocks[MAIN].moved == {"n3"}
    assert found.meaning


def test_a_removed_layer_takes_its_wires():
    found = change(RemoveNodes(["n2"]), Connect(EDGE)(BEFORE)).blocks[MAIN]
    assert (found.removed, found.unwired) == ({"n2"}, {EDGE})


def test_a_renamed_layer_is_changed_and_nothing_else():
    found = change(Rename("n2", "act")).blocks[MAIN]
    assert (found.changed, found.added, found.removed, found.moved) == ({"n2"}, set(), set(), set())


def test_wires_come_and_go():
    assert change(Connect(EDGE)).blocks[MAIN].wired == {EDGE}
    assert change(Disconnect(EDGE), Connect(EDGE)(BEFORE)).blocks[MAIN].unwired == {EDGE}


def test_moving_means_nothing():
    found = change(MoveNodes({"n1": (8, 8)}))
    assert found.blocks[MAIN].moved == {"n1"}
    assert not found.meaning


def test_frames_and_names_of_classes_are_seen():
    assert change(SetFrames([Frame("a", "", 0, 0, 8, 8)])).blocks.keys() == {MAIN}
    assert change(SetMainName("Net")).blocks.keys() == {MAIN}
    assert change(SetMainName("Net")).blocks[MAIN].described


def test_the_recipe_is_no_block():
    found = change(SetRecipe("epochs", 9))
    assert found.recipe
    assert found.meaning
    assert found.blocks == {}


def test_an_empty_block_comes_and_goes():
    added = AddBlock("Stage")(BEFORE)
    assert Change(BEFORE, added).blocks.keys() == {"stage"}
    assert Change(added, RemoveBlock("stage")(added)).blocks.keys() == {"stage"}


def test_the_same_project_has_not_changed():
    found = Change(BEFORE, BEFORE)
    assert found.blocks == {}
    assert not found.meaning
