"""What a run always measures of every parameter: gradient, weight and update norms, as often as their cost allows.

Views read them from `History.norm_log`. The gradients that are looked at after a step are those that the optimizer
used: unscaled, clipped, and the sum of all batches that a step accumulates. Measuring costs at most about
`GRADIENTS + UPDATES` of the time of the steps: where a norm of every step would cost more, every second, fourth, ...
step is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from engine.training.control import Command
from engine.training.events import Norms, Quantity, Skipped
from engine.training.norms import ClipWatch, GradientNorms, before_clipping
from engine.training.pace import Pace
from engine.training.running import Member, Running
from engine.training.updates import Trained, Turns, Updates

GRADIENTS = 0.01  # share of the time of the steps
UPDATES = 0.004


class NormProbe(Member):
    """Measures the norms of gradients at some steps, and those of weights and updates at fewer."""

    def __init__(self, run: Running) -> None:
        self._run = run
        optimizers = [part for part in run.parts.values() if isinstance(part, Optimizer)]
        self._trained = Trained(tuple(run.model.parameters()), optimizers)
        self._turns = Turns(optimizers, run.parts.get("scaler"))
        self._clips = ClipWatch(run.script)
        run.when_changed.append(self._clips.look)
        self._gradients = GradientNorms(self._trained.parameters)
        self._updates = Updates(self._trained)
        self._gradient_pace, self._update_pace = Pace(GRADIENTS), Pace(UPDATES)
        self._clipped: list[list[tuple[list[int], Tensor, float]]] = []
        self._costs = [0.0, 0.0]
        self._measured = [0, 0]
        self._looked = self._compared = 0.0
        self._told = run.trained
        self._is_wanted = True
        self._updates.arm()
        self._next = 0  # the step before which there is nothing to do

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        return {"step": self._want}

    def _want(self, _: Command) -> None:
        """A step that a person makes by hand is looked at, whatever that costs."""
        self._is_wanted, self._next = True, 0
        self._updates.arm()

    def after_step(self) -> None:
        step = self._run.step
        if step < self._next and not self._turns.watches:
            return
        began = perf_counter()
        stepped = self._turns.end_step(step)
        if self._is_wanted or self._gradient_pace.is_due(step):
            self._look(step, stepped)
            self._looked = perf_counter()
            self._costs[0] += self._looked - began
            self._measured[0] += 1
            self._is_wanted = False
            began = self._looked
        if self._updates.is_armed:
            self._compare(step, began)
        if self._update_pace.is_due(step + 1):
            self._updates.arm()
            self._next = step + 1
        else:
            self._next = min(self._gradient_pace.next(step), self._update_pace.next(step + 1) - 1)

    def tell(self) -> None:
        run, began = self._run, perf_counter()
        if len(self._gradients):
            self._tell_gradients()
            self._costs[0] += perf_counter() - began
        began = perf_counter()
        steps, weights, ratios = self._updates.take()
        if len(steps):
            self._emit("weight", steps, weights)
            self._emit("ratio", steps, ratios)
        if skipped := self._turns.take_skipped():
            run.emit(Skipped(skipped))
        self._trained.refresh()
        now = perf_counter()
        self._costs[1] += now - began
        self._settle()
        # Where steps are long, the next one is measured whatever its number.
        self._is_wanted = now - self._looked > self._gradient_pace.seconds
        if now - self._compared > self._update_pace.seconds:
            self._updates.arm()
        self._next = 0

    def leave(self) -> None:
        self._updates.disarm()
        self._turns.remove()
        self._clips.remove()

    def _look(self, step: int, stepped: list[bool]) -> None:
        parameters, owned = self._trained.parameters, self._trained.owned
        gradients: list[Tensor | None]
        if len(owned) == 1 and len(owned[0]) == len(parameters) and stepped[0]:
            gradients = [p.grad for p in parameters]
        else:
            gradients = [None] * len(parameters)
            for columns, has_stepped in zip(owned, stepped):
                # A step that the scaler left out is shown as what it was: gradients that are not finite.
                if has_stepped or self._turns.leaves_out:
                    for column in columns:
                        gradients[column] = parameters[column].grad
        self._gradients.add(step, gradients)
        if self._clips.clips:
            place = self._trained.place
            self._clipped.append(
                [
                    ([i for p in clipped if (i := place(p)) is not None], total, most)
                    for clipped, total, most in self._clips.take()
                ]
            )

    def _compare(self, step: int, began: float) -> None:
        self._updates.measure(step)
        self._compared = perf_counter()
        self._costs[1] += self._compared - began + self._updates.seconds
        self._run.inside += self._updates.seconds
        self._updates.seconds = 0.0
        self._measured[1] += 1

    def _tell_gradients(self) -> None:
        steps, norms = self._gradients.take()
        self._emit("gradient", steps, norms)
        if self._clips.clips:
            self._emit("before", steps, self._before(norms))

    def _before(self, norms: np.ndarray) -> np.ndarray:
        calls = [(row, *call) for row, clipped in enumerate(self._clipped) for call in clipped]
        self._clipped = []
        if not calls:
            return norms
        totals = torch.stack([total for _, _, total, _ in calls]).float().cpu().numpy()
        found = norms.copy()
        for (row, columns, _, most), total in zip(calls, totals):
            found[row, columns] = before_clipping(norms[row : row + 1, columns], total[None], np.array([most]))[0]
        return found

    def _emit(self, quantity: Quantity, steps: np.ndarray, values: np.ndarray) -> None:
        pace = self._gradient_pace if quantity in ("gradient", "before") else self._update_pace
        self._run.emit(Norms(quantity, steps, values, pace.stride))

    def _settle(self) -> None:
        trained, (count, seconds) = self._run.trained, self._told
        if trained[0] > count:
            step = (trained[1] - seconds) / (trained[0] - count)
            for index, pace in enumerate((self._gradient_pace, self._update_pace)):
                if self._measured[index]:
                    pace.settle(self._costs[index] / self._measured[index], step)
                    self._costs[index], self._measured[index] = 0.0, 0
        self._told = trained
