"""What makes the project on the canvas another one than before: marked on the layers, counted in a line over them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QWidget

from engine.document.compare import BlockComparison, Comparison, compare
from engine.document.project import Project
from engine.graph.graph import BlockId, NodeId
from engine.layers.block import held
from gui.canvas.face import Face, end_of, face_of
from gui.canvas.layers import Gone
from gui.canvas.look import Difference
from gui.canvas.overlays import Plaque, tool_button
from gui.canvas.placed import Xy
from gui.canvas.stage import Stage
from gui.theme import metrics
from gui.widgets import label


class ChangesBar(Plaque):
    """Against what is compared, how much differs, and the way from one difference to the next."""

    step_wanted = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        room = metrics().space
        self.row.setContentsMargins(room.m, 0, room.xs, 0)
        self.row.setSpacing(room.s)
        self.words = label("", "small")
        self.before = tool_button(self, "caret-up", "The difference before")
        self.next = tool_button(self, "caret-down", "The next difference")
        self.off = tool_button(self, "x", "Compare no longer")
        for widget in (self.words, self.before, self.next, self.off):
            self.row.addWidget(widget)
        self.before.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.next.clicked.connect(lambda: self.step_wanted.emit(1))
        self.off.clicked.connect(self.closed)
        self.setFixedHeight(metrics().control.height)
        self.hide()

    def say(self, title: str, comparison: Comparison) -> None:
        """Since saving: 2 layers added, 1 removed."""
        added, removed, changed = comparison.count()
        parts = [f"{n} {word}" for n, word in ((added, "added"), (removed, "removed"), (changed, "changed")) if n]
        wires = sum(len(b.wired) + len(b.unwired) for b in comparison.blocks.values())
        parts += [f"{wires} wire{'' if wires == 1 else 's'}"] if wires else []
        described = [w for b in comparison.blocks.values() for w in b.described]
        rest = [*described, *(f"block {name} removed" for name in comparison.gone), *comparison.recipe]
        self.words.setText(f"{title}: {', '.join(parts) or ('nothing on the canvas' if rest else 'nothing')}")
        self.setToolTip("\n".join(rest))
        if rest:
            self.words.setText(f"{self.words.text()}; {rest[0]}" + (f" and {len(rest) - 1} more" if rest[1:] else ""))
        self.setAccessibleName(self.words.text())
        self.adjustSize()


class Changes(QObject):
    """Compares with an earlier project for as long as it is asked to; nothing of it is kept."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._before: Project | None = None
        self._title = ""
        self._place = -1
        self.comparison = Comparison({})
        self.bar = ChangesBar(stage)
        self.bar.step_wanted.connect(self.step)
        self.bar.closed.connect(self.stop)
        stage.session.changed.connect(self._follow)
        stage.session.block_changed.connect(self._follow)

    @property
    def is_shown(self) -> bool:
        return self._before is not None

    def show_since(self, before: Project, title: str) -> None:
        """Mark what differs from an earlier project."""
        self._before, self._title, self._place = before, title, -1
        self._follow()
        self.bar.show()
        self.bar.raise_()

    def stop(self) -> None:
        """Compare no longer."""
        self._before, self.comparison = None, Comparison({})
        self.bar.hide()
        self._mark(BlockComparison())

    def step(self, by: int) -> None:
        """Go to the next difference, or to the one before, block by block."""
        places = [(block, n) for block, found in self.comparison.blocks.items() for n in (*found.added, *found.changed)]
        if places:
            self._place = (self._place + by) % len(places)
            self._stage.session.reveal(*places[self._place])

    def place(self) -> None:
        """At the upper edge, in the middle."""
        self.bar.move((self._stage.width() - self.bar.width()) // 2, metrics().canvas.overlay_gap)

    def _follow(self, _: object = None) -> None:
        if self._before is None:
            return
        self.comparison = compare(self._before, self._stage.session.project)
        self.bar.say(self._title, self.comparison)
        self.place()
        self._mark(self.comparison.blocks.get(self._stage.session.block_id, BlockComparison()))

    def _mark(self, found: BlockComparison) -> None:
        marks, picture = self._stage.marks, self._stage.picture
        inside = self._other_inside()
        differences: dict[NodeId, Difference] = dict.fromkeys((*inside, *found.changed), "changed")
        differences |= dict.fromkeys(found.added, "added")
        marks.differences = differences
        marks.words = inside | {node: "\n".join(words) for node, words in found.changed.items()}
        marks.new_wires = found.wired
        picture.gone = self._gone(found)
        self._stage.scene.redraw()

    def _other_inside(self) -> dict[NodeId, str]:
        """Layers whose blocks, or blocks within those, are others than before, and what is said of them."""
        project, others = self._stage.session.project, self.comparison.blocks.keys()
        words = {}
        for node in self._stage.drawing.graph.nodes.values() if others else ():
            inner = {BlockId(instance.block) for instance in held(node.layer)} & project.blocks.keys()
            within = inner.union(*(project.uses(block) for block in inner)) & others
            if within:
                names = ", ".join(sorted(project.blocks[block].name for block in within))
                words[node.id] = f"differs inside: {names}"
        return words

    def _gone(self, found: BlockComparison) -> Gone:
        """Layers that are gone and every wire that is: to them, and between layers that are still there."""
        before, drawing = self._before, self._stage.drawing
        if before is None or found.before is None:
            return Gone()
        faces = {id: _face(before, found.before.id, id) for id in found.removed}
        layout = before.layout_of(found.before.id)
        now = {was: n for n, was in found.met.items()}

        def end(node: NodeId, side: str, port: str) -> QPointF | None:
            here = now.get(node)
            face = faces.get(node) or drawing.faces.get(here or node)
            spot = face.spot(side, port) if face else None
            at: Xy = layout.at(node) if node in faces else drawing.at.get(here or node, (0.0, 0.0))
            return end_of(spot, at) if spot else None

        there = {(e.source, e.source_port, e.target, e.target_port) for e in drawing.graph.edges}
        lines = []
        for e in found.before.graph.edges:
            if (now.get(e.source), e.source_port, now.get(e.target), e.target_port) not in there:
                a, b = end(e.source, "out", e.source_port), end(e.target, "in", e.target_port)
                lines += [(a, b)] if a is not None and b is not None else []
        return Gone(tuple((face, layout.at(id)) for id, face in faces.items()), tuple(lines))


def _face(project: Project, block: BlockId, id: NodeId) -> Face:
    graph = project.block(block).graph
    into = {port: len(edges) for port, edges in graph.wiring.into.get(id, {}).items()}
    out: dict[str, int] = {}
    for edge in graph.out_of(id):
        out[edge.source_port] = out.get(edge.source_port, 0) + 1
    return face_of(project, block, graph.nodes[id], (into, out), None)
