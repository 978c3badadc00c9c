"""Nothing selected: the block on screen, its parameters, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.document.block_edits import RenameBlock, RenameParam, SetBlockParams, SetMainName
from engine.graph.block import Block, BlockParam, ParamKind
from gui.editors import make_editor
from gui.editors.base import Editor, clear
from gui.glyphs import bind_icon
from gui.panels.inspect_node import Facts, Head, padded, param_of
from gui.panels.summary import figure
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import SectionHeader, hairline, label
from gui.widgets.name_field import NameField

NEW: tuple[tuple[str, ParamKind, Any], ...] = (
    ("Whole number", "int", 1),
    ("Number", "float", 0.5),
    ("Yes or no", "bool", False),
    ("Text", "text", ""),
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
        self.params = SectionHeader("Parameters")
        self.rows = QVBoxLayout()
        self.editors: dict[str, Editor] = {}
        self.add = QPushButton("Add parameter")
        self.add.setProperty("dense", True)
        menu = QMenu(self.add)
        for words, kind, default in NEW:
            menu.addAction(words).triggered.connect(lambda _=False, k=kind, d=default: self._append(k, d))
        self.add.setMenu(menu)
        self.cost = SectionHeader("Cost")
        self.facts = Facts()
        self._arrange()

    def show_block(self) -> None:
        """Show the block on screen as it is now."""
        session, block = self._session, self._session.block
        is_main = block.id == session.project.main
        kind = "the network · a class in the code" if is_main else "your block · a class in the code"
        self.head.show_node("block", block.name, kind)
        if self._block is None or self._block.params != block.params or self._block.id != block.id:
            self._show_params(block)
        self._block = block
        self._show_cost(is_main)

    def _show_params(self, block: Block) -> None:
        clear(self.rows)
        self.editors = {}
        for param in block.params:
            self.rows.addWidget(self._row(param))
        self.params.set_note(f"{len(block.params)}" if block.params else "none yet")

    def _show_cost(self, is_main: bool) -> None:
        analysis = self._session.analysis
        shapes = analysis.of(self._session.block_id) if analysis else None
        if analysis is None or shapes is None:
            self.facts.show_facts([("shapes", "unknown")])
            return
        facts = [("layers", str(len(shapes.nodes))), ("parameters", f"{shapes.parameters:,}")]
        facts.append(("FLOPs", f"{figure(shapes.flops)} a sample"))
        if is_main:
            batch = self._session.project.recipe.batch_size
            facts.append(("to train", f"{analysis.training_bytes / 1e6:,.1f} MB at batch {batch}"))
        self.facts.show_facts(facts)

    def _row(self, param: BlockParam) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(metrics().space.l, 0, 0, 0)
        line.setSpacing(metrics().space.xs)
        name = NameField(param.name, f"Name of {param.name}")
        name.renamed.connect(lambda text, p=param: self._rename_param(p, name, text))
        editor = make_editor(param_of(param), param.name)
        editor.setFixedWidth(metrics().widget.inspector_value)
        editor.value_edited.connect(lambda value, p=param: self._change(p, replace(p, default=value)))
        remove = QToolButton()
        remove.setProperty("dense", True)
        remove.setToolTip(f"Remove {param.name}")
        remove.setAccessibleName(f"Remove {param.name}")
        bind_icon(remove, "x")
        remove.clicked.connect(lambda: self._change(param, None))
        line.addWidget(name, 1)
        line.addWidget(editor)
        line.addWidget(remove)
        self.editors[param.name] = editor
        return row

    def _append(self, kind: ParamKind, default: Any) -> None:
        block = self._session.block
        names = {p.name for p in block.params} | {n.name for n in block.inputs}
        name = next(n for n in ("width", "size", *(f"param{i}" for i in range(1, 1000))) if n not in names)
        self._apply((*block.params, BlockParam(name, kind, default)))

    def _change(self, old: BlockParam, new: BlockParam | None) -> None:
        params = [p if p.name != old.name else new for p in self._session.block.params]
        self._apply(tuple(p for p in params if p is not None), merge=("default", self._session.block_id, old.name))

    def _apply(self, params: tuple[BlockParam, ...], merge: Any = None) -> None:
        self._session.apply(SetBlockParams(self._session.block_id, params), merge=merge)

    def _rename_param(self, param: BlockParam, field: NameField, name: str) -> None:
        if not self._session.apply(RenameParam(self._session.block_id, param.name, name)):
            field.setText(param.name)
            restyle(field)

    def _rename(self, name: str) -> None:
        block = self._session.block
        if name == block.name:
            return
        is_main = block.id == self._session.project.main
        edit: Any = SetMainName(name) if is_main else RenameBlock(block.id, name)
        if not self._session.apply(edit):
            self.head.name.setText(block.name)

    def _arrange(self) -> None:
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, space.m)
        box.setSpacing(0)
        self.hint.setContentsMargins(space.m, 0, space.m, space.s)
        box.addWidget(self.head)
        box.addWidget(self.hint)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        self.rows.setSpacing(space.xs)
        column.addLayout(self.rows)
        column.addWidget(self.add)
        for section, body in ((self.params, inside), (self.cost, self.facts)):
            frame = padded(body)
            frame.layout().setContentsMargins(space.s, space.xs, space.m, space.s)  # type: ignore[union-attr]
            box.addWidget(hairline())
            box.addWidget(section)
            box.addWidget(frame)
            section.set_body(frame)
        box.addStretch(1)
