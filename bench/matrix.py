"""What the gradient matrix costs to bring up to date, from 50 to 1,000 rows, and after a million steps.

Run by itself: `python -m bench.matrix`. Works without a screen. Times are medians of processor time of the GUI thread.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from engine.training.events import Norms, Started
from engine.training.norm_log import NormLog
from gui.app import application
from gui.plots.heatmap import HeatMap
from gui.xray.rows import rows_of
from gui.xray.rows_over_time import RowFeed

ROWS = (50, 1_000)
STEPS = (1_000, 1_000_000)
SIZES = {"in the panel": QSize(520, 180), "in a window of its own": QSize(1120, 720)}
FRESH = 20  # measured steps between two redraws
REPEATS = 40
TARGET_MS = 4.0


def measure(rows: int, steps: int, size: QSize) -> float:
    """Median time in ms of taking in norms, adding columns, colouring and painting."""
    names = tuple(f"layer{i // 2}.{part}" for i in range(0, rows * 2, 2) for part in ("weight", "bias"))
    started = Started("run", names, ((),) * len(names), 1, steps, 32, "cpu")
    log, random = NormLog(len(names)), np.random.default_rng(0)
    heat = HeatMap("")
    heat.resize(size)
    heat.show()
    gathered = rows_of(started)
    feed = RowFeed(gathered, "gradient")
    heat.set_rows(gathered.names)
    block = 10 ** random.uniform(-4, 0, (min(steps, 10_000), len(names))).astype(np.float32)
    for begin in range(0, steps, len(block)):
        log.extend(Norms("gradient", np.arange(begin + 1, begin + len(block) + 1), block))
    fresh = feed.fresh(log)
    assert fresh is not None
    heat.add(*fresh)
    image = QImage(size, QImage.Format.Format_RGB32)
    times = []
    for turn in range(REPEATS + 2):
        first = steps + 1 + turn * FRESH
        start = time.thread_time()
        log.extend(Norms("gradient", np.arange(first, first + FRESH), block[:FRESH]))
        fresh = feed.fresh(log)
        assert fresh is not None
        heat.add(*fresh)
        heat.redress()
        heat.render(image)
        times.append((time.thread_time() - start) * 1000)
    heat.close()
    return statistics.median(times[2:])


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    app = application(["netsmith"])
    found: list[dict[str, Any]] = []
    for where, size in SIZES.items():
        for rows in ROWS:
            few, many = (measure(rows, steps, size) for steps in STEPS)
            name = f"matrix of {rows:,} layers, 1,000,000 steps, {where}"
            found.append({"what": f"{name}: a redraw", "value": many, "unit": "ms", "target": TARGET_MS})
            found.append({"what": f"{name}: against 1,000 steps", "value": many / few, "unit": "x", "target": None})
    del app
    return found


if __name__ == "__main__":
    for line in run():
        print(f"{line['what']:<75} {line['value']:>10,.2f} {line['unit']:<4} {line['target'] or ''}")
