"""A repair is offered when it was tried and helps, and only then."""

import pytest
from hypothesis import given

from engine.analysis.infer import infer
from engine.analysis.repairs import MOST_REPAIRS, with_repairs
from engine.layers.activation import ReLU
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.code import CodeLayer, Missing
from engine.layers.io import Input, Output
from tests.engine.networks import block, chain, graph, project
from tests.laws.random_graphs import edited_projects


def layer(key, **options):
    return Layer.registry[key](**options)


def ending(**nodes):
    """A chain from the digits through these layers to ten scores."""
    return project(chain(x=Input(), **nodes, head=layer("Linear", out_features=10), y=Output()))


def repaired(made):
    analysis = with_repairs(made, infer(made))
    return {p.path: p for p in analysis.problems if p.severity == "error"}


def titles(problem):
    return [repair.title for repair in problem.repairs]


def residual():
    nodes = {
        "x": Input(),
        "stem": layer("Conv2d"),
        "stage": layer("Conv2d", stride=2, padding=1),
        "proj": layer("Conv2d", kernel_size=1),
        "join": layer("Add"),
        "flat": layer("Flatten"),
        "head": layer("Linear", out_features=10),
        "y": Output(),
    }
    wires = ("stage -> join:0", "proj -> join:1", "join -> flat", "flat -> head", "head -> y")
    return project(graph(nodes, "x -> stem", "stem -> stage", "stem -> proj", *wires))


CASES = {
    "a Linear that sees an image": (ending(conv=layer("Conv2d")), "y", "Insert Flatten before head"),
    "too many scores": (
        project(chain(x=Input(), flat=layer("Flatten"), head=layer("Linear", out_features=12), y=Output())),
        "y",
        "Set head out_features to 10",
    ),
    "paths of different size": (residual(), "join", "Set proj stride to 2"),
    "an LSTM on an image": (
        ending(rows=layer("LSTM"), last=layer("Select")), "rows", "Insert Squeeze",
    ),
    "heads that do not divide": (
        ending(s=layer("Squeeze", dim=1), t=layer("TransformerEncoderLayer", nhead=3), f=layer("Flatten")),
        "t",
        "Set nhead to 2",
    ),
    "the wrong number of dimensions": (ending(c=layer("Conv1d"), f=layer("Flatten")), "c", "Change to Conv2d"),
    "same padding with a stride": (ending(c=layer("Conv2d", stride=2), f=layer("Flatten")), "c", "Set padding to 1"),
    "a convolution of a row": (
        ending(f=layer("Flatten"), c=layer("Conv2d"), g=layer("Flatten")), "c", "Insert Unflatten",
    ),
    "nothing wired in": (
        project(
            graph(
                {"x": Input(), "f": layer("Flatten"), "head": layer("Linear", out_features=10), "y": Output()},
                "x -> f",
                "head -> y",
            )
        ),
        "head",
        "Wire f into head",
    ),
    "no output": (
        project(chain(x=Input(), f=layer("Flatten"), head=layer("Linear", out_features=10))),
        "",
        "Add an Output after head",
    ),
    "an unknown layer": (
        ending(warp=Missing(data={"kind": "Warp"}, ports=(("x",), ("out",))), f=layer("Flatten")), "warp",
        "Delete warp",
    ),
    "a declared shape": (
        project(
            chain(x=Input(shape=(1, 28, 28)), f=layer("Flatten"), head=layer("Linear", out_features=10), y=Output())
        ),
        "x",
        "Take the shape of x from the data",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_usual_slips_have_a_way_out(case):
    made, path, title = case
    assert titles(repaired(made)[path])[0] == title


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_repair_leaves_a_valid_network(case):
    made, path, _ = case
    for repair in repaired(made)[path].repairs:
        assert infer(repair.edit(made)).is_valid, repair.title


def test_integers_go_through_an_embedding():
    made = project(chain(x=Input(shape=(5,), dtype="int64"), rows=layer("LSTM"), y=Output()))
    assert "Insert Embedding" in titles(repaired(made)["rows"])


def test_trouble_inside_a_block_is_mended_inside_it():
    inner = block("stage", chain(x=Input(), c=layer("Conv1d"), y=Output()))
    nodes = {
        "x": Input(),
        "s": BlockLayer(block="stage"),
        "f": layer("Flatten"),
        "head": layer("Linear", out_features=10),
    }
    made = project(
        graph({**nodes, "y": Output()}, "x -> s.x", "s.y -> f", "f -> head", "head -> y"),
        inner,
    )
    repair = repaired(made)["s.c"].repairs[0]
    assert repair.title == "Change to Conv2d"
    after = repair.edit(made)
    assert after.blocks["stage"] is not inner
    assert infer(after).is_valid


def test_an_argument_that_the_block_does_not_have_is_removed():
    inner = block("stage", chain(x=Input(), relu=ReLU(), y=Output()))
    made = project(
        graph({"x": Input(), "s": BlockLayer(block="stage", args={"depth": 2}), "y": Output()}, "x -> s.x", "s.y -> y"),
        inner,
    )
    assert titles(repaired(made)["s"]) == ["Remove depth"]


def test_code_that_nobody_trusted_is_not_run_by_trying(tmp_path):
    touched = tmp_path / "touched"
    source = f"def touch(x):\n    open({str(touched)!r}, 'w')\n    return x\n"
    repaired(ending(c=layer("Conv1d"), mine=CodeLayer(source=source), f=layer("Flatten")))
    assert not touched.exists()


def test_a_valid_network_needs_no_repairs():
    made = ending(f=layer("Flatten"))
    analysis = infer(made)
    assert with_repairs(made, analysis) == analysis


@given(edited_projects())
def test_a_repair_takes_its_problem_away_whatever_the_network(history):
    made = history[-1]
    analysis = with_repairs(made, infer(made))
    for wrong in analysis.problems:
        assert len(wrong.repairs) <= MOST_REPAIRS
        for repair in wrong.repairs:
            after = infer(repair.edit(made))
            assert wrong.message not in {
                p.message for p in after.problems if (p.block, p.node) == (wrong.block, wrong.node)
            }


def test_a_single_number_where_an_image_belongs_is_a_problem_like_any_other():
    made = project(chain(x=layer("Constant"), pad=layer("CircularPad2d"), y=Output()))
    assert "pad" in repaired(made)
