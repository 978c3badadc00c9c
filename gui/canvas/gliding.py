"""What was laid out anew glides to its place: only the picture moves, the project is there at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QObject

from engine.document.project import Frame
from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.flight import Flight
from gui.canvas.layers import LayeredScene
from gui.canvas.moving import Motion
from gui.canvas.placed import Xy
from gui.theme import duration, metrics


class Shown(Protocol):
    """What glides: a drawing on a scene."""

    @property
    def drawing(self) -> Drawing: ...

    scene: LayeredScene


@dataclass(frozen=True)
class Remembered:
    """Where everything was."""

    nodes: dict[NodeId, Xy]
    points: dict[str, Xy]
    frames: dict[str, Frame]


class Gliding(QObject):
    """One motion at a time. Whoever changes or takes hold of something calls `stop`, and all is where it belongs."""

    def __init__(self, shown: Shown, parent: QObject) -> None:
        super().__init__(parent)
        self._shown = shown
        self._motion: Motion | None = None
        self._places: tuple[dict[NodeId, tuple[Xy, Xy]], dict[str, tuple[Xy, Xy]]] = {}, {}
        self._frames: tuple[tuple[Frame, Frame], ...] = ()
        self._flight: Flight | None = None

    @property
    def is_going_on(self) -> bool:
        return self._motion is not None

    def remembered(self) -> Remembered:
        """Where everything is now."""
        self.stop()
        drawing = self._shown.drawing
        points = {r.id: (r.x, r.y) for r in drawing.reroutes}
        return Remembered(dict(drawing.at), points, {f.id: f for f in drawing.frames})

    def start(self, before: Remembered) -> None:
        """Show everything on its way from where it was; at once where motion is reduced."""
        drawing, length = self._shown.drawing, duration("slow")
        nodes = {n: (a, b) for n, b in drawing.at.items() if (a := before.nodes.get(n, b)) != b}
        points = {r.id: (before.points.get(r.id, (r.x, r.y)), (r.x, r.y)) for r in drawing.reroutes}
        if not length or not nodes:
            return
        if len(nodes) > metrics().canvas.glide_most:
            self._flight = Flight(drawing, before.nodes)
        self._places = nodes, points
        self._frames = tuple((before.frames.get(f.id, f), f) for f in drawing.frames)
        self._motion = Motion(length, self)
        self._motion.valueChanged.connect(self._show)
        self._motion.finished.connect(self.stop)
        self._show(0.0)
        self._motion.start()

    def _show(self, share: float) -> None:
        if self._motion is None:
            return
        if share == 1.0:
            self.stop()
            return
        drawing = self._shown.drawing
        nodes, points = self._places
        drawing.frames = tuple(
            replace(
                b,
                x=a.x + (b.x - a.x) * share,
                y=a.y + (b.y - a.y) * share,
                width=a.width + (b.width - a.width) * share,
                height=a.height + (b.height - a.height) * share,
            )
            for a, b in self._frames
        )
        if self._flight is not None:
            self._flight.show(share)
        else:
            there = {n: _between(a, b, share) for n, (a, b) in nodes.items() if n in drawing.faces}
            drawing.shift(there, {id: _between(a, b, share) for id, (a, b) in points.items()})
        self._shown.scene.redraw()

    def stop(self) -> None:
        """Everything is at its place now."""
        if self._motion is None:
            return
        motion, self._motion = self._motion, None
        motion.stop()
        motion.deleteLater()
        drawing = self._shown.drawing
        drawing.frames = tuple(frame for _, frame in self._frames)
        if self._flight is not None:
            self._flight.land()
            self._flight = None
        else:
            drawing.shift_back(self._places[0])
        self._shown.scene.redraw()


def _between(a: Xy, b: Xy, share: float) -> Xy:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
