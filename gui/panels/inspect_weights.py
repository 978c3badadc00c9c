"""How the parameters of layers begin and learn: the section Weights of the inspector, for one layer or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.document.weight_edits import SetWeights
from engine.document.weights import may_hold_weights
from engine.errors import EngineError
from engine.graph.graph import Node
from engine.layers.block import Holder
from engine.recipe.base import MaybeMember
from engine.recipe.initialisation import Initialisation
from engine.recipe.weights import Weights
from engine.spec import Param
from gui.editors import Form
from gui.panels.inspect_parts import Section
from gui.session import Session
from gui.widgets import label

START = MaybeMember(Initialisation, "as the layer begins")
_OF_ALL = ("frozen", "lr_factor", "weight_decay")
_OF_ONE = (*_OF_ALL, "parametrisations")


class WeightsSection(Section):
    """Rows for what is said of all parameters, then one for each parameter: what it starts from."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._nodes: Sequence[Node] = ()
        self._block = session.block_id
        self.form, self.starts = Form(), Form()
        self.words = label("What they start from", "small", "secondary")
        super().__init__("Weights", self.form, self.words, self.starts, open_at_first=False)
        self.form.edited.connect(lambda name, value: self._set(self.form, name, name, value))
        self.starts.edited.connect(lambda name, value: self._set(self.starts, name, f"init.{name}", value))

    def show_nodes(self, nodes: Sequence[Node], named: Mapping[str, tuple[int, ...]]) -> None:
        """Show what is said of these layers' weights. named: sizes of the parameters that all of them have."""
        self._nodes, self._block = nodes, self._session.block_id
        is_set = any(not node.weights.is_plain for node in nodes)
        holders = [node for node in nodes if isinstance(node.layer, Holder)]
        learns = bool(nodes) and all(may_hold_weights(node.layer) for node in nodes)
        self.setVisible(learns and (is_set or bool(holders) or bool(named)))
        if not learns:
            return
        subject = (self._block, *(node.id for node in nodes))
        options = _OF_ALL if holders or not named else _OF_ONE
        self._show(self.form, [Weights.params[name] for name in options], subject, [dict(vars_of(n)) for n in nodes])
        names = dict.fromkeys((*named, *(name for node in nodes for name in node.weights.init)))
        rows = [start_of(name, named.get(name)) for name in names]
        self._show(self.starts, rows, subject, [dict(node.weights.init) for node in nodes])
        self.starts.setVisible(bool(rows) and not holders)
        self.words.setVisible(bool(rows) and not holders)
        self.set_note(note_of(nodes))

    def _show(self, form: Form, rows: list[Param], subject: Any, values: list[dict[str, Any]]) -> None:
        first = values[0]
        mixed = [p.name for p in rows if any(v.get(p.name, p.default) != first.get(p.name, p.default) for v in values)]
        form.show_values("Weights", rows, first, self._session.block.defaults(), subject, mixed)

    def _set(self, form: Form, row: str, name: str, value: Any) -> None:
        ids = [node.id for node in self._nodes]
        editor = form.editors[row]
        edit = SetWeights(ids, name, value, self._block)
        try:
            edit(self._session.project)
        except EngineError as error:
            editor.refuse(editor.declared.default, error.message)
            return
        self._session.apply(edit, merge=(editor.gesture, *ids, name) if editor.gesture else None)


def vars_of(node: Node) -> dict[str, Any]:
    """The options of a node's weights by name."""
    return {name: getattr(node.weights, name) for name in Weights.params}


def start_of(name: str, shape: tuple[int, ...] | None) -> Param:
    """The row of one parameter."""
    sizes = " × ".join(map(str, shape)) if shape else ""
    return Param(name, START, None, None, f"What {name} starts from{f', {sizes}' if sizes else ''}.")


def note_of(nodes: Sequence[Node]) -> str:
    """What stands at the right of the header."""
    if nodes and all(node.weights.frozen for node in nodes):
        return "frozen"
    changed = {name for node in nodes for name in node.weights.changed() if name != "init"}
    count = len(changed) + len({name for node in nodes for name in node.weights.init})
    return f"{count} changed" if count else "all default"
