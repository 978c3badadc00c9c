"""A look at the whole network that nobody asked for, rarely: what only the values of a pass can say."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.training.events import Checked, InputFigures, NodePath
from engine.training.look_notes import Notes
from engine.training.look_pass import SamplePass
from engine.training.looked import FIGURES, Look
from engine.training.running import Member, Running

FIRST_STEPS = 50
RARER = 4
"""The next look comes after four times as many steps: some ten in a million."""
BATCH = 128
DEAD, SATURATED = FIGURES.index("dead"), FIGURES.index("saturated")


class Checkup(Member):
    """Tells `Checked` after 50, 200, 800, ... steps, or after the first epoch where that comes earlier."""

    def __init__(self, run: Running) -> None:
        self._run = run
        self._next = run.step + min(FIRST_STEPS, max(1, run.steps_per_epoch))
        self._count = self._next - run.step
        self._pass: SamplePass | None = None
        self._classes: tuple[int, ...] | None = None

    def after_step(self) -> None:
        if self._run.step < self._next:
            return
        self._count *= RARER
        self._next += self._count
        try:
            self._run.emit(self._look())
        except Exception:  # noqa: BLE001 - nobody asked for it, so that nobody need hear that it failed
            self._next = 1 << 62

    def leave(self) -> None:
        self._pass = None

    def _look(self) -> Checked:
        run = self._run
        if self._pass is None:
            self._pass = SamplePass(run.script, run.parts, run.job.source, run.job.outline)
        through = self._pass
        with torch.no_grad():
            batch = through.batch("training", 0, BATCH)
            notes = Notes(Look(), len(batch[0]), channels_first=_is_1d(through.twin("use")))
            through.run(batch, notes.take)
            inputs = tuple(_figures(x) for x in through.inputs if x.is_floating_point() and x.numel())
        if self._classes is None:
            self._classes = _classes(run.parts["train_data"], through.inputs)
        table = notes.figures()
        through.forget()
        paths = [spot.path for spot in notes.spots]
        return Checked(
            run.step, _worst(paths, table[:, DEAD]), _worst(paths, table[:, SATURATED]), inputs, self._classes
        )


def _is_1d(model: nn.Module) -> bool:
    return any(isinstance(m, (nn.Conv1d, nn.ConvTranspose1d)) for m in model.modules())


def _worst(paths: list[NodePath], values: np.ndarray) -> dict[NodePath, float]:
    """The largest value of every node; those without one are left out."""
    found: dict[NodePath, float] = {}
    for path, value in zip(paths, values.tolist()):
        if not math.isnan(value):
            found[path] = max(value, found.get(path, 0.0))
    return found


def _figures(x: Tensor) -> InputFigures:
    flat = x.detach().float()
    figures = torch.stack([flat.mean(), flat.std(correction=0), flat.min(), flat.max()])
    return InputFigures(*figures.tolist())


def _classes(data: Any, inputs: tuple[Tensor, ...]) -> tuple[int, ...]:
    """How many samples every class has; none where the targets are no classes, or too many to be looked at at once."""
    if not isinstance(data, tuple) or len(data) < 2:
        counts = Counter(_labels(getattr(data, "dataset", None)))
        return tuple(counts[label] for label in range(max(counts) + 1)) if len(counts) > 1 else ()
    target = data[-1]
    if not isinstance(target, Tensor) or target.is_floating_point() or target.ndim != 1 or target.min() < 0:
        return ()
    counts = torch.bincount(target)
    return tuple(int(n) for n in counts.tolist()) if 1 < len(counts) <= 1000 else ()


def _labels(samples: Any) -> list[int]:
    """The classes of samples that are read one by one, none where they do not say them before they are read."""
    parts = getattr(samples, "indices", None)
    files = getattr(samples if parts is None else samples.dataset, "files", ())
    return [files[place][1] for place in (range(len(files)) if parts is None else parts)]
