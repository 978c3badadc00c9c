"""Nothing selected: the block on screen, its parameters, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.document.block_edits import (
    RenameBlock,
    RenameParam,
    SetBlockParams,
    SetBlockSequence,
    SetMainName,
    SetReturns,
)
from engine.graph.block import Block, BlockParam, ParamKind, Returns
from engine.graph.chain import why_no_chain
from engine.kinds import Choice
from engine.layers.activation import ReLU
from engine.spec import Param
from gui.editors import Form, make_editor
from gui.editors.base import Editor, clear
from gui.glyphs import bind_icon
from gui.panels.facts_of import UNKNOWN, block_facts, training_facts
from gui.panels.inspect_parts import Facts, Head, Section, param_of
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label
from gui.widgets.name_field import NameField

NEW: tuple[tuple[str, ParamKind, Any], ...] = (
    ("Whole number", "int", 1),
    ("Number", "float", 0.5),
    ("Yes or no", "bool", False),
    ("Text", "text", ""),
    ("Kind of layer", "layer", ReLU()),
)


RETURNS = Param(
    "returns", Choice(get_args(Returns)), "tuple", "tuple", "How the network hands out its results.", literal=True
)


class ProjectView(QWidget):
    """The class that the block on screen becomes: its name, its parameters, its totals."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._block: Block | None = None
        self.head = Head()
        self.head.renamed.connect(self._rename)
        self.hint = label("Select a layer to see its parameters.", "small", "muted")
        inside = QWidget()
        self.rows = QVBoxLayout(inside)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(metrics().space.xs)
        self.editors: dict[str, Editor] = {}
        self.add = QPushButton("Add parameter")
        self.add.setProperty("dense", True)
        menu = QMenu(self.add)
        for words, kind, default in NEW:
            menu.addAction(words).triggered.connect(lambda _=False, k=kind, d=default: self._append(k, d))
        self.add.setMenu(menu)
        self.params = Section("Parameters", inside, self.add)
        self.sequence = QCheckBox("Written as nn.Sequential")
        self.sequence.setToolTip("For modules one after the other: they are called by their numbers.")
        self.sequence.clicked.connect(self._set_sequence)
        self.returns = Form()
        self.returns.edited.connect(lambda _, value: session.apply(SetReturns(session.block_id, value)))
        self.facts, self.recipe = Facts(), Facts()
        self.cost, self.training = Section("Size", self.facts), Section("Recipe", self.recipe)
        self.results = Section("Results", self.returns)
        self._arrange()

    def show_block(self) -> None:
        """Show the block on screen as it is now."""
        session, block = self._session, self._session.block
        is_main = block.id == session.project.main
        kind = "the network · a class in the code" if is_main else "your block · a class in the code"
        self.head.show_node("block", block.name, kind)
        self._show_params(block)
        self.sequence.setVisible(not is_main and (block.sequence or not self._why_no_chain(block)))
        self.sequence.setChecked(block.sequence)
        self.results.setVisible(is_main and bool(block.outputs))
        self.returns.show_values(block.name, [RETURNS], {"returns": block.returns}, subject=block.id)
        self._block = block
        self._show_cost(is_main)

    def _why_no_chain(self, block: Block) -> str | None:
        return why_no_chain(block, lambda node: self._session.project.ports(node, block.id))

    def _show_params(self, block: Block) -> None:
        """Rows are kept where only values differ: one of them may be under the hand."""
        before = self._block
        if before and before.id == block.id and _signature(before) == _signature(block):
            for param in block.params:
                if self.editors[param.name].value != param.default:
                    self.editors[param.name].set_value(param.default)
            return
        clear(self.rows)
        self.editors = {}
        for param in block.params:
            self.rows.addWidget(self._row(param))
        self.params.set_note(f"{len(block.params)}" if block.params else "none yet")

    def _show_cost(self, is_main: bool) -> None:
        analysis = self._session.analysis
        self.training.setVisible(is_main and analysis is not None)
        shapes = analysis.of(self._session.block_id) if analysis else None
        if analysis is None or shapes is None:
            self.facts.show_facts([("shapes", UNKNOWN)])
            return
        self.facts.show_facts(block_facts(shapes))
        if is_main:
            self.recipe.show_facts(training_facts(analysis, self._session.project.recipe))

    def _row(self, param: BlockParam) -> QWidget:
        row, line = QWidget(), QHBoxLayout()
        whole = QVBoxLayout(row)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(metrics().space.xs)
        whole.addLayout(line)
        line.setContentsMargins(metrics().space.l, 0, 0, 0)
        line.setSpacing(metrics().space.xs)
        name = NameField(param.name, f"Name of {param.name}")
        name.setProperty("dense", True)
        name.renamed.connect(lambda text: self._rename_param(param.name, name, text))
        editor = make_editor(param_of(param), param.name)
        editor.setFixedWidth(metrics().widget.inspector_value)
        editor.value_edited.connect(lambda value: self._change(param.name, value))
        remove = QToolButton()
        remove.setProperty("dense", True)
        remove.setToolTip(f"Remove {param.name}")
        remove.setAccessibleName(f"Remove {param.name}")
        bind_icon(remove, "x")
        remove.clicked.connect(lambda: self._remove(param.name))
        line.addWidget(name, 1)
        line.addWidget(editor)
        line.addWidget(remove)
        if editor.tail is not None:
            editor.tail.setContentsMargins(metrics().space.xl, 0, 0, 0)
            whole.addWidget(editor.tail)
        self.editors[param.name] = editor
        return row

    def _append(self, kind: ParamKind, default: Any) -> None:
        block = self._session.block
        names = {p.name for p in block.params} | {n.name for n in block.inputs}
        wishes = ("act", "layer") if kind == "layer" else ("width", "size")
        name = next(n for n in (*wishes, *(f"param{i}" for i in range(1, 1000))) if n not in names)
        self._session.apply(SetBlockParams(block.id, (*block.params, BlockParam(name, kind, default))))

    def _change(self, name: str, value: Any) -> None:
        block, gesture = self._session.block, self.editors[name].gesture
        params = tuple(replace(p, default=value) if p.name == name else p for p in block.params)
        merge = (gesture, block.id, name) if gesture else None
        self._session.apply(SetBlockParams(block.id, params), merge=merge)

    def _remove(self, name: str) -> None:
        block = self._session.block
        self._session.apply(SetBlockParams(block.id, tuple(p for p in block.params if p.name != name)))

    def _rename_param(self, before: str, field: NameField, after: str) -> None:
        if not self._session.apply(RenameParam(self._session.block_id, before, after)):
            field.setText(before)

    def _set_sequence(self, checked: bool) -> None:
        if not self._session.apply(SetBlockSequence(self._session.block_id, checked)):
            self.sequence.setChecked(not checked)

    def _rename(self, name: str) -> None:
        block = self._session.block
        is_main = block.id == self._session.project.main
        edit: Any = SetMainName(name) if is_main else RenameBlock(block.id, name)
        if not self._session.apply(edit):
            self.head.take_back()

    def _arrange(self) -> None:
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, space.m)
        box.setSpacing(0)
        self.hint.setContentsMargins(space.m, 0, space.m, space.s)
        for part in (self.head, self.hint, self.params):
            box.addWidget(part)
        line = QHBoxLayout()  # a check box keeps no margins of its own
        line.setContentsMargins(space.l, 0, space.m, 0)
        line.addWidget(self.sequence)
        box.addLayout(line)
        for part in (self.results, self.cost, self.training):
            box.addWidget(part)
        box.addStretch(1)


def _signature(block: Block) -> list[tuple[str, str]]:
    return [(param.name, param.kind) for param in block.params]
