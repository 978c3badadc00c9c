"""From an edit until every view shows it: canvas, shapes, problems, code and summary, in the real window.

Run by itself: `python -m bench.views`. Warm: the window has shown the network and a few edits of it before. Medians on
the clock of the wall, from `session.apply` until all is painted; checked each time to be of the edit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEventLoop

from bench.networks import NETWORKS
from bench.stage import Watch, show, tell, turn, window, worst
from engine.document.edits import Insert, Rename, SetParam
from engine.document.project import Project
from engine.graph.graph import Node
from engine.layers.activation import ReLU
from gui.app import Program

SIZES = {1_000: 10.0, 10_000: 60.0}
REPEATS = 7
WARM = 2

Edit = Callable[[Project], Project]


def edits(project: Project, turn: int) -> dict[str, Edit]:
    """What a person does to a network, ever a little differently."""
    graph = project.block().graph
    nodes = list(graph.nodes.values())
    hidden, last = (n for n in nodes if n.layer.key == "Linear")
    half = nodes[len(nodes) // 2 :]
    middle, conv = _first(half, "ReLU"), _first(half, "Conv2d") or _first(nodes, "Conv2d")
    start = nodes[0]
    return {
        "width of a layer near the end": SetParam(hidden.id, "out_features", 33 + turn),
        "width that does not fit, a problem": SetParam(last.id, "out_features", 11 + turn),
        "option of a layer in the middle": SetParam(conv.id, "bias", turn % 2 == 0),
        "layer put on a wire in the middle": Insert(min(graph.into(middle.id)), ReLU()),
        "name of a layer in the middle": Rename(middle.id, f"other{turn}"),
        "size of the input, every shape new": SetParam(start.id, "shape", (1, 9 + turn, 9 + turn)),
    }


def _first(nodes: list[Node], key: str) -> Node | Any:
    return next((n for n in nodes if n.layer.key == key), None)


def applied(program: Program, edit: Edit | None) -> None:
    """Make an edit, None to take one back, and let the window live until everything that is seen is of it."""
    loop = QEventLoop()
    connection = program.session.analysed.connect(loop.quit)
    if edit is None:
        program.session.undo()
    else:
        assert program.session.apply(edit), "the edit was refused"
    while not program.session.is_current:
        loop.exec()
    turn()
    program.session.analysed.disconnect(connection)


def is_shown(program: Program) -> bool:
    """Whether the code that is seen is that of the project now, and so is the canvas."""
    session, desk = program.session, program.window.desk
    assert session.result is not None
    same = desk.code.model.toPlainText() == session.result.model.text
    return same and session.result.project is session.project and desk.canvas.drawing.project is session.project


def measured(program: Program, count: int, name: str) -> dict[str, Watch]:
    """Every kind of edit of one network, and taking each back."""
    found: dict[str, Watch] = {}
    show(program, NETWORKS[name](count))
    for number in range(WARM + REPEATS):
        for what, edit in edits(program.session.project, number).items():
            for said, made in ((what, edit), ("undo of any of these", None)):
                watch = found.setdefault(said, Watch()) if number >= WARM else Watch()
                watch(lambda made=made: applied(program, made))  # type: ignore[misc]
                assert is_shown(program), f"{said} is not shown"
    return found


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    rows = []
    with window() as program:
        for count, goal in SIZES.items():
            found: dict[str, dict[str, Watch]] = {}
            for name in NETWORKS:
                for what, watch in measured(program, count, name).items():
                    found.setdefault(what, {})[name] = watch
            for what, watches in found.items():
                medians = {name: watch.median for name, watch in watches.items()}
                target = None if "every shape new" in what else goal
                rows.append(worst(f"{count:,} nodes: {what}", medians, target))
    return rows


if __name__ == "__main__":
    tell(run())
