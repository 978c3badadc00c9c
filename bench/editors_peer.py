"""One peer's editor with a given network: run by `bench.editors` in a process of its own, by the Python that has it.

Arguments: the peer, a JSON file of the network. Prints JSON: milliseconds by what was done. Knows nothing of Netsmith.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QGraphicsView

SIZE = 1280, 800
PAINTS, STEPS, EDGE, LOW = 7, 24, 60, 8
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton


class NodeGraph:
    """NodeGraphQt, and OdenGraphQt, which is made from it."""

    def __init__(self, package: Any) -> None:
        self._package = package
        self.graph = package.NodeGraph()
        self.graph.set_acyclic(False)  # its look for circles grows with the number of ways, without end on short cuts
        self.view: QGraphicsView = self.graph.viewer()
        self._kinds: dict[tuple[int, int], str] = {}

    def open(self, network: dict[str, Any]) -> None:
        made = []
        for i, (name, x, y, inputs, outputs) in enumerate(network["nodes"]):
            node = self.graph.create_node(
                self._kind(inputs, outputs), name=f"{name}{i}", selected=False, push_undo=False
            )
            node.set_pos(x, y)
            made.append(node)
        for source, target, place in network["edges"]:
            made[source].output(0).connect_to(made[target].input(place), push_undo=False)
        self._middle = made[len(made) // 2]

    def _kind(self, inputs: int, outputs: int) -> str:
        if (inputs, outputs) not in self._kinds:

            def start(node: Any) -> None:
                self._package.BaseNode.__init__(node)
                for place in range(inputs):
                    node.add_input(f"in{place}")
                for place in range(outputs):
                    node.add_output(f"out{place}")

            name = f"Layer{inputs}x{outputs}"
            fields = {"__identifier__": "bench", "NODE_NAME": name, "__init__": start}
            self.graph.register_node(type(name, (self._package.BaseNode,), fields))
            self._kinds[inputs, outputs] = f"bench.{name}"
        return self._kinds[inputs, outputs]

    def show_whole(self) -> None:
        self.graph.select_all()
        self.graph.fit_to_selection()
        self.graph.clear_selection()

    def show_middle(self) -> QPointF:
        """Life size, a node in the middle. Returns: its header on the screen."""
        self.graph.reset_zoom()
        self.graph.center_on([self._middle])
        item = self._middle.view
        return QPointF(
            self.view.mapFromScene(item.sceneBoundingRect().center() - QPointF(0, item.boundingRect().height() / 2 - 8))
        )


class Flowchart:
    """The flowchart of pyqtgraph."""

    def __init__(self) -> None:
        from pyqtgraph.flowchart import Flowchart as Chart
        from pyqtgraph.flowchart import Node

        self._node = Node
        self.chart = Chart(terminals={})
        self.view: QGraphicsView = self.chart.widget().chartWidget.view

    def open(self, network: dict[str, Any]) -> None:
        made = []
        for i, (name, x, y, inputs, outputs) in enumerate(network["nodes"]):
            ends = {f"in{k}": {"io": "in"} for k in range(inputs)} | {f"out{k}": {"io": "out"} for k in range(outputs)}
            node = self._node(f"{name}{i}", terminals=ends)
            node.process = lambda **given: {}
            self.chart.addNode(node, f"{name}{i}", pos=(x, y))
            made.append(node)
        for source, target, place in network["edges"]:
            self.chart.connectTerminals(made[source]["out0"], made[target][f"in{place}"])
        self._middle = made[len(made) // 2]

    def show_whole(self) -> None:
        self.view.viewBox().autoRange(padding=0.04)

    def show_middle(self) -> QPointF:
        item, box = self._middle.graphicsItem(), self.view.viewBox()
        centre = item.mapToParent(item.boundingRect().center())
        wide, high = self.view.width(), self.view.height()
        box.setRange(QRectF(centre.x() - wide / 2, centre.y() - high / 2, wide, high), padding=0)
        QApplication.processEvents()
        low = item.boundingRect().center() + QPointF(
            0, item.boundingRect().height() / 2 - LOW
        )  # its name lies above, and takes the mouse
        return QPointF(self.view.mapFromScene(item.mapToScene(low)))


PEERS: dict[str, Callable[[], Any]] = {
    "NodeGraphQt": lambda: NodeGraph(__import__("NodeGraphQt")),
    "OdenGraphQt": lambda: NodeGraph(__import__("OdenGraphQt")),
    "pyqtgraph.flowchart": Flowchart,
}


def send(view: QGraphicsView, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    """A mouse event as Qt delivers it."""
    whole = QPointF(view.viewport().mapToGlobal(at.toPoint()))
    QApplication.sendEvent(view.viewport(), QMouseEvent(kind, at, whole, button, held, Qt.KeyboardModifier.NoModifier))


def empty(view: QGraphicsView) -> QPointF:
    """A place as far from all nodes as can be found: some editors do not pan by what lies on one."""
    room = view.viewport().rect()
    best = math.inf, QPointF(room.center())
    for x in range(room.left() + EDGE, room.right() - EDGE, EDGE):
        for y in range(room.top() + EDGE, room.bottom() - EDGE, EDGE):
            there = len(view.items(QRect(x - EDGE // 2, y - EDGE // 2, EDGE, EDGE)))
            best = min(best, (there, QPointF(x, y)), key=lambda found: found[0])
    return best[1]


def pulled(view: QGraphicsView, start: QPointF, button: Qt.MouseButton) -> float:
    """The middle time of a step of a drag with a button, painted."""
    send(view, QEvent.Type.MouseMove, start, NONE, NONE)
    send(view, QEvent.Type.MouseButtonPress, start, button, button)
    QApplication.processEvents()
    times = []
    for i in range(1, STEPS + 1):
        angle = 2 * math.pi * i / STEPS
        at = start + QPointF(150 * math.sin(angle), 90 * (1 - math.cos(angle)))

        def step(at: QPointF = at) -> None:
            send(view, QEvent.Type.MouseMove, at, NONE, button)
            QApplication.processEvents()

        times.append(timed(step))
    send(view, QEvent.Type.MouseButtonRelease, start, button, NONE)
    QApplication.processEvents()
    return statistics.median(times)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds on the clock of the wall."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def measure(peer: str, network: dict[str, Any]) -> dict[str, float]:
    """Milliseconds by what was done."""
    editor = PEERS[peer]()
    view: QGraphicsView = editor.view
    top = view.window()
    top.resize(*SIZE)
    top.show()
    view.resize(*SIZE)
    QApplication.processEvents()

    def opened() -> None:
        editor.open(network)
        QApplication.processEvents()
        view.viewport().repaint()

    found = {"open and show": timed(opened)}
    editor.show_whole()
    QApplication.processEvents()
    found["repaint whole"] = statistics.median(timed(view.viewport().repaint) for _ in range(PAINTS))
    editor.show_middle()
    QApplication.processEvents()
    found["pan"] = pulled(view, empty(view), MIDDLE)
    header = editor.show_middle()
    QApplication.processEvents()
    found["drag"] = pulled(view, header, LEFT)
    return found


if __name__ == "__main__":
    app = QApplication([])
    result = measure(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    print(json.dumps(result), flush=True)
    os._exit(0)  # some of them crash when their objects go
