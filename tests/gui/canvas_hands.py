"""What a person might do next on the canvas, each with a random part of it, and what must be true after it."""

import random

from PySide6.QtCore import QPoint, Qt

from gui.canvas.drawing import Drawing
from gui.snapping import snapping
from tests.gui.canvas_driver import CTRL, PLAIN, SHIFT, click, double_click, drag, key, place, type_text

ALT = Qt.KeyboardModifier.AltModifier


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

    def __init__(self, canvas, session, rng: random.Random):
        self.canvas, self.session, self.rng = canvas, session, rng

    def always(self):
        """What can be done on an empty canvas as well, by name."""
        canvas, own = self.canvas, (self.cut, self.travel, self.add, self.search, self.box)
        more = (canvas.bookmarks.keep, canvas.paste, canvas.select_all, canvas.add_frame)
        return {call.__name__: call for call in (*own, *more, self.session.undo, self.session.redo)}

    def with_nodes(self):
        """What needs a layer, by name."""
        canvas, commands, choosing = self.canvas, self.canvas.commands, self.canvas.choosing
        own = (self.wire, self.move, self.pick, self.replug, self.swap, self.line_up, self.heal, self.nudge)
        own += (self.lead, self.take_point, self.wires_by_keys, self.across)
        more = (canvas.delete_selection, canvas.duplicate, canvas.group, canvas.ungroup, canvas.arrange)
        more += (canvas.arrange_selection, commands.rerouting.straighten, snapping.switch, commands.mute)
        more += (commands.make_unique, choosing.upstream, choosing.between)
        return {call.__name__: call for call in (*own, *more)} | {"cut_out": canvas.cut}

    def look_around(self):
        """Choose the layers that the next gesture is about. Returns: whether there are any."""
        nodes = list(self.canvas.drawing.faces)
        if nodes:
            self.node, self.other = self.rng.choice(nodes), self.rng.choice(nodes)
        return bool(nodes)

    def next(self):
        """Something that can be done now; wires and points more often than the rest."""
        calls = [*self.always().values(), self.session.undo]
        if self.look_around():
            calls += [*self.with_nodes().values(), self.wire, self.wire, self.lead, self.take_point]
        return self.rng.choice(calls)

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
