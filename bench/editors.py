"""Our canvas against other node editors in Python, in one run on the same networks: open, repaint, pan, drag.

Run by itself: `python -m bench.editors`. Each editor has a process of its own, in turn. What is not installed is
skipped with a line that says so: `pip install netsmith[bench]`, or put them into a venv of their own and name its
Python in NETSMITH_PEERS_PYTHON. The canvas is measured in the whole window with all that is around it, the others
by themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.networks import NETWORKS
from engine.document.project import Project

SIZES = (1_000, 5_000)
NETWORK = "skips"
PATIENCE = 60.0  # seconds: so long another editor has for everything at one size
PEERS = {"NodeGraphQt": "NodeGraphQt", "OdenGraphQt": "OdenGraphQt", "pyqtgraph.flowchart": "pyqtgraph"}
WHAT = ("open and show", "repaint whole", "pan", "drag")
HERE = Path(__file__).resolve().parent


def plain(project: Project) -> dict[str, Any]:
    """The network as numbers that any editor can take: a node has as many inputs as wires come in."""
    graph, layout = project.block().graph, project.layout_of()
    rows = {node: i for i, node in enumerate(graph.nodes)}
    edges, taken = [], dict.fromkeys(graph.nodes, 0)
    for edge in sorted(graph.edges):
        edges.append((rows[edge.source], rows[edge.target], taken[edge.target]))
        taken[edge.target] += 1
    nodes = [(n.layer.key, *layout.at(id), taken[id], int(bool(graph.out_of(id)))) for id, n in graph.nodes.items()]
    return {"nodes": nodes, "edges": edges}


def ours(count: int) -> dict[str, float]:
    """The same of our window."""
    from bench.canvas import opened, repainted
    from bench.gestures import Gestures
    from bench.stage import Watch, quiet, show, window
    from engine.graph.graph import NodeId

    project = NETWORKS[NETWORK](count)
    with window((1280, 800)) as program:
        found = {"open and show": opened(program, project).median}
        show(program, project)
        quiet(program)
        found["repaint whole"] = repainted(program, True).median
        gestures = Gestures(program, NodeId(f"n{count // 2}"))
        watch = Watch()
        gestures.pan_at(1.0, 24, watch)
        found["pan"] = watch.median
        watch = Watch()
        gestures.drag_at(1.0, 24, watch)
        found["drag"] = watch.median
    return found


def peer(name: str, file: Path) -> dict[str, float] | str:
    """What it measured, or why there is nothing."""
    python = os.environ.get("NETSMITH_PEERS_PYTHON", sys.executable)
    module = PEERS[name]
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        return "is not installed"
    command = [python, str(HERE / "editors_peer.py"), name, str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"takes over {PATIENCE:g} s"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason"]
        return f"failed: {last[0][:80]}"
    values: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return values


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target: our milliseconds, and how many times as long another takes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for count in SIZES:
            file = Path(folder) / f"{count}.json"
            file.write_text(json.dumps(plain(NETWORKS[NETWORK](count))), encoding="utf-8")
            mine = apart(count)
            rows += [_row(f"{what}, {count:,} nodes: Netsmith", mine[what], "ms") for what in WHAT]
            for name in PEERS:
                found = peer(name, file)
                if isinstance(found, str):
                    print(f"{name} {found} at {count:,} nodes, so it is not compared.", file=sys.stderr)
                    if "not installed" not in found:
                        rows.append(_row(f"{name}, {count:,} nodes: {found}", -1.0, ""))
                    continue
                for what in WHAT:
                    said = f"{what}, {count:,} nodes: {name} {found[what]:,.1f} ms, times ours"
                    rows.append(_row(said, found[what] / mine[what], "x"))
    return rows


def apart(count: int) -> dict[str, float]:
    """Ours in a fresh process."""
    command = [sys.executable, "-m", "bench.editors", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=HERE.parent)
    values: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return values


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "value": value if value >= 0 else "-", "unit": unit, "target": None}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(int(sys.argv[1]))))
    else:
        for each in run():
            shown = f"{each['value']:10.2f}" if isinstance(each["value"], float) else f"{each['value']:>10}"
            print(f"{each['what']:<76} {shown} {each['unit']}")
