"""What a plot of curves costs to bring up to date, at 1,000 and at 1,000,000 steps.

Run by itself: `python -m bench.plots`. Works without a screen. Times are medians of processor time of the GUI thread.
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
from PySide6.QtWidgets import QApplication

from engine.training.curve_log import CurveLog
from gui.app import application
from gui.plots.curve import CurvePlot
from gui.plots.options import CurveOptions

STEPS = (1_000, 1_000_000)
SIZE = QSize(600, 220)
FRESH = 50  # steps between two redraws
REPEATS = 60
TARGET_MS = 4.0
LOOKS = {
    "": CurveOptions(),
    ", logarithmic steps": CurveOptions(steps="log"),
    ", strongly smoothed": CurveOptions(smoothing=0.998),
}


def losses(count: int) -> np.ndarray:
    """Noise around a falling curve."""
    steps = np.arange(1, count + 1)
    return 2.0 / np.sqrt(steps) + 0.05 * np.random.default_rng(0).random(count) + 0.01


def measure(count: int, look: CurveOptions) -> float:
    """Median time in ms of appending steps, thinning, and painting."""
    y = losses(count + FRESH * (REPEATS + 2))
    log = CurveLog.of(np.arange(1, count + 1), y[:count])
    plot = CurvePlot("Loss")
    plot.resize(SIZE)
    plot.show()
    plot.set_options(look)
    plot.set_range(len(y))
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    times = []
    for turn in range(REPEATS + 2):
        begin = count + turn * FRESH
        start = time.thread_time()
        log.append(np.arange(begin + 1, begin + FRESH + 1), y[begin : begin + FRESH])
        plot.set_log("train", log, "raw")
        plot.set_log("train", log, "smooth", 0.99)
        plot.redress()
        plot.render(image)
        times.append((time.thread_time() - start) * 1000)
    plot.close()
    return statistics.median(times[2:])


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    app: QApplication = application(["netsmith"])
    rows: list[dict[str, Any]] = []
    for words, look in LOOKS.items():
        few, many = (measure(count, look) for count in STEPS)
        name = f"curves of 1,000,000 steps{words}"
        rows.append({"what": f"{name}: a redraw", "value": many, "unit": "ms", "target": TARGET_MS})
        rows.append({"what": f"{name}: against 1,000 steps", "value": many / few, "unit": "x", "target": None})
    del app
    return rows


if __name__ == "__main__":
    for row in run():
        print(f"{row['what']:70} {row['value']:8.2f} {row['unit']}")
