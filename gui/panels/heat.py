"""Gradient norms as rows of a map and as colours of the canvas: parameters grouped by what holds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.graph.graph import NodeId
from engine.training.events import NodePath, Started
from engine.training.history import History
from gui.plots.heat import HeatScale
from gui.plots.thinning import Floats
from gui.session import Session

HEAT_MS = 300  # a third of the pace that the look allows: the canvas is painted in the GIL that training needs


@dataclass(frozen=True)
class Rows:
    """Modules in the order of the code: names, the node each belongs to, and which parameters it holds."""

    names: list[str]
    nodes: list[NodePath]
    members: list[np.ndarray]


def rows_of(started: Started) -> Rows:
    """One row for every module that holds parameters: "stage.0.conv" for its weight and bias."""
    found: dict[str, list[int]] = {}
    for index, parameter in enumerate(started.parameters):
        found.setdefault(parameter.rpartition(".")[0] or parameter, []).append(index)
    members = [np.array(indices) for indices in found.values()]
    return Rows(list(found), [started.nodes[indices[0]] for indices in members], members)


def together(norms: Floats) -> Floats:
    """The norm of several tensors as one. norms: shape (P, C). Returns: shape (C,), NaN where none has a gradient."""
    nothing = np.isnan(norms).all(axis=0)
    total = np.sqrt(np.nansum(np.square(norms, dtype=np.float64), axis=0))
    total[nothing] = np.nan
    return total


class RowNorms:
    """The norm of every row over time, brought up to date from a history column by column."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._values = np.empty((len(rows.names), 0))
        self._stride = 1

    def update(self, history: History) -> Floats:
        """Shape (R, C), C as in `history.norm_steps`. Only new columns are computed, all after they were merged."""
        norms = history.norms
        kept = max(0, self._values.shape[1] - 1) if history.norm_stride == self._stride else 0
        self._stride = history.norm_stride
        fresh = norms[:, kept:]
        new = [together(fresh[members]) for members in self.rows.members]
        columns = np.stack(new) if new else np.empty((0, fresh.shape[1]))
        self._values = np.concatenate([self._values[:, :kept], columns], axis=1)
        return self._values


class CanvasHeat(QObject):
    """What the run says of the nodes on screen. heat_changed(dict of node to norm, HeatScale), at most ten a second.

    An empty dict: there is nothing to show.
    """

    heat_changed = Signal(dict, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._enabled = True
        self._pause = QTimer(self, singleShot=True, interval=HEAT_MS)
        self._pause.timeout.connect(self.tell)
        session.runner.events.connect(self._soon)
        session.runner.changed.connect(self._soon)
        session.block_changed.connect(self.tell)

    @property
    def enabled(self) -> bool:
        return self._enabled

    def enable(self, enabled: bool) -> None:
        """Switch the colours on or off."""
        self._enabled = enabled
        self.tell()

    def tell(self) -> None:
        """Say how large the gradients of the last step were, node by node."""
        history = self._session.runner.history
        if not self._enabled or history.started is None or not history.norms.shape[1]:
            self.heat_changed.emit({}, HeatScale())
            return
        last = history.norms[:, -1:]
        groups = self._groups(history.started)
        values = {node: float(together(last[members])[0]) for node, members in groups.items()}
        self.heat_changed.emit(values, HeatScale.fitting(np.array(list(values.values()))))

    def _soon(self, _: object = None) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _groups(self, started: Started) -> dict[NodeId, np.ndarray]:
        """Parameters by the node on screen under which they stand."""
        path = self._session.way
        found: dict[NodeId, list[int]] = {}
        for index, place in enumerate(started.nodes):
            if len(place) > len(path) and tuple(place[: len(path)]) == path:
                found.setdefault(NodeId(place[len(path)][1]), []).append(index)
        return {node: np.array(members) for node, members in found.items()}
