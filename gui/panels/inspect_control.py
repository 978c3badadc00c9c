"""What a loop or branch does with its blocks: which they are, how their inputs are fed, and how one looks inside."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.document.control_edits import SetArgument, blocks_for, with_part
from engine.document.edits import SetLayer, SetParam
from engine.graph.graph import BlockId, Node
from engine.kinds import Choice
from engine.layers.block import BlockLayer, Holder, Ports
from engine.layers.control import CONSTANT, FROM, SEQUENCE, Branch, Loop, Scan, While
from engine.spec import Param
from gui.editors import Form
from gui.panels.inspect_parts import param_of
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

THROUGH, ALWAYS = "goes through", "none"
BLOCK, CONDITION = "block", "condition"


class ControlView(QWidget):
    """Rows for the blocks and for the part of each input, and buttons that lead inside."""

    enter_wanted = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._node: Node | None = None
        self.blocks, self.roles = Form(), Form()
        self.arguments = (Form(), Form())
        self.blocks.edited.connect(self._set_block)
        self.roles.edited.connect(self._set_role)
        for part, form in enumerate(self.arguments):
            form.edited.connect(lambda name, value, part=part: self._set_argument(part, name, value))
        self.heading = label("Inputs of the block", "small", "secondary")
        self.doors = (QPushButton(), QPushButton())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        box.addWidget(self.blocks)
        for form in self.arguments:
            box.addWidget(form)
        box.addWidget(self.heading)
        box.addWidget(self.roles)
        for part, door in enumerate(self.doors):
            door.setProperty("dense", True)
            door.clicked.connect(lambda _=False, part=part: self.enter_wanted.emit(part))
            box.addWidget(door)

    def show_node(self, node: Node) -> None:
        """Show a loop or branch as it is now; nothing for any other layer."""
        layer, session = node.layer, self._session
        is_control = isinstance(layer, Holder) and not isinstance(layer, BlockLayer)
        self.setVisible(is_control)
        self._node = node if is_control else None
        if not isinstance(layer, Holder) or not is_control:
            return
        subject = (session.block_id, node.id)
        params, values = self._block_rows(layer)
        self.blocks.show_values(layer.title, params, values, subject=subject)
        self._show_arguments(layer, subject)
        inner = session.project.inner_ports(layer)
        rows, chosen = role_rows(layer, inner[0]) if isinstance(layer, Loop) and inner else ([], {})
        self.heading.setVisible(bool(rows))
        self.roles.setVisible(bool(rows))
        self.roles.show_values(layer.title, rows, chosen, subject=subject)
        for part, door in enumerate(self.doors):
            instance = layer.held()[part] if part < len(layer.held()) else None
            block = session.project.blocks.get(BlockId(instance.block)) if instance else None
            door.setVisible(block is not None)
            door.setText(f"Open {block.name}" if block else "")

    def _show_arguments(self, layer: Holder, subject: tuple[Any, ...]) -> None:
        for part, form in enumerate(self.arguments):
            instance = layer.held()[part] if part < len(layer.held()) else None
            block = self._session.project.blocks.get(BlockId(instance.block)) if instance else None
            form.setVisible(block is not None and bool(block.params))
            if instance is not None and block is not None:
                scope = self._session.block.defaults()
                params = [param_of(p) for p in block.params]
                form.show_values(block.name, params, instance.args, scope, (*subject, part))

    def _block_rows(self, layer: Holder) -> tuple[list[Param], dict[str, Any]]:
        names = {b.id: b.name for b in blocks_for(self._session.project, self._session.block_id)}
        all_names = tuple(names.values())
        if isinstance(layer, Branch):
            shown = {
                "then": names.get(BlockId(layer.then), ""),
                "otherwise": names.get(BlockId(layer.otherwise), THROUGH),
            }
            helps = {
                "then": "The block for yes.",
                "otherwise": "The block for no; without one the inputs go through as they are.",
            }
            options = {"then": all_names, "otherwise": (THROUGH, *all_names)}
            return [_choice(n, options[n], shown[n], helps[n]) for n in shown], shown
        held = layer.held()
        name = names.get(BlockId(held[0].block), "") if held else ""
        return [_choice(BLOCK, all_names, name, "The block that is applied.")], {BLOCK: name}

    def _set_block(self, name: str, chosen: Any) -> None:
        node = self._there()
        if node is None:
            return
        ids = {b.name: b.id for b in blocks_for(self._session.project, self._session.block_id)}
        block = ids.get(chosen, BlockId(""))
        if isinstance(node.layer, Branch):
            layer: Holder = with_part(node.layer, 0 if name == "then" else 1, block)
        else:
            layer = node.layer.with_(block=block, args={}, roles={})  # type: ignore[assignment]
        self._session.apply(SetLayer(node.id, layer, self._session.block_id))

    def _set_role(self, name: str, chosen: Any) -> None:
        node = self._there()
        if node is None or not isinstance(node.layer, Loop):
            return
        if name == CONDITION:
            value = None if chosen == ALWAYS else chosen
            self._session.apply(SetParam(node.id, "condition", value, self._session.block_id))
            return
        inner = self._session.project.inner_ports(node.layer)
        if inner:
            roles = {**node.layer.roles_in(inner[0]).texts(), name: chosen}
            self._session.apply(SetParam(node.id, "roles", roles, self._session.block_id))

    def _set_argument(self, part: int, name: str, value: Any) -> None:
        node = self._there()
        if node is not None:
            gesture = self.arguments[part].editors[name].gesture
            merge = (gesture, node.id, name) if gesture else None
            self._session.apply(SetArgument(node.id, name, value, part, self._session.block_id), merge=merge)

    def _there(self) -> Node | None:
        return self._session.block.graph.nodes.get(self._node.id) if self._node else None


def role_rows(layer: Loop, ports: Ports) -> tuple[list[Param], dict[str, Any]]:
    """A row for every input of the block, and for the condition of a loop."""
    roles = layer.roles_in(ports).texts()
    default = layer.with_(roles={}).roles_in(ports).texts()
    outputs = [p.name for p in ports[1]]
    carried = tuple(f"{FROM}{name}" for name in outputs)
    options = ((SEQUENCE,) if isinstance(layer, Scan) else ()) + carried + (CONSTANT,)
    says = "Sliced step by step, carried from an output of the turn before, or the same every time."
    rows = [_choice(p.name, options, default[p.name], says) for p in ports[0]]
    values: dict[str, Any] = dict(roles)
    if isinstance(layer, While):
        rows.append(
            _choice(
                CONDITION,
                (ALWAYS, *outputs),
                ALWAYS,
                "The output that is asked after each time; none goes on to the limit.",
            )
        )
        values[CONDITION] = layer.condition or ALWAYS
    return rows, values


def idle(layer: object) -> frozenset[str]:
    """Options of a loop or branch that mean nothing as the others are set."""
    if isinstance(layer, Branch) and layer.on != "parameter":
        return frozenset({"when"})
    return frozenset({"stop", "over"}) if isinstance(layer, While) and layer.condition is None else frozenset()


def _choice(name: str, options: tuple[str, ...], default: str, says: str) -> Param:
    known = options if default in options else (default, *options)
    return Param(name, Choice(known), default, default, says, literal=True)
