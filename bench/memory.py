"""What a node costs in memory: the canvas that shows 5,000 of them, and all that the window holds of them.

Run by itself: `python -m bench.memory`. Each figure comes from a process of its own. `traced` is what Python objects
take by tracemalloc; `resident` is by how much the process grew, Qt's own memory and gaps included.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

from bench.networks import NETWORKS, skips
from bench.stage import quiet, settle, show, tell, turn, window, worst
from gui.freed import give_back

COUNT = 5_000
GOAL = 8.0
STAGES = ("the project itself", "canvas", "analysis, code, costs and panels")


def used(way: str) -> float:
    """kB in use now, without what was freed and would be given back to the system later, of this or of work before."""
    gc.collect()
    give_back()
    if way == "traced":
        return tracemalloc.get_traced_memory()[0] / 1000
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1000


def measure(way: str, name: str) -> list[float]:
    """kB a node of each stage, in this process."""
    with window() as program:
        for count in (30, 300):  # what is made once is there
            show(program, skips(count))
        show(program, skips(30))
        gc.unfreeze()
        if way == "traced":
            tracemalloc.start()
        found = [used(way)]
        project = NETWORKS[name](COUNT)
        found.append(used(way))
        program.session.background.hold()
        program.session.document.replace(project)
        turn()
        found.append(used(way))
        program.session.background.release()
        settle(program)
        quiet(program)
        found.append(used(way))
    return [(after - before) / COUNT for before, after in itertools.pairwise(found)]


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    rows = []
    for way in ("traced", "resident"):
        found: dict[str, dict[str, float]] = {}
        for name in NETWORKS:
            values = apart(way, name)
            for stage, value in zip((*STAGES, "all together"), (*values, sum(values)), strict=True):
                found.setdefault(stage, {})[name] = value
        for stage, values_of in found.items():
            said = f"{stage}, {COUNT:,} nodes, {way}"
            rows.append(worst(said, values_of, GOAL if stage == "all together" else None, "kB/node"))
    return rows


def apart(way: str, name: str) -> list[float]:
    """The same in a fresh process."""
    command = [sys.executable, "-m", "bench.memory", way, name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    values: list[float] = json.loads(done.stdout.strip().splitlines()[-1])
    return values


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(measure(*sys.argv[1:3])))
    else:
        tell(run())
