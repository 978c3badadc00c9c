"""Several layers in the inspector: the options they share, set for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.document.edits import Batch, SetParam
from engine.errors import SpecError
from engine.graph.graph import Node
from engine.layers.block import Holder
from engine.spec import Param
from gui.editors import Form
from gui.panels.inspect_parts import Section
from gui.panels.inspect_weights import WeightsSection
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label


class SeveralView(QWidget):
    """Rows that all selected layers have; where they differ, the row says so until a value is chosen for all."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._nodes: Sequence[Node] = ()
        self.title = label("", "title")
        self.names = label("", "small", "secondary")
        self.names.setWordWrap(True)
        self.form = Form()
        self.form.edited.connect(self._set)
        self.section = Section("Shared parameters", self.form)
        self.weights = WeightsSection(session)
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(0, space.m, 0, space.m)
        box.setSpacing(0)
        for words in (self.title, self.names):
            words.setContentsMargins(space.m, 0, space.m, 0)
        self.names.setContentsMargins(space.m, 0, space.m, space.s)
        for widget in (self.title, self.names, self.section, self.weights):
            box.addWidget(widget)
        box.addStretch(1)

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show what these layers have in common."""
        self._nodes = nodes
        self.title.setText(f"{len(nodes)} layers")
        self.names.setText(", ".join(node.name for node in nodes))
        shared, first = shared_params(nodes), nodes[0].layer
        mixed = [p.name for p in shared if any(getattr(n.layer, p.name) != getattr(first, p.name) for n in nodes)]
        values = {p.name: getattr(first, p.name) for p in shared}
        subject = (self._session.block_id, *(node.id for node in nodes))
        self.form.show_values(f"{len(nodes)} layers", shared, values, self._session.block.defaults(), subject, mixed)
        learning = [node for node in nodes if self._learns(node)]
        self.weights.show_nodes(learning, self._common(learning))
        self.section.set_note(f"{len(mixed)} mixed" if mixed else "" if shared else "none")

    def _learns(self, node: Node) -> bool:
        """Whether it has parameters, or blocks that may have some."""
        analysis = self._session.analysis
        shapes = analysis.node(node.id, self._session.block_id) if analysis else None
        return isinstance(node.layer, Holder) or not node.weights.is_plain or bool(shapes and shapes.named)

    def _common(self, nodes: Sequence[Node]) -> dict[str, tuple[int, ...]]:
        """The parameters that all of them have, with the sizes in the first."""
        analysis, block = self._session.analysis, self._session.block_id
        found = [shapes.named for n in nodes if analysis and (shapes := analysis.node(n.id, block))]
        if not found or len(found) != len(nodes):
            return {}
        return {name: sizes for name, sizes in found[0].items() if all(name in named for named in found)}

    def _set(self, name: str, value: Any) -> None:
        block, editor = self._session.block_id, self.form.editors[name]
        edits = tuple(SetParam(node.id, name, value, block) for node in self._nodes)
        for node in self._nodes:
            try:
                node.layer.with_(**{name: value})
            except SpecError as error:
                editor.refuse(getattr(self._nodes[0].layer, name), f"{node.name}: {error.message}")
                return
        merge = (editor.gesture, tuple(node.id for node in self._nodes), name) if editor.gesture else None
        self._session.apply(Batch(f"Set {name} of {len(edits)} layers", edits), merge=merge)


def shared_params(nodes: Sequence[Node]) -> list[Param]:
    """The options that every layer has, of the same kind, those on the node first. Names and code are no such thing."""
    first, *rest = (node.layer.params for node in nodes)
    private = {"block", "args", "node", "source", "data", "ports"}
    return [p for p in first.values() if p.name not in private and all(_same(p, o.get(p.name)) for o in rest)]


def _same(one: Param, other: Param | None) -> bool:
    return other is not None and one.kind == other.kind
