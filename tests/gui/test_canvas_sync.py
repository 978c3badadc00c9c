"""Whatever is done in whatever order, the canvas shows the document: nothing lost, nothing left over."""

import os
import random

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from engine.document.edits import AddNode, Connect
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers import Layer
from gui.canvas.drawing import Drawing
from gui.snapping import snapping
from tests.gui.canvas_driver import CTRL, PLAIN, SHIFT, click, double_click, drag, key, place, type_text
from tests.gui.conftest import chain

L = Layer.registry
ALT = Qt.KeyboardModifier.AltModifier
SEEDS = int(os.environ.get("NETSMITH_SEEDS", "6"))
GESTURES = int(os.environ.get("NETSMITH_GESTURES", "40"))


def agrees(canvas, session):
    """The drawing that was kept in step equals one made afresh."""
    fresh = Drawing(session.project, session.block_id)
    kept = canvas.drawing
    assert list(kept.faces) == list(fresh.faces) == list(session.block.graph.nodes)
    assert kept.at == fresh.at
    assert set(kept.wires) == set(session.block.graph.edges)
    assert kept.frames == fresh.frames
    names = {n: (f.name, f.kind, [r.value for r in f.rows]) for n, f in kept.faces.items()}
    assert names == {n: (f.name, f.kind, [r.value for r in f.rows]) for n, f in fresh.faces.items()}
    counts = {n: [s.wires for s in (*f.ins, *f.outs)] for n, f in kept.faces.items()}
    assert counts == {n: [s.wires for s in (*f.ins, *f.outs)] for n, f in fresh.faces.items()}
    for edge, wire in kept.wires.items():
        assert (wire.route.start, wire.route.end) == kept.ends(edge)
    assert set(canvas.marks.selected) == set(session.selection)
    assert kept.reroutes == fresh.reroutes
    assert canvas.marks.points <= {r.id for r in kept.reroutes}
    for reroute in kept.reroutes:
        assert all(kept.wires[edge].route.distance(reroute.x, reroute.y) < 1 for edge in reroute.wires)


class Hands:
    """What a person might do next, each with a random part of the canvas."""

    def __init__(self, canvas, session, rng):
        self.canvas, self.session, self.rng = canvas, session, rng

    def next(self):
        """Something that can be done now."""
        canvas, nodes = self.canvas, list(self.canvas.drawing.faces)
        always = [self.cut, self.travel, self.add, self.search, self.box, canvas.bookmarks.keep, canvas.paste]
        always += [canvas.select_all, self.session.undo, self.session.undo, self.session.redo, canvas.add_frame]
        if not nodes:
            return self.rng.choice(always)
        self.node, self.other = self.rng.choice(nodes), self.rng.choice(nodes)
        rest = [self.wire, self.wire, self.wire, self.move, self.pick, self.replug, self.swap, self.line_up, self.heal]
        rest += [canvas.delete_selection, canvas.duplicate, canvas.group, canvas.ungroup, canvas.cut, canvas.arrange]
        rest += [self.lead, self.lead, self.take_point, self.take_point, self.wires_by_keys, canvas.arrange_selection]
        rest += [canvas.commands.rerouting.straighten, self.nudge, snapping.switch, self.across]
        rest += [canvas.commands.mute, canvas.commands.make_unique, canvas.choosing.upstream, canvas.choosing.between]
        return self.rng.choice([*always, *rest])

    def add(self):
        self.canvas.add_layer(self.rng.choice(["Linear", "ReLU", "Add", "Conv2d", "LSTM", "Input", "Output"]))

    def search(self):
        key(self.canvas, Qt.Key.Key_Tab)
        type_text(self.rng.choice(["relu", "linear 7", "drop"]))
        key(self.canvas, Qt.Key.Key_Return)

    def wire(self):
        canvas, outs = self.canvas, self.canvas.drawing.faces[self.node].outs
        ins = canvas.drawing.faces[self.other].ins
        if outs and ins:
            start = canvas.port_point(self.node, "out", self.rng.choice(outs).port.name)
            drag(canvas, start, canvas.port_point(self.other, "in", self.rng.choice(ins).port.name))
            key(canvas, Qt.Key.Key_Escape)

    def replug(self):
        canvas, outs = self.canvas, self.canvas.drawing.faces[self.node].outs
        others = canvas.drawing.faces[self.other].outs
        if outs and others:
            start = canvas.port_point(self.node, "out", outs[0].port.name)
            drag(canvas, start, canvas.port_point(self.other, "out", others[0].port.name), SHIFT)

    def move(self):
        at = self.canvas.node_point(self.node)
        drag(self.canvas, at, at + QPoint(self.rng.randrange(-60, 60), self.rng.randrange(-60, 60)))

    def box(self):
        corner = place(self.canvas, self.rng.randrange(0, 600), self.rng.randrange(0, 400))
        drag(self.canvas, place(self.canvas, -300, -300), corner)

    def cut(self):
        xs = self.rng.randrange(-200, 600), self.rng.randrange(-200, 600)
        drag(self.canvas, place(self.canvas, xs[0], -300), place(self.canvas, xs[1], 400), ALT)

    def pick(self):
        click(self.canvas, self.canvas.node_point(self.node))

    def swap(self):
        self.session.select([self.node])
        self.canvas.swapping.open()
        type_text(self.rng.choice(["tanh", "linear", "gru"]))
        key(self.canvas, Qt.Key.Key_Return)

    def travel(self):
        self.session.document.go_to(self.rng.randrange(0, 30))

    def line_up(self):
        self.canvas.choosing.everything()
        self.canvas.aligning.align(self.rng.choice(["left", "top", "middle"]))

    def lead(self):
        """A double-click on a wire, or Alt and a click."""
        wires = sorted(self.canvas.drawing.wires)
        if wires:
            at = self.canvas.drawing.wires[self.rng.choice(wires)].route.path.pointAtPercent(self.rng.uniform(0.2, 0.8))
            how = self.rng.choice([double_click, lambda canvas, pos: click(canvas, pos, ALT)])
            how(self.canvas, self.canvas.to_view(at))
            key(self.canvas, Qt.Key.Key_Escape)

    def take_point(self):
        """A point is dragged somewhere, or upon another one."""
        canvas, points = self.canvas, self.canvas.drawing.reroutes
        if points:
            one, other = self.rng.choice(points), self.rng.choice(points)
            start, end = place(canvas, one.x, one.y), place(canvas, other.x, other.y)
            if one is other or self.rng.random() < 0.5:
                end = start + QPoint(self.rng.randrange(-90, 90), self.rng.randrange(-90, 90))
            drag(canvas, start, end, self.rng.choice([PLAIN, PLAIN, SHIFT]))

    def wires_by_keys(self):
        self.session.select([self.node])
        self.canvas.choosing.next_wire()
        self.canvas.commands.rerouting.add_to_chosen(whole=self.rng.random() < 0.5)

    def nudge(self):
        key(self.canvas, self.rng.choice([Qt.Key.Key_Up, Qt.Key.Key_Right]), CTRL)

    def across(self):
        """All is selected, points as well, and moved with one of the layers."""
        self.canvas.select_all()
        self.move()

    def heal(self):
        self.canvas.commands.delete(heal=True)


@pytest.fixture(autouse=True)
def grid():
    yield
    snapping.switch(True)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_gestures_the_canvas_shows_the_document(canvas, session, seed):
    hands = Hands(canvas, session, random.Random(seed))
    first = chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]())
    session.document.replace(first)
    for _ in range(GESTURES):
        hands.next()()
        if len(canvas.drawing.faces) > 24:
            session.undo()
        agrees(canvas, session)
    while session.document.undo_label:
        session.undo()
        agrees(canvas, session)
    assert session.project is first


def test_entering_and_leaving_shows_each_block_as_it_is(canvas, session):
    session.document.replace(chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]()))
    session.select(["n2", "n3"])
    canvas.group()
    (block,) = session.selection
    session.enter(block)
    agrees(canvas, session)
    canvas.add_layer("Dropout")
    agrees(canvas, session)
    canvas.leave()
    agrees(canvas, session)
    session.enter(block)
    session.undo()
    session.undo()
    assert session.path == ()
    agrees(canvas, session)


def test_opening_another_project_shows_it_whole(canvas, session):
    session.document.replace(chain(*(L["ReLU"]() for _ in range(40))))
    seen = canvas.surface.visible()
    assert seen.contains(canvas.drawing.bounds())
    session.document.replace(Project())
    assert canvas.hint.isVisible()
    agrees(canvas, session)


def test_a_change_of_a_blocks_ports_is_seen_on_its_instances(canvas, session):
    session.document.replace(chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]()))
    session.select(["n2", "n3"])
    canvas.group()
    (block,) = session.selection
    inner = session.block.graph.nodes[block].layer.block
    session.apply(AddNode(L["Input"](), "mask", block=inner))
    assert [s.port.name for s in canvas.drawing.faces[block].ins][-1] == "mask"
    agrees(canvas, session)


def test_what_is_revealed_can_be_seen(canvas, session):
    session.document.replace(chain(*(L["ReLU"]() for _ in range(60))))
    canvas.surface.look_at(QPointF(0, 0), 1.0)
    last = list(session.block.graph.nodes)[-1]
    session.reveal(session.block_id, last)
    assert canvas.surface.visible().contains(canvas.drawing.rect(last))
    assert session.selection == (last,)


def test_wires_that_run_back_go_round_the_nodes(canvas, session):
    project = chain(L["Input"](shape=(8,)), L["Linear"]())
    project = AddNode(L["ReLU"](), "act", (0.0, 300.0))(project)
    project = Connect(Edge("n2", "out", "n3", "x"))(project)
    session.document.replace(project)
    (back,) = [w for w in canvas.drawing.wires.values() if w.edge.target == "n3"]
    assert canvas.drawing.rect("n2").bottom() < back.route.lane < canvas.drawing.rect("n3").top()


def test_a_wire_that_runs_back_goes_through_no_node(canvas, session):
    project = chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]())
    project = AddNode(L["ReLU"](), "between", (264.0, 200.0))(project)
    project = AddNode(L["ReLU"](), "last", (0.0, 260.0))(project)
    project = Connect(Edge("n3", "out", "n5", "x"))(project)
    session.document.replace(project)
    (back,) = [w for w in canvas.drawing.wires.values() if w.edge.target == "n5"]
    between = canvas.drawing.rect("n4")
    assert not between.top() <= back.route.lane <= between.bottom()
