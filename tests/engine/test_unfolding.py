"""Blocks opened in their places, for pictures: every layer inside is there, each row once, and nothing is lost."""

import pytest

from engine.analysis.infer import infer
from engine.document.edits import SetReroutes
from engine.document.files import load
from engine.document.reroutes import added
from engine.document.unfolding import unfolded
from engine.layers import Layer
from engine.layers.block import BlockLayer
from gui.window.files import examples
from tests.engine.networks import block, chain, graph, project

L = Layer.registry


@pytest.fixture
def nested():
    """out of two Stages in a row, each holding a Unit."""
    unit = block("unit", chain(i=L["Input"](), fc=L["Linear"](out_features=8), act=L["ReLU"](), o=L["Output"]()))
    stage = block("stage", graph({"i": L["Input"](), "unit": BlockLayer(block="unit"), "o": L["Output"]()},
                                 "i -> unit.i", "unit.o -> o"))  # fmt: skip
    main = graph({"x": L["Input"](shape=(8,)), "stages": BlockLayer(block="stage", repeat=2), "out": L["Output"]()},
                 "x -> stages.i", "stages.o -> out")  # fmt: skip
    return project(main, stage, unit)


def kinds(some):
    return [n.layer.key for n in some.block().graph.nodes.values()]


def test_a_level_opens_the_blocks_on_screen_and_the_next_those_inside(nested):
    assert kinds(unfolded(nested, "", 1)[0]) == ["Input", "Block", "Output"]
    opened, members = unfolded(nested, "", 2)
    assert kinds(opened) == ["Input", "Linear", "ReLU", "Output"]
    assert [f.text for f in opened.layout_of().frames] == ["Stage ×2", "Unit"]
    assert sorted(map(len, members.values())) == [2, 2]


def test_points_of_wires_are_left_out(nested):
    for name in ("", "stage", "unit"):
        wire = min(nested.block(name).graph.edges)
        reroutes, _ = added(nested.layout_of(name), (8.0, 8.0), {wire: 0})
        nested = SetReroutes(reroutes, name)(nested)
    assert unfolded(nested, "", 2)[0].layout_of().reroutes == ()


def test_nothing_is_opened_at_depth_nought(nested):
    assert unfolded(nested, "", 0)[0].block() is nested.block()


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_an_example_that_is_opened_has_the_shapes_it_had(path):
    some = load(path)
    opened, _ = unfolded(some, "", 9)
    before, after = infer(some), infer(opened)
    assert [str(s) for s in after.main.outputs] == [str(s) for s in before.main.outputs]
