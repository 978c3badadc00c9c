"""What a hand feels at 5,000 nodes: real mouse and wheel events on the real window, each until it is painted.

A zoom may be shown by a stretched picture first: how long it takes until all is painted, says a row of its own.

Run by itself: `python -m bench.gestures`. The slowest step in a hundred is what counts, on the clock of the wall. The
window's own collections of garbage happen meanwhile, as they do in use.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtWidgets import QWidget

from bench.networks import NETWORKS
from bench.stage import MIDDLE, Hand, Watch, rest, settle, show, tell, turn, window, worst
from engine.graph.graph import NodeId
from gui.app import Program
from gui.canvas.view import CanvasView

COUNT = 5_000
STEPS = 300
STEP_P99 = 12.0
ALL_STEP = 16.0
ALL_STEPS = 60
NOTCHES = 30  # of the wheel, from the whole network to life size
MIDDLE_NODE = NodeId(f"n{COUNT // 2}")
ZOOMS = (0.3, 0.5, 1.0)  # coloured blocks, titles and shapes, everything


class Gestures:
    """Every gesture on one network that is open in the window."""

    def __init__(self, program: Program, node: NodeId = MIDDLE_NODE) -> None:
        self.program, self.node = program, node
        self.canvas: CanvasView = program.window.desk.canvas
        self.hand = Hand(self.viewport)

    @property
    def viewport(self) -> QWidget:
        return self.canvas.surface.viewport()

    @property
    def middle(self) -> QPoint:
        return self.viewport.rect().center()

    def look(self, node: NodeId, zoom: float) -> None:
        """Bring a node to the middle."""
        self.canvas.surface.look_at(self.canvas.drawing.rect(node).center(), zoom)
        turn()

    def pan(self) -> Watch:
        """With the middle button, in a curve, at each level of detail."""
        watch = Watch()
        for zoom in ZOOMS:
            self.pan_at(zoom, STEPS // len(ZOOMS), watch)
        return watch

    def pan_at(self, zoom: float, steps: int, watch: Watch) -> None:
        """The same at one zoom."""
        self.look(self.node, zoom)
        self.hand.press(self.middle, MIDDLE)
        for at in around(self.viewport.rect(), steps):
            watch(self._step(self.hand.move, at))
        self.hand.release(self.middle)
        turn()

    def zoom(self) -> Watch:
        """With the wheel, in from the whole network and out again, at layers all over it."""
        return self._zoom(STEPS // (2 * NOTCHES), self._step)

    def zoom_whole(self) -> Watch:
        """The same with a rest after each notch, until nothing of the picture is stretched."""
        return self._zoom(2, self._whole_step)

    def _zoom(self, rounds: int, step: Callable[..., Callable[[], None]]) -> Watch:
        watch, nodes = Watch(), list(self.canvas.drawing.faces)
        for i in range(rounds):
            self.canvas.fit(animate=False)
            turn()
            place = self.canvas.node_point(nodes[len(nodes) * (2 * i + 1) // (2 * rounds)])
            for notch in (1, -1):
                for _ in range(NOTCHES):
                    watch(step(self.hand.wheel, place, notch))
        return watch

    def drag(self) -> Watch:
        """One node, across others, at each level of detail."""
        watch = Watch()
        for zoom in ZOOMS:
            self.drag_at(zoom, STEPS // len(ZOOMS), watch)
        return watch

    def drag_at(self, zoom: float, steps: int, watch: Watch) -> None:
        """The same at one zoom."""
        self.look(self.node, zoom)
        self._drag(watch, self.canvas.node_point(self.node), steps)

    def drag_all(self) -> Watch:
        """Every node, with the whole network in view and at life size."""
        watch = Watch()
        for zoom in (None, 1.0):
            self.canvas.fit(animate=False) if zoom is None else self.look(self.node, zoom)
            self.canvas.select_all()
            turn()
            self._drag(watch, self.canvas.node_point(self.node), ALL_STEPS // 2)
        self.canvas.choose()
        return watch

    def _drag(self, watch: Watch, start: QPoint, steps: int) -> None:
        self.hand.press(start)
        turn()
        for at in around(QRect(start - QPoint(200, 120), start + QPoint(200, 120)), steps):
            watch(self._step(self.hand.move, at))
        self.hand.release(start)
        settle(self.program)
        self.program.session.undo()
        settle(self.program)

    def _step(self, event: Callable[..., None], *given: Any) -> Callable[[], None]:
        def work() -> None:
            event(*given)
            turn()

        return work

    def _whole_step(self, event: Callable[..., None], *given: Any) -> Callable[[], None]:
        def work() -> None:
            event(*given)
            turn()
            while self.canvas.scene.sheet.is_unfinished:
                turn()

        return work


def around(rect: QRect, steps: int) -> Iterator[QPoint]:
    """Points on an ellipse in a rectangle, beginning in its middle at the right."""
    middle, wide, high = QPointF(rect.center()), rect.width() / 3, rect.height() / 3
    for i in range(1, steps + 1):
        angle = 2 * math.pi * i / steps
        yield (middle + QPointF(wide * math.cos(angle), high * math.sin(angle))).toPoint()


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    found: dict[str, dict[str, Watch]] = {}
    with window() as program:
        for name, make in NETWORKS.items():
            show(program, make(COUNT))
            rest(100)
            gestures = Gestures(program)
            for what in ("pan", "zoom", "zoom_whole", "drag", "drag_all"):
                found.setdefault(what, {})[name] = getattr(gestures, what)()
    words = {
        "pan": "pan",
        "zoom": "zoom step",
        "zoom_whole": "zoom step until nothing is stretched",
        "drag": "drag",
        "drag_all": "select all and drag, a step",
    }
    rows = []
    for what, watches in found.items():
        half, most = {"drag_all": (ALL_STEP, None), "zoom_whole": (None, None)}.get(what, (None, STEP_P99))
        said = f"{words[what]}, {COUNT:,} nodes"
        rows.append(worst(f"{said}: p50", {name: watch.p(50) for name, watch in watches.items()}, half))
        rows.append(worst(f"{said}: p99", {name: watch.p(99) for name, watch in watches.items()}, most))
    return rows


if __name__ == "__main__":
    tell(run())
