"""One layer in the inspector."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.document.edits import Rename, SetParam
from engine.errors import Problem
from engine.graph.block import Block, BlockParam
from engine.graph.graph import Node
from engine.graph.shapes import NodeShapes
from engine.layers.block import BlockLayer
from engine.spec import Param
from engine.tensor import TensorSpec
from gui.editors import Form
from gui.editors.base import clear
from gui.glyphs import paint_tile
from gui.panels.heat import together
from gui.panels.summary import figure
from gui.plots.axis import scientific
from gui.plots.sparkline import Sparkline
from gui.session import Session
from gui.theme import metrics, theme_changed
from gui.widgets import Card, ElidedLabel, SectionHeader, hairline, label

STATUS = {"error": "danger", "warning": "warn", "info": "info"}


class Tile(QWidget):
    """The colour and glyph of a kind of layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._category = "io"
        self.setFixedSize(self.sizeHint())
        theme_changed.connect(self.update)

    def set_category(self, category: str) -> None:
        self._category = category
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().widget.inspector_tile, metrics().widget.inspector_tile)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_tile(QPainter(self), QRectF(self.rect()), self._category)


class Head(QWidget):
    """Tile, name and kind. renamed(str): the person wrote another name."""

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tile, self.name, self.kind = Tile(), QLineEdit(), ElidedLabel("", "caption", "secondary")
        self.name.setProperty("flat", True)
        self.name.setProperty("title", True)
        self.name.setAccessibleName("Name")
        self.name.setToolTip("The name in the code")
        self.name.editingFinished.connect(lambda: self.renamed.emit(self.name.text()))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.kind)
        space = metrics().space
        line = QHBoxLayout(self)
        line.setContentsMargins(space.m, space.s, space.m, space.s)
        line.setSpacing(space.s)
        line.addWidget(self.tile)
        line.addLayout(words, 1)

    def show_node(self, category: str, name: str, kind: str) -> None:
        """Show these; a name that is being written stays."""
        self.tile.set_category(category)
        if not self.name.hasFocus() or self.name.property("shown") != name:
            self.name.setText(name)
        self.name.setProperty("shown", name)
        self.kind.set_text(kind)


class NodeView(QWidget):
    """Head, problem cards, Parameters, Shape and cost, Live."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._node: Node | None = None
        self.head = Head()
        self.head.renamed.connect(self._rename)
        self.cards = QVBoxLayout()
        self.form, self.advanced, self.arguments = Form(), Form(), Form()
        for form in (self.form, self.advanced):
            form.edited.connect(self._set)
        self.arguments.edited.connect(self._set_argument)
        self.enter = QPushButton("Open block")
        self.enter.clicked.connect(lambda: self._node and session.enter(self._node.id))
        self.params = SectionHeader("Parameters")
        self.more = SectionHeader("Advanced", open_at_first=False)
        self.cost = SectionHeader("Shape and cost")
        self.live = SectionHeader("Live")
        self.facts = Facts()
        self.spark = Sparkline("Gradient norm")
        self.norm = label("", "mono")
        self._arrange()
        session.runner.events.connect(lambda _: self.show_live())
        session.runner.changed.connect(self.show_live)

    def show_node(self, node: Node) -> None:
        """Show a layer as it is now."""
        is_other = self._node is None or self._node.id != node.id
        self._node = node
        layer, session = node.layer, self._session
        inner = session.project.blocks.get(layer.block) if isinstance(layer, BlockLayer) else None  # type: ignore[call-overload]
        kind = inner.name if inner else layer.title
        about = (inner.help if inner else "") or layer.summary()
        self.head.show_node(layer.category, node.name, f"{kind} · {about[:1].lower()}{about[1:].rstrip('.')}")
        self.head.kind.setToolTip(about)
        scope = session.block.defaults()
        plain = [p for p in layer.params.values() if not p.advanced and p.name not in ("block", "args")]
        rare = [p for p in layer.params.values() if p.advanced and p.name not in ("data", "ports")]
        for form, shown in ((self.form, plain), (self.advanced, rare)):
            form.scope = scope
            form.show_spec(layer, shown)
        self._show_arguments(layer, inner)
        changed = len(layer.changed().keys() - {"block", "args"})
        self.params.set_note(f"{changed} changed" if changed else "all default")
        self.params.setVisible(bool(plain))
        self.more.setVisible(bool(rare))
        self.advanced.setVisible(bool(rare) and self.more.isChecked())
        self.enter.setVisible(inner is not None)
        self._show_analysis(node)
        if is_other:
            self.show_live()

    def _show_analysis(self, node: Node) -> None:
        analysis, block = self._session.analysis, self._session.block_id
        clear(self.cards)
        for problem in analysis.problems_of(node.id, block) if analysis else ():
            self.cards.addWidget(problem_card(problem, self._session))
        shapes = analysis.node(node.id, block) if analysis else None
        self.facts.show_facts(facts_of(shapes) if shapes else [("shape", "unknown")])

    def show_live(self) -> None:
        """The gradient norm of everything the layer holds, in the run of now."""
        history, node = self._session.runner.history, self._node
        place = (*self._session.path, (self._session.block_id, node.id)) if node else ()
        started = history.started
        members = [i for i, p in enumerate(started.nodes) if p[: len(place)] == place] if started and node else []
        is_shown = bool(members) and history.norms.shape[1] > 0
        self.live.setVisible(is_shown)
        self._live_row.setVisible(is_shown and self.live.isChecked())
        if is_shown:
            norms = together(history.norms[members, -metrics().plot.spark_w :])
            self.spark.set_values(norms, log=True)
            self.norm.setText(scientific(float(norms[-1])) if np.isfinite(norms[-1]) else str(norms[-1]))
            self.live.set_note(f"step {history.step:,}")

    def _show_arguments(self, layer: Any, inner: Block | None) -> None:
        """The block's own parameters, as options of the instance."""
        self.arguments.setVisible(inner is not None and bool(inner.params))
        if inner is None:
            return
        scope = {**self._session.block.defaults(), **({"i": 0} if layer.repeat != 1 else {})}
        self.arguments.show_values(inner.name, [param_of(p) for p in inner.params], layer.args, scope)

    def _set(self, name: str, value: Any) -> None:
        if self._node is not None:
            edit = SetParam(self._node.id, name, value, self._session.block_id)
            self._session.apply(edit, merge=("param", self._node.id, name))

    def _set_argument(self, name: str, value: Any) -> None:
        if self._node is not None and isinstance(self._node.layer, BlockLayer):
            edit = SetParam(self._node.id, "args", {**self._node.layer.args, name: value}, self._session.block_id)
            self._session.apply(edit, merge=("args", self._node.id, name))

    def _rename(self, name: str) -> None:
        node = self._node
        if node is None or name == node.name:
            return
        if not self._session.apply(Rename(node.id, name, self._session.block_id)):
            self.head.name.setText(node.name)

    def _arrange(self) -> None:
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, space.m)
        box.setSpacing(0)
        box.addWidget(self.head)
        self.cards.setContentsMargins(space.m, 0, space.m, 0)
        self.cards.setSpacing(space.s)
        box.addLayout(self.cards)
        self._live_row = QWidget()
        line = QHBoxLayout(self._live_row)
        line.addWidget(label("gradient norm", "mono", "secondary"), 1)
        line.addWidget(self.norm)
        line.addWidget(self.spark)
        bodies = [padded(w) for w in (_stacked(self.arguments, self.form, self.enter), self.advanced, self.facts)]
        bodies.append(self._live_row)
        for body in bodies:
            body.layout().setContentsMargins(space.s, space.xs, space.m, space.s)  # type: ignore[union-attr]
        for section, body in zip((self.params, self.more, self.cost, self.live), bodies, strict=True):
            box.addWidget(hairline())
            box.addWidget(section)
            box.addWidget(body)
            section.set_body(body)
        box.addStretch(1)


class Facts(QWidget):
    """Names and values in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(metrics().space.l, 0, 0, 0)
        self._grid.setVerticalSpacing(metrics().space.xs)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnMinimumWidth(1, metrics().widget.inspector_value)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: list[tuple[str, str]]) -> None:
        """Show these rows, reusing those that are there."""
        while len(self._rows) < len(facts):
            row = (label("", "mono", "secondary"), label("", "body_strong"))
            row[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row[1].setWordWrap(True)
            for column, words in enumerate(row):
                self._grid.addWidget(words, len(self._rows), column)
            self._rows.append(row)
        for index, (name, value) in enumerate(self._rows):
            name.setVisible(index < len(facts))
            value.setVisible(index < len(facts))
            if index < len(facts):
                name.setText(facts[index][0])
                value.setText(facts[index][1])


def facts_of(shapes: NodeShapes) -> list[tuple[str, str]]:
    """What is known of a layer: shapes in and out, parameters, FLOPs and memory for one sample."""
    found = [(f"in {name}" if len(shapes.inputs) > 1 else "in", _shown(spec)) for name, spec in shapes.inputs.items()]
    found += [
        (f"out {name}" if len(shapes.outputs) > 1 else "out", _shown(spec)) for name, spec in shapes.outputs.items()
    ]
    repeats = len(shapes.repeats)
    count = f"{repeats} repeats, {shapes.parameters:,}" if repeats > 1 else f"{shapes.parameters:,}"
    found.append(("parameters", count if shapes.known or shapes.parameters else "unknown"))
    if shapes.flops:
        found.append(("FLOPs", f"{figure(shapes.flops)} a sample"))
    if shapes.activation_bytes:
        found.append(("memory", f"{shapes.activation_bytes / 1e3:,.1f} kB a sample"))
    return found


def _shown(spec: TensorSpec | tuple[TensorSpec, ...] | None) -> str:
    if isinstance(spec, tuple):
        return "\n".join(str(s) for s in spec) or "not connected"
    return str(spec) if spec is not None else "unknown"


def problem_card(problem: Problem, session: Session) -> Card:
    """A card that mends the problem when a repair is chosen."""
    titles = [repair.title for repair in problem.repairs]
    card = Card(STATUS[problem.severity], problem.message, problem.hint, titles)  # type: ignore[arg-type]
    card.setToolTip(problem.detail)
    card.repair_chosen.connect(lambda index: session.apply(problem.repairs[index].edit))
    return card


def param_of(declared: BlockParam) -> Param:
    """A block's parameter as an option, for forms."""
    return Param(declared.name, declared.value_kind, declared.default, declared.default, declared.help)


def padded(body: QWidget) -> QWidget:
    """A widget in a frame of its own, so that it can be given room and be folded."""
    frame = QWidget()
    box = QVBoxLayout(frame)
    box.addWidget(body)
    return frame


def _stacked(*widgets: QWidget) -> QWidget:
    frame = QWidget()
    box = QVBoxLayout(frame)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(metrics().space.xs)
    for widget in widgets:
        box.addWidget(widget)
    return frame
