"""Blocks opened in their places, for pictures: every layer inside is there, each row once, and nothing is lost."""

from dataclasses import replace

import pytest

from engine.analysis.infer import infer
from engine.document.edits import SetReroutes
from engine.document.files import load
from engine.document.reroutes import added
from engine.document.unfolding import unfolded
from engine.expr import Expr
from engine.graph.block import BlockParam
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
    assert kinds(unfolded(nested, "", 1).project) == ["Input", "Block", "Output"]
    opened = unfolded(nested, "", 2)
    assert kinds(opened.project) == ["Input", "Linear", "ReLU", "Output"]
    assert [f.text for f in opened.project.layout_of().frames] == ["Stage ×2", "Unit"]
    assert sorted(map(len, opened.members.values())) == [2, 2]


def test_points_of_wires_are_left_out(nested):
    for name in ("", "stage", "unit"):
        wire = min(nested.block(name).graph.edges)
        reroutes, _ = added(nested.layout_of(name), (8.0, 8.0), {wire: 0})
        nested = SetReroutes(reroutes, name)(nested)
    assert unfolded(nested, "", 2).project.layout_of().reroutes == ()


def test_nothing_is_opened_at_depth_nought(nested):
    assert unfolded(nested, "", 0).project.block() is nested.block()


def test_a_row_whose_sizes_grow_is_drawn_with_its_own_words_and_what_follows_with_its_real_sizes():
    inside = chain(i=L["Input"](), fc=L["Linear"](out_features=Expr("width")), act=L["ReLU"](), o=L["Output"]())
    wide = replace(block("wide", inside), params=(BlockParam("width", default=1),))
    row = BlockLayer(block="wide", repeat=3, args={"width": Expr("4 * 2**i")})
    main = graph({"x": L["Input"](shape=(8,)), "row": row, "head": L["Linear"](out_features=10), "out": L["Output"]()},
                 "x -> row.i", "row.o -> head", "head -> out")  # fmt: skip
    some = project(main, wide)
    opened, analysis = unfolded(some, "", 1), infer(some)
    nodes, shapes = opened.project.block().graph.nodes, opened.shapes(analysis).of(opened.block)
    by_name = {node.name: shapes.nodes[id] for id, node in nodes.items()}
    assert next(n.layer.out_features for n in nodes.values() if n.name == "fc") == Expr("4 * 2 ** i")
    assert str(by_name["fc"].outputs["out"]) == "B × 4"
    assert str(by_name["act"].outputs["out"]) == "B × 16"
    assert by_name["head"].parameters == 16 * 10 + 10
    assert [p.node for p in opened.shapes(analysis).problems] == ["x"]


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_an_example_that_is_opened_has_the_shapes_it_had(path):
    some = load(path)
    opened, analysis = unfolded(some, "", 9), infer(some)
    drawn = opened.shapes(analysis).of(some.main)
    graph = opened.project.block().graph
    for node in graph.nodes.values():
        assert drawn.nodes[node.id].known, node.name
        for edge in graph.into(node.id):
            comes, gives = drawn.nodes[node.id].inputs[edge.target_port], drawn.nodes[edge.source].outputs
            assert gives[edge.source_port] in (comes, *(comes if isinstance(comes, tuple) else ()))
