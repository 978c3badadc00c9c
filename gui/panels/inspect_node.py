"""One layer in the inspector."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.document.edits import Rename, SetParam
from engine.errors import Problem, SpecError
from engine.graph.block import Block
from engine.graph.graph import Node
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer
from engine.layers.outside import OutsideModule
from engine.spec import Param
from gui.editors import Form
from gui.editors.base import clear
from gui.editors.texts import CodeEditor
from gui.panels.facts_of import UNKNOWN, layer_facts
from gui.panels.inspect_control import ControlView, idle
from gui.panels.inspect_parts import Facts, Head, Section, param_of, problem_card
from gui.panels.inspect_tie import TieChoice
from gui.panels.inspect_weights import WeightsSection
from gui.plots.axis import scientific
from gui.plots.sparkline import Sparkline
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label
from gui.xray.rows import together

SECOND_MS = 1000
_ON_LINE = re.compile(r"\b[Oo]n line (\d+)")
_OF_BLOCKS = frozenset(["block", "args", "roles", "condition", "then", "then_args", "otherwise", "otherwise_args"])
UNSEEN = frozenset({"node", "data", "ports", "kind", "param", "values", "path", "signature", "called"}) | _OF_BLOCKS
"""Options that commands set, or that files bring: no rows of a form."""


class NodeView(QWidget):
    """Head, problem cards, Parameters, Shape and cost, Live."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._node: Node | None = None
        self._block = session.block_id
        self._problems: tuple[Problem, ...] = ()
        self.head = Head()
        self.head.renamed.connect(self._rename)
        self.cards = QVBoxLayout()
        self.form, self.advanced, self.arguments = Form(), Form(), Form()
        self.form.edited.connect(lambda name, value: self._set(self.form, name, value))
        self.advanced.edited.connect(lambda name, value: self._set(self.advanced, name, value))
        self.arguments.edited.connect(self._set_argument)
        self.control = ControlView(session)
        self.control.enter_wanted.connect(lambda part: self._node and session.enter(self._node.id, part))
        self.enter = QPushButton("Open block")
        self.enter.setProperty("dense", True)
        self.enter.clicked.connect(lambda: self._node and session.enter(self._node.id))
        self.facts = Facts()
        self.spark = Sparkline("Gradient norm")
        self.norm = label("", "small")
        self.norm.setProperty("strong", True)
        self.params = Section("Parameters", self.arguments, self.control, self.form, self.enter)
        self.more = Section("Advanced", self.advanced, open_at_first=False)
        self.cost = Section("Shape and cost", self.facts)
        self.tie = TieChoice(session)
        self.tied = Section("Whose weight", self.tie)
        self.weights = WeightsSection(session)
        self.live = Section("Live", self._live_row())
        self._arrange()
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.heat_hz)
        self._soon.timeout.connect(self.show_live)
        session.runner.events.connect(self._show_live_soon)
        session.runner.changed.connect(self._show_live_soon)

    def show_node(self, node: Node) -> None:
        """Show a layer as it is now."""
        is_other = self._node is None or self._node.id != node.id or self._block != self._session.block_id
        if is_other:
            self.finish()
        self._node, self._block = node, self._session.block_id
        layer, session = node.layer, self._session
        inner = session.project.blocks.get(layer.block) if isinstance(layer, BlockLayer) else None  # type: ignore[call-overload]
        kind, category = inner.name if inner else layer.kind_name(), layer.category
        if isinstance(layer, Chosen) and (default := session.block.choice(layer.param)):
            kind, category = f"{layer.param}: {default.title}", default.category
        about = (inner.help if inner else "") or layer.about()
        self.head.show_node(category, node.name, f"{kind} · {about[:1].lower()}{about[1:].rstrip('.')}")
        self.head.kind.setToolTip(about)
        subject = (session.block_id, node.id)
        unseen = UNSEEN | idle(layer)
        plain = [p for p in layer.params.values() if not p.advanced and p.name not in unseen]
        rare = [p for p in layer.params.values() if p.advanced and p.name not in UNSEEN]
        for form, shown in ((self.form, plain), (self.advanced, rare)):
            form.scope = session.block.defaults()
            form.show_spec(layer, shown, subject)
        self._show_arguments(layer, inner)
        self._show_code_options(layer)
        self.control.show_node(node)
        own = {p.name: p.default for p in inner.params} if inner else {}
        args = layer.args if isinstance(layer, BlockLayer) else {}
        own |= dict.fromkeys(layer.args) if isinstance(layer, OutsideModule) else {}
        changed = len(layer.changed().keys() - UNSEEN) + sum(args.get(n, d) != d for n, d in own.items())
        self.params.set_note(f"{changed} changed" if changed else "all default")
        self.params.setVisible(bool(plain) or inner is not None)
        self.more.setVisible(bool(rare))
        self.more.set_note(_changed_among(layer, rare))
        self.enter.setVisible(inner is not None)
        self._show_analysis(node)
        if is_other:
            self.show_live()

    def finish(self) -> None:
        """Take what is being written, for the layer that it is written for."""
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus():
            focused.clearFocus()
        self.form.finish()

    def _show_analysis(self, node: Node) -> None:
        self.tied.setVisible(self.tie.show_node(node))
        analysis, block = self._session.analysis, self._session.block_id
        problems = analysis.problems_of(node.id, block) if analysis else ()
        if problems != self._problems:
            self._problems = problems
            clear(self.cards)
            for problem in problems:
                self.cards.addWidget(problem_card(problem, self._session))
        if isinstance(editor := self.form.editors.get("source"), CodeEditor):
            editor.show_failures(failing_lines(problems))
        shapes = analysis.node(node.id, block) if analysis else None
        graph = self._session.block.graph
        self.weights.show_nodes([node], shapes.named if shapes else {})
        costs = self._session.result.costs if self._session.result else {}
        cost = costs.get(block, {}).get(node.id)
        self.facts.show_facts(layer_facts(node.id, shapes, graph, cost) if shapes else [("shape", UNKNOWN)])

    def show_live(self) -> None:
        """The gradient norm of everything the layer holds, in the run of now."""
        self._soon.stop()
        history, node = self._session.runner.history, self._node
        place = (*self._session.way, (self._session.block_id, node.id)) if node else ()
        started = history.started
        members = [i for i, p in enumerate(started.nodes) if p[: len(place)] == place] if started and node else []
        norms = history.norm_log.values("gradient")
        is_shown = bool(members) and norms.shape[1] > 0
        self.live.setVisible(is_shown)
        if is_shown:
            latest = together(norms[members, -metrics().plot.spark_w :])
            self.spark.set_values(latest, log=True)
            self.norm.setText(scientific(float(latest[-1])))
            self.live.set_note(f"step {history.step:,}")

    def _show_arguments(self, layer: Any, inner: Block | None) -> None:
        """The block's own parameters, as options of the instance."""
        self.arguments.setVisible(inner is not None and bool(inner.params))
        if inner is None:
            return
        scope = {**self._session.block.defaults(), **({"i": 0, "n": layer.repeat} if layer.repeat != 1 else {})}
        subject = (self._session.block_id, self._node.id) if self._node else None
        self.arguments.show_values(inner.name, [param_of(p) for p in inner.params], layer.args, scope, subject)

    def _show_code_options(self, layer: Layer) -> None:
        """The options that a person's own code declares."""
        if isinstance(layer, (CodeLayer, OutsideModule)) and self._node:
            self.arguments.setVisible(bool(layer.options()))
            scope, subject = self._session.block.defaults(), (self._session.block_id, self._node.id)
            name = layer.path if isinstance(layer, OutsideModule) else layer.code.name
            given = layer.args if isinstance(layer, OutsideModule) else layer.values
            self.arguments.show_values(name, layer.options(), given, scope, subject)

    def _set(self, form: Form, name: str, value: Any) -> None:
        node, editor = self._there(), form.editors[name]
        if node is None:
            return
        try:
            node.layer.with_(**{name: value})
        except SpecError as error:  # options that do not go together, or code that is none
            editor.refuse(getattr(node.layer, name), error.message)
            return
        edit = SetParam(node.id, name, value, self._block)
        self._session.apply(edit, merge=_merge(editor.gesture, node.id, name))

    def _set_argument(self, name: str, value: Any) -> None:
        node = self._there()
        if node is not None and isinstance(node.layer, BlockLayer):
            edit = SetParam(node.id, "args", {**node.layer.args, name: value}, self._block)
            gesture = self.arguments.editors[name].gesture
            self._session.apply(edit, merge=_merge(gesture, node.id, name))
        elif node is not None and isinstance(node.layer, OutsideModule):
            edit = SetParam(node.id, "args", node.layer.with_argument(name, value), self._block)
            self._session.apply(edit, merge=_merge(self.arguments.editors[name].gesture, node.id, name))
        elif node is not None and isinstance(node.layer, CodeLayer):
            edit = SetParam(node.id, "values", {**node.layer.values, name: value}, self._block)
            gesture = self.arguments.editors[name].gesture
            self._session.apply(edit, merge=_merge(gesture, node.id, name))

    def _there(self) -> Node | None:
        """The layer that is shown, as it is in the document now; None once it is gone."""
        block = self._session.project.blocks.get(self._block)
        return block.graph.nodes.get(self._node.id) if block is not None and self._node is not None else None

    def _rename(self, name: str) -> None:
        node = self._there()
        if node is not None and not self._session.apply(Rename(node.id, name, self._block)):
            self.head.take_back()

    def _show_live_soon(self) -> None:
        if not self._soon.isActive() and self.isVisible():
            self._soon.start()

    def _live_row(self) -> QWidget:
        row, space = QWidget(), metrics().space
        line = QHBoxLayout(row)
        line.setContentsMargins(space.l, 0, 0, 0)
        line.addWidget(label("gradient norm", "small", "secondary"), 1)
        line.addWidget(self.norm)
        line.addWidget(self.spark)
        return row

    def _arrange(self) -> None:
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, space.m)
        box.setSpacing(0)
        box.addWidget(self.head)
        self.cards.setContentsMargins(space.m, 0, space.m, space.s)
        self.cards.setSpacing(space.s)
        box.addLayout(self.cards)
        for section in (self.params, self.weights, self.tied, self.cost, self.live, self.more):
            box.addWidget(section)
        box.addStretch(1)


def failing_lines(problems: Iterable[Problem]) -> dict[int, str]:
    """The lines of a person's own code that problems speak of, each with what went wrong."""
    found: dict[int, str] = {}
    for problem in problems:
        if place := _ON_LINE.search(problem.message):
            found.setdefault(int(place[1]), problem.hint or problem.message)
    return found


def _merge(gesture: int, *subject: str) -> Hashable:
    """What makes edits one step to undo: being of one drag."""
    return (gesture, *subject) if gesture else None


def _changed_among(layer: Layer, params: Iterable[Param]) -> str:
    changed = sum(getattr(layer, p.name) != p.default for p in params)
    return f"{changed} changed" if changed else ""
