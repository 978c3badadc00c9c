"""What looking into the layers costs a run, and what drawing what was seen costs the window.

A run that is looked into, once a second as the window does, against the same run that is not, in interleaved slices;
against the same by hand: a forward hook on every module that takes mean, std and a histogram of every result of a
batch, at the same pace. Drawing is processor time of the GUI thread, the median of many redraws with new numbers.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import torch
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from torch import Tensor, nn

from bench.training import EPOCHS, RunInSlices, plain_cnn, row, small_cnn
from engine.document.project import MAIN
from engine.training.look_now import Untrained
from engine.training.looked import LINEAR_BINS, OCTAVES, Embedding, Histogram, Look, Picture, Spot
from engine.training.looks import SpreadLog
from gui.app import application
from gui.plots.histogram import HistogramPlot
from gui.plots.image_grid import ImageGrid
from gui.plots.scatter import Scatter
from gui.plots.spread import SpreadPlot
from gui.plots.titled import TitledPlot

REPEATS = 9
SECONDS = 2.0
DRAWN = 60
SIZE = QSize(480, 150)
BATCH = 64
LAYER = ((str(MAIN), "n1"),)
KINDS = {
    "values": Look(layer=LAYER),
    "distributions": Look(layer=LAYER, gradients=True),
    "embedding": Look(layer=LAYER, embedding=True),
}


class LookedInto(RunInSlices):
    """A run that somebody looks into."""

    def __init__(self, look: Look, stack: ExitStack) -> None:
        super().__init__(small_cnn(EPOCHS), stack)
        self._run.look(look)


def slowdowns(repeats: int, seconds: float) -> list[dict[str, Any]]:
    """Samples per second without looking over those with it, for every kind of look."""
    rows = []
    for name, look in KINDS.items():
        with ExitStack() as stack:
            plain, looked = RunInSlices(small_cnn(EPOCHS), stack), LookedInto(look, stack)
            ratios = [plain(seconds) / looked(seconds) for _ in range(repeats + 1)][1:]
        rows.append(
            row(f"small CNN: time while looking at {name} / without", statistics.median(ratios), "x", "<= 1.06")
        )
    return rows


def one_look(repeats: int) -> list[dict[str, Any]]:
    """Processor time of one look at every layer against hooks that take less of the same batch."""
    there = Untrained(small_cnn(EPOCHS))
    ours, by_hand = [], []
    model = plain_cnn()
    batch = torch.randn(BATCH, 1, 8, 8)
    for module in model:
        module.register_forward_hook(_measure)
    for sample in range(repeats * 4):
        ours.append(_spent(partial(there.look, Look(sample=sample, part="training"))))
        by_hand.append(_spent(partial(model, batch)))
    ratio = statistics.median(a / b for a, b in zip(ours[2:], by_hand[2:]))
    return [
        row("small CNN: a look at every layer", 1e3 * statistics.median(ours), "ms"),
        row("small CNN: a look / hooks with mean, std and histogram", ratio, "x"),
    ]


@torch.no_grad()
def _measure(module: nn.Module, args: Any, result: Tensor) -> None:
    result.mean().item()
    result.std().item()
    torch.histc(result.detach(), 64)


def _spent(call: Callable[[], Any]) -> float:
    began = time.thread_time()
    call()
    return time.thread_time() - began


def drawing() -> list[dict[str, Any]]:
    """What every plot of the tab costs to show new numbers."""
    random = np.random.default_rng(0)
    tiles = Picture("tiles", random.integers(0, 256, (64, 19, 19), np.uint8), -1.0, 1.0, (64, 19, 19), 64)
    log = SpreadLog()
    for step in range(96):
        log.append(step, _histogram(random))
    points = Embedding(random.normal(size=(256, 2)), random.integers(0, 10, 256), (0.5, 0.3), Spot((), "out"))
    grid, plot, ridges = ImageGrid("Sample"), SpreadPlot("Weights"), SpreadPlot("Weights")
    bars, scatter = HistogramPlot("All"), Scatter("Samples")
    drawn: dict[str, tuple[TitledPlot, Callable[[], None]]] = {
        "64 feature maps": (grid, lambda: grid.set_picture(tiles)),
        "a histogram": (bars, lambda: bars.set_histogram(_histogram(random))),
        "a distribution over time, as colours": (plot, lambda: plot.set_log(log, style="heat")),
        "a distribution over time, as ridges": (ridges, lambda: ridges.set_log(log, style="ridge")),
        "256 samples of an embedding": (scatter, lambda: scatter.set_embedding(points)),
    }
    return [row(f"drawing {name}", _drawn(*each), "ms", "<= 4") for name, each in drawn.items()]


def _drawn(plot: TitledPlot, feed: Callable[[], None]) -> float:
    plot.resize(SIZE)
    plot.show()
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    times = []
    for _ in range(DRAWN):
        began = time.thread_time()
        feed()
        plot.render(image)
        times.append(time.thread_time() - began)
    plot.close()
    return 1e3 * statistics.median(times)


def _histogram(random: np.random.Generator) -> Histogram:
    linear = random.integers(0, 1000, LINEAR_BINS)
    return Histogram(1, linear, random.integers(0, 1000, OCTAVES))


def run(repeats: int = REPEATS, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Rows of {"what", "value", "unit", "target"}."""
    torch.set_num_threads(1)
    application(["netsmith"])
    return [*one_look(repeats), *drawing(), *slowdowns(repeats, seconds)]


if __name__ == "__main__":
    for line in run():
        print(f"{line['what']:<60} {line['value']:>10,.3f} {line['unit']:<6} {line['target']}")
