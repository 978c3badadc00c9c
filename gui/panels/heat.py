"""The X-ray of the canvas: what the run of now says of the nodes on screen, in the mode that was chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.graph.graph import NodeId
from engine.layers.block import Shared
from gui.figures import seconds
from gui.plots.heat import HeatScale
from gui.session import Session
from gui.xray.look_modes import GOES_BACK, LOOKS
from gui.xray.modes import GRADIENT, Heat, Mode, Reading, Sum, by_node, summed, usual

NOTHING_YET = "not measured yet"
HEAT_MS = 300  # a third of the pace that the look allows: the canvas is painted in the GIL that training needs


class CanvasHeat(QObject):
    """Tells what nodes are coloured by, at most three times a second. heat_changed(Heat | None): None shows nothing.

    The scale stands still while `hold` says that somebody looks at it closely.
    """

    heat_changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._enabled, self._held = True, False
        self.mode: Mode = GRADIENT
        self.sum: Sum = "worst"
        self._scale: HeatScale | None = None
        self._pause = QTimer(self, singleShot=True, interval=HEAT_MS)
        self._pause.timeout.connect(self.tell)
        session.runner.events.connect(self._soon)
        session.looking.changed.connect(self._soon)
        session.runner.changed.connect(self._soon)
        session.block_changed.connect(self.tell)

    @property
    def enabled(self) -> bool:
        return self._enabled

    def enable(self, enabled: bool) -> None:
        """Switch the colours on or off."""
        if enabled or self._enabled:
            self._enabled = enabled
            self._look()
            self.tell()

    def choose(self, mode: Mode, how: Sum | None = None) -> None:
        """Colour by something else, or sum up repeats in another way."""
        self.mode, self.sum = mode, how or self.sum
        self._scale = None
        self._look()
        self.tell()

    def _look(self) -> None:
        """Some modes show what has to be looked for."""
        self._session.looking.wish("heat", self._enabled and self.mode.key in LOOKS)
        self._session.looking.change(times=self._enabled and self.mode.key in GOES_BACK)

    def hold(self, held: bool) -> None:
        """Let the scale stand still, or follow what comes again."""
        self._held = held

    def tell(self) -> None:
        """Say what was measured last, node by node."""
        self.heat_changed.emit(self._heat() if self._enabled else None)

    def _heat(self) -> Heat | None:
        history, mode = self._session.looking.history, self.mode
        if history.started is None and history.looks.last is None:
            self._scale = None
            return None
        readings = mode.read(history)
        if not readings:
            why = mode.why_not(history) or NOTHING_YET
            return Heat(mode, {}, HeatScale.fitting(np.empty(0), mode.kind), {}, self.sum, why=why)
        parts = {node: tuple(found) for node, found in by_node(readings, self._session.way).items()}
        if mode.of_parameters:
            parts |= self._lent(parts)
        centre = usual(readings)
        values: dict[NodeId, float] = {}
        for node, found in parts.items():
            value = summed([r.value for r in found], self.sum, mode.kind, centre)
            if value == value:
                values[node] = value
        if self._scale is None or not self._held:
            # Of the whole network, so that a colour means the same inside of a block.
            self._scale = HeatScale.fitting(np.array([r.value for r in readings]), mode.kind)
        cost = f"{seconds(history.looks.seconds)} a look" if mode.key in LOOKS and history.looks.seconds else ""
        return Heat(mode, values, self._scale, parts, self.sum, centre, cost=cost)

    def _lent(self, parts: Mapping[NodeId, tuple[Reading, ...]]) -> dict[NodeId, tuple[Reading, ...]]:
        """What layers measure whose weights are those of another one."""
        found = {}
        for node in self._session.block.graph.nodes.values():
            lender = NodeId(node.layer.node if isinstance(node.layer, Shared) else node.weights.tied)
            if lender in parts and node.id not in parts:
                found[node.id] = parts[lender]
        return found

    def _soon(self, _: object = None) -> None:
        if self._enabled and not self._pause.isActive():
            self._pause.start()
