"""What the canvas costs in the real window: opening and painting 1,000, 5,000 and 20,000 nodes of differing networks.

Run by itself: `python -m bench.canvas`. Works without a screen. Medians on the clock of the wall.
"""

from __future__ import annotations

from typing import Any

from bench.networks import NETWORKS, skips
from bench.stage import Watch, quiet, row, settle, tell, turn, window, worst
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy
from engine.document.project import Project
from engine.graph.graph import NodeId
from gui.app import Program

SIZES = (1_000, 5_000, 20_000)
OPEN = {1_000: 100.0, 5_000: 400.0, 20_000: 1_500.0}
REPAINT = {1_000: 3.0, 5_000: 8.0, 20_000: 20.0}
UNDO_PASTE = 50.0
REPEATS = 5
PAINTS = 25


def opened(program: Program, project: Project) -> Watch:
    """From a project to its picture in the window; the shapes come when they are known."""
    watch, session, other = Watch(), program.session, skips(30)
    for _ in range(REPEATS):
        session.document.replace(other)
        quiet(program)

        def work() -> None:
            session.document.replace(project)
            program.window.desk.canvas.surface.viewport().repaint()

        watch(work)
    return watch


def repainted(program: Program, lives: bool) -> Watch:
    """The whole network in view, painted anew: as when a mark changed, or after every node moved."""
    watch, canvas = Watch(), program.window.desk.canvas
    canvas.fit(animate=False)
    turn()
    viewport = canvas.surface.viewport()
    for _ in range(PAINTS):
        if not lives:
            canvas.drawing._dirty()
        canvas.scene.redraw()
        watch(viewport.repaint)
    return watch


def undone_paste(program: Program, project: Project, count: int) -> Watch:
    """Ctrl+Z after so many nodes were pasted beside a network, until the canvas shows it."""
    watch, session = Watch(), program.session
    piece = copy(session.project, [NodeId(f"n{i + 2}") for i in range(count)])
    for _ in range(REPEATS):
        session.apply(Paste(piece, (32.0, 32.0)))
        settle(program)  # one sees what one takes back: else it would wait for a thread that looks at what was pasted

        def work() -> None:
            program.window.actions_.trigger("edit.undo")
            program.window.desk.canvas.surface.viewport().repaint()

        watch(work)
    quiet(program)
    return watch


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    found: dict[tuple[str, int], dict[str, float]] = {}
    with window() as program:
        for count in SIZES:
            for name, make in NETWORKS.items():
                project = make(count)
                found.setdefault(("open and show", count), {})[name] = opened(program, project).median
                settle(program)
                found.setdefault(("repaint whole", count), {})[name] = repainted(program, True).median
                found.setdefault(("repaint whole, all moved", count), {})[name] = repainted(program, False).median
                if count == SIZES[0]:
                    undo = undone_paste(program, project, count - 10).median
                    found.setdefault(("undo of pasting", count), {})[name] = undo
    goals = {"open and show": OPEN, "repaint whole": REPAINT, "undo of pasting": dict.fromkeys(SIZES, UNDO_PASTE)}
    rows = [
        worst(f"{what}, {count:,} nodes", values, goals.get(what, {}).get(count))
        for (what, count), values in found.items()
    ]
    return [*rows, *files()]


def files() -> list[dict[str, Any]]:
    """Reading a file of 5,000 nodes, which comes before it is shown."""
    text, watch = dumps(skips(SIZES[1])), Watch()
    for _ in range(REPEATS):
        watch(lambda: loads(text))
    return [row(f"read the file, {SIZES[1]:,} nodes", watch.median)]


if __name__ == "__main__":
    tell(run())
