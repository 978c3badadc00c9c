"""What a run has told so far, for plots that read it at any moment."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.training.curve_log import CurveLog
from engine.training.events import (
    Checked,
    Ended,
    Evaluated,
    Event,
    Failed,
    Norms,
    Paused,
    Planned,
    Preparing,
    Resumed,
    Skipped,
    Started,
    Steps,
    Timed,
)
from engine.training.looked import Looked, Spread
from engine.training.looks import Looks
from engine.training.norm_log import NormLog
from engine.training.steering_log import SteeringLog
from engine.training.step_times import StepTimes

MOST_SKIPPED = 10_000
SMOOTHING = 0.1  # of the share of measuring: over about half a second


class History:
    """Everything one run has told, for plots, progress bar and log. Lives in the thread that drains the run.

    started: None before training begins. evaluations: one an epoch.
    events: all in order, but Steps, Norms, Skipped, Preparing, Timed, Checked and looks.
    first: the number of the first step that is known here, more than 1 for a resumed run.
    loss: of every step. parts: of every phase at every step, in the order of `started.phases`.
    checked: the last of the rare looks at the whole network that come by themselves.
    times: where the time of steps goes, twice a second.
    rates: learning rates, of every phase if there are several. speed: samples per second; both some 20 times a second.
    norm_log: gradient, weight and update norms of every parameter over time (see `NormLog`).
    skipped: the last steps that an optimizer left out because gradients of float16 overflowed.
    plan: how long the run goes on, as far as is known now. steering: what can be changed and what was.
    """

    def __init__(self) -> None:
        self.started: Started | None = None
        self.plan: Planned | None = None
        self.steering = SteeringLog()
        self.stage = ""
        self.first = 1
        self.paused = False
        self.over: Ended | Failed | None = None
        self.events: list[Event] = []
        self.evaluations: list[Evaluated] = []
        self.samples_per_second = 0.0
        self.measuring_share = 0.0
        self.loss = CurveLog()
        self.parts: tuple[CurveLog, ...] = ()
        self.rates: tuple[CurveLog, ...] = ()
        self.speed = CurveLog()
        self.norm_log = NormLog(0)
        self.skipped: tuple[int, ...] = ()
        self.looks = Looks()
        self.times = StepTimes()
        self.checked: Checked | None = None

    def extend(self, events: Iterable[Event]) -> None:
        """Take in what `TrainingRun.drain()` gave."""
        for event in events:
            if isinstance(event, Steps):
                self._take_steps(event)
            elif isinstance(event, Norms):
                self.norm_log.extend(event)
            elif isinstance(event, Skipped):
                self.skipped = (self.skipped + event.steps)[-MOST_SKIPPED:]
            elif isinstance(event, Preparing):
                self.stage = event.stage
            elif isinstance(event, Looked | Spread):
                self.looks.take(event)
            elif isinstance(event, Timed):
                self.times.append(event)
            elif isinstance(event, Checked):
                self.checked = event
            else:
                self.events.append(event)
                self._take(event)

    def _take_steps(self, event: Steps) -> None:
        if not len(self.loss):
            self.first = event.first
        steps = np.arange(event.first, event.first + len(event.losses))
        self.loss.append(steps, event.losses)
        if event.parts is not None:
            for part, losses in zip(self.parts, event.parts.T):
                part.append(steps, losses)
        for rate, value in zip(self.rates, event.rates):
            rate.append(steps[-1:], [value])
        self.speed.append(steps[-1:], [event.samples_per_second])
        self.samples_per_second = event.samples_per_second
        # One moment in which another program had the machine is no cost of measuring.
        before = self.measuring_share or event.measuring_share
        self.measuring_share = before + SMOOTHING * (event.measuring_share - before)

    def _take(self, event: Event) -> None:
        self.steering.take(event)
        if isinstance(event, Started):
            self.started = event
            self.norm_log = NormLog(len(event.parameters))
            self.parts = tuple(CurveLog() for _ in event.phases)
            self.rates = tuple(CurveLog() for _ in event.phases or ("",))
            whole = event.first_epoch * event.steps_per_epoch
            self.plan = Planned(event.first_epoch, whole, event.epochs, event.steps_per_epoch, event.batch_size)
        elif isinstance(event, Evaluated):
            self.evaluations.append(event)
        elif isinstance(event, Planned):
            self.plan = event
        elif isinstance(event, Paused | Resumed):
            self.paused = isinstance(event, Paused)
        elif isinstance(event, Ended | Failed):
            self.over = event
            self.paused = False

    @property
    def losses(self) -> np.ndarray:
        """Shape (S,): the loss of every step; of a very long run the means of neighbours, at `steps`."""
        return self.loss.stretch().mean

    @property
    def steps(self) -> np.ndarray:
        """Shape (S,): the step numbers of `losses`."""
        return self.loss.stretch().x.astype(np.int64)

    def figure(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Step numbers and values of one figure ("val_loss") over the epochs that have it."""
        known = [(e.step, e.figures[name]) for e in self.evaluations if name in e.figures]
        steps, values = zip(*known, strict=True) if known else ((), ())
        return np.array(steps, np.int64), np.array(values, np.float64)

    @property
    def figure_names(self) -> tuple[str, ...]:
        """Names of the figures measured so far, in the order in which they are printed."""
        return tuple(dict.fromkeys(name for e in self.evaluations for name in e.figures))

    @property
    def step(self) -> int:
        """The last step that is known, 0 before the first."""
        start = self.started
        behind = (start.first_step or start.first_epoch * start.steps_per_epoch) if start else 0
        return int(self.loss.last[0]) if self.loss.last else behind

    @property
    def total_steps(self) -> int:
        """Steps of the whole run, 0 while unknown."""
        plan = self.plan
        return plan.step + (plan.epochs - plan.epoch) * plan.steps_per_epoch if plan else 0

    @property
    def epoch(self) -> int:
        """The epoch being trained, from 1; 0 before training begins."""
        plan = self.plan
        if plan is None or not plan.steps_per_epoch:
            return 0
        return min(plan.epochs, max(1, plan.epoch - (plan.step - self.step) // plan.steps_per_epoch))

    @property
    def epochs(self) -> int:
        """Epochs of the whole run, 0 while unknown."""
        return self.plan.epochs if self.plan else 0

    @property
    def seconds_left(self) -> float | None:
        """How long the run goes on at its present speed, None while that is unknown."""
        if self.started is None or self.plan is None or not self.samples_per_second:
            return None
        if self.over is not None:
            return 0.0
        training = (self.total_steps - self.step) * self.plan.batch_size / self.samples_per_second
        evaluating = self.evaluations[-1].seconds if self.evaluations else 0.0
        return training + evaluating * (self.epochs - self.started.first_epoch - len(self.evaluations))
