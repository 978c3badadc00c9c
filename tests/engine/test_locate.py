"""A parameter's name leads down to the layer that holds it, however blocks, rows and sequences stand in one another."""

from dataclasses import replace

from engine.layers.activation import ReLU
from engine.layers.linear import Linear
from engine.training.events import Started
from engine.training.locate import node_path
from engine.training.outline import outline_of
from engine.training.run import TrainingRun
from tests.engine.drawing import Drawing
from tests.engine.runs import finished, moons, of


def nested():
    """A row of blocks between two layers of a sequence, and a sequence that is a row by itself, both twice."""
    leaf, mixed, only, d = Drawing("Leaf"), Drawing("Mixed", sequence=True), Drawing("Only", sequence=True), Drawing()
    leaf.output("y", leaf.add("act", ReLU(), leaf.add("deep", Linear(out_features=8), leaf.input("x"))))
    row = mixed.instance("row", leaf, mixed.add("before", Linear(out_features=8), mixed.input("x")), repeat=3)
    mixed.output("y", mixed.add("after", Linear(out_features=8), row))
    only.output("y", only.instance("row", leaf, only.input("x"), repeat=2))
    x = d.add("first", Linear(out_features=8), d.input("x", 2))
    x = d.instance("only", only, d.instance("mixed", mixed, x, repeat=2), repeat=2)
    d.output("out", d.add("last", Linear(out_features=2), x))
    return replace(d.project(), recipe=moons(epochs=1).recipe)


def names_of(project, path):
    """The names of the layers from the main block down."""
    return tuple(project.block(block).graph.nodes[node].name for block, node in path)


def test_rows_inside_of_sequences_lead_down_to_their_layers(tmp_path):
    given = nested()
    (started,) = of(finished(TrainingRun(given, runs_dir=tmp_path)), Started)
    outline = outline_of(given)
    assert {"mixed.1.1.2.deep.weight", "only.1.0.deep.weight"} <= set(started.parameters)
    for name in started.parameters:
        assert outline.owner(name.rpartition(".")[0]) == (node_path(given, name), ""), name
    assert {names_of(given, path) for path in started.nodes} == {
        ("first",),
        ("mixed", "before"),
        ("mixed", "row", "deep"),
        ("mixed", "after"),
        ("only", "row", "deep"),
        ("last",),
    }
