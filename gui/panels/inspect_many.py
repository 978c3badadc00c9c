"""Several layers in the inspector: the options they share, set for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.document.edits import Batch, SetParam
from engine.graph.graph import Node
from engine.spec import Param
from gui.editors import Form
from gui.session import Session
from gui.theme import metrics
from gui.widgets import SectionHeader, hairline, label


class SeveralView(QWidget):
    """Rows that all selected layers have; where they differ, the row says so until a value is chosen for all."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._nodes: Sequence[Node] = ()
        self.title = label("", "title")
        self.names = label("", "small", "secondary")
        self.names.setWordWrap(True)
        self.mixed = label("", "small", "muted")
        self.mixed.setWordWrap(True)
        self.form = Form()
        self.form.edited.connect(self._set)
        self.section = SectionHeader("Shared parameters")
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(0, space.m, 0, space.m)
        box.setSpacing(space.xs)
        for words in (self.title, self.names, self.mixed):
            words.setContentsMargins(space.m, 0, space.m, 0)
        frame = QWidget()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(space.s, space.xs, space.m, space.s)
        inside.addWidget(self.form)
        inside.addWidget(self.mixed)
        self.section.set_body(frame)
        for widget in (self.title, self.names, hairline(), self.section, frame):
            box.addWidget(widget)
        box.addStretch(1)

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show what these layers have in common."""
        self._nodes = nodes
        self.title.setText(f"{len(nodes)} layers")
        self.names.setText(", ".join(node.name for node in nodes))
        shared = shared_params(nodes)
        first = nodes[0].layer
        mixed = [p.name for p in shared if any(getattr(n.layer, p.name) != getattr(first, p.name) for n in nodes)]
        self.form.scope = self._session.block.defaults()
        self.form.show_values(f"{len(nodes)} layers", shared, {p.name: getattr(first, p.name) for p in shared})
        self.mixed.setText(f"Mixed: {', '.join(mixed)}. A value set here is set for all." if mixed else "")
        self.mixed.setVisible(bool(mixed))
        self.section.set_note("" if shared else "none")

    def _set(self, name: str, value: Any) -> None:
        block = self._session.block_id
        edits = tuple(SetParam(node.id, name, value, block) for node in self._nodes)
        merge = ("params", tuple(node.id for node in self._nodes), name)
        self._session.apply(Batch(f"Set {name} of {len(edits)} layers", edits), merge=merge)


def shared_params(nodes: Sequence[Node]) -> list[Param]:
    """The options that every layer has, of the same kind. Names of blocks and nodes are no such thing."""
    first, *rest = (node.layer.params for node in nodes)
    private = {"block", "args", "node", "source", "data", "ports"}
    return [p for p in first.values() if p.name not in private and all(_same(p, o.get(p.name)) for o in rest)]


def _same(one: Param, other: Param | None) -> bool:
    return other is not None and one.kind == other.kind
