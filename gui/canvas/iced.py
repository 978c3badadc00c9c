"""Layers that were frozen by hand in the run that goes on, which is no property of the project."""

from __future__ import annotations

from engine.graph.graph import NodeId
from engine.training.events import Event, Started, Steered
from gui.canvas.stage import Stage


class Iced:
    """Keeps their badges in step with the run and with the block on screen; when the run is over they go."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        session = stage.session
        session.runner.events.connect(self._hear)
        for signal in (session.runner.changed, session.block_changed):
            signal.connect(self.show)

    def show(self) -> None:
        """Bring the badges up to date."""
        stage, session = self._stage, self._stage.session
        way = tuple((str(block), str(node)) for block, node in session.way)
        log = session.runner.history.steering
        found = log.frozen_in(way, str(session.block_id)) if session.runner.active else frozenset()
        iced = frozenset(NodeId(node) for node in found)
        if iced != stage.picture.iced:
            stage.picture.iced = iced
            stage.scene.redraw()

    def _hear(self, events: list[Event]) -> None:
        if any(isinstance(event, Steered | Started) for event in events):
            self.show()
