"""From an edit until every view shows it: canvas, shapes, problems, code and summary, in the real window.

Run by itself: `python -m bench.views`. Warm: the window has shown the network and a few edits of it before. Medians on
the clock of the wall, from `session.apply` until all is painted; checked each time to be of the edit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEventLoop

from bench.networks import DOWN, NETWORKS
from bench.stage import Watch, settle, show, tell, turn, window, worst
from engine.document.edits import Insert, Rename, SetParam
from engine.document.project import Project
from engine.graph.graph import Node
from engine.layers.activation import ReLU
from gui.app import Program

SIZES = {1_000: (10.0, tuple(NETWORKS), 7), 10_000: (60.0, ("skips", "blocks"), 2)}
"""By size the target, the networks, and how often: of the large ones only the simplest and the worst, for the time."""
WARM = 1

Edit = Callable[[Project], Project]


def edits(project: Project, turn: int) -> dict[str, Edit]:
    """What a person does to a network, ever a little differently."""
    graph = project.block().graph
    nodes = list(graph.nodes.values())
    hidden, last = (n for n in nodes if n.layer.key == "Linear")
    half = nodes[len(nodes) // 2 :]
    middle, conv = _first(half, "ReLU"), _first(half, "Conv2d") or _first(nodes, "Conv2d")
    start, (x, y) = nodes[0], project.layout_of().at(middle.id)
    return {
        "width of a layer near the end": SetParam(hidden.id, "out_features", 33 + turn),
        "width that does not fit, a problem": SetParam(last.id, "out_features", 11 + turn),
        "option of a layer in the middle": SetParam(conv.id, "bias", not conv.layer.bias),
        "layer put on a wire in the middle": Insert(min(graph.into(middle.id)), ReLU(), (x, y + DOWN / 2)),
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
    while not program.window.desk.canvas.drawing.is_settled:
        turn()
    program.session.analysed.disconnect(connection)


def is_shown(program: Program) -> bool:
    """Whether what is seen is of the project now: code, canvas with its shapes, problems and the summary."""
    session, desk = program.session, program.window.desk
    result, canvas = session.result, desk.canvas
    assert result is not None
    of_now = result.project is session.project and canvas.drawing.project is session.project
    code = desk.code.model.toPlainText() == result.model.text
    found = sorted(problem.message for problem in result.analysis.problems)
    problems = sorted(row.problem.message for row in desk.bottom.problems.rows) == found
    shapes = canvas.drawing.shapes.items() >= result.analysis.main.nodes.items()
    return of_now and code and problems and shapes and _is_summed_up(program)


def _is_summed_up(program: Program) -> bool:
    """Whether the summary says of every layer, as far as it goes, what is known of it."""
    session, shown = program.session, program.window.desk.summary.rows
    shapes, graph = session.result.analysis.main, session.project.block().graph
    said = [tuple(shown.index(i, column).data() for column in range(3)) for i in range(shown.rowCount())]
    known = [(graph.nodes[node].name, shapes.nodes[node]) for node in graph.order()]
    wanted = [
        (name, ", ".join(str(spec) if spec else "?" for spec in record.outputs.values()), f"{record.parameters:,}")
        for name, record in known[: len(said)]
    ]
    return said == wanted and len(said) > 0


def measured(program: Program, count: int, name: str, repeats: int) -> dict[str, Watch]:
    """Every kind of edit of one network, and taking each back."""
    found: dict[str, Watch] = {}
    show(program, NETWORKS[name](count))
    for number in range(WARM + repeats):
        settle(program)  # what is left of the edit of every shape, which nobody follows with another at once
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
        for count, (goal, names, repeats) in SIZES.items():
            found: dict[str, dict[str, Watch]] = {}
            for name in names:
                for what, watch in measured(program, count, name, repeats).items():
                    found.setdefault(what, {})[name] = watch
            for what, watches in found.items():
                medians = {name: watch.median for name, watch in watches.items()}
                target = None if "every shape new" in what else goal
                rows.append(worst(f"{count:,} nodes: {what}", medians, target))
    return rows


if __name__ == "__main__":
    tell(run())
