"""Whose weight a layer uses: its own, or that of another layer of the same size."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.document.weight_edits import SetWeights
from engine.graph.graph import Node, NodeId
from gui.editors.choices import QuietComboBox
from gui.session import Session
from gui.theme import metrics

OWN = "a weight of its own"


class TieChoice(QWidget):
    """A list of the layers whose weight the shown one can use."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._node: Node | None = None
        self._lenders: list[NodeId] = []
        self.combo = QuietComboBox()
        self.combo.setAccessibleName("Whose weight it uses")
        self.combo.setToolTip("Two layers with one weight, as the table a network reads tokens and writes them with.")
        self.combo.activated.connect(self._choose)
        box = QVBoxLayout(self)
        box.setContentsMargins(metrics().space.l, 0, 0, 0)
        box.addWidget(self.combo)

    def show_node(self, node: Node) -> bool:
        """Show the choice for a layer. Returns: whether there is one."""
        self._node = node
        self._lenders = lenders(self._session, node)
        graph = self._session.block.graph
        self.combo.clear()
        self.combo.addItem(OWN)
        self.combo.addItems([f"that of {graph.nodes[lender].name}" for lender in self._lenders])
        tied = NodeId(node.weights.tied)
        self.combo.setCurrentIndex(1 + self._lenders.index(tied) if tied in self._lenders else 0)
        return bool(self._lenders)

    def _choose(self, index: int) -> None:
        if self._node is not None:
            tied = self._lenders[index - 1] if index else ""
            self._session.apply(SetWeights((self._node.id,), "tied", tied, self._session.block_id))


def lenders(session: Session, node: Node) -> list[NodeId]:
    """The layers of the block on screen whose weight has the size of this one's, and the one it is tied to."""
    shapes = session.analysis.of(session.block_id) if session.analysis else None
    graph = session.block.graph
    own = shapes.nodes[node.id].named.get("weight") if shapes and node.id in shapes.nodes else None
    users = {n.weights.tied for n in graph.nodes.values()}
    found = []
    for other in graph.nodes.values():
        record = shapes.nodes.get(other.id) if shapes else None
        is_alike = own is not None and record is not None and record.named.get("weight") == own
        if other.id != node.id and not other.weights.tied and node.id not in users and is_alike:
            found.append(other.id)
    tied = NodeId(node.weights.tied)
    return [*found, tied] if tied in graph.nodes and tied not in found else found
