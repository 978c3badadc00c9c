"""Points of wires: they follow the wires through every edit, and never touch what is trained or printed."""

import pytest

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis.infer import infer
from engine.codegen.module import preview
from engine.document.diff import Change
from engine.document.document import Document
from engine.document.edits import (
    AddNode,
    Batch,
    Connect,
    Disconnect,
    Insert,
    MoveNodes,
    RemoveNodes,
    Rename,
    SetReroutes,
)
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy
from engine.document.grouping import Group, Ungroup
from engine.document.project import Project, Reroute
from engine.document.replug import Replug
from engine.document.reroutes import added, joined, merged, moved
from engine.document.swapping import Swap
from engine.errors import EditError
from engine.graph.graph import Edge, NodeId
from engine.layers import Layer

L = Layer.registry
A, B, C = Edge("n1", "out", "n2", "x"), Edge("n2", "out", "n3", "x"), Edge("n3", "out", "n4", "x")


@pytest.fixture
def document() -> Document:
    """x -> a -> b -> out, and c without wires; 200 apart."""
    project = Project()
    for i, (kind, name) in enumerate((("Input", "x"), ("ReLU", "a"), ("ReLU", "b"), ("Output", "out"), ("GELU", "c"))):
        project = AddNode(L[kind](), name, (200.0 * i, 0.0))(project)
    for edge in (A, B, C):
        project = Connect(edge)(project)
    return Document(project)


def lead(document: Document, *edges: Edge, at: tuple[float, float] = (50.0, 80.0), place: int | None = None) -> str:
    """Put a point on wires, last in their course unless told."""
    layout = document.project.layout_of()
    places = {e: len(layout.through(e)) if place is None else place for e in edges}
    reroutes, id = added(layout, at, places)
    document.apply(SetReroutes(reroutes, label="Add point"))
    return id


def course(document: Document, edge: Edge) -> list[tuple[float, float]]:
    return [(r.x, r.y) for r in document.project.layout_of().through(edge)]


def test_a_point_is_drawing_only_and_comes_and_goes_in_one_step(document):
    before, seen = document.project, []
    text = preview(before, infer(before)).text
    document.changed.connect(seen.append)
    lead(document, A)
    assert course(document, A) == [(50.0, 80.0)]
    (change,) = seen
    assert not change.meaning
    assert change.blocks["main"].bent == {A}
    assert preview(document.project, infer(document.project)).text == text
    document.undo()
    assert document.project is before


def test_points_come_in_the_order_of_the_wire(document):
    lead(document, A, at=(100.0, 0.0))
    lead(document, A, at=(150.0, 0.0))
    lead(document, A, at=(50.0, 0.0), place=0)
    lead(document, A, at=(120.0, 0.0), place=2)
    assert [x for x, _ in course(document, A)] == [50.0, 100.0, 120.0, 150.0]


def test_a_file_keeps_them(document):
    lead(document, A)
    lead(document, B, at=(260.5, -8.0))
    text = dumps(document.project)
    assert loads(text) == document.project
    assert '{"id": "r2", "x": 260.5, "y": -8, "wires": ["n2.out -> n3.x"]}' in text


def fan(document: Document) -> tuple[Edge, Edge]:
    """x also feeds c."""
    other = Edge("n1", "out", "n5", "x")
    document.apply(Connect(other))
    return A, other


def test_one_point_serves_several_wires_of_one_output(document):
    one, other = fan(document)
    id = lead(document, one, other)
    (reroute,) = document.project.layout_of().reroutes
    assert reroute.wires == {one, other}
    document.apply(SetReroutes(moved((reroute,), {id: (8.0, 8.0)})))
    assert course(document, one) == course(document, other) == [(8.0, 8.0)]


def test_two_points_become_one_and_a_wire_joins_a_point(document):
    one, other = fan(document)
    first, second = lead(document, one), lead(document, other, at=(60.0, 90.0))
    document.apply(SetReroutes(merged(document.project.layout_of(), second, first)))
    assert course(document, other) == [(50.0, 80.0)]
    document.undo()
    document.apply(SetReroutes(joined(document.project.layout_of(), first, {other: 0})))
    assert course(document, other) == [(50.0, 80.0), (60.0, 90.0)]


def test_wires_of_different_outputs_share_no_point(document):
    with pytest.raises(EditError, match="different outputs"):
        document.apply(SetReroutes((Reroute("r1", 0.0, 0.0, frozenset((A, B))),)))


def test_a_healed_wire_runs_through_the_points_of_both(document):
    lead(document, B, at=(300.0, 40.0))
    lead(document, A, at=(100.0, 40.0))
    document.apply(RemoveNodes(["n2"], heal=True))
    assert course(document, Edge("n1", "out", "n3", "x")) == [(100.0, 40.0), (300.0, 40.0)]


def test_a_wire_that_goes_takes_its_points_along_unless_others_share_them(document):
    one, other = fan(document)
    lead(document, one, other)
    lead(document, B)
    document.apply(Disconnect(one))
    assert course(document, other) == [(50.0, 80.0)]
    document.apply(RemoveNodes(["n5"]))
    assert [r.wires for r in document.project.layout_of().reroutes] == [{B}]


@pytest.mark.parametrize("how", ["insert", "batch"])
def test_a_layer_on_a_wire_shares_its_points_out(document, how):
    lead(document, A, at=(40.0, 60.0))
    lead(document, A, at=(180.0, 60.0))
    if how == "insert":
        document.apply(Insert(A, L["Tanh"](), (60.0, 0.0)))
        new = NodeId("n6")
    else:
        new = NodeId("n5")
        into, out = Edge("n1", "out", new, "x"), Edge(new, "out", "n2", "x")
        document.apply(Batch("Insert", (MoveNodes({new: (60.0, 0.0)}), Disconnect(A), Connect(into), Connect(out))))
    assert course(document, Edge("n1", "out", new, "x")) == [(40.0, 60.0)]
    assert course(document, Edge(new, "out", "n2", "x")) == [(180.0, 60.0)]


def test_a_wire_plugged_in_elsewhere_keeps_its_points(document):
    lead(document, A)
    document.apply(Replug(((A, Edge("n1", "out", "n5", "x")),)))
    assert course(document, Edge("n1", "out", "n5", "x")) == [(50.0, 80.0)]
    document.apply(Batch("Reconnect", (Disconnect(Edge("n1", "out", "n5", "x")), Connect(A))))
    assert course(document, A) == [(50.0, 80.0)]


def test_two_wires_between_the_same_layers_keep_each_its_points_when_their_ports_are_others(document):
    """Of a layer that is changed for one that calls them a and b, and then for one with a single input."""
    document.apply(AddNode(L["Bilinear"](), "both"))
    for port, at in (("x1", (50.0, 80.0)), ("x2", (50.0, 160.0))):
        document.apply(Connect(Edge("n1", "out", "n6", port)))
        lead(document, Edge("n1", "out", "n6", port), at=at)
    document.apply(Swap(NodeId("n6"), L["Subtract"]()))
    assert course(document, Edge("n1", "out", "n6", "a")) == [(50.0, 80.0)]
    assert course(document, Edge("n1", "out", "n6", "b")) == [(50.0, 160.0)]
    document.apply(Swap(NodeId("n6"), L["ReLU"]()))
    assert course(document, Edge("n1", "out", "n6", "x")) == [(50.0, 80.0)]
    assert len(document.project.layout_of().reroutes) == 1


def test_a_shared_point_is_doubled_where_one_wire_gets_another_source(document):
    one, other = fan(document)
    lead(document, one, other)
    document.apply(Replug(((other, Edge("n2", "out", "n5", "x")),)))
    assert course(document, one) == course(document, Edge("n2", "out", "n5", "x")) == [(50.0, 80.0)]
    assert len(document.project.layout_of().reroutes) == 2


def test_grouping_takes_the_points_inside_along_and_ungrouping_brings_them_back(document):
    for edge, x in ((A, 100.0), (B, 300.0), (C, 500.0)):
        lead(document, edge, at=(x, 40.0))
    document.apply(Group(["n2", "n3"], "Pair"))
    (inner,) = [b for b in document.project.blocks if b != "main"]
    assert [(r.x, r.wires) for r in document.project.layout_of(inner).reroutes] == [(300.0, {B})]
    assert course(document, Edge("n1", "out", "n6", "x")) == [(100.0, 40.0)]
    document.apply(Ungroup("n6"))
    graph = document.project.block().graph
    names = {n.name: n.id for n in graph.nodes.values()}
    ways = {(e.source, e.target): [x for x, _ in course(document, e)] for e in graph.edges}
    assert ways == {
        (names["x"], names["a"]): [100.0],
        (names["a"], names["b"]): [300.0],
        (names["b"], names["out"]): [500.0],
    }


def test_copies_bring_their_points_to_where_they_are_pasted(document):
    lead(document, A)
    lead(document, B, at=(300.0, 40.0))
    document.apply(Paste(copy(document.project, ["n2", "n3"]), offset=(32.0, 32.0)))
    new = Edge("n6", "out", "n7", "x")
    assert course(document, new) == [(332.0, 72.0)]
    assert len(document.project.layout_of().reroutes) == 3


def test_the_wire_of_a_renamed_port_keeps_its_points(document):
    document.apply(Group(["n2"], "One"))
    edge = Edge("n1", "out", "n6", "x")
    lead(document, edge)
    (inner,) = [b for b in document.project.blocks.values() if b.id != "main"]
    document.apply(Rename(inner.inputs[0].id, "images", inner.id))
    assert course(document, Edge("n1", "out", "n6", "images")) == [(50.0, 80.0)]


def test_what_did_not_change_is_not_told(document):
    lead(document, A)
    before = document.project
    assert not Change(before, MoveNodes({NodeId("n1"): (8.0, 8.0)})(before)).blocks["main"].bent
