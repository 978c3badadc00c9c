"""How a node looks at this moment: selected, hovered, in trouble, hot. Changes while one looks; never its geometry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from PySide6.QtGui import QColor

from engine.errors import Severity
from engine.graph.graph import Edge, NodeId

MANY_SELECTED = 400
"""More layers than this are not ringed one by one where one looks from far away."""
Difference = Literal["", "added", "changed", "removed"]
PortState = Literal["rest", "hover", "fits", "refused"]
PortKey = tuple[NodeId, str, str]
"""A port: its node, "in" or "out", its name."""


@dataclass(frozen=True, slots=True)
class Plate:
    """The footer: plain text, or a value on its colour while heat is shown."""

    label: str
    value: str = ""
    fill: QColor | None = None
    on: QColor | None = None
    hatched: bool = False
    is_bad: bool = False
    """Whether the value is not finite, which is a problem of its layer."""


@dataclass(frozen=True, slots=True)
class Look:
    """The state of one node."""

    hover: bool = False
    selected: bool = False
    focused: bool = False
    dragged: bool = False
    ghost: bool = False
    muted: bool = False
    diff: Difference = ""
    trusted: bool = True
    iced: bool = False
    """Whether it is frozen in the run that goes on, whatever the project says."""
    severity: Severity | None = None
    plate: Plate = Plate("")
    shape: str = ""
    editing: str = ""
    """What an editor stands over, and is therefore not painted: "name" or the name of an option."""
    scrub: float | None = None
    """The share of the field that is filled while its number is dragged."""


@lru_cache(maxsize=1024)
def plain_look(trusted: bool, muted: bool, severity: Severity | None, label: str, shape: str) -> Look:
    """How a node looks that nobody points at; one value for all that look alike."""
    return Look(trusted=trusted, muted=muted, severity=severity, plate=Plate(label), shape=shape)


@dataclass
class Marks:
    """What is pointed at, chosen and dragged in the view: state of the view, never of the project."""

    hover: NodeId | None = None
    hover_wire: Edge | None = None
    hover_port: PortKey | None = None
    selected: frozenset[NodeId] = frozenset()
    focus: NodeId | None = None
    shows_focus: bool = False
    """Whether the keyboard leads: a mouse click shows no focus."""
    dragged: frozenset[NodeId] = frozenset()
    """What is lifted off the ground; of very many nodes in the hand none is, since all would be painted anew."""
    drop_wire: Edge | None = None
    unplugged: frozenset[Edge] = frozenset()
    """Wires whose end is in the hand: they are drawn as drafts."""
    cut: frozenset[Edge] = frozenset()
    """Wires that the line in the making crosses."""
    lit: frozenset[PortKey] | None = None
    """The ports that can take the wire that is dragged; None when none is dragged. Set by `light`."""
    lit_nodes: frozenset[NodeId] = frozenset()
    refused: PortKey | None = None
    drag_from: PortKey | None = None
    editing: tuple[NodeId, str] | None = None
    scrub: tuple[NodeId, str, float] | None = None
    hover_frame: str | None = None
    frames: frozenset[str] = frozenset()
    """The frames and notes that are selected, beside nodes or alone."""
    chosen_wire: Edge | None = None
    points: frozenset[str] = frozenset()
    """The points of wires that are selected, beside nodes or alone."""
    hover_point: str | None = None
    drop_point: str | None = None
    """The point that the one in the hand would become one with."""
    differences: dict[NodeId, Difference] = field(default_factory=dict)
    """What is new or different while two projects are compared."""
    words: dict[NodeId, str] = field(default_factory=dict)
    """What differs there."""
    new_wires: frozenset[Edge] = frozenset()
    lights_paths: bool = False
    """Whether wires before and after the node under the pointer, else the selected one, are lit, all others dimmed."""
    plates: dict[NodeId, Plate] = field(default_factory=dict)

    @property
    def chosen_frame(self) -> str | None:
        """The frame or note that is selected, if nothing else is."""
        is_alone = len(self.frames) == 1 and not self.selected and not self.points
        return next(iter(self.frames)) if is_alone else None

    def choose(self, nodes: tuple[NodeId, ...]) -> set[NodeId] | None:
        """Mark these layers as selected, nothing else. Returns: those that look different now, None if more does."""
        before, focus = self.selected, self.focus
        is_more = bool(self.points or self.frames or self.chosen_wire or self.lights_paths)
        self.selected, self.points, self.frames = frozenset(nodes), frozenset(), frozenset()
        if nodes:
            self.chosen_wire = None
            if focus not in self.selected:
                self.focus = nodes[-1]
        if is_more or (len(before) > MANY_SELECTED) != (len(nodes) > MANY_SELECTED):
            return None
        return {*(before ^ self.selected), *(node for node in (focus, self.focus) if node is not None)}

    def take(self, nodes: tuple[NodeId, ...], points: frozenset[str], frames: frozenset[str]) -> set[NodeId] | None:
        """Mark these as selected, nothing else. Returns: the layers that look different now, None if more does."""
        if (frozenset(nodes), points, frames) == (self.selected, self.points, self.frames):
            return set()
        changed = self.choose(nodes)
        self.points, self.frames = points, frames
        return None if points or frames else changed

    def ghosts(self, node: NodeId) -> bool:
        """Whether the node is faint because it cannot take the wire that is dragged."""
        if self.lit is None or (self.drag_from and self.drag_from[0] == node):
            return False
        if self.refused and self.refused[0] == node:
            return False
        return node not in self.lit_nodes

    def light(self, keys: Iterable[PortKey] | None) -> None:
        """Show which ports can take the wire that is dragged."""
        self.lit = None if keys is None else frozenset(keys)
        self.lit_nodes = frozenset(key[0] for key in self.lit or ())

    def port(self, key: PortKey) -> PortState:
        """How a port looks."""
        if key == self.refused:
            return "refused"
        if self.lit is not None and key in self.lit:
            return "fits"
        return "hover" if key == self.hover_port else "rest"

    def look(self, look: Look, node: NodeId) -> Look:
        """A node's look with what is pointed at, chosen and dragged."""
        if not self._concerns(node):
            return look
        scrub = self.scrub[2] if self.scrub and self.scrub[0] == node else None
        return replace(
            look,
            hover=node == self.hover,
            selected=node in self.selected,
            focused=self.shows_focus and node == self.focus,
            dragged=node in self.dragged,
            ghost=self.ghosts(node),
            diff=self.differences.get(node, ""),
            editing=self.editing[1] if self.editing and self.editing[0] == node else "",
            scrub=scrub,
        )

    def _concerns(self, node: NodeId) -> bool:
        """Whether anything at all is to be seen of this on a node."""
        return (
            node == self.hover
            or node in self.selected
            or node in self.dragged
            or (self.shows_focus and node == self.focus)
            or self.ghosts(node)
            or node in self.differences
            or bool(self.editing and self.editing[0] == node)
            or bool(self.scrub and self.scrub[0] == node)
        )
